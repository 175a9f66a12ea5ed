/// A line of a file as a person names it: `Job.sdc:14`, `03/Job.sdc line 14`; the one that what was read begins in.
package struct OriginLine: Sendable, Hashable {
    /// The file's name, or its path from anywhere on.
    package let place: String
    package let line: Int

    /// Nil where `text` names no line of a file. What a fault says of where it was read is taken as it stands.
    package init?(_ text: String) {
        let text = text.firstRange(of: " (byte ").map { text[..<$0.lowerBound] } ?? text[...]
        guard let end = text.lastIndex(where: { !$0.isNumber }), let line = Int(text[text.index(after: end)...]),
            line > 0
        else { return nil }
        let head = text[...end]
        let place: Substring
        if head.hasSuffix(":") {
            place = head.dropLast()
        } else if head.hasSuffix(Self.word) {
            place = head.dropLast(Self.word.count)
        } else {
            return nil
        }
        guard let last = place.last, last != "/", last != " " else { return nil }
        self.place = String(place)
        self.line = line
    }

    private static let word = " line "

    private var file: Substring { place.split(separator: "/").last ?? "" }

    /// What stands in the origin of everything that was read there, see ``Origin/attributeText``; in that of what was
    /// read elsewhere it may stand as well.
    package var clue: String { "\(file)\(Self.word)\(line)" }

    /// Whether an ``Origin/attributeText`` is of this line. Of paths one may be the end of the other.
    package func isNamed(in origin: String) -> Bool {
        origin.ranges(of: clue).contains { range in
            let rest = origin[range.upperBound...]
            guard rest.isEmpty || rest.hasPrefix(" ") else { return false }
            let own = "\(origin[..<range.lowerBound])\(file)"
            return own == place || own.hasSuffix("/" + place) || place.hasSuffix("/" + own)
        }
    }
}
