import Canonical
import Contracts
import ExactJSON
import SimulatedWorld
import Testing
import World

@testable import Delivery

/// Many who ask many things at any time of a target that changes, hangs and goes away.
@Suite("a storm of questions")
struct AnswerStormTests {
    private struct Storm {
        var random: SeededRandom
        mutating func draw(_ range: ClosedRange<Int>) -> Int {
            range.lowerBound + Int(random.next() % UInt64(range.count))
        }
    }

    @Test(
        "nobody is left without a reply, no answer is older than allowed or says what never held, and the bounds hold",
        arguments: 1...200 as ClosedRange<UInt64>)
    func storm(_ seed: UInt64) throws {
        try simulated(seed: seed) { world, _ in
            var storm = Storm(random: SeededRandom(seed: seed))
            var settings = AnswerSettings()
            settings.age = .milliseconds(storm.draw(0...5_000))
            settings.fallback = .milliseconds(storm.draw(0...60_000))
            settings.timeout = .milliseconds(storm.draw(500...3_000))
            settings.concurrency = storm.draw(1...4)
            settings.waiting = storm.draw(1...8)
            settings.callers = storm.draw(4...60)
            settings.entries = storm.draw(1...12)
            settings.failures = storm.draw(1...4)
            settings.cooldown = .milliseconds(storm.draw(500...10_000))
            let target = ScriptedTarget(world.clock)
            let desk = AnswerDesk(target: target, settings: settings, clock: world.clock)
            // What the target said when: fact n holds from its time to that of n + 1.
            let history = Shared<[Duration]>([world.clock.uptime()])
            let replies = Shared<[String: Int]>([:])
            let plan = (0..<400).map { _ in (wait: storm.draw(0...600), n: storm.draw(1...15), age: storm.draw(-1...8))
            }
            let turns = (0..<60).map { _ in
                (wait: storm.draw(50...4_000), what: storm.draw(0...9), takes: storm.draw(1...900))
            }
            let frozen = settings

            await withTaskGroup { group in
                group.addTask { await desk.run() }
                group.addTask {
                    for turn in turns {
                        try? await world.clock.sleep(for: .milliseconds(turn.wait))
                        target.change { state in
                            state.takes = .milliseconds(turn.takes)
                            (state.isAway, state.isHanging) = (turn.what == 0 || turn.what == 1, turn.what == 2)
                            state.fact += 1
                            let now = world.clock.uptime()
                            history.change { $0.append(now) }
                        }
                    }
                }
                try? await world.clock.sleep(for: .milliseconds(1))
                await withTaskGroup { askers in
                    for (wait, n, age) in plan {
                        try? await world.clock.sleep(for: .milliseconds(wait / 4))
                        askers.addTask {
                            let within: Duration? = age < 0 ? nil : .milliseconds(age * 500)
                            let began = world.clock.uptime()
                            let reply = await desk.ask("a", ["n": String(n)], within: within)
                            let now = world.clock.uptime()
                            replies.change { $0[reply.brief, default: 0] += 1 }
                            // A question waits for its turn, and then for the target.
                            #expect(now - began <= frozen.timeout * 2 + .milliseconds(1), "seed \(seed)")
                            guard let answer = reply.answer else { return }
                            switch answer.origin {
                            case .asked: #expect(answer.age <= frozen.timeout, "seed \(seed)")
                            case .remembered:
                                #expect(answer.age <= min(within ?? frozen.age, frozen.age), "seed \(seed)")
                            case .fallback: #expect(answer.age <= frozen.fallback, "seed \(seed)")
                            }
                            let fact = answer.content["fact"]?.int ?? -1
                            let times = history.value
                            let asked = now - answer.age
                            // It held at some time between the question and the end of its call.
                            let until = fact + 1 < times.count ? times[fact + 1] : .seconds(Int.max / 1_000_000)
                            #expect(times[fact] <= asked + frozen.timeout && until >= asked, "seed \(seed)")
                        }
                    }
                }
                group.cancelAll()
            }
            let counts = replies.value
            #expect(counts.values.reduce(0, +) == plan.count, "seed \(seed): \(counts)")
            #expect(counts["target"] ?? 0 > 0, "seed \(seed): \(counts)")
            target.state.withLock { state in
                #expect(state.most <= settings.concurrency && state.mostAlike <= 1, "seed \(seed)")
            }
        }
    }

    @Test("a target that stays away is asked once in each cool-down", arguments: 1...20 as ClosedRange<UInt64>)
    func rare(_ seed: UInt64) throws {
        try simulated(seed: seed) { world, _ in
            let target = ScriptedTarget(world.clock)
            let settings = AnswerSettings()
            let desk = AnswerDesk(target: target, settings: settings, clock: world.clock)
            target.change { $0.isAway = true }
            await withTaskGroup { group in
                group.addTask { await desk.run() }
                try? await world.clock.sleep(for: .milliseconds(1))
                for second in 0..<300 {
                    try? await world.clock.sleep(for: .seconds(1))
                    #expect(await desk.ask("a", ["n": String(second % 7)]).answer == nil)
                }
                group.cancelAll()
            }
            let began = target.state.withLock { $0.began }
            #expect(began.count >= 10 && began.count <= settings.failures + 20, "\(began.count)")
            for (a, b) in zip(began.dropFirst(settings.failures), began.dropFirst(settings.failures + 1)) {
                #expect(b - a >= settings.cooldown)
            }
        }
    }
}
