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
            flows.append(checkFlowFile(key, root))
        }
        for key in keys(in: "targets") {
            guard let root = read(key) else { continue }
            targets.append(check(key, root, TargetFields.all, name: TargetFields.target.spec.name, role: .target))
        }
    }

    /// A flow that names no target has that of the plants whose events start it, where all of them have the same one.
    private mutating func checkFlowFile(_ key: String, _ root: SettingsNode) -> CheckedFile {
        let (name, target) = (FlowFields.flow.spec.name, FlowFields.target.spec.name)
        guard let entries = root.entries, !SpecChecker.meant(entries, FlowFields.all).contains(target) else {
            return check(key, root, FlowFields.all, name: name)
        }
        let named = root[FlowFields.when.spec.name]?[FlowFields.plants.spec.name]
        let targets = (named?.elements ?? named.map { [$0] } ?? []).map { targetOfPlant($0.text ?? "") }
        guard let place = named?.location, let first = targets.compactMap({ $0 }).first,
            targets.allSatisfy({ $0 == first })
        else {
            // What plants there are, and with which targets, cannot be told of a file that is broken.
            if named == nil || !broken.contains(FolderLayout.plantsFile) { reportNoTarget(at: root.location) }
            return check(key, root, FlowFields.all, name: name)
        }
        let inherited = SettingsNode(content: .scalar(first, .doubleQuoted), location: place)
        let entry = SettingsNode.Entry(key: target, keyLocation: place, value: inherited)
        let whole = SettingsNode(content: .mapping(entries + [entry]), location: root.location)
        // Whether there is such a target is the plant's to answer for.
        return check(key, whole, FlowFields.all, name: name).without(reference: target)
    }

    /// The target of a plant; nil where it has none, and empty where what it has is wrong, which is said there.
    private func targetOfPlant(_ name: String) -> String? {
        let target = PlantFields.target.spec.name
        guard let plant = plants?.root[PlantFields.plants.spec.name]?[name], let entries = plant.entries,
            SpecChecker.meant(entries, PlantFields.all).contains(target)
        else { return nil }
        return plant[target]?.text ?? ""
    }

    private mutating func reportNoTarget(at place: SettingLocation) {
        let target = FlowFields.target.spec.name
        let names = keys(in: "targets").map(Self.stem)
        let advice: String? =
            switch names.count {
            case 0: SpecChecker.exampleAdvice(FlowFields.target.spec)
            case 1: "write \(target): \(names[0])"
            default: "write \(target): …, one of: \(names.joined(separator: ", "))"
            }
        fault(
            SettingsFailures.missing, at: place, "\(target) is missing: where the flow's commands go",
            suggestion: advice)
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
