import Contracts

/// Refuses text that a YAML parser must not see: characters it cannot take, and keys whose comparison would take
/// forever.
struct YAMLGuard {
    let limits: SettingsLimits
    /// Faults of one kind that are reported; more of them help nobody.
    private static let reported = 8

    func refusals(of source: SourceText) -> [CheckFault] {
        let characters = forbiddenCharacters(source)
        return characters.isEmpty ? expandingKeys(source) : characters
    }

    /// YAML 1.2 section 5.1: control characters, and the byte order mark within the text.
    private func forbiddenCharacters(_ source: SourceText) -> [CheckFault] {
        var faults: [CheckFault] = []
        for (index, line) in source.lines.enumerated() {
            for (column, scalar) in line.unicodeScalars.enumerated() where Self.isForbidden(scalar) {
                let hex = String(scalar.value, radix: 16, uppercase: true)
                let name = String(repeating: "0", count: max(0, 4 - hex.count)) + hex
                faults.append(
                    CheckFault(
                        SettingsFailures.controlCharacter,
                        at: SettingLocation(file: source.path, line: index + 1, column: column + 1),
                        "the character U+\(name) may not stand in YAML",
                        suggestion: "remove it; within double quotes it can be written as \\u\(name)"))
                if faults.count == Self.reported { return faults }
            }
        }
        return faults
    }

    private static func isForbidden(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0x09, 0x20...0x7E, 0xA0...0xFEFE, 0xFF00...0xFFFD, 0x10000...0x10FFFF: false
        default: true
        }
    }

    /// Yams compares the keys of a mapping by their whole value. Aliases within such keys expand exponentially
    /// ("billion laughs"), so a file may have either many aliases or keys that are more than text, but not both.
    private func expandingKeys(_ source: SourceText) -> [CheckFault] {
        var aliases = 0
        var complexKey: SettingLocation?
        for (index, line) in source.lines.enumerated() {
            let scan = Self.scan(Array(line.unicodeScalars))
            aliases += scan.aliases
            if complexKey == nil, let column = scan.complexKey {
                complexKey = SettingLocation(file: source.path, line: index + 1, column: column)
            }
        }
        guard aliases > limits.aliasesBesideComplexKeys, let complexKey else { return [] }
        return [
            CheckFault(
                SettingsFailures.keyNotText, at: complexKey,
                "a key that is more than text, in a file with \(aliases) aliases",
                suggestion: "use plain text as the key, or write the values out instead of *aliases")
        ]
    }

    /// Counts what could be an alias and finds what could be a key that is no text. It may see too much (in comments
    /// and quotes), never too little.
    private static func scan(_ line: [Unicode.Scalar]) -> (aliases: Int, complexKey: Int?) {
        var aliases = 0
        var complexKey: Int?
        for (index, scalar) in line.enumerated() {
            let previous = index > 0 ? line[index - 1] : " "
            let next = index + 1 < line.count ? line[index + 1] : " "
            switch scalar {
            case "*" where previous != "\"" && previous != "'" && isAnchorCharacter(next):
                aliases += 1
                var end = index + 1
                while end < line.count, isAnchorCharacter(line[end]) { end += 1 }
                while end < line.count, line[end] == " " || line[end] == "\t" { end += 1 }
                if end < line.count, line[end] == ":" { complexKey = complexKey ?? index + 1 }
            case "?" where next == " " || next == "\t":
                complexKey = complexKey ?? index + 1
            case "]", "}":
                var end = index + 1
                while end < line.count, line[end] == " " || line[end] == "\t" { end += 1 }
                if end < line.count, line[end] == ":" { complexKey = complexKey ?? index + 1 }
            default: break
            }
        }
        return (aliases, complexKey)
    }

    /// What libyaml takes as part of an anchor's name.
    private static func isAnchorCharacter(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar {
        case "a"..."z", "A"..."Z", "0"..."9", "-", "_": true
        default: false
        }
    }
}
