import Canonical
import Contracts
import ExactJSON
import JQ
import NodeSettings

/// Finds flows that nothing can start, and flows that do what another one does.
struct ReachCheck {
    let sources: FactSources
    private var folder: NodeFolder { sources.folder }

    var faults: [CheckFault] {
        folder.flows.flatMap { flow in [unreachable(flow), neverTrue(flow)].compactMap { $0 } } + sameFlows
    }

    /// A flow whose events no source can bring.
    private func unreachable(_ flow: FlowSection) -> CheckFault? {
        let known = sources.knownTypes.filter { type in flow.when.types.contains { $0.matches(type) } }
        // A pattern that matches no known type is reported as that; what the node tells of itself needs no source.
        guard !known.isEmpty, !known.contains(where: FactSources.isOfNode), sources.starters(of: flow).isEmpty else {
            return nil
        }
        let types = flow.when.types.map { "\"\($0)\"" }.joined(separator: " or ")
        let bringing = sources.reaches.filter { $0.admits(flow.when, ignoringOrigin: true) }
        guard bringing.isEmpty else { return elsewhere(flow, bringing, types) }
        let told = sources.reaches.flatMap { reach in
            (reach.types ?? []).map { "\($0) (\(reach.source.name))" }
        }.sorted()
        return CheckFault(
            SettingsFailures.unreachable, .warning, at: flow.place("when.type", "when"),
            "no source of the folder brings events of \(types), so nothing starts this flow",
            suggestion: told.isEmpty
                ? "add the source that they come from"
                : "what the sources bring is: \(told.prefix(12).joined(separator: ", "))\(told.count > 12 ? ", …" : "")"
        )
    }

    /// The events are brought, and none of them is of the flow's plants or assets.
    private func elsewhere(_ flow: FlowSection, _ bringing: [FactSources.Reach], _ types: String) -> CheckFault {
        let origins = bringing.flatMap { $0.origins ?? [] }
        let isOfPlant = flow.when.plants.isEmpty || origins.contains { flow.when.plants.contains($0.plant) }
        let places = Set(origins.map { isOfPlant ? $0.asset : $0.plant }).sorted()
        return CheckFault(
            SettingsFailures.unreachable, .warning, at: flow.place(isOfPlant ? "when.asset" : "when.plant", "when"),
            "events of \(types) come from \(isOfPlant ? "" : "the plant ")\(places.joined(separator: ", ")) alone, so "
                + "nothing starts this flow",
            suggestion: isOfPlant
                ? "write asset: \(places.first ?? "…"), or leave asset: out: what a system tells bears "
                    + "the source's name in place of an asset"
                : "write plant: \(places.first ?? "…"), or leave plant: out")
    }

    // MARK: - Conditions

    private func neverTrue(_ flow: FlowSection) -> CheckFault? {
        guard let source = flow.when.predicate, let reading = JQReading(source),
            reading.verdict(known: { known($0, of: flow) }) == .never
        else { return nil }
        let place = flow.programs["when.where"]?.location(line: 1, column: 1) ?? flow.place("when.where", "when")
        return CheckFault(
            SettingsFailures.neverTrue, .warning, at: place,
            "where never holds for an event of this flow, so nothing starts it", suggestion: advice(reading, flow))
    }

    /// What the events can have where the condition asks for something else.
    private func advice(_ reading: JQReading, _ flow: FlowSection) -> String? {
        for (path, value) in reading.comparisons {
            guard let values = known(path, of: flow), !values.contains(value) else { continue }
            let words = values.compactMap(\.string)
            let name = "." + path.joined(separator: ".")
            if let text = value.string, let nearest = NearestName.of(text, among: words) {
                return "\(name) is never \"\(text)\": did you mean \"\(nearest)\"?"
            }
            return "\(name) is one of: \(words.joined(separator: ", "))"
        }
        return nil
    }

    /// All values that a member of a flow's events can have; nil where that cannot be told.
    private func known(_ path: [String], of flow: FlowSection) -> [JSON]? {
        guard let types = sources.types(of: flow), !types.isEmpty else { return nil }
        if path == ["type"] { return types.map { .string($0) } }
        guard path.count == 2, path[0] == "data" else { return nil }
        var values: [JSON] = []
        for type in types {
            guard let shape = FactShape.of(type: type), let field = shape.fields.first(where: { $0.name == path[1] }),
                case .code(let words) = field.kind
            else { return nil }
            values += words.map { .string($0) }
            if !field.isRequired { values.append(.null) }
        }
        return values
    }

    // MARK: - The same twice

    private var sameFlows: [CheckFault] {
        var seen: [Deed: FlowSection] = [:]
        var faults: [CheckFault] = []
        for flow in folder.flows {
            guard flow.operation != nil, let deed = Deed(flow, folder) else { continue }
            guard let first = seen[deed] else {
                seen[deed] = flow
                continue
            }
            faults.append(
                CheckFault(
                    SettingsFailures.sameFlow, .warning, at: flow.location,
                    "the flow \(flow.name) does what \(first.name) does with the same events: "
                        + "all would be posted twice",
                    suggestion: "remove \(flow.location.file), or let the two take different events"))
        }
        return faults
    }

    /// What a flow does with which events.
    private struct Deed: Hashable {
        let trigger: FlowTrigger
        let target: TargetName
        let operation: String?
        let program: String

        init?(_ flow: FlowSection, _ folder: NodeFolder) {
            switch flow.map {
            case .file(let path):
                guard let text = folder.maps[path] else { return nil }
                program = text
            case .program(let text): program = text
            case nil: program = ""
            }
            trigger = flow.when
            target = flow.target
            operation = flow.operation
        }
    }
}
