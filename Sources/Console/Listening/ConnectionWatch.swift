/// Decides when a connection has been too slow: a value that is told what happens and when.
struct ConnectionWatch {
    enum Expiry: Hashable {
        /// No request came: the connection is closed.
        case idle
        /// A request began and did not end: it is answered 408.
        case slowRequest
        /// The client does not take its answer: the connection is closed.
        case stalledReader
        /// A refused request's rest was thrown away for long enough: the connection is closed.
        case lingered
    }

    private let limits: ListenerLimits
    private var requestsBegun = 0
    private var responsesEnded = 0
    private var due: [Expiry: Duration] = [:]

    /// A connection that opens at `now` (time since some fixed point).
    init(_ limits: ListenerLimits, now: Duration) {
        self.limits = limits
        due[.idle] = now + limits.idle
    }

    /// Whether a request is being read or answered.
    var isBusy: Bool { requestsBegun > responsesEnded }

    mutating func requestBegan(now: Duration) {
        requestsBegun += 1
        due[.idle] = nil
        due[.slowRequest] = now + limits.body
    }

    mutating func requestEnded() {
        due[.slowRequest] = nil
    }

    mutating func responseEnded(now: Duration) {
        responsesEnded += 1
        if !isBusy { due[.idle] = now + limits.idle }
    }

    mutating func writable(_ isWritable: Bool, now: Duration) {
        due[.stalledReader] = isWritable ? nil : due[.stalledReader] ?? now + limits.stalled
    }

    /// The answer is out and the connection is to end: only the rest of the request is thrown away.
    mutating func lingering(now: Duration) {
        due = [.lingered: now + limits.linger]
    }

    /// When to look again; nil while nothing can expire.
    var nextDue: Duration? { due.values.min() }

    /// What is overdue at `now`, the first one first.
    func expired(now: Duration) -> Expiry? {
        due.filter { $0.value <= now }.min { $0.value < $1.value }?.key
    }
}
