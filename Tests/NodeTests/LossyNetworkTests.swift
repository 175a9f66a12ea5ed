import Canonical
import Contracts
import NodeConnector
import NodeSecurity
import SimulatedWorld
import Synchronization
import Testing
import World

/// Anything may happen on the way: lost, doubled, late, in another order; edges that start anew from an old place,
/// hubs that are restored from a backup. In the end the hub has each event once and in order.
@Suite struct LossyNetworkTests {
    static func faults(_ random: inout SeededRandom) -> SimulatedNetwork.Faults {
        var faults = SimulatedNetwork.Faults()
        faults.requestLost = Double(random.next() % 30) / 100
        faults.answerLost = Double(random.next() % 30) / 100
        faults.doubled = Double(random.next() % 40) / 100
        faults.latency = .milliseconds(1)...(.milliseconds(Int(random.next() % 3_000) + 2))
        return faults
    }

    private static let counts: [Lane: Int] = [.critical: 40, .normal: 160, .bulk: 90]

    @Test(
        "over any network a hub ends with each event of an edge once and in order",
        arguments: 1...60 as ClosedRange<UInt64>)
    func uplink(_ seed: UInt64) throws {
        let link = try SimulatedLink(seed: seed)
        var random = SeededRandom(seed: seed &* 977)
        let source = NodeIntakeSource(
            name: "edges", enrolled: link.enrolled, node: "hub", plant: "lyon",
            world: link.world(link.hubProcess, link.hubClock), limits: Limits())
        link.serve(source.routes)
        link.hubProcess.start { try? await source.run(link.hubIntake) }
        link.network.set(Self.faults(&random))
        let process = SimulatedProcess("edge", on: link.simulator)
        let clock = SimulatedClock(process, offset: .seconds(Int(random.next() % 7_200)) - .seconds(3_600))
        let uplink = try UplinkTarget(
            name: "uplink", hub: link.address, timeout: .seconds(2), world: link.world(process, clock), limits: Limits()
        )
        let failures = Mutex<[String]>([])
        for lane in Lane.allCases {
            let dice = Mutex(random.split())
            process.start { await Self.forward(lane, uplink, clock, dice, failures) }
        }
        // A backup of the hub is put back once: what came after it must come again.
        let backup = Mutex<MemoryIntake.State?>(nil)
        link.simulator.schedule(at: link.simulator.now + .seconds(8)) {
            let state = link.hubIntake.look { $0 }
            backup.withLock { $0 = state }
        }
        if seed % 3 == 0 {
            link.simulator.schedule(at: link.simulator.now + .seconds(30)) {
                guard let state = backup.withLock({ $0 }) else { return }
                link.hubIntake.look { $0 = state }
            }
        }
        let isComplete = link.simulator.run(until: link.simulator.now + .seconds(20_000)) {
            link.simulator.now > SimulatedLink.start + .seconds(60) && Self.isComplete(link.hubIntake)
        }
        #expect(failures.withLock { $0 } == [], "seed \(seed)")
        #expect(isComplete, "seed \(seed)")
        for lane in Lane.allCases {
            let stream = MemoryIntake.Stream(node: SimulatedLink.edge, epoch: "e", lane: lane)
            let stored = link.hubIntake.look { $0.byStream[stream] ?? [] }
            #expect(stored == Self.documents(lane), "seed \(seed) lane \(lane.name)")
        }
        #expect(link.hubIntake.faults.isEmpty, "seed \(seed)")
        let extra = link.hubIntake.documents.filter { $0.envelope.type != "millwright.production.completed.v1" }
        #expect(extra.allSatisfy { $0.envelope.type == "millwright.node.clock-skewed.v1" }, "seed \(seed)")
    }

    private static func documents(_ lane: Lane) -> [EventDocument] {
        Link.documents(1, counts[lane] ?? 0, tag: lane.name, asset: lane.name)
    }

