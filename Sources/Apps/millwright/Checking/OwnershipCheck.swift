import Contracts
import NodeSettings
import OdooConnector

/// Finds flows that write what another system owns, by `ownership.yaml`.
struct OwnershipCheck {
    let sources: FactSources
    private var folder: NodeFolder { sources.folder }

    var faults: [CheckFault] {
        guard let ownership = folder.ownership else { return [] }
        return folder.flows.flatMap { foreign($0, ownership) } + splitOdoos(ownership)
    }

    /// Why a flow must not write `object`, or the part of it that `system` owns; nil where it may.
    private func refusal(
        _ flow: FlowSection, writing what: String, ownedBy owner: String, _ ownership: Ownership
    ) -> (reason: String, suggestion: String)? {
        let system = ownership.system(ofTarget: flow.target.rawValue)
        guard system != owner else { return nil }
        let starters = sources.starters(of: flow)
        let own = starters.filter { ownership.system(ofSource: $0.source.name.rawValue) == owner }
        // Whoever may send anything may send something else as well; only what is sure to bring it is foreign.
        let foreign = starters.filter {
            ownership.system(ofSource: $0.source.name.rawValue) != owner && $0.types != nil
        }
        guard let first = foreign.first else {
            guard own.isEmpty else { return nil }
            return (
                "\(what) is owned by \(owner), and no source of \(owner) starts this flow, which writes it in "
                    + system,
                "add the source that tells of \(owner) to it in ownership.yaml, or let \(system) own it"
            )
        }
        return (
            "\(what) is owned by \(owner), and this flow writes it in \(system) because of what "
                + "\(first.source.name) tells",
            own.isEmpty
                ? "let \(system) own it in ownership.yaml, or remove the flow"
                : "let the events of \(own[0].source.name) alone start it"
        )
    }

    private func foreign(_ flow: FlowSection, _ ownership: Ownership) -> [CheckFault] {
        guard let target = folder.targets.first(where: { $0.name == flow.target }),
            let spec = Composition.connectors.first(where: { $0.role == .target && $0.name == target.protocolName }),
            let operation = spec.operations.first(where: { $0.name == flow.operation }),
            let object = operation.writes, let owner = ownership.owners[object],
            // Nothing can start it, which is a fault of its own.
            !sources.starters(of: flow).isEmpty
        else { return [] }
        var faults: [CheckFault] = []
        let written = written(flow, operation)
        // What a record is found by is written by nobody.
        let parts = written.filter { owner.fields[$0.name] != nil }
        if parts.isEmpty || parts.count < written.count,
            let refusal = refusal(flow, writing: object.rawValue, ownedBy: owner.system, ownership)
        {
            faults.append(
                CheckFault(
                    SettingsFailures.ownership, at: flow.place("operation"), refusal.reason,
                    suggestion: refusal.suggestion))
        }
        for part in parts {
            guard let system = owner.fields[part.name],
                let refusal = refusal(
                    flow, writing: "\(part.name) of \(object.rawValue)", ownedBy: system, ownership)
            else { continue }
            faults.append(
                CheckFault(
                    SettingsFailures.ownership, at: part.location, refusal.reason,
                    suggestion: "leave \(part.name) out of the map; or \(refusal.suggestion)"))
        }
        return faults
    }

    /// The arguments that a flow's map makes, but for those that say which record is meant.
    private func written(
        _ flow: FlowSection, _ operation: OperationSpec
    ) -> [(name: String, location: SettingLocation)] {
        guard let program = FlowPrograms(flow, in: folder).map else { return [] }
        let names = Set(operation.arguments.filter { !$0.isRequired }.map(\.name))
        var seen: Set<String> = []
        return program.reading.keys.filter { names.contains($0.name) && seen.insert($0.name).inserted }.map {
            ($0.name, program.location($0.place))
        }
    }

    /// One Odoo is one system, whoever speaks to it.
    private func splitOdoos(_ ownership: Ownership) -> [CheckFault] {
        let targets = folder.targets.filter { $0.protocolName == OdooSpec.target.name }
        return folder.sources.filter { $0.protocolName == OdooSpec.source.name }.compactMap { source in
            guard let place = try? OdooSpec.place(of: source.settings),
                let target = targets.first(where: { (try? OdooSpec.place(of: $0.settings)) == place })
            else { return nil }
            let (telling, written) = (
                ownership.system(ofSource: source.name.rawValue), ownership.system(ofTarget: target.name.rawValue)
            )
            guard telling != written else { return nil }
            return CheckFault(
                SettingsFailures.systems, at: source.settings.locations["database"] ?? source.location,
                "the source \(source.name) and the target \(target.name) speak to one database, and ownership.yaml "
                    + "makes them the systems \(telling) and \(written)",
                suggestion: "name both in one: systems: { \(written): { sources: \(source.name), "
                    + "targets: \(target.name) } }")
        }
    }
}
