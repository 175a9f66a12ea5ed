import Canonical
import Contracts
import ExactJSON
import SimulatedWorld
import Testing
import World

@testable import Delivery

@Suite("questions to a target")
struct AnswerDeskTests {
    /// Runs `body` beside an open desk in a simulated process.
    private func withDesk(
        seed: UInt64 = 1, _ settings: AnswerSettings = AnswerSettings(),
        _ body: @escaping @Sendable (AnswerDesk, ScriptedTarget, any WorldClock) async throws -> Void
    ) throws {
        try simulated(seed: seed) { world, _ in
            let target = ScriptedTarget(world.clock)
            let desk = AnswerDesk(target: target, settings: settings, clock: world.clock)
            try await withThrowingTaskGroup { group in
                group.addTask { await desk.run() }
                try await world.clock.sleep(for: .milliseconds(1))
                try await body(desk, target, world.clock)
                group.cancelAll()
                try await group.waitForAll()
            }
        }
    }

    /// Asks the same question so often at once.
    private func together(_ count: Int, _ desk: AnswerDesk, _ n: Int = 1) async -> [QueryReply] {
        await withTaskGroup { group in
            for _ in 0..<count { group.addTask { await desk.ask("a", ["n": String(n)]) } }
            return await group.reduce(into: []) { $0.append($1) }
        }
    }

    @Test("equal questions that come together cost one call", arguments: 1...20 as ClosedRange<UInt64>)
    func shared(_ seed: UInt64) throws {
        try withDesk(seed: seed) { desk, target, _ in
            let replies = await together(50, desk)
            #expect(target.calls == 1 && replies.allSatisfy { $0.brief == "target" })
            #expect(Set(replies.compactMap(\.answer?.content)).count == 1)
        }
    }

    @Test("an answer is given again while it is young, and its age is said")
    func remembered() throws {
        try withDesk { desk, target, clock in
            #expect(await desk.ask("a", ["n": "1"]).brief == "target")
            try await clock.sleep(for: .seconds(10))
            let again = try #require(await desk.ask("a", ["n": "1"]).answer)
            #expect(again.origin == .remembered && again.age >= .seconds(10) && again.age < .seconds(11))
            #expect(again.asOf + again.age == clock.now())
            #expect(await desk.ask("a", ["n": "1"], within: .seconds(5)).brief == "target")
            #expect(await desk.ask("a", ["n": "1"], within: .seconds(3_600)).brief == "memory")
            try await clock.sleep(for: .seconds(16))
            #expect(await desk.ask("a", ["n": "1"], within: .seconds(3_600)).brief == "target")
            #expect(await desk.ask("b", ["n": "1"]).brief == "target")
            #expect(target.calls == 4)
        }
    }

    @Test("few are asked at one time, and who waits too long or in too long a queue is told so")
    func bounded() throws {
        var settings = AnswerSettings()
        settings.concurrency = 2
        settings.waiting = 5
        settings.timeout = .seconds(2)
        try withDesk(settings) { desk, target, clock in
            target.change { $0.takes = .milliseconds(1_500) }
            let replies = await withTaskGroup { group in
                for n in 0..<20 { group.addTask { await desk.ask("a", ["n": String(n)]).brief } }
                return await group.reduce(into: [String: Int]()) { $0[$1, default: 0] += 1 }
            }
            // Two at once, two more after them; the fifth to wait waited longer than the time-out, thirteen found no place.
            #expect(target.state.withLock { $0.most } == 2)
            #expect(replies["target"] ?? 0 >= 4 && replies["unavailable QUERY-005"] ?? 0 >= 13, "\(replies)")
            #expect(replies.values.reduce(0, +) == 20 && replies.count == 2)
            #expect(await desk.ask("a", ["n": "100"]).brief == "target")
        }
    }

