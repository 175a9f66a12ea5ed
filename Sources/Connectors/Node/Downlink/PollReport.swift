/// What an edge says when it asks for commands: `?stored=17-…&refused=18-…:expired&unknown=12-…`.
package struct PollReport: Sendable, Hashable {
    /// Why an edge refuses a command.
    package enum Reason: String, Sendable, CaseIterable {
        /// It came too late.
        case expired
        /// The hub's key did not sign it for this edge.
        case signature
        /// It is no event that an edge takes.
        case content

        /// The reason in words.
        var words: String {
            switch self {
            case .expired: "it was too old when it arrived"
            case .signature: "this hub's key did not sign it for that edge (hubKey)"
            case .content: "it is no event that an edge takes"
            }
        }
    }

    /// Commands that are durable at the edge.
    package var stored: Set<CommandToken> = []
    package var refused: [CommandToken: Reason] = [:]
    /// Commands that the hub asked about and the edge does not have.
    package var unknown: Set<CommandToken> = []

    package init() {}

    /// Tokens of one kind in one report; the others wait for the next.
    package static let maximumTokens = 64

    package var isEmpty: Bool { stored.isEmpty && refused.isEmpty && unknown.isEmpty }

    /// The report's beginning that fits into one request.
    package var bounded: PollReport {
        var part = PollReport()
        part.stored = Set(stored.sorted().prefix(Self.maximumTokens))
        for (token, reason) in refused.sorted(by: { $0.key < $1.key }).prefix(Self.maximumTokens) {
            part.refused[token] = reason
        }
        part.unknown = Set(unknown.sorted().prefix(Self.maximumTokens))
        return part
    }

    /// What is left when `part` was delivered.
    package func without(_ part: PollReport) -> PollReport {
        var rest = self
        rest.stored.subtract(part.stored)
        for token in part.refused.keys { rest.refused[token] = nil }
        rest.unknown.subtract(part.unknown)
        return rest
    }

    /// The query, with its question mark; empty where there is nothing to say.
    package var query: String {
        func list(_ name: String, _ words: [String]) -> String? {
            words.isEmpty ? nil : "\(name)=\(words.joined(separator: ","))"
        }
        let parts = [
            list("stored", stored.sorted().map(\.description)),
            list("refused", refused.sorted { $0.key < $1.key }.map { "\($0.key):\($0.value.rawValue)" }),
            list("unknown", unknown.sorted().map(\.description)),
        ].compactMap { $0 }
        return parts.isEmpty ? "" : "?" + parts.joined(separator: "&")
    }

    /// Reads a request's query; nil where it is not of that form or longer than allowed.
    package init?(_ query: [String: String]) {
        func words(_ name: String) -> [Substring]? {
            let words = (query[name] ?? "").split(separator: ",")
            return words.count <= Self.maximumTokens ? words : nil
        }
        guard let storedWords = words("stored"), let refusedWords = words("refused"),
            let unknownWords = words("unknown")
        else {
            return nil
        }
        for word in storedWords {
            guard let token = CommandToken(word) else { return nil }
            stored.insert(token)
        }
        for word in refusedWords {
            let parts = word.split(separator: ":")
            guard parts.count == 2, let token = CommandToken(parts[0]), let reason = Reason(rawValue: String(parts[1]))
            else {
                return nil
            }
            refused[token] = reason
        }
        for word in unknownWords {
            guard let token = CommandToken(word) else { return nil }
            unknown.insert(token)
        }
    }
}
