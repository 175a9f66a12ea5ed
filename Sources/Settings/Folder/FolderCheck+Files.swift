import Contracts

extension FolderCheck {
    /// Reads every YAML file, lays the overlay over it, and checks it by its spec.
    mutating func readAll() {
        node = read(FolderLayout.nodeFile).map {
            check(FolderLayout.nodeFile, $0, NodeFields.all, name: NodeFields.node.spec.name)
        }
        if let root = read(FolderLayout.plantsFile) {
            plants = check(FolderLayout.plantsFile, root, PlantFields.file, name: nil)
            plantIndex = PlantIndex(root)
            checkPlantNames(root)
        }
        if let root = read(FolderLayout.ownershipFile) {
            ownership = check(FolderLayout.ownershipFile, root, OwnershipFields.all, name: nil)
        }
        let sourceFields = SourceFields.all(signals: reader.signals)
        for key in keys(in: "sources") {
            guard let root = read(key) else { continue }
            sources.append(check(key, root, sourceFields, name: SourceFields.source.spec.name, role: .source))
        }
        for key in keys(in: "flows") {
            guard let root = read(key) else { continue }
            flows.append(check(key, root, FlowFields.all, name: FlowFields.flow.spec.name))
        }
        for key in keys(in: "targets") {
            guard let root = read(key) else { continue }
            targets.append(check(key, root, TargetFields.all, name: TargetFields.target.spec.name, role: .target))
        }
    }

    /// The settings of a file with the overlay's over them; nil where its form is broken.
    private mutating func read(_ key: String) -> SettingsNode? {
        guard let base = files.base[key] else { return nil }
        guard let root = root(of: base) else {
            markBroken(key)
            return nil
        }
        guard let over = files.overlay[key], let overlaid = self.root(of: over) else { return root }
        var overlay = Overlay()
        let merged = overlay.merged(root, overlaid, key: key)
        report(overlay.faults)
        return merged
    }

    private mutating func root(of file: FolderFile) -> SettingsNode? {
        guard let source = file.source else { return nil }
        let read = YAMLReader(limits: reader.limits).read(source)
        report(read.faults)
        return read.root
    }

    private mutating func check(
        _ key: String, _ root: SettingsNode, _ fields: [FieldSpec], name: String?, role: ConnectorSpec.Role? = nil
    ) -> CheckedFile {
        var connector: ConnectorSpec?
        var all = fields
        if let role {
            connector = self.connector(of: root, role: role)
            let own = Set(connector?.fields.map(\.name) ?? [])
            all = fields.filter { !own.contains($0.name) } + (connector?.fields ?? [])
        }
        var checker = SpecChecker(root: files.root, sources: texts, checkProgram: reader.checkProgram)
        let settings = checker.settings(root, all, knowsAll: role == nil || connector != nil)
        report(checker.faults)
        let given = name.flatMap { name in root[name].map { (text: $0.text, location: $0.location) } }
        var found = Self.stem(key)
        if let text = given?.text, (try? NameText.check(text)) != nil { found = text }
        return CheckedFile(
            key: key, root: root, name: found, nameLocation: given?.location, settings: settings,
            given: SpecChecker.meant(root.entries ?? [], all), connector: connector,
            references: checker.references, programs: checker.programs)
    }

    /// The spec behind `protocol:`; an unknown one is reported here, a missing one with the other keys.
    private mutating func connector(of root: SettingsNode, role: ConnectorSpec.Role) -> ConnectorSpec? {
        guard let node = root["protocol"], let text = node.text, !text.isEmpty else { return nil }
        let candidates = reader.connectors.filter { $0.role == role }
        if let found = candidates.first(where: { $0.name == text }) { return found }
        let isOther = reader.connectors.contains { $0.name == text }
        let names = candidates.map(\.name)
        if (try? NameText.check(text)) != nil {
            fault(
                SettingsFailures.unknownProtocol, at: node.location,
                isOther
                    ? "\(text.quotedBriefly) is no protocol of a \(role.rawValue)"
                    : "\(text.quotedBriefly) is no known protocol",
                suggestion: NearestName.advice(text, among: names, fallback: "this version has no \(role.rawValue)s"))
        }
        return nil
    }

    private mutating func checkPlantNames(_ root: SettingsNode) {
        for plant in root[PlantFields.plants.spec.name]?.entries ?? [] {
            checkName(plant, "the plant's name")
            checkAttributes(plant)
            for asset in plant.value[PlantFields.assets.spec.name]?.entries ?? [] {
                checkName(asset, "the asset's name")
            }
        }
    }

    /// What the plant knows of its assets is shown to whoever sees the folder.
    private mutating func checkAttributes(_ plant: SettingsNode.Entry) {
        for asset in plant.value[PlantFields.assets.spec.name]?.entries ?? [] {
            for attribute in asset.value[PlantFields.attributes.spec.name]?.entries ?? []
            where LineMask.soundsLikeSecret(attribute.key) && !attribute.value.isEmpty {
                fault(
                    SettingsFailures.secretLiteral, .warning, at: attribute.value.location,
                    "\(attribute.key) of \(asset.key) sounds like a secret, and everybody can read it here",
                    suggestion: "take it away, and change it: attributes are no place for secrets")
            }
        }
    }

    private mutating func checkName(_ entry: SettingsNode.Entry, _ what: String) {
        do {
            try NameText.check(entry.key)
        } catch {
            fault(error.kind, at: entry.keyLocation, "\(what) \(error.reason)", suggestion: error.suggestion)
        }
    }

    /// A name stands for one thing, and its file is called like it.
    mutating func checkNames() {
        for (what, checked) in [("source", sources), ("flow", flows), ("target", targets)] {
            var seen: [String: CheckedFile] = [:]
            for file in checked {
                guard let place = file.nameLocation else { continue }
                if let first = seen[file.name] {
                    fault(
                        SettingsFailures.duplicateName, at: place,
                        "\(first.key) defines the \(what) \(file.name.quotedBriefly) already")
                    continue
                }
                seen[file.name] = file
                let stem = Self.stem(file.key)
                // A malformed name was reported, and is not what the file could be called.
                if file.name != stem, file.root[what]?.text == file.name {
                    fault(
                        SettingsFailures.nameDiffers, .warning, at: place,
                        "the \(what) is called \(file.name.quotedBriefly), and its file \(stem.quotedBriefly)",
                        suggestion: "rename the file to \(file.name).yaml")
                }
            }
        }
    }
}