    @Test("a target that is away is answered for from memory at once, asked again after a while, and believed again")
    func away() throws {
        var quick = AnswerSettings()
        quick.age = .seconds(1)
        let settings = quick
        try withDesk(settings) { desk, target, clock in
            target.change { $0.fact = 7 }
            #expect(await desk.ask("a", ["n": "1"]).brief == "target")
            target.change { $0.isAway = true }
            try await clock.sleep(for: .seconds(2))
            for _ in 0..<settings.failures {
                let reply = await desk.ask("a", ["n": "1"])
                #expect(reply.brief == "fallback TEST-001" && reply.answer?.content["fact"]?.int == 7)
            }
            let (calls, now) = (target.calls, clock.uptime())
            for _ in 0..<100 { #expect(await desk.ask("a", ["n": "1"]).brief == "fallback TEST-001") }
            let unknown = await desk.ask("a", ["n": "2"])
            #expect(target.calls == calls && clock.uptime() == now)
            guard case .unavailable(let failure, let wait) = unknown else { return #expect(Bool(false)) }
            #expect(failure.kind == QueryFailures.unavailable && failure.message.contains("TEST-001"))
            #expect(wait > .seconds(10) && wait <= settings.cooldown)

            try await clock.sleep(for: wait)
            // One goes and sees; the others are not kept waiting for it.
            let replies = await together(10, desk, 1) + together(10, desk, 2)
            #expect(target.calls <= calls + 2 && replies.allSatisfy { $0.answer?.origin != .asked })

            target.change { ($0.isAway, $0.fact) = (false, 8) }
            try await clock.sleep(for: .seconds(60))
            #expect(await desk.ask("a", ["n": "1"]).answer?.content["fact"]?.int == 8)
            #expect(await desk.ask("a", ["n": "2"]).brief == "target")
        }
    }

    @Test("an answer that is too old is no fallback")
    func tooOld() throws {
        try withDesk { desk, target, clock in
            #expect(await desk.ask("a", ["n": "1"]).brief == "target")
            target.change { $0.isAway = true }
            try await clock.sleep(for: .seconds(899))
            #expect(await desk.ask("a", ["n": "1"]).brief == "fallback TEST-001")
            try await clock.sleep(for: .seconds(2))
            guard case .unavailable(let failure, _) = await desk.ask("a", ["n": "1"]) else {
                return #expect(Bool(false))
            }
            #expect(failure.message.contains("901 s old, more than 900 s"), "\(failure)")
        }
    }

    @Test("a target that hangs is given up after the time-out")
    func hanging() throws {
        try withDesk { desk, target, clock in
            #expect(await desk.ask("a", ["n": "1"]).brief == "target")
            target.change { $0.isHanging = true }
            let before = clock.uptime()
            #expect(await desk.ask("a", ["n": "1"], within: .zero).brief == "fallback QUERY-006")
            #expect(clock.uptime() - before >= .seconds(10) && clock.uptime() - before < .seconds(11))
            #expect(await desk.ask("a", ["n": "2"]).brief == "unavailable QUERY-004")
        }
    }

    @Test("what the target refuses is no fallback any more")
    func refused() throws {
        try withDesk { desk, target, clock in
            #expect(await desk.ask("a", ["n": "1"]).brief == "target")
            target.change { $0.refuses = true }
            #expect(await desk.ask("a", ["n": "1"], within: .zero).brief == "refused TEST-002")
            target.change { $0.isAway = true }
            #expect(await desk.ask("a", ["n": "1"]).brief == "unavailable QUERY-004")
        }
    }

    @Test("a caller that goes takes nobody's answer with it, and stopping tells who waits")
    func leaving() throws {
        try withDesk { desk, target, clock in
            target.change { $0.takes = .seconds(5) }
            let impatient = Shared("")
            async let patient = {
                try? await clock.sleep(for: .seconds(1))
                return await desk.ask("a", ["n": "1"]).brief
            }()
            await withTaskGroup { group in
                group.addTask {
                    let brief = await desk.ask("a", ["n": "1"]).brief
                    impatient.change { $0 = brief }
                }
                try? await clock.sleep(for: .seconds(2))
                group.cancelAll()
            }
            #expect(impatient.value == "unavailable QUERY-008")
            let brief = await patient
            #expect(brief == "target" && target.calls == 1)
        }
        try simulated { world, _ in
            let target = ScriptedTarget(world.clock)
            let desk = AnswerDesk(target: target, settings: AnswerSettings(), clock: world.clock)
            #expect(await desk.ask("a", ["n": "1"]).brief == "unavailable QUERY-008")
            target.change { $0.isHanging = true }
            let replies = await withTaskGroup(of: String?.self) { group in
                group.addTask {
                    await withTaskGroup { inner in
                        inner.addTask { await desk.run() }
                        try? await world.clock.sleep(for: .seconds(2))
                        inner.cancelAll()
                        return nil
                    }
                }
                try? await world.clock.sleep(for: .seconds(1))
                for n in 0..<5 { group.addTask { await desk.ask("a", ["n": String(n)]).brief } }
                return await group.reduce(into: []) { $0.append($1) }.compactMap { $0 }
            }
            #expect(replies.count == 5)
            #expect(
                replies.allSatisfy { ["unavailable QUERY-008", "unavailable QUERY-004"].contains($0) }, "\(replies)")
        }
    }

    @Test("a question that is not known, or whose arguments are wrong, never reaches the target")
    func arguments() throws {
        try withDesk { desk, target, _ in
            let cases: [(String, [String: String], String)] = [
                ("c", [:], "QUERY-002"), ("a", [:], "QUERY-003"), ("a", ["n": "1", "m": "2"], "QUERY-003"),
                ("a", ["n": "x"], "QUERY-003"), ("a", ["n": ""], "QUERY-003"),
                ("a", ["n": String(repeating: "1", count: 300)], "QUERY-003"),
            ]
            for (name, arguments, code) in cases {
                #expect(await desk.ask(name, arguments).brief == "refused \(code)", "\(name) \(arguments)")
            }
            #expect(target.calls == 0)
        }
    }
}
