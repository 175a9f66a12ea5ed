import Contracts

/// Lays an environment's values over a file's: keys are merged, everything else is replaced.
struct Overlay {
    /// Keys that say what the file is, which no environment changes.
    private static let identity: Set<String> = ["source", "target", "protocol"]

    private(set) var faults: [CheckFault] = []

    /// `base` with the values of `overlay`. Each value keeps the place where it is written.
    mutating func merged(_ base: SettingsNode, _ overlay: SettingsNode, key: String) -> SettingsNode {
        guard FolderLayout.overlaid.contains(where: { key.hasPrefix($0 + "/") }), let entries = overlay.entries else {
            return Self.merged(base, overlay)
        }
        checkIdentity(base, overlay)
        // What was refused is not laid over, so that nothing follows from it.
        let values = entries.filter { !Self.identity.contains($0.key) || base[$0.key] == nil }
        return Self.merged(base, SettingsNode(content: .mapping(values), location: overlay.location))
    }

    private mutating func checkIdentity(_ base: SettingsNode, _ overlay: SettingsNode) {
        for entry in overlay.entries ?? [] where Self.identity.contains(entry.key) {
            guard let mine = base[entry.key]?.text, let other = entry.value.text, mine != other else { continue }
            faults.append(
                CheckFault(
                    SettingsFailures.overlayIdentity, at: entry.value.location,
                    "\(entry.key) is \(mine.quotedBriefly), and an overlay cannot make it \(other.quotedBriefly)"))
        }
    }

    private static func merged(_ base: SettingsNode, _ overlay: SettingsNode) -> SettingsNode {
        guard let mine = base.entries, let others = overlay.entries else { return overlay }
        let replacing = Dictionary(others.map { ($0.key, $0) }, uniquingKeysWith: { first, _ in first })
        let kept = Set(mine.map(\.key))
        var entries = mine.map { entry in
            guard let other = replacing[entry.key] else { return entry }
            return SettingsNode.Entry(
                key: entry.key, keyLocation: other.keyLocation, value: merged(entry.value, other.value))
        }
        entries += others.filter { !kept.contains($0.key) }
        return SettingsNode(content: .mapping(entries), location: base.location)
    }
}
