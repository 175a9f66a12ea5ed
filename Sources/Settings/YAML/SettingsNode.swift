package import Contracts

/// A piece of settings as it was written: raw text, lists and keys, each with its place.
///
/// No scalar has a type here: `1.10`, `no` and `2024-01-01` are text until a spec says what they are.
package struct SettingsNode: Sendable {
    /// What was written.
    package indirect enum Content: Sendable {
        case scalar(String, Style)
        case sequence([SettingsNode])
        case mapping([Entry])
    }

    /// How a scalar was written, which says where its characters stand in the file.
    package enum Style: Sendable { case plain, singleQuoted, doubleQuoted, literal, folded }

    /// A key and what stands behind it.
    package struct Entry: Sendable {
        package let key: String
        package let keyLocation: SettingLocation
        package let value: SettingsNode
    }

    package let content: Content
    package let location: SettingLocation

    /// The text of a scalar.
    package var text: String? { if case .scalar(let text, _) = content { text } else { nil } }

    /// Nothing stands behind the key: `retention:`.
    package var isEmpty: Bool { if case .scalar("", .plain) = content { true } else { false } }

    /// The keys of a mapping with their values; nil for anything else.
    package var entries: [Entry]? { if case .mapping(let entries) = content { entries } else { nil } }

    /// The values of a list; nil for anything else.
    package var elements: [SettingsNode]? { if case .sequence(let elements) = content { elements } else { nil } }

    /// The value of `key` of a mapping.
    package subscript(key: String) -> SettingsNode? { entries?.first { $0.key == key }?.value }

    /// Every scalar's text within, keys left out.
    var texts: [String] {
        switch content {
        case .scalar(let text, _): [text]
        case .sequence(let elements): elements.flatMap(\.texts)
        case .mapping(let entries): entries.flatMap(\.value.texts)
        }
    }

    /// What a person calls it, for "expected …, found …".
    var shapeName: String {
        switch content {
        case .scalar: isEmpty ? "nothing" : "text"
        case .sequence: "a list"
        case .mapping: "keys with values"
        }
    }
}
