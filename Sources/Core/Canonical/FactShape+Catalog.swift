/// The families of the canonical model that sources speak and flows read today.
extension FactShape {
    private static let asset = FactField("asset", .text, required: true, "the equipment, by its name in plants.yaml")
    private static let order = FactField(
        "order", .text, required: true, "the manufacturing order, as the source names it")
    private static let item = FactField("item", .text, required: true, "the product's code")
    private static let quantity = FactField("quantity", .quantity, required: true, "what this fact added")
    private static let lot = FactField("lot", .text, "lot or serial number")

    /// The fields that every fact of the production family has.
    private static let production: [FactField] = [
        order,
        FactField("operation", .text, "the routing's operation"),
        FactField("asset", .text, "the equipment"),
        FactField("item", .text, "the product's code"),
        FactField("lot", .text, "lot of what was made"),
        FactField("serials", .list(.text), "serial numbers of what was made"),
        FactField("reason", .text, "why, as a code"),
        FactField("operator", .text, "who"),
        FactField("program", .text, "the machine's program"),
    ]

    private static func production(_ fact: String, _ summary: String, quantity isRequired: Bool) -> FactShape {
        FactShape(
            "production", fact, summary,
            production + [FactField("quantity", .quantity, required: isRequired, "what this fact added")])
    }

    /// Every canonical fact that has a shape, by family.
    package static let all: [FactShape] =
        equipment + productionFacts + quality + maintenance + shift + orders + business + node

    private static let equipment: [FactShape] = [
        FactShape(
            "equipment", "state-changed", "Equipment went from one state to another.",
            [
                asset,
                FactField(
                    "state", .code(["running", "idle", "setup", "held", "down", "off", "unavailable"]), required: true,
                    "the state from now on"),
                FactField("previous", .text, "the state before"),
                FactField("reason", .text, "why, as a code"),
                FactField("since", .instant, required: true, "when the state began"),
                FactField("previousSince", .instant, "when the state before began"),
                FactField("order", .text, "the order at hand"),
                FactField("operator", .text, "who"),
            ]),
        FactShape(
            "equipment", "condition-raised", "Equipment reports a condition that needs attention.",
            [
                asset,
                FactField("condition", .text, required: true, "the condition's code or name"),
                FactField("severity", .code(["warning", "fault"]), required: true, "how bad it is"),
                FactField("value", .any, "the value that raised it"),
                FactField("threshold", .any, "the bound that was crossed"),
                FactField("message", .text, "the machine's words"),
                FactField("order", .text, "the order at hand"),
            ]),
        FactShape(
            "equipment", "condition-cleared", "A condition is over.",
            [
                asset, FactField("condition", .text, required: true, "the condition's code or name"),
                FactField("since", .instant, "when it was raised"),
            ]),
        FactShape(
            "equipment", "cycle-completed", "Equipment finished one cycle.",
            [
                asset, FactField("duration", .seconds, required: true, "how long the cycle took"),
                FactField("program", .text, "the machine's program"), FactField("order", .text, "the order at hand"),
            ]),
        FactShape(
            "equipment", "energy-measured", "Energy used in a span of time.",
            [
                asset, FactField("energy", .quantity, required: true, "what was used"),
                FactField("from", .instant, required: true, "the span's begin"),
                FactField("to", .instant, required: true, "the span's end"),
            ]),
    ]

    private static let productionFacts: [FactShape] = [
        production("started", "Work on an order began.", quantity: false),
        production("completed", "Good pieces were made.", quantity: true),
        production("scrapped", "Pieces were made that are no good.", quantity: true),
        production("reworked", "Pieces were put right.", quantity: true),
        production("interrupted", "Work on an order paused.", quantity: false),
        production("resumed", "Work on an order went on.", quantity: false),
        production("finished", "Work on an order is over.", quantity: false),
        FactShape(
            "production", "material-consumed", "Material went into an order.",
            [
                order, item, quantity, lot, FactField("asset", .text, "the equipment"),
                FactField("operation", .text, "the routing's operation"),
            ]),
    ]

    private static let quality: [FactShape] = [
        FactShape(
            "quality", "inspected", "Something was inspected.",
            [
                FactField("order", .text, "the manufacturing order"), item, lot,
                FactField("result", .code(["pass", "fail"]), required: true, "the verdict"),
                FactField(
                    "measures",
                    .list(
                        .object([
                            FactField("name", .text, required: true, "what was measured"),
                            FactField("value", .number, required: true, "the measured value"),
                            FactField("unit", .text, "its unit"),
                            FactField("lower", .number, "the lower limit"),
                            FactField("upper", .number, "the upper limit"),
                        ])), "what was measured"),
            ]),
        FactShape("quality", "held", "A lot must not be used.", qualityLot),
        FactShape("quality", "released", "A lot may be used again.", qualityLot),
        FactShape("quality", "nonconformance-raised", "Something is not as it should be.", qualityLot),
    ]

