import Yams

/// Lets a file with duplicate keys be read to its end: each first occurrence is renamed to as many characters that are
/// used nowhere else, so that no position moves; the tree's builder gives the key its own name back.
struct DuplicateKeyRepair {
    private(set) var text: String
    /// The real key behind each stand-in.
    private(set) var restored: [String: String] = [:]
    private var nextStandIn: UInt32 = 0xE000

    init(text: String) {
        self.text = text
    }

    /// Renames the key at `mark`, which is the first occurrence of the first of `keys`. False where that cannot be
    /// done: the key is not written as plain or quoted text there.
    mutating func renameFirst(of keys: [String], at mark: Mark) -> Bool {
        guard let key = keys.first, let standIn = unusedCharacter() else { return false }
        var scalars = Array(text.unicodeScalars)
        guard let start = Self.offset(of: mark, in: scalars) else { return false }
        guard let range = Self.keyRange(in: scalars, at: start, key: Array(key.unicodeScalars)), !range.isEmpty else {
            return false
        }
        for index in range { scalars[index] = standIn }
        var view = String.UnicodeScalarView()
        view.append(contentsOf: scalars)
        text = String(view)
        restored[String(repeating: Character(standIn), count: range.count)] = restored[key] ?? key
        return true
    }

    private mutating func unusedCharacter() -> Unicode.Scalar? {
        while nextStandIn <= 0xF8FF {
            guard let scalar = Unicode.Scalar(nextStandIn) else { return nil }
            nextStandIn += 1
            if !text.unicodeScalars.contains(scalar) { return scalar }
        }
        return nil
    }

    /// Where `mark` stands in the text, with libyaml's line breaks.
    private static func offset(of mark: Mark, in scalars: [Unicode.Scalar]) -> Int? {
        var line = 1
        var index = 0
        while line < mark.line, index < scalars.count {
            switch scalars[index] {
            case "\r" where index + 1 < scalars.count && scalars[index + 1] == "\n": break
            case "\n", "\r", "\u{85}", "\u{2028}", "\u{2029}": line += 1
            default: break
            }
            index += 1
        }
        let offset = index + mark.column - 1
        return line == mark.line && offset < scalars.count ? offset : nil
    }

    /// The characters of the key: itself where it is plain, what is between its quotes otherwise.
    private static func keyRange(in scalars: [Unicode.Scalar], at start: Int, key: [Unicode.Scalar]) -> Range<Int>? {
        let quote = scalars[start]
        guard quote == "\"" || quote == "'" else {
            let end = start + key.count
            return end <= scalars.count && Array(scalars[start..<end]) == key ? start..<end : nil
        }
        var end = start + 1
        while end < scalars.count, scalars[end] != quote {
            guard scalars[end] != "\n", scalars[end] != "\r" else { return nil }
            end += scalars[end] == "\\" && quote == "\"" ? 2 : 1
        }
        return end < scalars.count ? (start + 1)..<end : nil
    }
}
