package import Canonical
package import Contracts
package import ExactJSON

/// One mapped event on its way to a target.
package struct Delivery: Sendable, Hashable {
    /// 0 before it is stored; ascending in the order of routing.
    package var id: Int64
    package var target: TargetName
    package var flow: FlowName
    package var event: JournalNumber
    package var key: OrderingKey
    /// Two commands that share one of these never run at the same time.
    package var conflicts: [String]
    package var lane: Lane
    package var operation: String
    package var arguments: JSON
    /// Unique and stable: made of flow, source and event id.
    package var identity: String
    /// When the fact happened.
    package var time: Instant
    /// When it was mapped.
    package var created: Instant
    package var traceparent: String?
    /// A person sent it again: it goes however old it is.
    package var isResubmitted = false
    /// It was done, the target forgot it, and a person had it posted again. Such a one is resubmitted as well.
    package var isRepeated = false
    /// A person wrote its arguments, or the event they were made of: no map makes them anew.
    package var isEdited = false
    /// Which settings mapped it: ``SettingsVersion/id``; nil for one of before that was kept.
    package var settings: Int64?
    /// What its event is of: the event's source.
    package var origin = ""
    /// Its flow only showed what it would do when it was made: it is never sent.
    package var isShadow = false
    /// What it takes of the room for those that are held in memory: one for each 4 KiB of its arguments.
    package var room = 1

    package init(
        id: Int64 = 0, target: TargetName, flow: FlowName, event: JournalNumber, key: OrderingKey, conflicts: [String],
        lane: Lane, operation: String, arguments: JSON, identity: String, time: Instant, created: Instant,
        traceparent: String?
    ) {
        self.id = id
        self.target = target
        self.flow = flow
        self.event = event
        self.key = key
        self.conflicts = conflicts
        self.lane = lane
        self.operation = operation
        self.arguments = arguments
        self.identity = identity
        self.time = time
        self.created = created
        self.traceparent = traceparent
    }
}

extension Delivery {
    /// How far a machine's clock may be ahead: the time of its facts is all that tells on which side of a doubt they
    /// are.
    private static let clockMargin = Duration.seconds(3_600)

    /// Whether it may have been carried out by a store that is forgotten since `doubt`. Not where a person has decided.
    package func mayBeDone(doubt: Instant?) -> Bool {
        !isResubmitted && isOf(doubt: doubt)
    }

    /// The same, also where a person has decided.
    package func isOf(doubt: Instant?) -> Bool {
        guard let doubt else { return false }
        return created <= doubt || time <= doubt + Self.clockMargin
    }
}

extension Command {
    /// Notes what is known of the deliveries that it is made of. `doubt`: see ``Delivery/mayBeDone(doubt:)``.
    package mutating func mark(_ deliveries: [Delivery], doubt: Instant?, isLedgerDoubted: Bool) {
        forgottenUntil = doubt.flatMap { time.since($0) < StoreTransaction.heldByEdges ? $0 : nil }
        self.isLedgerDoubted = isLedgerDoubted
        mayBeDone = deliveries.contains { $0.mayBeDone(doubt: doubt) }
        isOfDoubt = deliveries.contains { $0.isOf(doubt: doubt) }
        isDecided = deliveries.contains { $0.isResubmitted && !$0.isRepeated }
        isRepeated = !isDecided && deliveries.contains(where: \.isRepeated)
    }
}

/// Where a delivery stands.
package enum DeliveryState: Int, Sendable {
    /// Waits for its turn.
    case pending = 0
    /// Part of a stored command.
    case taken = 1
    /// Waits behind a key that a person must free.
    case blocked = 2
    case accepted = 3
    case rejected = 4
    case discarded = 5
    /// Its flow is a shadow: what it would have done is recorded, and nothing was sent.
    case shadowed = 6
}

/// Where a command stands.
package enum CommandState: Int, Sendable {
    /// Stored with its intent; it may have been sent.
    case inFlight = 0
    /// Sent, the answer lost: the target must be asked.
    case doubt = 1
    /// Surely not done: to be prepared again.
    case deferred = 2
    case accepted = 3
    case rejected = 4
    case discarded = 5
    /// Of a shadow: never sent.
    case shadowed = 6
}

/// A command as it is stored.
package struct StoredCommand: Sendable {
    package let command: Command
    package let conflicts: [String]
    package let deliveries: [Int64]
    package let state: CommandState
    package let intent: JSON?
    package let ledger: [LedgerKey]
    package let created: Instant
    package let started: Instant?
    package let attempts: Int
    /// A person sent one of its deliveries again.
    package let isResubmitted: Bool

    package init(
        command: Command, conflicts: [String], deliveries: [Int64], state: CommandState, intent: JSON?,
        ledger: [LedgerKey], created: Instant, started: Instant?, attempts: Int, isResubmitted: Bool = false
    ) {
        self.command = command
        self.conflicts = conflicts
        self.deliveries = deliveries
        self.state = state
        self.intent = intent
        self.ledger = ledger
        self.created = created
        self.started = started
        self.attempts = attempts
        self.isResubmitted = isResubmitted
    }
}
