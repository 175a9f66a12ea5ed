import Canonical
import Contracts

extension FolderCheck {
    /// The folder's value. Called only where no fault is an error.
    func assembled() throws(SettingFault) -> NodeFolder {
        guard let node else {
            throw SettingFault(
                location: SettingLocation(file: FolderLayout.nodeFile, line: 1, column: 1),
                reason: "the node's settings are missing")
        }
        var plants: [Plant] = []
        for plant in try self.plants?.settings(PlantFields.plants) ?? [] { plants.append(try Plant(plant)) }
        var sources: [SourceSection] = []
        for file in self.sources {
            let home = file.root["asset"]?.text.flatMap { plantIndex.plants(of: $0).first }
            sources.append(try SourceSection(file.settings, signals: reader.signals, plant: home))
        }
        var flows: [FlowSection] = []
        for file in self.flows { flows.append(try FlowSection(file.settings, programs: programPlaces(of: file))) }
        var targets: [TargetSection] = []
        for file in self.targets { targets.append(try TargetSection(file.settings)) }
        var maps: [String: String] = [:]
        for key in keys(in: "maps") { maps[key] = files.base[key]?.source?.text }
        return NodeFolder(
            node: try NodeSection(node.settings), ownership: try systemsOfRecord(), plants: plants, sources: sources,
            flows: flows, targets: targets,
            maps: maps, crosswalks: crosswalks, eventTypes: eventTypes,
            files: files.all,
            crosswalkPaths: Dictionary(
                keys(in: "crosswalks").map { (Self.stem($0), file($0)?.path ?? $0) }, uniquingKeysWith: { a, _ in a }))
    }

    private func systemsOfRecord() throws(SettingFault) -> Ownership? {
        guard let ownership else { return nil }
        return try Ownership(ownership.settings)
    }

    /// Where the programs of a flow's file stand, by key; that below `when` as `when.where`.
    private func programPlaces(of file: CheckedFile) -> [String: ProgramPlace] {
        let source = texts[file.key]
        var places: [String: ProgramPlace] = [:]
        for key in ["jq", "key", "conflictKeys"] {
            places[key] = file.root[key].map { ProgramPlace($0, source: source) }
        }
        places["when.where"] = file.root["when"]?["where"].map { ProgramPlace($0, source: source) }
        return places
    }
}
