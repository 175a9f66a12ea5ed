import Canonical
import Contracts
import ExactJSON
import JQ
import NodeSettings

/// Finds members of events that programs read and that no event has: misspelt ones, which are null without a word.
struct MemberCheck {
    let sources: FactSources
    let samples: [SampleEvent]
    private var folder: NodeFolder { sources.folder }

    var faults: [CheckFault] { Array(Set(folder.flows.flatMap(faults))) }

    /// The attributes that an event can have by the specification and by Millwright's own extensions.
    private static let attributes = [
        "id", "source", "type", "subject", "time", "data", "specversion", "datacontenttype", "dataschema", "plant",
        "area", "line", "company", "recordedtime", "origin", "sequence", "traceparent", "tracestate",
    ]

    /// What is known of the data of a flow's events.
    private struct Shape {
        /// By name; nil for what a schema describes.
        var fields: [String: FactField.Kind?] = [:]
        /// Whether there are surely no others.
        var isWhole = true
    }

    private func faults(_ flow: FlowSection) -> [CheckFault] {
        guard let shape = shape(of: flow) else { return [] }
        return FlowPrograms(flow, in: folder).all.flatMap { program in
            program.reading.members.compactMap { member in
                fault(member.path, shape).map { reason, suggestion in
                    CheckFault(
                        SettingsFailures.memberUnknown, .warning, at: program.location(member.place),
                        "\(reason), so this is null for each event of the flow \(flow.name)", suggestion: suggestion)
                }
            }
        }
    }

    private func fault(_ path: [String], _ shape: Shape) -> (reason: String, suggestion: String)? {
        let name = "." + path.joined(separator: ".")
        guard path.first == "data" else {
            guard path.count == 1, let first = path.first, !Self.attributes.contains(first),
                let nearest = NearestName.of(first, among: Self.attributes)
            else { return nil }
            return ("events have no \(name)", "did you mean .\(nearest)?")
        }
        if path.count == 3, case .some(.some(.quantity)) = shape.fields[path[1]], !["value", "unit"].contains(path[2]) {
            let nearest = NearestName.of(path[2], among: ["value", "unit"]) ?? "value"
            return ("a quantity has value and unit, and no \(path[2])", "did you mean .data.\(path[1]).\(nearest)?")
        }
        guard path.count == 2, shape.fields[path[1]] == nil else { return nil }
        let names = shape.fields.keys.sorted()
        if let nearest = NearestName.of(path[1], among: names) {
            return ("the events have no \(name)", "did you mean .data.\(nearest)?")
        }
        guard shape.isWhole else { return nil }
        return ("the events have no \(name)", "their data has: \(names.joined(separator: ", "))")
    }

    /// Nil where too little is known of the flow's events.
    private func shape(of flow: FlowSection) -> Shape? {
        guard let types = sources.types(of: flow), !types.isEmpty else { return nil }
        var shape = Shape()
        // A schema that allows no others says all.
        var areAllClosed = true
        for type in types {
            if let fact = FactShape.of(type: type) {
                areAllClosed = false
                for field in fact.fields { shape.fields[field.name] = .some(field.kind) }
            } else if let document = document(type), let properties = document["properties"]?.object {
                for name in properties.keys { shape.fields[name] = .some(nil) }
                let isSimple = ["$ref", "allOf", "anyOf", "oneOf", "patternProperties"].allSatisfy {
                    document[$0] == nil
                }
                if document["additionalProperties"] != .bool(false) || !isSimple {
                    shape.isWhole = false
                    areAllClosed = false
                }
            } else {
                return nil
            }
        }
        for starter in sources.starters(of: flow) where !areAllClosed {
            guard let extra = starter.extraMembers else {
                shape.isWhole = false
                continue
            }
            for name in extra where shape.fields[name] == nil { shape.fields[name] = .some(nil) }
        }
        for sample in samples where types.contains(sample.event["type"]?.string ?? "") {
            for name in (sample.event["data"]?.object ?? [:]).keys where shape.fields[name] == nil {
                shape.fields[name] = .some(nil)
            }
        }
        return shape
    }

    private func document(_ type: String) -> JSON? {
        guard let file = folder.files.first(where: { $0.path == "schemas/\(type).json" }) else { return nil }
        return try? JSONReader.read(file.bytes)
    }
}
