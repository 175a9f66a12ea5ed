import Canonical

/// The name of an output file: a path with `{date}` (the day in UTC) and `{number}` (of the segment) in it.
struct SegmentName: Sendable, Hashable {
    static let date = "{date}"
    static let number = "{number}"

    /// The folder, absolute.
    let folder: String
    /// The name with both placeholders; `{number}` is always there.
    private let pattern: String

    /// Nil where the path names no file, or a placeholder stands in the folder's name.
    init?(_ path: String) {
        guard let slash = path.lastIndex(of: "/") else { return nil }
        let folder = String(path[..<slash])
        var name = String(path[path.index(after: slash)...])
        guard !name.isEmpty, !folder.contains("{"), name.components(Self.number) <= 1, name.components(Self.date) <= 1
        else {
            return nil
        }
        if name.components(Self.number) == 0 {
            let dot = name.dropFirst().lastIndex(of: ".") ?? name.endIndex
            name.insert(contentsOf: "-" + Self.number, at: dot)
        }
        let rest = name.replacing(Self.number, with: "").replacing(Self.date, with: "")
        guard !rest.contains("{"), !rest.contains("}") else { return nil }
        self.folder = folder
        pattern = name
    }

    /// `events-2025-02-03-000007.jsonl`, without its folder.
    func name(number: Int, at instant: Instant) -> String {
        let digits = String(number)
        let padded = String(repeating: "0", count: max(0, 6 - digits.utf8.count)) + digits
        return pattern.replacing(Self.date, with: Self.day(of: instant)).replacing(Self.number, with: padded)
    }

    /// Whether the name is made anew each day.
    var hasDate: Bool { pattern.contains(Self.date) }

    /// The segment's number in a file's name; nil where the name is none of this pattern.
    func number(of name: String) -> Int? {
        var rest = name[...]
        var number: Int?
        var pattern = pattern[...]
        while !pattern.isEmpty {
            if pattern.hasPrefix(Self.number) {
                let digits = rest.prefix { $0.isASCII && $0.isNumber }
                guard digits.count >= 6 else { return nil }
                number = Int(digits)
                rest = rest.dropFirst(digits.count)
                pattern = pattern.dropFirst(Self.number.count)
            } else if pattern.hasPrefix(Self.date) {
                guard rest.count >= 10 else { return nil }
                rest = rest.dropFirst(10)
                pattern = pattern.dropFirst(Self.date.count)
            } else {
                guard rest.first == pattern.first else { return nil }
                rest = rest.dropFirst()
                pattern = pattern.dropFirst()
            }
        }
        return rest.isEmpty ? number : nil
    }

    /// The position file's name: hidden, beside the segments.
    var sidecar: String {
        "." + pattern.replacing(Self.date, with: "").replacing(Self.number, with: "") + ".position.json"
    }

    /// The day of an instant in UTC: `2025-02-03`.
    static func day(of instant: Instant) -> String { String(instant.description.prefix(10)) }
}

extension String {
    /// How often `part` stands in the text.
    fileprivate func components(_ part: String) -> Int { ranges(of: part).count }
}
