import Contracts

extension SpecChecker {
    /// The value of `node` as `kind`; nil where it is none, which is then among the faults. `name` is what errors call
    /// it.
    mutating func value(_ node: SettingsNode, _ kind: FieldKind, name: String, example: String?) -> SettingValue? {
        switch kind {
        case .list(let element):
            guard let elements = node.elements else {
                return wrongShape(node, "a list", name, example: "[\(node.text ?? "…")]")
            }
            return list(elements, element, name)
        case .oneOrMany(let element):
            return list(node.elements ?? [node], element, name)
        case .map(let element):
            guard let entries = node.entries else {
                return wrongShape(node, "keys with values", name, example: "key: value")
            }
            return map(entries, element, name)
        case .object(let fields):
            guard node.entries != nil else {
                return wrongShape(node, "keys with values (\(Self.list(fields)))", name, example: kind.exampleText)
            }
            return .object(settings(node, fields, path: name))
        case .variants(let key, let variants):
            // A field may be declared as the list itself or as a list of these: both read the same.
            if let elements = node.elements { return list(elements, kind, name) }
            return variant(node, key, variants, name)
        case .json:
            return .json(node.json)
        default:
            guard let text = node.text else {
                return wrongShape(node, kind.expected, name, example: example ?? kind.exampleText)
            }
            return scalar(node, text, kind, name: name, example: example)
        }
    }

    private mutating func wrongShape(
        _ node: SettingsNode, _ expected: String, _ name: String, example: String?
    ) -> SettingValue? {
        // What stands where a secret belongs may be one, and its line must not be shown.
        let kind = expected == FieldKind.secret.expected ? SettingsFailures.secretLiteral : SettingsFailures.shape
        fault(
            kind, at: node.location, "\(name) must be \(expected), and here stands \(node.shapeName)",
            suggestion: example.map { "write it like \($0)" })
        return nil
    }

    private mutating func list(_ elements: [SettingsNode], _ kind: FieldKind, _ name: String) -> SettingValue? {
        var values: [SettingValue] = []
        for (index, element) in elements.enumerated() {
            let elementName = elements.count == 1 ? name : "\(name)[\(index)]"
            if element.isEmpty {
                fault(
                    SettingsFailures.noValue, at: element.location, "\(elementName) has no value",
                    suggestion: "give a value, or remove the line")
            } else if let value = value(element, kind, name: elementName, example: nil) {
                values.append(value)
            }
        }
        return .list(values)
    }

    private mutating func map(_ entries: [SettingsNode.Entry], _ kind: FieldKind, _ name: String) -> SettingValue? {
        var values: [(key: String, value: SettingValue)] = []
        for entry in entries {
            let entryName = Self.join(name, entry.key)
            // An entry whose keys are all optional needs none: `komax-565:` alone names an asset.
            if entry.value.isEmpty, case .object(let fields) = kind {
                let node = SettingsNode(content: .mapping([]), location: entry.keyLocation)
                values.append((entry.key, .object(settings(node, fields, path: entryName))))
            } else if entry.value.isEmpty {
                fault(SettingsFailures.noValue, at: entry.keyLocation, "\(entryName) has no value")
            } else if let value = value(entry.value, kind, name: entryName, example: nil) {
                values.append((entry.key, value))
            }
        }
        return .map(values)
    }

    private mutating func variant(
        _ node: SettingsNode, _ key: String, _ variants: [FieldKind.Variant], _ name: String
    ) -> SettingValue? {
        let words = variants.map(\.word)
        let decider = FieldSpec(
            key, .choice(variants.map { FieldKind.Choice($0.word, $0.summary) }), required: true, example: words.first,
            "which of \(words.joined(separator: ", ")) it is")
        guard node.entries != nil else {
            return wrongShape(
                node, "keys with values, with \(key): first", name, example: "{ \(key): \(words.first ?? "…") }")
        }
        let word = node[key]?.text
        guard let variant = variants.first(where: { $0.word == word }) else {
            // What else may stand here depends on the word, so nothing else can be judged.
            _ = settings(node, [decider], path: name, knowsAll: false)
            return nil
        }
        let fields = variant.fields.filter { $0.name != key }
        return .object(settings(node, [decider] + fields, path: name))
    }
}