    private static func isComplete(_ intake: MemoryIntake) -> Bool {
        Lane.allCases.allSatisfy { lane in
            let stream = MemoryIntake.Stream(node: SimulatedLink.edge, epoch: "e", lane: lane)
            return intake.look { $0.positions[stream] ?? 0 } >= Int64(counts[lane] ?? 0)
        }
    }

    /// What an engine does with a lane, with whims: segments of any length, and now and then a fall back to an older
    /// place.
    private static func forward(
        _ lane: Lane, _ uplink: UplinkTarget, _ clock: SimulatedClock, _ dice: borrowing Mutex<SeededRandom>,
        _ failures: borrowing Mutex<[String]>
    ) async {
        let all = documents(lane)
        var position: Int64 = 0
        while true {
            let (length, falls, step) = dice.withLock { dice in
                (Int(dice.next() % 12) + 1, dice.happens(0.05), dice.next())
            }
            if falls, position > 0, clock.uptime() < .seconds(25) { position = Int64(step % UInt64(position)) }
            let rest = all.dropFirst(Int(position))
            guard !rest.isEmpty else {
                // A hub that was restored asks for old events again as soon as it hears of any; an idle edge says its
                // last one again.
                try? await clock.sleep(for: .seconds(5))
                position = max(0, position - 1)
                continue
            }
            let segment = JournalSegment(
                lane: lane, epoch: "e", first: position + 1, documents: Array(rest.prefix(length)))
            do {
                position = try await uplink.forward(segment).position
            } catch is Deferral {
                try? await clock.sleep(for: .milliseconds(Int(step % 800)))
            } catch {
                failures.withLock { $0.append("\(lane.name) \(segment.first): \(error)") }
                return
            }
        }
    }

    @Test(
        "over any network, and with restarts of both ends, an edge ends with each command once",
        arguments: 1...40 as ClosedRange<UInt64>)
    func downlink(_ seed: UInt64) throws {
        let link = try SimulatedLink(seed: seed)
        var random = SeededRandom(seed: seed &* 31)
        let target = Mutex(link.startTarget(timeout: .seconds(10)))
        let edge = Mutex(try link.startEdge(skew: .seconds(Int(random.next() % 7_200)) - .seconds(3_600)))
        link.network.set(Self.faults(&random))
        for restart in 1...6 {
            link.simulator.schedule(at: link.simulator.now + .seconds(restart * 40)) {
                if restart % 2 == 0 {
                    target.withLock { $0 = link.startTarget(timeout: .seconds(10)) }
                } else {
                    edge.withLock { $0.process.kill() }
                    if let next = try? link.startEdge() { edge.withLock { $0 = next } }
                }
            }
        }
        let words = link.run(for: .seconds(50_000)) {
            var words: [String] = []
            for id in 1...12 { words.append(await Self.carry(link.command(Int64(id)), link, target)) }
            return words
        }
        #expect(words == Array(repeating: "accepted", count: 12), "seed \(seed)")
        #expect(link.edgeIntake.ids == (1...12).map { "hub-0000\($0)" }, "seed \(seed)")
        #expect(link.edgeIntake.faults.isEmpty, "seed \(seed)")
    }

    /// Brings a command to its end as an engine would: asks where it is in doubt, and believes "not there" only after
    /// a while.
    private static func carry(_ command: Command, _ link: SimulatedLink, _ target: borrowing Mutex<DownlinkTarget>)
        async -> String
    {
        var doubted: Attempt?
        while true {
            let now = target.withLock { $0 }
            if let attempt = doubted {
                switch await now.inquire(attempt) {
                case .happened: return "accepted"
                case .notFound: doubted = nil
                case .cannotTell(let failure): return "cannot tell \(failure)"
                case .deferred: break
                }
                try? await link.hubClock.sleep(for: now.settlingTime)
                continue
            }
            let (outcome, attempt) = await now.carry(command, at: link.simulator.now)
            switch outcome {
            case .accepted: return "accepted"
            case .rejected(let failure): return "rejected \(failure)"
            case .deferred: try? await link.hubClock.sleep(for: .seconds(1))
            case .unknown: doubted = attempt
            }
        }
    }
}
