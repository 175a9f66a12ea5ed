import Contracts

extension FolderCheck {
    /// Whether `ownership.yaml` names systems that there are, and each source and target in one of them.
    mutating func checkOwnership() {
        guard let file = ownership else { return }
        let systems = file.root[OwnershipFields.systems.spec.name]?.entries ?? []
        checkMembers(systems, OwnershipFields.sources.spec.name, "source")
        checkMembers(systems, OwnershipFields.targets.spec.name, "target")
        let named = systems.map(\.key)
        let known = Set(named).union(names(in: "sources", sources)).union(names(in: "targets", targets))
        for owner in file.root[OwnershipFields.owns.spec.name]?.entries ?? [] {
            var given: [(SettingsNode, String)] = []
            if let node = owner.value[OwnershipFields.system.spec.name] {
                given.append((node, "owns.\(owner.key).system"))
            }
            for field in owner.value[OwnershipFields.fields.spec.name]?.entries ?? [] {
                given.append((field.value, "owns.\(owner.key).fields.\(field.key)"))
            }
            for (node, name) in given {
                guard let text = node.text, !text.isEmpty, !known.contains(text) else { continue }
                fault(
                    SettingsFailures.unknownSystem, at: node.location,
                    "\(name) names the system \(text.quotedBriefly), which is none",
                    suggestion: NearestName.of(text, among: known).map { "did you mean \"\($0)\"?" }
                        ?? "add it under systems: { \(text): {} }, or name the source or target that it is")
            }
        }
    }

    private mutating func checkMembers(_ systems: [SettingsNode.Entry], _ key: String, _ what: String) {
        var seen: [String: String] = [:]
        for system in systems {
            guard let node = system.value[key] else { continue }
            for element in node.elements ?? [node] {
                guard let name = element.text, !name.isEmpty else { continue }
                if let first = seen[name], first != system.key {
                    fault(
                        SettingsFailures.systems, at: element.location,
                        "the \(what) \(name.quotedBriefly) is of the system \(first.quotedBriefly) already",
                        suggestion: "remove it from \(system.key) or from \(first)")
                } else {
                    seen[name] = system.key
                }
            }
        }
    }
}
