{ tool: .data.tool, torque: { value: .data.nm, unit: "N·m" } }
