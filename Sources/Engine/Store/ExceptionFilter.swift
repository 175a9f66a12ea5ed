package import Canonical
package import ExactJSON
import GRDB

/// Which exceptions a person wants to see, or to decide about all at once.
package struct ExceptionFilter: Sendable, Hashable {
    /// Whether they wait still.
    package enum Progress: String, Sendable, CaseIterable { case open, settled, all }

    package var progress = Progress.open
    package var cause: String?
    package var code: String?
    package var kind: String?
    package var flow: String?
    package var target: String?
    package var source: String?
    package var key: String?
    /// Who looks after them; the empty text for those that nobody does.
    package var assignee: String?
    /// A text in their message, their event's id, their key or where they were read, in upper or lower case.
    package var text: String?

    package init() {}

    /// The names that ``init(words:)`` knows, but for `state`.
    private static let texts: [(name: String, path: any WritableKeyPath<ExceptionFilter, String?> & Sendable)] = [
        ("cause", \.cause), ("code", \.code), ("kind", \.kind), ("flow", \.flow), ("target", \.target),
        ("source", \.source), ("key", \.key), ("assignee", \.assignee), ("text", \.text),
    ]

    /// The longest text that is looked for.
    private static let maximumLength = 500

    /// Reads a filter out of names and values: `state`, `cause`, `code`, `kind`, `flow`, `target`, `source`, `key`,
    /// `assignee`, `text`; other names are not looked at. Nil where `state` is none of ``Progress`` or a text is too
    /// long.
    package init?(words: [String: String]) {
        if let state = words["state"], !state.isEmpty {
            guard let progress = Progress(rawValue: state) else { return nil }
            self.progress = progress
        }
        for (name, path) in Self.texts {
            guard let word = words[name], !word.isEmpty else { continue }
            guard word.utf8.count <= Self.maximumLength else { return nil }
            self[keyPath: path] = word == "-" && name == "assignee" ? "" : word
        }
    }

    /// What ``init(words:)`` reads back.
    package var words: [(name: String, value: String)] {
        var words: [(String, String)] = progress == .open ? [] : [("state", progress.rawValue)]
        for (name, path) in Self.texts {
            if let value = self[keyPath: path] { words.append((name, value.isEmpty ? "-" : value)) }
        }
        return words
    }

    /// As it is kept in a request.
    package var json: JSON { .object(JSONObject(uniqueKeysWithValues: words.map { ($0.name, .string($0.value)) })) }

    /// Reads what ``json`` wrote; nil for anything else.
    package init?(json: JSON) {
        guard let members = json.object else { return nil }
        var words: [String: String] = [:]
        for (name, value) in members {
            guard let text = value.string, name == "state" || Self.texts.contains(where: { $0.name == name }) else {
                return nil
            }
            words[name] = text
        }
        self.init(words: words)
    }

    /// Whether it leaves nothing out but what is settled.
    package var isEverythingOpen: Bool { words.isEmpty }

    /// Its part of a WHERE clause over the table `exception`.
    var condition: (sql: String, arguments: StatementArguments) {
        var terms: [String] = []
        var arguments = StatementArguments()
        switch progress {
        case .open: terms.append("state = 0")
        case .settled: terms.append("state <> 0")
        case .all: break
        }
        for (column, value) in [
            ("cause", cause), ("code", code), ("kind", kind), ("flow", flow), ("target", target), ("source", source),
            ("key", key),
        ] {
            guard let value else { continue }
            terms.append("\(column) = ?")
            arguments += [value]
        }
        if let assignee {
            terms.append(assignee.isEmpty ? "assignee IS NULL" : "assignee = ?")
            if !assignee.isEmpty { arguments += [assignee] }
        }
        if let text {
            let columns = ["message", "coalesce(event_id, '')", "coalesce(key, '')", "coalesce(origin, '')"]
            terms.append("(" + columns.map { "instr(lower(\($0)), ?) > 0" }.joined(separator: " OR ") + ")")
            for _ in columns { arguments += [text.lowercased()] }
        }
        return (terms.isEmpty ? "1" : terms.joined(separator: " AND "), arguments)
    }
}

/// Exceptions with the same cause.
package struct ExceptionGroup: Sendable {
    /// ``ExceptionCause/id``
    package let cause: String
    package let count: Int
    package let oldest: Instant
    package let newest: Instant
    /// One of them: the newest.
    package let example: ExceptionRecord
}
