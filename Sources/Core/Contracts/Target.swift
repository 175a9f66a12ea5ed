package import Canonical
package import ExactJSON

/// Carries commands out: Odoo, another node, a file.
///
/// Each command goes prepare → (the engine stores the intent) → perform → (the engine stores the outcome). After a lost
/// answer or a crash the engine asks ``inquire(_:)`` and never performs blindly again.
package protocol Target: Sendable {
    var name: TargetName { get }
    /// How long after an unknown outcome "it did not happen" may be believed: longer than the target can still be working on it.
    var settlingTime: Duration { get }
    /// The operations this target knows, by name.
    static var operations: [OperationSpec] { get }
    /// Looks up what the command needs and says exactly what would be done. Reads only: changes nothing at the target.
    func prepare(_ command: Command, ledger: [LedgerEntry]) async -> Preparation
    /// Whether ``prepare(_:ledger:)`` looks at what stands at the target, so that `ready` says that it is not there;
    /// where it only makes what would be sent, nobody knows what is there.
    static var looksBeforehand: Bool { get }
    /// Does what the intent says, once. Called only after the intent is stored.
    func perform(_ attempt: Attempt) async -> Outcome
    /// Asks the target whether the attempt happened. Reads only.
    func inquire(_ attempt: Attempt) async -> Inquiry
    /// The questions that this target answers while somebody waits; none for most.
    static var queries: [QuerySpec] { get }
    /// Answers a question of ``queries`` from what stands at the target now. Reads only, and goes a way of its own
    /// beside the commands, so that it never holds one up. The engine remembers answers and bounds how often this is
    /// called.
    func query(_ query: Query) async -> QueryResult
    /// Ends connections, and answers what is held open; called once, when the node stops.
    func close() async
    /// Gives up what keeps other nodes out; called once, when the node has stopped and nothing is under way any more.
    func leave() async
}

extension Target {
    /// Most have nothing to look at.
    package static var looksBeforehand: Bool { false }
    package func close() async {}
    /// Most targets keep nobody out.
    package func leave() async {}
    /// None.
    package static var queries: [QuerySpec] { [] }
    /// Refuses whatever is asked.
    package func query(_ query: Query) async -> QueryResult {
        .refused(Failure(QueryFailures.unknownQuery, "target \(name) answers no questions"))
    }
}

/// What one flow asks of a target: mapped, keyed, frozen. Never changes after it is stored.
package struct Command: Sendable, Hashable {
    /// Unique in the node's store; ascending.
    package let id: Int64
    package let target: TargetName
    package let flow: FlowName
    /// `production.progress`
    package let operation: String
    package let key: OrderingKey
    package let lane: Lane
    /// What the map made, coalesced where several events went into it.
    package let arguments: JSON
    /// Globally unique and stable: what makes the effect known again at the target.
    package let idempotencyKey: String
    /// When the (last) fact happened.
    package let time: Instant
    package let traceparent: String?
    /// Whether it may have been carried out by a store that is forgotten (one before a restore, or a part that damage
    /// took): its idempotency key was used then, and what the ledger says may be old. What a target cannot find by the
    /// key it compares with the ledger, and leaves to a person where something else stands there.
    package var mayBeDone = false
    /// Whether it is of that store's time; also where a person has decided that it is to be carried out.
    package var isOfDoubt = false
    /// Whether a person has sent it again, having looked at what stands at the target.
    package var isDecided = false
    /// Whether it is posted again because the target forgot it: where something else stands there than was seen then,
    /// a person decides.
    package var isRepeated = false
    /// Until when a store is forgotten of which edges may still send facts again, whether or not this is one of them.
    package var forgottenUntil: Instant?
    /// With ``mayBeDone``: the ledger may have counted this already, as the store forgot parts of itself and not all of
    /// some time. That a record stands as the ledger says proves nothing then.
    package var isLedgerDoubted = false

    package init(
        id: Int64, target: TargetName, flow: FlowName, operation: String, key: OrderingKey, lane: Lane,
        arguments: JSON, idempotencyKey: String, time: Instant, traceparent: String?
    ) {
        self.id = id
        self.target = target
        self.flow = flow
        self.operation = operation
        self.key = key
        self.lane = lane
        self.arguments = arguments
        self.idempotencyKey = idempotencyKey
        self.time = time
        self.traceparent = traceparent
    }
}

/// What ``Target/prepare(_:ledger:)`` found.
package enum Preparation: Sendable {
    /// `intent`: everything that ``Target/perform(_:)`` will write and what was observed before, so that a later inquiry can tell.
    /// `ledger`: the keys whose entries the outcome will change (the engine hands their entries back with the attempt).
    case ready(intent: JSON)
    /// The ledger entries of these keys are needed first; the engine calls again with one entry for each, null where there is none yet.
    case needsLedger([LedgerKey])
    /// Nothing will be sent: refused, put off, or there already.
    case settled(Outcome)
}

/// A stored try at a command.
package struct Attempt: Sendable {
    package let command: Command
    package let intent: JSON
    package let ledger: [LedgerEntry]
    /// When the intent was stored.
    package let started: Instant
    /// The epoch of the store that the command is carried out from: no two nodes have the same.
    package let writer: String

    package init(command: Command, intent: JSON, ledger: [LedgerEntry], started: Instant, writer: String) {
        self.command = command
        self.intent = intent
        self.ledger = ledger
        self.started = started
        self.writer = writer
    }
}

/// What became of a command.
package enum Outcome: Sendable {
    /// The target has it, and it survives the target's crash.
    case accepted(Acceptance)
    /// Trying again cannot help: a person decides.
    case rejected(Failure)
    /// Surely not done: try again.
    case deferred(Deferral)
    /// Sent, and the fate is not known: ask before anything else.
    case unknown(Failure)
}

/// Proof that a command is done.
package struct Acceptance: Sendable {
    /// The record's id at the target: a database id, never a name that can change.
    package var reference: String
    /// What was done, in a sentence for the trace.
    package var summary: String
    /// Ledger entries as they are now: stored with the outcome.
    package var ledger: [LedgerEntry]

    package init(reference: String, summary: String, ledger: [LedgerEntry] = []) {
        self.reference = reference
        self.summary = summary
        self.ledger = ledger
    }
}

/// Why a command was put off.
package struct Deferral: Sendable {
    package var failure: Failure
    /// Not before this long from now; nil leaves it to the retry policy.
    package var after: Duration?
    /// Whether the whole target is out of reach (opens the circuit breaker), not only this command.
    package var isTargetDown: Bool

    package init(_ failure: Failure, after: Duration? = nil, isTargetDown: Bool) {
        self.failure = failure
        self.after = after
        self.isTargetDown = isTargetDown
    }
}

/// The target's answer to "did it happen?".
package enum Inquiry: Sendable {
    case happened(Acceptance)
    /// It is not there now. Believed only after ``Target/settlingTime``; then performing again is safe.
    case notFound
    /// The target cannot tell: a person decides.
    case cannotTell(Failure)
    /// It could not be asked.
    case deferred(Deferral)
}

/// Names one line of the quantity ledger: `order/812`, `operation/55`, `item/31`.
package struct LedgerKey: Sendable, Hashable {
    package let text: String
    package init(_ text: String) { self.text = text }
}

/// One line of the quantity ledger: what was counted, posted and last seen. Its content belongs to the target.
package struct LedgerEntry: Sendable, Hashable {
    package let key: LedgerKey
    package var value: JSON

    package init(key: LedgerKey, value: JSON) {
        self.key = key
        self.value = value
    }
}
