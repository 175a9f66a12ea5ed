import Contracts

extension FolderCheck {
    /// Looks up what a file names of others.
    mutating func resolveReferences(of file: CheckedFile) {
        for reference in file.references {
            switch reference.referent {
            case .plant: resolvePlant(reference)
            case .asset: resolveAsset(reference, in: context(of: file))
            case .target:
                resolve(
                    reference, names(in: "targets", targets), SettingsFailures.unknownTarget,
                    "targets/\(reference.name).yaml")
            case .source:
                resolve(
                    reference, names(in: "sources", sources), SettingsFailures.unknownSource,
                    "sources/\(reference.name).yaml")
            case .flow:
                resolve(
                    reference, names(in: "flows", flows), SettingsFailures.unknownFlow, "flows/\(reference.name).yaml")
            case .map: resolveMap(reference)
            case .crosswalk: resolveCrosswalk(reference.name, reference.field, at: reference.location)
            }
        }
    }

    private mutating func resolve(
        _ reference: SpecChecker.FoundReference, _ names: Set<String>, _ kind: FailureKind, _ file: String
    ) {
        guard !names.contains(reference.name) else { return }
        let what = reference.referent.rawValue
        fault(
            kind, at: reference.location,
            "\(reference.field) names the \(what) \(reference.name.quotedBriefly), which does not exist",
            suggestion: NearestName.advice(reference.name, among: names, fallback: "add \(file)"))
    }

    /// Whether what `plants.yaml` holds can be told.
    private var knowsPlants: Bool { plantIndex.isComplete && !broken.contains(FolderLayout.plantsFile) }

    private mutating func resolvePlant(_ reference: SpecChecker.FoundReference) {
        guard knowsPlants, plantIndex.assets[reference.name] == nil else { return }
        fault(
            SettingsFailures.unknownPlant, at: reference.location,
            "\(reference.field) names the plant \(reference.name.quotedBriefly), which plants.yaml does not have",
            suggestion: NearestName.advice(reference.name, among: plantIndex.plants, fallback: "add it to plants.yaml"))
    }

    /// The plants that a file speaks of; nil where it names none.
    private func context(of file: CheckedFile) -> [String]? {
        let node = file.root["plant"] ?? file.root["when"]?["plant"]
        guard let node else { return nil }
        return node.elements?.compactMap(\.text) ?? node.text.map { [$0] }
    }

    private mutating func resolveAsset(_ reference: SpecChecker.FoundReference, in plants: [String]?) {
        guard knowsPlants else { return }
        let known = plants?.filter { plantIndex.assets[$0] != nil }
        // An unknown plant was reported; what its assets are cannot be told.
        if let plants, let known, known.count < plants.count { return }
        // Nor can it where their form is wrong.
        guard plantIndex.openPlants.isDisjoint(with: known ?? plantIndex.plants) else { return }
        let homes = plantIndex.plants(of: reference.name)
        if homes.contains(where: { known?.contains($0) ?? true }) { return }
        let place = known.map {
            $0.count == 1 ? "the plant \($0[0])" : "none of the plants \($0.joined(separator: ", "))"
        }
        let candidates = (known ?? plantIndex.plants).flatMap { plantIndex.assets[$0] ?? [] }
        if let home = homes.first {
            fault(
                SettingsFailures.unknownAsset, at: reference.location,
                "\(reference.field) names the asset \(reference.name.quotedBriefly), which belongs to plant \(home)",
                suggestion: "write plant: \(home), or name an asset of \(place ?? "another plant")")
            return
        }
        fault(
            SettingsFailures.unknownAsset, at: reference.location,
            "\(reference.field) names the asset \(reference.name.quotedBriefly), which plants.yaml does not have",
            suggestion: NearestName.advice(
                reference.name, among: candidates, fallback: "add it to its plant in plants.yaml"))
    }

    /// A source's asset must say which plant it is in where several have one of that name.
    mutating func checkAsset(of source: CheckedFile) {
        guard knowsPlants, source.root["plant"] == nil, let asset = source.root["asset"], let name = asset.text else {
            return
        }
        let homes = plantIndex.plants(of: name)
        guard homes.count > 1 else { return }
        fault(
            SettingsFailures.ambiguousAsset, at: asset.location,
            "the asset \(name.quotedBriefly) is in several plants: \(homes.joined(separator: ", "))",
            suggestion: "add plant: \(homes[0])")
    }

    private mutating func resolveMap(_ reference: SpecChecker.FoundReference) {
        guard files.base[reference.name].map({ $0.path.hasPrefix("maps/") }) != true, !broken.contains(reference.name)
        else { return }
        fault(
            SettingsFailures.unknownMap, at: reference.location,
            "\(reference.field) names the file \(reference.name.quotedBriefly), which does not exist",
            suggestion: nearestMap(reference.name).map { "did you mean \($0)?" }
                ?? "add it, below the settings folder: maps/NAME.jq")
    }

    /// The map that was most likely meant.
    func nearestMap(_ name: String) -> String? {
        let maps = keys(in: "maps")
        let whole = name.hasPrefix("maps/") ? name : "maps/\(name)"
        let ended = whole.hasSuffix(".jq") ? whole : whole + ".jq"
        return maps.first { $0 == ended } ?? NearestName.of(ended, among: maps)
    }

    var crosswalkNames: Set<String> {
        Set(keys(in: "crosswalks").map(Self.stem)).union(broken.filter { $0.hasPrefix("crosswalks/") }.map(Self.stem))
    }

    mutating func resolveCrosswalk(_ name: String, _ field: String, at place: SettingLocation) {
        guard !crosswalkNames.contains(name) else { return }
        fault(
            SettingsFailures.unknownCrosswalk, at: place,
            "\(field) names the crosswalk \(name.quotedBriefly), which does not exist",
            suggestion: NearestName.advice(name, among: crosswalkNames, fallback: "add crosswalks/\(name).csv"))
    }
}
