package import Canonical

/// The commands that wait at the hub for one edge, and what is known of their fate. Decides only: the target around
/// it waits and talks.
package struct CommandMailbox: Sendable {
    /// How far a command got.
    package enum Fate: Sendable, Hashable {
        /// Surely not with the edge.
        case waiting
        /// An answer that carried it was formed; whether it arrived is not known.
        case handedOut
        /// The edge said that it is durable there.
        case stored
        case refused(PollReport.Reason)
    }

    private struct Entry {
        let command: DownlinkCommand
        var fate = Fate.waiting
        /// Somebody waits for it: it is handed out again with every answer, as the edge knows a repetition.
        var isOffered = true
    }

    /// A question to the edge, with its answer once it came.
    private enum Question { case open, has, lacks }

    /// Commands that are remembered at most; beyond that none is taken in.
    package static let maximumEntries = 1_000

    private var entries: [CommandToken: Entry] = [:]
    private var questions: [CommandToken: Question] = [:]
    private var poll = 0
    private var nonces: [String] = []
    /// When the edge last asked; nil before it ever did.
    package private(set) var lastPoll: Instant?

    package init() {}

    /// Takes a command in; false where the box is full.
    package mutating func offer(_ command: DownlinkCommand, now: Instant) -> Bool {
        forget(now)
        if entries[command.token] != nil {
            // It was handed out before: the edge may have it, and its word on that stays.
            entries[command.token]?.isOffered = true
            return true
        }
        guard entries.count < Self.maximumEntries else { return false }
        entries[command.token] = Entry(command: command)
        return true
    }

    /// What is known of a command; nil where nothing is.
    package func fate(_ token: CommandToken) -> Fate? { entries[token]?.fate }

    /// Nobody waits for the command any more: it is not handed out again. What is in doubt is remembered.
    package mutating func withdraw(_ token: CommandToken) -> Fate {
        guard let fate = entries[token]?.fate else { return .waiting }
        if fate == .handedOut { entries[token]?.isOffered = false } else { entries[token] = nil }
        return fate
    }

    /// Asks the edge whether it has a command.
    package mutating func ask(_ token: CommandToken) { questions[token] = .open }

    /// The edge's word on a command that was asked about; nil before it said anything.
    package func answer(to token: CommandToken) -> Bool? {
        if entries[token]?.fate == .stored { return true }
        switch questions[token] {
        case .has: return true
        case .lacks: return false
        case .open, nil: return nil
        }
    }

    /// Nobody waits for the edge's word any more.
    package mutating func stopAsking(_ token: CommandToken) {
        questions[token] = nil
        if entries[token]?.fate != .handedOut { entries[token] = nil }
    }

    /// A question of the edge's begins: takes in what it reports, and gives the question's number. Nil where the very
    /// same question came before: a doubled request must not take commands away from the one that is listened to.
    package mutating func begin(_ report: PollReport, nonce: String, now: Instant) -> Int? {
        guard !nonces.contains(nonce) else { return nil }
        nonces.append(nonce)
        if nonces.count > 64 { nonces.removeFirst() }
        poll += 1
        lastPoll = now
        for token in report.stored {
            entries[token]?.fate = .stored
            if questions[token] != nil { questions[token] = .has }
        }
        for (token, reason) in report.refused where entries[token]?.fate != .stored {
            entries[token]?.fate = .refused(reason)
        }
        for token in report.unknown where questions[token] != nil { questions[token] = .lacks }
        return poll
    }

    /// Whether the question with this number is still the edge's newest: an older one's connection is dead.
    package func isCurrent(_ number: Int) -> Bool { number == poll }

    /// What goes into an answer now: commands that are offered and have not expired, and open questions.
    package mutating func handOut(now: Instant) -> (commands: [DownlinkCommand], asked: [CommandToken]) {
        var commands: [DownlinkCommand] = []
        for token in entries.keys.sorted() where commands.count < PollAnswer.maximumCommands {
            guard let entry = entries[token], entry.isOffered, entry.command.expires > now,
                entry.fate == .waiting || entry.fate == .handedOut
            else { continue }
            entries[token]?.fate = .handedOut
            commands.append(entry.command)
        }
        let asked = questions.filter { $0.value == .open }.keys.sorted().prefix(PollAnswer.maximumAsked)
        return (commands, Array(asked))
    }

    /// Forgets what is in doubt for long: an inquiry asks the edge itself then.
    private mutating func forget(_ now: Instant) {
        entries = entries.filter { _, entry in entry.isOffered || entry.command.expires + .seconds(3_600) > now }
    }
}
