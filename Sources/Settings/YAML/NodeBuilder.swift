import Contracts
import Yams

/// Turns Yams's tree into ``SettingsNode``s: aliases expanded within bounds, merge keys merged, duplicate keys
/// reported.
struct NodeBuilder {
    private let source: SourceText
    private let limits: SettingsLimits
    /// Keys that were renamed so that Yams would go on, and what they really are.
    private let restored: [String: String]
    private(set) var faults: [CheckFault] = []
    private var nodes = 0
    private var isTooComplex = false

    init(source: SourceText, limits: SettingsLimits, restored: [String: String]) {
        self.source = source
        self.limits = limits
        self.restored = restored
    }

    /// The whole tree; nil where it is beyond the bounds.
    mutating func build(_ root: Node) -> SettingsNode? {
        let node = node(root, depth: 0)
        return isTooComplex ? nil : node
    }

    private func location(_ node: Node) -> SettingLocation {
        guard let mark = node.mark else { return SettingLocation(file: source.path, line: 1, column: 1) }
        // A value that is left out at the end of the file stands behind it, says libyaml.
        guard mark.line <= source.lines.count else { return SyntaxFault(source: source).clamped(mark) }
        return SettingLocation(file: source.path, line: mark.line, column: mark.column)
    }

    private mutating func node(_ node: Node, depth: Int) -> SettingsNode {
        let place = location(node)
        nodes += 1
        if depth > limits.depth || nodes > limits.nodes { refuse(at: place, depth: depth) }
        guard !isTooComplex else { return SettingsNode(content: .sequence([]), location: place) }
        checkTag(node, place)
        switch node {
        case .scalar(let scalar):
            return SettingsNode(content: .scalar(scalar.string, style(scalar)), location: place)
        case .sequence(let sequence):
            var elements: [SettingsNode] = []
            for element in sequence { elements.append(self.node(element, depth: depth + 1)) }
            return SettingsNode(content: .sequence(elements), location: place)
        case .mapping(let mapping):
            return SettingsNode(content: .mapping(entries(mapping, depth: depth)), location: place)
        case .alias(let alias):
            // The parser resolves aliases itself; one that is left names nothing.
            faults.append(
                CheckFault(SettingsFailures.syntax, at: place, "the alias *\(alias.anchor.rawValue) names nothing"))
            return SettingsNode(content: .sequence([]), location: place)
        }
    }

    private mutating func refuse(at place: SettingLocation, depth: Int) {
        guard !isTooComplex else { return }
        isTooComplex = true
        let reason =
            depth > limits.depth
            ? "nested more than \(limits.depth) levels deep"
            : "more than \(limits.nodes) values once its aliases are written out"
        faults.append(CheckFault(SettingsFailures.tooComplex, at: place, reason))
    }

    private mutating func entries(_ mapping: Node.Mapping, depth: Int) -> [SettingsNode.Entry] {
        var entries: [SettingsNode.Entry] = []
        var merged: [SettingsNode] = []
        var given: [String: SettingLocation] = [:]
        for (keyNode, valueNode) in mapping {
            guard !isTooComplex else { break }
            let place = location(keyNode)
            guard let scalar = keyNode.scalar else {
                faults.append(
                    CheckFault(
                        SettingsFailures.keyNotText, at: place, "a key must be text, not a list or keys of its own"))
                continue
            }
            let key = restored[scalar.string] ?? scalar.string
            let value = node(valueNode, depth: depth + 1)
            if key == "<<", scalar.style == .plain {
                merged += mergeable(value)
            } else if let first = given[key] {
                faults.append(
                    CheckFault(
                        SettingsFailures.duplicateKey, at: place,
                        "\"\(key)\" is given twice: first in line \(first.line)"))
            } else {
                given[key] = place
                entries.append(SettingsNode.Entry(key: key, keyLocation: place, value: value))
            }
        }
        for entry in merged.flatMap({ $0.entries ?? [] }) where given[entry.key] == nil {
            given[entry.key] = entry.keyLocation
            entries.append(entry)
        }
        return entries
    }

    /// The mappings behind a merge key (YAML 1.1, tag:yaml.org,2002:merge): one, or a list of them.
    private mutating func mergeable(_ value: SettingsNode) -> [SettingsNode] {
        let candidates = value.elements ?? [value]
        for candidate in candidates where candidate.entries == nil {
            faults.append(
                CheckFault(
                    SettingsFailures.shape, at: candidate.location,
                    "<< merges keys with values, and here stands \(candidate.shapeName)",
                    suggestion: "name an anchored group: <<: *group"))
        }
        return candidates.filter { $0.entries != nil }
    }

    private func style(_ scalar: Node.Scalar) -> SettingsNode.Style {
        switch scalar.style {
        case .any, .plain: .plain
        case .singleQuoted: .singleQuoted
        case .doubleQuoted: .doubleQuoted
        case .literal: .literal
        case .folded: .folded
        }
    }

    private mutating func checkTag(_ node: Node, _ place: SettingLocation) {
        let tag = node.tag.description
        // The tags of YAML's own schema change nothing here: the spec gives each value its type.
        guard !tag.isEmpty, tag != "!", !tag.hasPrefix("tag:yaml.org,2002:") else { return }
        faults.append(
            CheckFault(
                SettingsFailures.foreignTag, at: place, "the tag \(tag) is not known",
                suggestion: "remove the tag; secrets are written ${file:/path} or ${env:NAME}"))
    }
}
