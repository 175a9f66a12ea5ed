package import Canonical
package import ExactJSON

/// A command that was carried out, as the store remembers it.
package struct DoneCommand: Sendable {
    package let command: Command
    /// What was written; nil where nothing had to be sent.
    package let intent: JSON?
    package let reference: String?
    /// When the intent was stored.
    package let started: Instant?
    package let settled: Instant

    package init(command: Command, intent: JSON?, reference: String?, started: Instant?, settled: Instant) {
        self.command = command
        self.intent = intent
        self.reference = reference
        self.started = started
        self.settled = settled
    }
}

/// One value at a target that commands count up, as a line of the ledger knows it.
package struct CountPlace: Sendable, Hashable {
    package let ledger: LedgerKey
    /// The target's record that holds the value.
    package let record: Int
    /// What is closed and split together: an order with its backorders.
    package let family: String

    package init(ledger: LedgerKey, record: Int, family: String) {
        self.family = family
        self.ledger = ledger
        self.record = record
    }
}

/// What one command did to one value.
package struct CountStep: Sendable {
    package let place: CountPlace
    /// What the command's `order` names.
    package let order: String
    /// What the value is rounded to.
    package let step: ExactNumber
    package let before: ExactNumber
    package let after: ExactNumber
    /// What was counted, and what of it was posted: in the unit of the ledger's line.
    package let amount: ExactNumber
    package let posted: ExactNumber
    /// Whether it closed the record.
    package let closes: Bool

    package init(
        place: CountPlace, order: String, step: ExactNumber, before: ExactNumber, after: ExactNumber,
        amount: ExactNumber, posted: ExactNumber, closes: Bool
    ) {
        self.place = place
        self.order = order
        self.step = step
        self.before = before
        self.after = after
        self.amount = amount
        self.posted = posted
        self.closes = closes
    }
}

/// What a target shows of one value now.
package enum CountSight: Sendable, Hashable {
    /// `isClosed`: nothing can be added to it any more.
    case shows(ExactNumber, isClosed: Bool)
    /// The record is not there, or another one has its number.
    case gone
}

/// Whether a target still has what a command did.
package enum Recall: Sendable, Hashable {
    case present
    case absent
    /// A person must look.
    case unclear(Failure)
}

/// What a target has forgotten of one line of the ledger, summed up.
package struct ForgottenCounts: Sendable, Hashable {
    package let ledger: LedgerKey
    /// The record that the first of them was written to, and what it showed behind the last that is still there.
    package let record: Int
    package let shown: ExactNumber
    /// Whether something was written there since the target was set back: the ledger knows what it shows then.
    package let hasMovedOn: Bool
    /// Of all of them, in the unit of the ledger's line.
    package let amount: ExactNumber
    package let posted: ExactNumber

    package init(
        ledger: LedgerKey, record: Int, shown: ExactNumber, hasMovedOn: Bool, amount: ExactNumber, posted: ExactNumber
    ) {
        self.hasMovedOn = hasMovedOn
        self.ledger = ledger
        self.record = record
        self.shown = shown
        self.amount = amount
        self.posted = posted
    }
}

/// A target that can be set back to an earlier state, and asked what it has forgotten then.
package protocol Reconcilable: Target {
    /// The values that a command counted up; empty for one that counts nothing. Pure.
    static func counts(of done: DoneCommand) -> [CountStep]
    /// What stands at the place of `step` now. Reads only. Throws where it cannot be asked.
    func look(at step: CountStep) async throws(Failure) -> CountSight
    /// Whether the effect of a command that counts nothing is there. Reads only. Throws where it cannot be asked.
    func recall(_ done: DoneCommand) async throws(Failure) -> Recall
    /// What takes `forgotten` back from the ledger, where its line stood at `listed` when that was found. Pure.
    static func takeBack(_ forgotten: ForgottenCounts, listed: LedgerEntry) -> JSON
    /// The line without what `order` (of ``takeBack(_:listed:)``) takes back; nil where it has moved on in a way that
    /// ``takeBack(_:listed:)`` did not know of. Pure.
    static func takingBack(_ order: JSON, from entry: LedgerEntry) -> LedgerEntry?
}
