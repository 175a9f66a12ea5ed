import Canonical
import Contracts
import ExactJSON

/// A command while its runner works on it.
struct CarriedCommand: Sendable {
    let command: Command
    let conflicts: [String]
    let deliveries: [Int64]
    let created: Instant
    /// When the intent was stored.
    var started: Instant?
    var isStored: Bool
    /// Whether it goes however old it is.
    let mayBeOld: Bool
    /// Whether it is of a flow that only showed what it would do when it was made.
    var isShadow = false
    var intent: JSON = .null
    var ledgerKeys: [LedgerKey] = []
    var ledger: [LedgerEntry] = []
    /// Of the facts that it stands for.
    var traces: [Traceparent] = []
}
