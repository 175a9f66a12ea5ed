import Canonical
import Contracts
import GRDB
import NodeSecurity

/// What several exceptions have in common: code, flow, where it happened, and the message without what names a single
/// case.
package struct ExceptionCause: Sendable, Hashable {
    /// The message with `…` for what is quoted and for every word with a digit.
    package let pattern: String
    /// Names the cause: 16 hexadecimal digits.
    package let id: String

    /// A message is looked at this far.
    private static let maximumCharacters = 300

    package init(code: String, flow: String?, place: String?, message: String) {
        pattern = Self.pattern(of: message)
        let words = [code, flow ?? "", place ?? "", pattern].joined(separator: "\u{1F}")
        id = Digest.sha256(Array(words.utf8)).prefix(8).map { byte in
            let digits = String(byte, radix: 16)
            return byte < 16 ? "0" + digits : digits
        }.joined()
    }

    /// The cause of an exception, which happened at its target or, where it has none, at its source.
    package init(_ record: ExceptionRecord) {
        self.init(
            code: record.failure.kind.code, flow: record.flow?.rawValue,
            place: record.target?.rawValue ?? record.source,
            message: record.failure.message)
    }

    static func pattern(of message: String) -> String {
        var output = ""
        var word = ""
        var quote: Character?
        func endWord() {
            output += word.contains(where: \.isNumber) ? "…" : word
            word = ""
        }
        for character in message.prefix(maximumCharacters) {
            if let end = quote {
                guard character == end else { continue }
                output += "…\(character)"
                quote = nil
            } else if character == "\"" || character == "“" {
                endWord()
                output.append(character)
                quote = character == "\"" ? "\"" : "”"
            } else if character.isWhitespace {
                endWord()
                output += " "
            } else {
                word.append(character)
            }
        }
        if quote != nil { output += "…" }
        endWord()
        return output
    }

    /// Gives the exceptions of before there were causes theirs.
    static func begin(_ db: Database) throws {
        let rows = try Row.fetchCursor(db, sql: "SELECT id, code, flow, target, source, message FROM exception")
        let update = try db.makeStatement(sql: "UPDATE exception SET cause = ? WHERE id = ?")
        while let row = try rows.next() {
            let place: String? = row[3] ?? row[4]
            let cause = ExceptionCause(code: row[1], flow: row[2], place: place, message: row[5])
            try update.execute(arguments: [cause.id, row[0] as Int64])
        }
    }
}
