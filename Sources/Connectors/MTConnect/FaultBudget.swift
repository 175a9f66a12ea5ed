import Canonical
import Contracts

/// Which of an adapter's faults are kept: nobody fills the store by sending what cannot be read.
///
/// One cause, as the parser names it (``InputFault/factID``), is kept once a day. All that is kept comes out of a stock
/// that is refilled slowly; how many were passed over is said with the next one that is kept. One value lives as long
/// as its source, over all connections.
struct FaultBudget: Sendable {
    /// Kept at once.
    static let burst = 50
    /// Then one more after each of these.
    static let interval = Duration.seconds(300)

    private var evidence = EvidenceBudget(burst: burst, interval: interval)
    /// The day in UTC, and the causes that were kept on it: no more than the stock gave out.
    private var day = ""
    private var told: Set<String> = []

    /// The fault as it is kept; nil where it is not.
    mutating func take(_ fault: InputFault, now: Instant) -> InputFault? {
        let today = String(now.description.prefix(10))
        if today != day {
            day = today
            told = []
        }
        // A cause that is still there the next day is told again, also where a person has settled the first one.
        let fact = fault.factID.map { "\($0):\(today)" }
        if let fact, told.contains(fact) { return nil }
        guard let passedOver = evidence.take(now: now) else { return nil }
        if let fact { told.insert(fact) }
        let failure = fault.failure
        let message =
            passedOver > 0 ? "\(failure.message) (\(passedOver) other faults before were not kept)" : failure.message
        return InputFault(
            failure: Failure(failure.kind, message, suggestion: failure.suggestion, detail: failure.detail),
            origin: fault.origin, original: fault.original, time: fault.time, factID: fact)
    }
}
