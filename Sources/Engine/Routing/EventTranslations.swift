package import Contracts
package import ExactJSON
package import JQ
package import JSONSchema
package import NodeSettings

/// How events of older versions become events of newer ones: by the jq programs beside the schemas of the user's own
/// types.
///
/// Each program leads to the next version and to no other, so there is no way back and no circle.
package struct EventTranslations: Sendable {
    /// From one version to the next.
    package struct Step: Sendable {
        package let next: String
        package let program: JQProgram
        /// What the next version's data must fit.
        package let schema: Schema

        package init(next: String, program: JQProgram, schema: Schema) {
            self.next = next
            self.program = program
            self.schema = schema
        }
    }

    private let steps: [String: Step]

    /// By the older version's type. Each step must lead to a higher version of the same type.
    package init(_ steps: [String: Step] = [:]) { self.steps = steps }

    /// Those of a checked folder. Throws ``Failure`` `ROUTE-007` where a program does not compile, which a checked
    /// folder's cannot.
    package init(_ folder: NodeFolder) throws {
        var steps: [String: Step] = [:]
        let functions = FlowRule.functions(folder.crosswalks)
        for type in folder.eventTypes {
            guard let source = type.translation,
                let next = folder.eventTypes.first(where: { $0.name == type.name.next })
            else { continue }
            do {
                let program = try JQProgram.compile(source, name: "schemas/\(type.type).jq", functions: functions)
                steps[type.type] = Step(next: next.type, program: program, schema: next.schema)
            } catch {
                throw RoutingFailures.translation.failure("\(error)")
            }
        }
        self.init(steps)
    }

    /// The step that leads on from `type`; nil where none does.
    package func step(from type: String) -> Step? { steps[type] }

    /// The versions in which an event of `type` can be had, its own first, each once.
    package func versions(from type: String) -> [String] {
        var types = [type]
        while let last = types.last, let step = steps[last], types.count <= steps.count, !types.contains(step.next) {
            types.append(step.next)
        }
        return types
    }

    /// The event in the version after `type`, with the data that the program makes of it; it must fit that version's
    /// schema. All else of the event stays, but for `type`, and `dataschema`, which spoke of the old one.
    package func translated(_ event: JSON, from type: String, _ limits: JQLimits) -> Result<JSON, Failure> {
        guard let step = steps[type] else { return .success(event) }
        func failed(_ reason: String) -> Result<JSON, Failure> {
            .failure(RoutingFailures.translation.failure("\(type) to \(step.next): \(reason)"))
        }
        let results: [JSON]
        do {
            results = try step.program.run(event, limits: limits)
        } catch {
            return failed("\(error)")
        }
        guard results.count == 1 else {
            return failed("the program gave \(results.count) results, and must give the data")
        }
        let faults = step.schema.faults(in: results[0], prefix: "/data")
        if let fault = faults.first {
            return failed(
                "the program's result does not fit: \(fault.message)" + (faults.count > 1 ? ", and more" : ""))
        }
        guard case .object(var members) = event else { return failed("the event is no object") }
        members["type"] = .string(step.next)
        members["dataschema"] = nil
        members["data"] = results[0]
        return .success(.object(members))
    }
}
