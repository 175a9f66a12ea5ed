import Canonical
import Contracts
import Delivery
import ExactJSON
import SimulatedWorld
import Testing

@Suite("Command lifecycle")
struct CommandLifecycleTests {
    private let start = Instant(microseconds: 1_000_000_000)
    private let kind = FailureKind("T-1", "test", remedy: "none")
    private var failure: Failure { Failure(kind, "test") }

    @Test(
        "after a lost answer nothing is sent again before the settling time, whatever the target says meanwhile",
        arguments: 0..<40)
    func doubt(seed: UInt64) {
        var random = SeededRandom(seed: seed)
        var machine = CommandLifecycle(retry: RetryPolicy(), settlingTime: .seconds(130))
        guard case .storeAndPerform = machine.prepared(.ready(intent: .null), now: start, random: 1) else {
            Issue.record("a prepared command is performed")
            return
        }
        // Several calls may have gone before: what counts is when the last can have been sent.
        let lost = start + .seconds(Int64(random.next() % 200))
        guard case .doubt(let first, _) = machine.performed(.unknown(failure), now: lost, random: random.next()) else {
            Issue.record("a lost answer is a doubt")
            return
        }
        var now = lost + first
        while true {
            switch machine.inquired(
                random.next() % 4 == 0 ? .deferred(Deferral(failure, isTargetDown: false)) : .notFound, now: now,
                random: random.next())
            {
            case .inquire(let wait): now = now + wait
            case .retreat:
                #expect(now.since(lost) >= .seconds(130), "seed \(seed): sent again after \(now.since(lost))")
                return
            default:
                Issue.record("only asking and, at last, retreating are allowed (seed \(seed))")
                return
            }
        }
    }

    @Test("what the target found is accepted at once; what it cannot tell goes to a person")
    func verdicts() {
        var machine = CommandLifecycle.resumed(retry: RetryPolicy(), settlingTime: .seconds(130), started: start)
        if case .accept(let acceptance) = machine.inquired(
            .happened(Acceptance(reference: "7", summary: "")), now: start, random: 1)
        {
            #expect(acceptance.reference == "7")
        } else {
            Issue.record("found means accepted")
        }
        guard case .giveUp = machine.inquired(.cannotTell(failure), now: start, random: 1) else {
            Issue.record("cannot tell means a person")
            return
        }
    }

    @Test("the wait between tries lies between 0 and its ceiling, which doubles up to the cap")
    func backoff() {
        let policy = RetryPolicy(base: .milliseconds(500), cap: .seconds(60))
        var random = SeededRandom(seed: 7)
        for attempt in 1...40 {
            let ceiling = min(Duration.seconds(60), .milliseconds(500) * (1 << min(attempt - 1, 20)))
            for _ in 0..<50 {
                let wait = policy.wait(attempt: attempt, random: random.next())
                #expect(wait > .zero && wait <= ceiling)
            }
        }
    }

    @Test("an outage, however long, and questions that were put off use up none of a flow's tries")
    func triesOfAFlow() {
        let down = Deferral(failure, isTargetDown: true), answered = Deferral(failure, isTargetDown: false)
        var machine = CommandLifecycle(retry: RetryPolicy(attempts: 3), settlingTime: .seconds(1))
        for _ in 0..<10 {
            guard case .prepare = machine.prepared(.settled(.deferred(down)), now: start, random: 1) else {
                Issue.record("a target that is down is waited for")
                return
            }
        }
        for _ in 0..<5 {
            guard case .inquire = machine.inquired(.deferred(answered), now: start, random: 1) else {
                Issue.record("a question that was put off is asked again")
                return
            }
        }
        #expect(machine.failures == 15, "the waits between the tries grow with each of them")
        for _ in 0..<2 {
            guard case .retreat = machine.performed(.deferred(answered), now: start, random: 1),
                case .retreat = machine.performed(.deferred(down), now: start, random: 1)
            else {
                Issue.record("three tries are allowed")
                return
            }
        }
        guard case .reject = machine.performed(.deferred(answered), now: start, random: 1) else {
            Issue.record("the third try was the last")
            return
        }
    }

    @Test("the breaker opens after enough failures in a row, lets one call probe, and closes when it succeeds")
    func breaker() {
        var breaker = CircuitBreaker(threshold: 3, cooldown: .seconds(10))
        for _ in 0..<2 { breaker.failed(now: start) }
        #expect(breaker.permit(now: start).isAllowed)
        breaker.succeeded()
        for _ in 0..<3 { breaker.failed(now: start) }
        #expect(!breaker.permit(now: start + .seconds(9)).isAllowed)
        #expect(breaker.permit(now: start + .seconds(10)).isAllowed)
        #expect(!breaker.permit(now: start + .seconds(10)).isAllowed, "only one probe at a time")
        breaker.failed(now: start + .seconds(11))
        #expect(!breaker.permit(now: start + .seconds(20)).isAllowed)
        #expect(breaker.permit(now: start + .seconds(21)).isAllowed)
        breaker.succeeded()
        #expect(breaker.permit(now: start + .seconds(21)).isAllowed)
    }
}
