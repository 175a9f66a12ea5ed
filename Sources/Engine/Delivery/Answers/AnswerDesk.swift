import Canonical
package import Contracts
import Synchronization
package import World

/// Answers questions to one target while somebody waits, beside the commands and never in their way: equal questions
/// share one call, few calls are under way at one time, answers are remembered for a while, and a target that does not
/// answer is left alone and answered for from memory.
package final class AnswerDesk: Sendable {
    private struct State {
        var machine: AnswerMachine
        var waiting: [Int: CheckedContinuation<QueryReply, Never>] = [:]
        var lastWaiter = 0
        var isOpen = false
    }

    package let target: any Target
    private let settings: AnswerSettings
    private let clock: any WorldClock
    private let state: Mutex<State>
    /// Questions to be asked: at most ``AnswerSettings/concurrency`` at one time.
    private let (calls, caller) = AsyncStream.makeStream(of: Query.self)

    package init(target: any Target, settings: AnswerSettings, clock: any WorldClock) {
        self.target = target
        self.settings = settings
        self.clock = clock
        state = Mutex(State(machine: AnswerMachine(target: target.name, settings: settings)))
    }

    /// Asks the target what is to be asked until cancelled; then all who wait are told so. To be called once.
    package func run() async {
        state.withLock { $0.isOpen = true }
        await withDiscardingTaskGroup { group in
            for await query in calls { group.addTask { await self.carry(query) } }
        }
        let left = state.withLock { state in
            defer { state.waiting = [:] }
            state.isOpen = false
            return state.waiting
        }
        for id in left.keys.sorted() { left[id]?.resume(returning: stopping) }
    }

    /// The answer to a question: now, or when the target has given it. `within`: how old it may be at most, where the
    /// settings' age is not young enough. Checks the arguments by the question's spec.
    package func ask(_ name: String, _ arguments: [String: String], within: Duration? = nil) async -> QueryReply {
        let known = type(of: target).queries
        guard let spec = known.first(where: { $0.name == name }) else {
            let names = known.map(\.name).joined(separator: ", ")
            return .refused(
                Failure(
                    QueryFailures.unknownQuery,
                    "target \(target.name) does not know the question \"\(name.prefix(64))\"; it knows: \(names)"))
        }
        do throws(Failure) {
            return await wait(for: try spec.query(arguments), within: within)
        } catch {
            return .refused(error)
        }
    }

    private func wait(for query: Query, within: Duration?) async -> QueryReply {
        let id = state.withLock { state in
            state.lastWaiter += 1
            return state.lastWaiter
        }
        return await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let now = moment
                let reply: QueryReply? = state.withLock { state in
                    guard state.isOpen, !Task.isCancelled else { return stopping }
                    switch state.machine.arrive(query, waiter: id, within: within, at: now) {
                    case .reply(let reply): return reply
                    case .waits:
                        state.waiting[id] = continuation
                        return nil
                    }
                }
                if let reply { continuation.resume(returning: reply) } else { launch() }
            }
        } onCancel: {
            let continuation = state.withLock { state in
                state.machine.left(id, query)
                return state.waiting.removeValue(forKey: id)
            }
            continuation?.resume(returning: stopping)
        }
    }

    private func launch() {
        let now = moment
        let (begin, endings) = state.withLock { $0.machine.launch(at: now) }
        for query in begin { caller.yield(query) }
        endings.forEach(tell)
    }

    /// Asks the target, for as long as the settings allow.
    private func carry(_ query: Query) async {
        let result = await withTaskGroup(of: QueryResult?.self, returning: QueryResult?.self) { group in
            group.addTask { await self.target.query(query) }
            group.addTask {
                try? await self.clock.sleep(for: self.settings.timeout)
                return nil
            }
            defer { group.cancelAll() }
            return await group.next() ?? nil
        }
        let slow = Failure(
            QueryFailures.slow, "target \(target.name) did not answer \(query.name) within \(settings.timeout)")
        let now = moment
        let ending = state.withLock {
            $0.machine.ended(query, result ?? .unavailable(Deferral(slow, isTargetDown: true)), at: now)
        }
        tell(ending)
        launch()
    }

    private func tell(_ ending: AnswerMachine.Ending) {
        let continuations = state.withLock { state in
            ending.waiters.compactMap { state.waiting.removeValue(forKey: $0) }
        }
        for continuation in continuations { continuation.resume(returning: ending.reply) }
    }

    private var moment: AnswerMachine.Moment { .init(uptime: clock.uptime(), wall: clock.now()) }

    private var stopping: QueryReply {
        .unavailable(
            Failure(QueryFailures.stopping, "target \(target.name) takes no questions now"), retryAfter: .seconds(2))
    }
}
