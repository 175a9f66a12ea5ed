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
    /// Those that came up at this moment or later.
    package var since: Instant?
    /// Those that came up before this moment.
    package var until: Instant?

    package init() {}

    /// The names of texts that ``init(words:)`` knows.
    private static let texts: [(name: String, path: any WritableKeyPath<ExceptionFilter, String?> & Sendable)] = [
        ("cause", \.cause), ("code", \.code), ("kind", \.kind), ("flow", \.flow), ("target", \.target),
        ("source", \.source), ("key", \.key), ("assignee", \.assignee), ("text", \.text),
    ]

    /// The names of moments that ``init(words:)`` knows.
    private static let moments: [(name: String, path: any WritableKeyPath<ExceptionFilter, Instant?> & Sendable)] = [
        ("since", \.since), ("until", \.until),
    ]

    /// What ``init(words:)`` takes, in words.
    package static var shape: String {
        let states = Progress.allCases.map(\.rawValue).joined(separator: ", ")
        let kinds = ExceptionRecord.Kind.allCases.map(\.rawValue).joined(separator: ", ")
        return """
            state is one of \(states); kind is one of \(kinds); since and until are instants (2026-03-02T06:00:00Z), \
            since before until; and no text is longer than \(maximumLength) bytes
            """
    }

    /// The longest text that is looked for.
    private static let maximumLength = 500

    /// Reads a filter out of names and values: `state`, `cause`, `code`, `kind`, `flow`, `target`, `source`, `key`,
    /// `assignee`, `text`, `since`, `until`; other names are not looked at. Nil for what is not of ``shape``.
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
        if let kind, ExceptionRecord.Kind(rawValue: kind) == nil { return nil }
        for (name, path) in Self.moments {
            guard let word = words[name], !word.isEmpty else { continue }
            guard let moment = Self.moment(word) else { return nil }
            self[keyPath: path] = moment
        }
        if let since, let until, since >= until { return nil }
    }

    /// An instant; also as a form has it, which names no zone and is in UTC as all times of the pages are.
    private static func moment(_ word: String) -> Instant? {
        Instant(text: word) ?? Instant(text: word + "Z") ?? Instant(text: word + ":00Z")
    }

    /// What ``init(words:)`` reads back.
    package var words: [(name: String, value: String)] {
        var words: [(String, String)] = progress == .open ? [] : [("state", progress.rawValue)]
        for (name, path) in Self.texts {
            if let value = self[keyPath: path] { words.append((name, value.isEmpty ? "-" : value)) }
        }
        for (name, path) in Self.moments {
            if let value = self[keyPath: path] { words.append((name, value.description)) }
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
            let isKnown =
                name == "state" || Self.texts.contains { $0.name == name } || Self.moments.contains { $0.name == name }
            guard isKnown, let text = value.string else { return nil }
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
            // In one piece: a hundred thousand exceptions are lowered once each, not four times.
            let columns = ["message", "coalesce(event_id, '')", "coalesce(key, '')", "coalesce(origin, '')"]
            terms.append("instr(lower(\(columns.joined(separator: " || char(10) || "))), ?) > 0")
            // As SQLite has it: letters of ASCII alone.
            arguments += [
                String(decoding: text.utf8.map { (0x41...0x5A).contains($0) ? $0 + 0x20 : $0 }, as: UTF8.self)
            ]
        }
        if let since {
            terms.append("created >= ?")
            arguments += [since.microseconds]
        }
        if let until {
            terms.append("created < ?")
            arguments += [until.microseconds]
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
