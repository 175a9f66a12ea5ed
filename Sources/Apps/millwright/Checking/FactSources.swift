import Canonical
import Contracts
import FilesConnector
import HTTPConnector
import MTConnectConnector
import NodeConnector
import NodeSettings
import OdooConnector

/// Which events each of a folder's sources can bring in, as far as its settings tell. What others send, over HTTP or
/// from edges, can be anything: of such a source nothing is ruled out.
struct FactSources {
    /// Where an event is from: the first and the last part of its `source`.
    struct Origin: Hashable {
        let plant: String
        let asset: String
    }

    /// What one source can bring.
    struct Reach {
        let source: SourceSection
        /// Event types; nil for any.
        let types: Set<String>?
        /// Nil for any.
        let origins: Set<Origin>?
        /// Members of the data beside those of the canonical fact; nil where they cannot be told.
        let extraMembers: Set<String>?

        /// Whether everything that it can bring is known.
        var isClosed: Bool { types != nil && origins != nil }

        /// Whether an event of one of `types` that it brings can start a flow.
        func admits(_ trigger: FlowTrigger, ignoringOrigin: Bool = false) -> Bool {
            if let types, !types.contains(where: { type in trigger.types.contains { $0.matches(type) } }) {
                return false
            }
            guard !ignoringOrigin, let origins else { return true }
            let assets = trigger.assets.map(\.rawValue)
            return origins.contains { origin in
                (trigger.plants.isEmpty || trigger.plants.contains(origin.plant))
                    && (assets.isEmpty || assets.contains(origin.asset))
            }
        }
    }

    let folder: NodeFolder
    let reaches: [Reach]

    init(_ folder: NodeFolder) {
        self.folder = folder
        reaches = folder.sources.map { Self.reach($0, folder) }
    }

    /// Types that a node's own connectors tell, whatever the settings say.
    static func isOfNode(_ type: String) -> Bool { type.hasPrefix("millwright.node.") }

    /// Every event type that can be told of: the canonical ones, and those with a schema in the folder.
    var knownTypes: [String] { FactShape.all.map(\.type) + folder.eventTypes.map(\.type) }

    /// The sources that can start a flow.
    func starters(of flow: FlowSection) -> [Reach] { reaches.filter { $0.admits(flow.when) } }

    /// The known types that a flow can get; nil where it can get others as well.
    func types(of flow: FlowSection) -> [String]? {
        let starters = starters(of: flow)
        let admitted = knownTypes.filter { type in flow.when.types.contains { $0.matches(type) } }
        guard starters.contains(where: { $0.types == nil }) else {
            let told = starters.reduce(into: Set<String>()) { $0.formUnion($1.types ?? []) }
            return newest(told.filter { type in flow.when.types.contains { $0.matches(type) } }.sorted())
        }
        // Others may send types that nobody described here.
        let areAllKnown = flow.when.types.allSatisfy { pattern in
            pattern.isExact ? admitted.contains(pattern.description) : pattern.description.hasPrefix("millwright.")
        }
        return areAllKnown ? newest(admitted) : nil
    }

    /// Without those that come as a newer one among them: a flow takes an event in the newest version that it names.
    private func newest(_ types: [String]) -> [String] {
        types.filter { type in
            guard let section = folder.eventTypes.first(where: { $0.type == type }), section.translation != nil else {
                return true
            }
            return !types.contains(section.name.next.description)
        }
    }

    // MARK: - One source

    private static func reach(_ source: SourceSection, _ folder: NodeFolder) -> Reach {
        let plant = source.plant ?? folder.plants.first?.name ?? "plant"
        switch source.protocolName {
        case FilesSpec.source.name where !FilesSpec.carriesEvents(source.settings),
            MTConnectSpec.source.name:
            let types = signalTypes(source).map { closure($0, folder) }
            return Reach(
                source: source, types: types, origins: origins(source, plant: plant, folder),
                extraMembers: types == nil ? nil : extraMembers(source))
        case OdooSpec.source.name:
            let facts = (try? OdooSpec.facts(of: source.settings)) ?? []
            return Reach(
                source: source, types: Set(facts.compactMap { FactShape.named($0)?.type }),
                origins: [Origin(plant: plant, asset: source.name.rawValue)], extraMembers: [])
        case NodeSpec.downlinkSource.name:
            let facts = ["production-order.released", "production-order.closed"]
            return Reach(
                source: source, types: Set(facts.compactMap { FactShape.named($0)?.type }), origins: nil,
                extraMembers: nil)
        default: return Reach(source: source, types: nil, origins: nil, extraMembers: nil)
        }
    }

    /// With the newer versions that translations make of them.
    private static func closure(_ types: Set<String>, _ folder: NodeFolder) -> Set<String> {
        var all = types
        var steps = folder.eventTypes.filter { $0.translation != nil }
        while let index = steps.firstIndex(where: { all.contains($0.type) }) {
            all.insert(steps.remove(at: index).name.next.description)
        }
        return all
    }

    /// The types that a source's signals make; nil where there is a role that this check does not know.
    private static func signalTypes(_ source: SourceSection) -> Set<String>? {
        var facts: Set<String> = []
        for signal in source.signals {
            guard case .text(let role)? = signal.values["role"] else { return nil }
            switch role {
            case "counter", "count", "scrap", "cycle", "record":
                guard case .text(let event)? = signal.values["event"] else { return nil }
                facts.insert(event)
            case "state": facts.insert("equipment.state-changed")
            case "condition":
                facts.formUnion(["equipment.condition-raised", "equipment.condition-cleared"])
                if signal.values["maintenance"] != nil { facts.insert("maintenance.requested") }
            case "threshold", "rate":
                facts.formUnion(["equipment.condition-raised", "equipment.condition-cleared"])
            case "energy": facts.insert("equipment.energy-measured")
            case "window": facts.insert("shift.summarized")
            case "material": facts.insert("production.material-consumed")
            case "context": continue
            default: return nil
            }
        }
        return Set(facts.map { FactShape.named($0)?.type ?? $0 })
    }

    private static func origins(_ source: SourceSection, plant: String, _ folder: NodeFolder) -> Set<Origin> {
        var assets: Set<String> = [source.asset?.rawValue ?? source.name.rawValue]
        if case .map(let devices)? = source.settings.values["devices"] {
            for device in devices { if case .text(let asset) = device.value { assets.insert(asset) } }
        }
        return Set(
            assets.map { asset in
                // Of an asset that several plants have, the last one holds, as for the signals themselves.
                let home = folder.plants.last { $0.asset(AssetID(asset)) != nil }
                return Origin(plant: home?.name ?? plant, asset: asset)
            })
    }

    /// Members that signals add to the data of their events.
    private static func extraMembers(_ source: SourceSection) -> Set<String> {
        var names: Set<String> = []
        for signal in source.signals {
            // Events of a type of the user's own bear whatever is at hand.
            if let event = signal.text("event"), FactShape.named(event) == nil, FactShape.of(type: event) == nil {
                names.formUnion([
                    "asset", "order", "operation", "item", "lot", "operator", "program", "quantity", "reason",
                ])
            }
            for key in ["with", "fields", "set", "tags"] {
                guard case .map(let pairs)? = signal.values[key] else { continue }
                names.formUnion(pairs.map(\.key))
            }
        }
        return names
    }
}
