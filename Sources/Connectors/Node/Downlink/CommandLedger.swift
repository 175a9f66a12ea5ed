import ExactJSON

/// The commands that an edge has stored, newest last: what it answers with when the hub asks. Kept as the source's
/// position, in the same transaction as the commands' events.
struct CommandLedger: Sendable, Hashable {
    /// Commands that are remembered. An older one that the hub asks about is "not here": it then comes again, and the
    /// store knows its event by its id.
    static let capacity = 512

    private var tokens: [CommandToken] = []
    private var known: Set<CommandToken> = []

    init() {}

    /// Reads what was stored; what is no token is passed over.
    init(_ json: JSON?) {
        for token in (json?.array ?? []).compactMap({ $0.string.flatMap { CommandToken($0) } }) { insert(token) }
    }

    var json: JSON { .array(tokens.map { .string($0.description) }) }

    func contains(_ token: CommandToken) -> Bool { known.contains(token) }

    mutating func insert(_ token: CommandToken) {
        guard known.insert(token).inserted else { return }
        tokens.append(token)
        if tokens.count > Self.capacity { known.remove(tokens.removeFirst()) }
    }
}
