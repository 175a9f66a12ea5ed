package import Canonical
package import Contracts
import ExactJSON

/// Makes the event that carries a command to an edge.
package enum DownlinkDocument {
    /// `order.release` and `order.close`, with the fact that each becomes.
    static let facts = ["order.release": "production-order.released", "order.close": "production-order.closed"]

    /// Their event types.
    static let types = Set(facts.values.compactMap { FactShape.named($0)?.type })

    /// The event of `command`: its id is the command's idempotency key, so that the edge knows it again.
    /// Throws ``NodeFailures/arguments`` where the arguments are not those of its operation.
    package static func make(_ command: Command, hub: NodeID, plant: String) throws(Failure) -> EventDocument {
        guard let fact = facts[command.operation], let shape = FactShape.named(fact),
            let operation = DownlinkTarget.operations.first(where: { $0.name == command.operation })
        else {
            throw Failure(NodeFailures.arguments, "an edge knows no operation \(command.operation)")
        }
        guard let arguments = command.arguments.object else {
            throw Failure(NodeFailures.arguments, "the arguments of \(command.operation) are no object")
        }
        var data: JSONObject = [:]
        for (name, value) in arguments where !value.isNull {
            guard operation.arguments.contains(where: { $0.name == name }) else {
                throw Failure(NodeFailures.arguments, "\(command.operation) knows no argument \(name)")
            }
            data[name] = value
        }
        for argument in operation.arguments where argument.isRequired && (data[argument.name]?.string ?? "").isEmpty {
            throw Failure(NodeFailures.arguments, "\(command.operation) lacks \(argument.name), which must be a text")
        }
        // An order can be context on a machine without its item and quantity being known here.
        let faults = shape.faults(in: .object(data)).filter { fault in
            data[String(fault.pointer.dropFirst())] != nil || !["/item", "/quantity"].contains(fault.pointer)
        }
        guard faults.isEmpty else {
            throw Failure(
                NodeFailures.arguments,
                "\(command.operation): \(faults.prefix(5).map(\.description).joined(separator: "; "))")
        }
        var attributes = ["plant": plant, "dataschema": shape.dataSchema]
        attributes["traceparent"] = command.traceparent
        return EventDocument(
            Event(
                id: command.idempotencyKey, source: "/\(plant)/\(hub)", type: shape.type,
                subject: data["order"]?.string,
                time: command.time, attributes: attributes, data: .object(data)))
    }
}
