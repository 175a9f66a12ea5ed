import Canonical
import Contracts
import ExactJSON

/// Decides what becomes of questions to one target: what is answered from memory, what is asked and when, who waits for
/// what, and what is said where the target cannot be asked. A value without I/O.
struct AnswerMachine: Sendable {
    /// One moment on both clocks: the wall's is for people, the other one never jumps.
    struct Moment: Sendable {
        let uptime: Duration
        let wall: Instant
        /// The clock that never jumps, as the circuit breaker takes it.
        var steady: Instant { Instant(microseconds: 0) + uptime }
    }

    enum Arrival: Sendable {
        case reply(QueryReply)
        /// The answer comes with an ``Ending``.
        case waits
    }

    /// What those who wait for one question get.
    struct Ending: Sendable {
        let waiters: [Int]
        let reply: QueryReply
    }

    /// One question that is asked, or waits for its turn to be, for everybody who asked it meanwhile.
    private struct Flight {
        var waiters: [Int]
        let arrived: Duration
        var begun: Moment?
    }

    private let target: TargetName
    private let settings: AnswerSettings
    private var breaker: CircuitBreaker
    private var memory: AnswerMemory
    private var flights: [Query: Flight] = [:]
    private var queue: [Query] = []
    private var running = 0
    private var callers = 0
    /// What was wrong with the target last.
    private var trouble: Failure?

    init(target: TargetName, settings: AnswerSettings) {
        self.target = target
        self.settings = settings
        breaker = CircuitBreaker(threshold: settings.failures, cooldown: settings.cooldown)
        memory = AnswerMemory(entries: settings.entries, bytes: settings.answerBytes)
    }

    /// Somebody asks, and takes no answer that is older than `within` (nil: what the settings say, which is the most).
    mutating func arrive(_ query: Query, waiter: Int, within: Duration?, at now: Moment) -> Arrival {
        if let entry = memory[query], now.uptime - entry.asked <= min(within ?? settings.age, settings.age) {
            return .reply(.answer(answer(query, entry, .remembered, now)))
        }
        guard callers < settings.callers else { return .reply(busy(query, "\(callers) callers wait", now)) }
        if flights[query] != nil {
            flights[query]?.waiters.append(waiter)
            callers += 1
            return .waits
        }
        if let wait = untilPermitted(now) { return .reply(fallback(query, trouble ?? notYet, wait, now)) }
        guard queue.count < settings.waiting else {
            return .reply(busy(query, "\(queue.count) questions wait for their turn", now))
        }
        flights[query] = Flight(waiters: [waiter], arrived: now.uptime, begun: nil)
        queue.append(query)
        callers += 1
        return .waits
    }

    /// The questions that are to be asked now, and those that waited in vain.
    mutating func launch(at now: Moment) -> (begin: [Query], endings: [Ending]) {
        var begin: [Query] = []
        var endings: [Ending] = []
        while running < settings.concurrency, !queue.isEmpty {
            let query = queue.removeFirst()
            guard let flight = flights[query] else { continue }
            guard now.uptime - flight.arrived <= settings.timeout else {
                endings.append(end(query, busy(query, "its turn did not come within \(settings.timeout)", now)))
                continue
            }
            let (isAllowed, retry) = breaker.permit(now: now.steady)
            guard isAllowed else {
                let wait = retry.map { $0.since(now.steady) } ?? settings.cooldown
                endings.append(end(query, fallback(query, trouble ?? notYet, wait, now)))
                continue
            }
            running += 1
            flights[query]?.begun = now
            begin.append(query)
        }
        return (begin, endings)
    }

    /// The target has answered, or not in time.
    mutating func ended(_ query: Query, _ result: QueryResult, at now: Moment) -> Ending {
        running -= 1
        let begun = flights[query]?.begun ?? now
        switch result {
        case .answered(let content):
            breaker.succeeded()
            trouble = nil
            let entry = AnswerMemory.Entry(content: content, asOf: begun.wall, asked: begun.uptime)
            memory.keep(entry, for: query)
            return end(query, .answer(answer(query, entry, .asked, now)))
        case .refused(let failure):
            // It answered; what it said of this before does not hold any more.
            breaker.succeeded()
            trouble = nil
            memory.forget(query)
            return end(query, .refused(failure))
        case .unavailable(let deferral):
            trouble = deferral.failure
            // That it is busy with just these records does not say that it is away, but a probe must come to an end.
            if deferral.isTargetDown || breaker.isOpen { breaker.failed(now: now.steady) }
            let wait = deferral.after ?? untilPermitted(now) ?? .seconds(1)
            return end(query, fallback(query, deferral.failure, wait, now))
        }
    }

    /// Somebody does not wait any more. A question that nobody waits for and that was not asked yet is not asked.
    mutating func left(_ waiter: Int, _ query: Query) {
        guard var flight = flights[query], let place = flight.waiters.firstIndex(of: waiter) else { return }
        flight.waiters.remove(at: place)
        callers -= 1
        flights[query] = flight
        if flight.waiters.isEmpty, flight.begun == nil {
            flights[query] = nil
            queue.removeAll { $0 == query }
        }
    }

    /// How long the target is left alone yet; nil where it may be asked now.
    private func untilPermitted(_ now: Moment) -> Duration? {
        switch breaker.state {
        case .closed: nil
        case .open(let until): until > now.steady ? until.since(now.steady) : nil
        case .probing(let since):
            // A probe is under way, and comes to an end with the time-out.
            running > 0 ? max(.seconds(1), settings.timeout - now.steady.since(since)) : nil
        }
    }

    private mutating func end(_ query: Query, _ reply: QueryReply) -> Ending {
        let waiters = flights.removeValue(forKey: query)?.waiters ?? []
        callers -= waiters.count
        return Ending(waiters: waiters, reply: reply)
    }

    private func answer(
        _ query: Query, _ entry: AnswerMemory.Entry, _ origin: Answer.Origin, _ now: Moment
    ) -> Answer {
        Answer(
            target: target, query: query, content: entry.content, asOf: entry.asOf,
            age: max(.zero, now.uptime - entry.asked), origin: origin)
    }

    private var notYet: Failure { Failure(QueryFailures.unavailable, "target \(target) is tried again soon") }

    private func busy(_ query: Query, _ what: String, _ now: Moment) -> QueryReply {
        let failure = Failure(QueryFailures.busy, "target \(target): \(what)")
        guard let entry = fitting(query, now) else { return .unavailable(failure, retryAfter: .seconds(1)) }
        return .answer(answer(query, entry, .fallback(failure), now))
    }

    private func fallback(_ query: Query, _ why: Failure, _ wait: Duration, _ now: Moment) -> QueryReply {
        if let entry = fitting(query, now) { return .answer(answer(query, entry, .fallback(why), now)) }
        let last = memory[query].map {
            "the last answer is \((now.uptime - $0.asked).components.seconds) s old, more than "
                + "\(settings.fallback.components.seconds) s"
        }
        return .unavailable(
            Failure(
                QueryFailures.unavailable,
                "target \(target) cannot be asked (\(why.kind.code) \(why.message)); "
                    + "\(last ?? "this was not asked before")", detail: why.detail), retryAfter: wait)
    }

    private func fitting(_ query: Query, _ now: Moment) -> AnswerMemory.Entry? {
        memory[query].flatMap { now.uptime - $0.asked <= settings.fallback ? $0 : nil }
    }
}
