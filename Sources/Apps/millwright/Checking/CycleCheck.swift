import Contracts
import FilesConnector
import JQ
import NodeConnector
import NodeSettings
import OdooConnector

/// Finds what goes out of a node and comes back into it, to go out again.
struct CycleCheck {
    let sources: FactSources
    private var folder: NodeFolder { sources.folder }

    var faults: [CheckFault] {
        flowCycles + fileCycles + folder.targets.compactMap(ownHub) + folder.targets.compactMap(ownEdge)
            + folder.sources.compactMap(ownHub)
    }

    // MARK: - Flows over one Odoo

    /// What one flow writes may start another one.
    private struct Edge {
        let next: Int
        let fact: String
        /// Only where Odoo has no companion addon, which the settings leave open.
        let isDoubtful: Bool
    }

    private var flowCycles: [CheckFault] {
        let edges = folder.flows.map { flow in self.edges(from: flow) }
        var reported: Set<Set<Int>> = []
        return folder.flows.indices.compactMap { start -> CheckFault? in
            guard let path = shortestCycle(from: start, edges), reported.insert(Set(path.map(\.next))).inserted else {
                return nil
            }
            let flow = folder.flows[start]
            let steps = path.map { "\($0.fact) starts \(folder.flows[$0.next].name)" }
            let isDoubtful = path.contains(where: \.isDoubtful)
            return CheckFault(
                SettingsFailures.cycle, isDoubtful ? .warning : .error, at: flow.place("operation"),
                "what the flow \(flow.name) writes comes back"
                    + (isDoubtful ? " where Odoo has no companion addon: " : ": ")
                    + steps.joined(separator: ", "),
                suggestion: isDoubtful
                    ? "write gateway: required into the target and the source, so that what Millwright wrote is known "
                        + "and passed over; or take the source of these events out"
                    : "let the source pass over what Millwright wrote: gateway: required in the target and the "
                        + "source, and echo: skip")
        }
    }

    /// The edges of the shortest way from a flow back to itself.
    private func shortestCycle(from start: Int, _ edges: [[Edge]]) -> [Edge]? {
        var ways: [[Edge]] = edges[start].map { [$0] }
        var seen: Set<Int> = []
        while !ways.isEmpty {
            let way = ways.removeFirst()
            guard let last = way.last else { continue }
            if last.next == start { return way }
            guard seen.insert(last.next).inserted else { continue }
            ways += edges[last.next].map { way + [$0] }
        }
        return nil
    }

    /// The flows that start because of what `flow` writes.
    private func edges(from flow: FlowSection) -> [Edge] {
        guard let target = folder.targets.first(where: { $0.name == flow.target }),
            target.protocolName == OdooSpec.target.name, let operation = flow.operation,
            let place = try? OdooSpec.place(of: target.settings)
        else { return [] }
        var edges: [Edge] = []
        for reach in sources.reaches where reach.source.protocolName == OdooSpec.source.name {
            guard (try? OdooSpec.place(of: reach.source.settings)) == place,
                let echo = try? OdooSpec.echo(source: reach.source.settings, target: target.settings), echo != .never
            else { continue }
            for change in OdooObjects.changes(by: operation) where tells(reach.source, change.model) {
                for (index, other) in folder.flows.enumerated() where reach.admits(other.when) {
                    guard let fact = change.facts.first(where: { starts(other, $0, change.model) }) else { continue }
                    edges.append(Edge(next: index, fact: fact, isDoubtful: echo == .withoutAddon))
                }
            }
        }
        return edges
    }

    private func tells(_ source: SourceSection, _ model: String) -> Bool {
        guard let models = try? OdooSpec.models(of: source.settings) else { return true }
        return models.contains(model)
    }

    /// Whether a fact about a record of `model` starts a flow. A condition that asks who wrote it breaks a circle.
    private func starts(_ flow: FlowSection, _ fact: String, _ model: String) -> Bool {
        let type = "millwright.\(fact).v1"
        guard flow.when.types.contains(where: { $0.matches(type) }) else { return false }
        guard let source = flow.when.predicate, let reading = JQReading(source) else { return true }
        let askers = ["user", "origin", "changed", "before"]
        let asks = reading.members.contains { $0.path.contains(where: askers.contains) }
        let verdict = reading.verdict { path in
            switch path {
            case ["type"]: [.string(type)]
            case ["data", "model"], ["data", "native", "model"]: [.string(model)]
            default: nil
            }
        }
        return !asks && verdict != .never
    }

    // MARK: - Files, hubs, edges

    /// A target that writes files which a source reads again.
    private var fileCycles: [CheckFault] {
        let protocols = [FilesSpec.target.name, FilesSpec.tables.name]
        return folder.targets.filter { protocols.contains($0.protocolName) }.flatMap { target in
            folder.sources.filter { $0.protocolName == FilesSpec.source.name }.compactMap { source -> CheckFault? in
                guard (try? FilesSpec.reads(writtenBy: target.settings, source.settings)) == true else { return nil }
                return CheckFault(
                    SettingsFailures.cycle, at: target.settings.locations["path"] ?? target.location,
                    "the source \(source.name) reads the files that the target \(target.name) writes every event to",
                    suggestion: "write them to a folder of their own, or narrow folder.pattern of \(source.name)")
            }
        }
    }

    private func ownHub(_ target: TargetSection) -> CheckFault? {
        guard target.protocolName == NodeSpec.uplink.name, isOwn(target.settings) else { return nil }
        return CheckFault(
            SettingsFailures.cycle, at: target.settings.locations["hub"] ?? target.location,
            "the target \(target.name) sends every event to this node's own listener",
            suggestion: "write the address of the hub, which is another node")
    }

    private func ownHub(_ source: SourceSection) -> CheckFault? {
        guard source.protocolName == NodeSpec.downlinkSource.name, isOwn(source.settings) else { return nil }
        return CheckFault(
            SettingsFailures.cycle, at: source.settings.locations["hub"] ?? source.location,
            "the source \(source.name) asks this node's own listener for commands",
            suggestion: "write the address of the hub, which is another node")
    }

    private func isOwn(_ settings: Settings) -> Bool {
        guard let listen = folder.node.listen, let hub = NodeSpec.hubAddress(of: settings), hub.port == listen.port
        else { return false }
        let loopback = ["localhost", "127.0.0.1", "::1"]
        return loopback.contains(hub.host) || hub.host == listen.host
    }

    private func ownEdge(_ target: TargetSection) -> CheckFault? {
        guard target.protocolName == NodeSpec.downlinkTarget.name,
            NodeSpec.edgeName(of: target.settings) == folder.node.node.rawValue
        else { return nil }
        return CheckFault(
            SettingsFailures.cycle, at: target.settings.locations["edge"] ?? target.location,
            "the target \(target.name) tells this node itself what it must know",
            suggestion: "write the name of the edge, which is another node")
    }
}
