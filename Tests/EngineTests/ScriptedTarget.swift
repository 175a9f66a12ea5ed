import Canonical
import Contracts
import ExactJSON
import Synchronization
import World

/// A target that answers questions as a test tells it to, and counts.
final class ScriptedTarget: Target {
    struct State {
        /// How long an answer takes.
        var takes = Duration.milliseconds(50)
        var isAway = false
        var isHanging = false
        var refuses = false
        /// What the answer says, beside the number of the call.
        var fact = 0
        var calls = 0
        var running: [Query: Int] = [:]
        var most = 0
        var mostAlike = 0
        var began: [Duration] = []
    }

    static let away = FailureKind("TEST-001", "away", remedy: "wait")
    static let gone = FailureKind("TEST-002", "gone", remedy: "none")

    static let operations: [OperationSpec] = []
    static let queries = ["a", "b"].map {
        QuerySpec(
            name: $0, summary: "", arguments: [.init("n", .number, required: true, "which")], answer: "",
            example: ["n": "1"], needs: "")
    }

    let name: TargetName = "scripted"
    let settlingTime = Duration.seconds(1)
    let state = Mutex(State())
    private let clock: any WorldClock

    init(_ clock: any WorldClock) { self.clock = clock }

    func change(_ body: (inout State) -> Void) { state.withLock { body(&$0) } }
    var calls: Int { state.withLock { $0.calls } }

    func prepare(_ command: Command, ledger: [LedgerEntry]) async -> Preparation { .ready(intent: .null) }
    func perform(_ attempt: Attempt) async -> Outcome { .accepted(Acceptance(reference: "", summary: "")) }
    func inquire(_ attempt: Attempt) async -> Inquiry { .notFound }

    func query(_ query: Query) async -> QueryResult {
        let (wait, number) = state.withLock { state in
            state.calls += 1
            state.running[query, default: 0] += 1
            state.mostAlike = max(state.mostAlike, state.running[query] ?? 0)
            state.most = max(state.most, state.running.values.reduce(0, +))
            state.began.append(clock.uptime())
            return (state.isHanging ? .seconds(86_400) : state.takes, state.calls)
        }
        defer { state.withLock { $0.running[query, default: 1] -= 1 } }
        guard (try? await clock.sleep(for: wait)) != nil else {
            return .unavailable(Deferral(Failure(Self.away, "cancelled"), isTargetDown: false))
        }
        return state.withLock { state in
            if state.isAway {
                return .unavailable(Deferral(Failure(Self.away, "the target is away"), isTargetDown: true))
            }
            if state.refuses { return .refused(Failure(Self.gone, "it is gone")) }
            return .answered(["fact": .int(state.fact), "call": .int(number)])
        }
    }
}

extension QueryReply {
    var answer: Answer? { if case .answer(let answer) = self { answer } else { nil } }
    /// `target`, `memory`, `fallback TEST-001`, `refused QUERY-003`, `unavailable QUERY-004`.
    var brief: String {
        switch self {
        case .answer(let answer):
            switch answer.origin {
            case .asked: "target"
            case .remembered: "memory"
            case .fallback(let failure): "fallback \(failure.kind.code)"
            }
        case .refused(let failure): "refused \(failure.kind.code)"
        case .unavailable(let failure, _): "unavailable \(failure.kind.code)"
        }
    }
}

/// A value that several tasks of a test change.
final class Shared<Value: Sendable>: Sendable {
    private let state: Mutex<Value>
    init(_ value: Value) { state = Mutex(value) }
    var value: Value { state.withLock { $0 } }
    func change(_ body: (inout Value) -> Void) { state.withLock { body(&$0) } }
}
