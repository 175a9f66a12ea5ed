/// Which event types a flow takes: `millwright.production.completed.*`. A `*` stands for any run of characters, dots
/// included; everything else stands for itself.
package struct TypePattern: Sendable, Hashable, CustomStringConvertible {
    /// The pattern as it was written.
    package let description: String
    /// What stands between the stars; one element where there is no star.
    private let pieces: [[UInt8]]

    /// Throws where the text cannot be the pattern of a type: empty, or with characters that no type has.
    package init(_ text: String) throws(ScalarRefusal) {
        func isAllowed(_ scalar: Unicode.Scalar) -> Bool {
            switch scalar {
            case "a"..."z", "A"..."Z", "0"..."9", "-", "_", ".", "*", "/", ":": true
            default: false
            }
        }
        let quoted = text.quotedBriefly
        guard !text.isEmpty, text.utf8.count <= 256 else {
            throw ScalarRefusal(
                SettingsFailures.typePattern, text.isEmpty ? "is empty" : "is longer than 256 characters",
                suggestion: nil)
        }
        if let wrong = text.unicodeScalars.first(where: { !isAllowed($0) }) {
            throw ScalarRefusal(
                SettingsFailures.typePattern, "is \(quoted), and \"\(wrong)\" stands in no event type", suggestion: nil)
        }
        guard !text.contains("..") else {
            throw ScalarRefusal(
                SettingsFailures.typePattern, "is \(quoted), which has two dots in a row", suggestion: nil)
        }
        description = text
        pieces = text.split(separator: "*", omittingEmptySubsequences: false).map { Array($0.utf8) }
    }

    /// Whether the pattern names one type, without a star.
    package var isExact: Bool { pieces.count == 1 }

    /// Whether `type` is one that is meant. Time grows with the product of both lengths at worst.
    package func matches(_ type: String) -> Bool {
        let text = Array(type.utf8)
        guard let first = pieces.first, let last = pieces.last else { return false }
        if pieces.count == 1 { return text == first }
        guard text.count >= first.count + last.count, text.starts(with: first),
            text.suffix(last.count).elementsEqual(last)
        else { return false }
        var rest = text[first.count..<(text.count - last.count)]
        for piece in pieces.dropFirst().dropLast() where !piece.isEmpty {
            guard let end = Self.end(of: piece, in: rest) else { return false }
            rest = rest[end...]
        }
        return true
    }

    private static func end(of piece: [UInt8], in text: ArraySlice<UInt8>) -> Int? {
        guard text.count >= piece.count else { return nil }
        for start in text.startIndex...(text.endIndex - piece.count)
        where text[start..<(start + piece.count)].elementsEqual(piece) {
            return start + piece.count
        }
        return nil
    }
}
