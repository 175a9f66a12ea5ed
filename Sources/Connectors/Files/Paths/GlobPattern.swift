/// A pattern of file paths below a folder: `*` and `?` within a name, `**` across folders, `[a-z]`, `{csv,txt}`.
///
/// A name that begins with a dot is matched only where the pattern's part begins with one.
struct GlobPattern: Sendable, Hashable {
    /// One part between slashes.
    enum Part: Sendable, Hashable {
        /// `**`: any number of folders, also none.
        case anyFolders
        case name(String)
    }

    /// The most patterns that braces may stand for.
    static let maximumAlternatives = 64

    let text: String
    /// One list of parts for each way to choose among the braces.
    let alternatives: [[Part]]

    /// Nil where the braces stand for more than ``maximumAlternatives`` patterns.
    init?(_ text: String) {
        self.text = text
        guard let expanded = Self.expand(text) else { return nil }
        alternatives = expanded.map { pattern in
            pattern.split(separator: "/").map { $0 == "**" ? .anyFolders : .name(String($0)) }
        }
    }

    /// Whether `path`, below the folder, fits.
    func matches(_ path: String) -> Bool {
        let names = path.split(separator: "/").map(String.init)
        return alternatives.contains { Self.matches($0[...], names[...]) }
    }

    private static func matches(_ parts: ArraySlice<Part>, _ names: ArraySlice<String>) -> Bool {
        guard let part = parts.first else { return names.isEmpty }
        switch part {
        case .anyFolders:
            if matches(parts.dropFirst(), names) { return true }
            guard let name = names.first, !name.hasPrefix(".") else { return false }
            return matches(parts, names.dropFirst())
        case .name(let pattern):
            guard let name = names.first, matches(pattern, name: name) else { return false }
            return matches(parts.dropFirst(), names.dropFirst())
        }
    }

    /// Whether one name fits one part of a pattern. Linear in the product of their lengths.
    static func matches(_ pattern: String, name: String) -> Bool {
        if name.hasPrefix("."), !pattern.hasPrefix(".") { return false }
        let pattern = Array(pattern)
        let name = Array(name)
        var (p, n) = (0, 0)
        // Where the last star stood, and how much of the name it takes: the one place to go back to.
        var star: (p: Int, n: Int)?
        while n < name.count {
            if p < pattern.count, pattern[p] == "*" {
                star = (p, n)
                p += 1
            } else if p < pattern.count, let length = single(pattern, p, name[n]) {
                p += length
                n += 1
            } else if let back = star {
                p = back.p + 1
                n = back.n + 1
                star = (back.p, n)
            } else {
                return false
            }
        }
        return pattern[p...].allSatisfy { $0 == "*" }
    }

    /// How much of the pattern at `index` stands for this one character; nil where it does not.
    private static func single(_ pattern: [Character], _ index: Int, _ character: Character) -> Int? {
        switch pattern[index] {
        case "?": return 1
        case "[":
            guard let close = pattern[(index + 1)...].dropFirst().firstIndex(of: "]") else {
                return character == "[" ? 1 : nil
            }
            var members = pattern[(index + 1)..<close]
            let isNegated = members.first == "!" || members.first == "^"
            if isNegated { members = members.dropFirst() }
            return contains(members, character) != isNegated ? close - index + 1 : nil
        default: return pattern[index] == character ? 1 : nil
        }
    }

    private static func contains(_ members: ArraySlice<Character>, _ character: Character) -> Bool {
        var index = members.startIndex
        while index < members.endIndex {
            if index + 2 < members.endIndex, members[index + 1] == "-" {
                if members[index] <= character, character <= members[index + 2] { return true }
                index += 3
            } else {
                if members[index] == character { return true }
                index += 1
            }
        }
        return false
    }

    private static func expand(_ text: String) -> [String]? {
        guard let open = text.firstIndex(of: "{"), let close = text[open...].firstIndex(of: "}") else { return [text] }
        let choices = text[text.index(after: open)..<close].split(separator: ",", omittingEmptySubsequences: false)
        guard let rest = expand(String(text[text.index(after: close)...])) else { return nil }
        guard choices.count * rest.count <= maximumAlternatives else { return nil }
        return choices.flatMap { choice in rest.map { text[..<open] + choice + $0 } }
    }
}
