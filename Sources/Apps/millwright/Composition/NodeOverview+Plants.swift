import Canonical
import Console
import Contracts
import Intake
import NodeConnector
import NodeSettings
import Runtime

// What belongs to each plant, by the settings and by what came.
extension NodeOverview {
    /// `exceptions`: how many are open of each source, as they name it; `edges`: those that are enrolled.
    func plants(exceptions: [String: Int], edges: [EdgeContact]) -> [OverviewSnapshot.Plant] {
        var heard: [String: [String: Instant]] = [:]
        var own: [String: Instant] = [:]
        for section in folder.sources {
            let activity = engine.intake.activity(of: section.name)
            if let plant = plant(of: section), let last = activity.last { own[plant] = max(own[plant] ?? last, last) }
            for (name, time) in activity.assets.last {
                guard let (plant, asset) = place(of: name, section) else { continue }
                heard[plant, default: [:]][asset] = max(heard[plant]?[asset] ?? time, time)
            }
        }
        var open: [String: Int] = [:]
        for (source, count) in exceptions {
            guard let plant = plant(named: source) else { continue }
            open[plant, default: 0] += count
        }
        return folder.plants.map { plant in
            let name = plant.name
            let known = heard[name] ?? [:]
            return OverviewSnapshot.Plant(
                name: name,
                sources: folder.sources.filter { self.plant(of: $0) == name }.map(\.name.rawValue),
                targets: targets(of: plant),
                nodes: edges.filter { $0.plants.contains(name) || ($0.plants.isEmpty && folder.plants.count == 1) }
                    .map(\.node.rawValue),
                assets: plant.assets.count,
                heard: plant.assets.filter { known[$0.id.rawValue] != nil }.count,
                lastReading: (known.values + [own[name]].compactMap { $0 }).max(), exceptions: open[name] ?? 0)
        }
    }

    /// Where flows take the plant's events.
    private func targets(of plant: Plant) -> [String] {
        let names = folder.flows.filter { $0.when.plants.isEmpty || $0.when.plants.contains(plant.name) }
            .map(\.target.rawValue)
        return Set(names + [plant.target?.rawValue].compactMap { $0 }).sorted()
    }

    /// The plant that a source belongs to; nil where it brings what is of any.
    private func plant(of section: SourceSection) -> String? {
        section.plant ?? (folder.plants.count == 1 ? folder.plants.first?.name : nil)
    }

    private func place(of name: AssetBoard.Name, _ section: SourceSection) -> (plant: String, asset: String)? {
        switch name {
        case .asset(let asset): plant(of: section).map { ($0, asset.rawValue) }
        case .origin(let origin):
            if let plant = NodeLink.plant(of: origin), let asset = NodeLink.system(of: origin) {
                (String(plant), String(asset))
            } else {
                nil
            }
        }
    }

    /// The plant that an exception is of, by the source that it names: one of the settings, or that of an event.
    private func plant(named source: String) -> String? {
        if let plant = NodeLink.plant(of: source) { return String(plant) }
        return folder.sources.first { $0.name.rawValue == source }.flatMap { plant(of: $0) }
    }
}