    private static let qualityLot: [FactField] = [
        item, FactField("lot", .text, required: true, "the lot"), FactField("quantity", .quantity, "how much of it"),
        FactField("reason", .text, required: true, "why"),
    ]

    private static func maintenance(_ fact: String, _ summary: String) -> FactShape {
        FactShape(
            "maintenance", fact, summary,
            [
                asset,
                FactField("kind", .code(["corrective", "preventive"]), required: true, "repair or upkeep"),
                FactField("priority", .code(["low", "normal", "high", "urgent"]), "how urgent"),
                FactField("description", .text, required: true, "what is to be done"),
            ])
    }

    private static let maintenance: [FactShape] = [
        maintenance("requested", "Equipment needs maintenance."),
        maintenance("scheduled", "Maintenance was planned."),
        maintenance("completed", "Maintenance was done."),
    ]

    private static let shift: [FactShape] = [
        FactShape(
            "shift", "summarized",
            "A shift is over: what equipment did and made in it, with the figures of ISO 22400-2.",
            [
                asset,
                FactField("shift", .text, required: true, "the shift, by its name in plants.yaml"),
                FactField("day", .text, "the day on which it began, by the plant's clock: 2026-03-02"),
                FactField("from", .instant, required: true, "the shift's begin"),
                FactField("to", .instant, required: true, "the shift's end"),
                FactField(
                    "revision", .integer,
                    "1, and one more each time it is told anew because something came late: the highest one holds"
                ),
                FactField("good", .quantity, required: true, "good pieces made in the shift, breaks among it"),
                FactField("scrap", .quantity, required: true, "pieces made that are no good"),
                FactField(
                    "planned", .seconds, required: true, "the shift without its planned breaks (planned busy time, PBT)"
                ),
                FactField(
                    "running", .seconds, required: true,
                    "planned time in which it ran, micro-stops among it (actual production time, APT)"),
                FactField("down", .seconds, required: true, "planned time in which it was down"),
                FactField("states", .any, "planned time by state, in seconds; with `unknown` they make `planned`"),
                FactField("unknown", .seconds, "planned time of which no state is known"),
                FactField("breakRunning", .seconds, "what it ran although a break was planned"),
                FactField("microStops", .integer, "stops so short that they count as running"),
                FactField("microStopped", .seconds, "planned time of these stops"),
                FactField("runTimePerUnit", .seconds, "planned run time of one piece (PRI)"),
                FactField("availability", .number, "running ÷ planned"),
                FactField(
                    "effectiveness", .number,
                    "runTimePerUnit × (good + scrap) ÷ running, with what it ran in breaks"),
                FactField("qualityRatio", .number, "good ÷ (good + scrap)"),
                FactField("oee", .number, "availability × effectiveness × qualityRatio (OEE index)"),
                FactField("incomplete", .boolean, "true: so much was said in the shift that not all of it was kept"),
            ])
    ]

    private static let orderFields: [FactField] = [
        order, item, FactField("quantity", .quantity, required: true, "what is to be made"),
        FactField("due", .instant, "when it must be ready"),
        FactField("asset", .text, "the equipment it is released to"),
        FactField("operation", .text, "the operation it is released for"), lot,
        FactField("routing", .list(.any), "its operations"), FactField("components", .list(.any), "its components"),
    ]

    private static let orders: [FactShape] = [
        FactShape("production-order", "released", "An order may be made.", orderFields),
        FactShape("production-order", "changed", "An order was changed.", orderFields),
        FactShape(
            "production-order", "closed", "An order is closed.",
            [
                order, FactField("asset", .text, "the equipment"),
                FactField("outcome", .code(["done", "cancelled"]), "how it ended"),
            ]),
    ]

    private static let node: [FactShape] = [
        FactShape("node", "enrolled", "A hub took a node in.", nodeFields),
        FactShape("node", "online", "A node is there.", nodeFields),
        FactShape("node", "offline", "A node is gone.", nodeFields),
        FactShape(
            "node", "buffer-high", "A node's buffer fills up.",
            nodeFields + [
                FactField("bytes", .integer, "bytes in use"), FactField("ceiling", .integer, "bytes allowed"),
            ]),
        FactShape(
            "node", "clock-skewed", "A node's clock differs from the hub's.",
            nodeFields + [FactField("skew", .number, required: true, "seconds that the node's clock is ahead")]),
        FactShape(
            "node", "data-missed", "A source says that facts may be missing.",
            nodeFields + [
                FactField("from", .instant, "since when"), FactField("to", .instant, "until when"),
                FactField("reason", .text, "why"),
            ]),
    ]

    private static let nodeFields: [FactField] = [
        FactField("node", .text, required: true, "the node's name"), FactField("detail", .text, "more, in words"),
    ]
}
