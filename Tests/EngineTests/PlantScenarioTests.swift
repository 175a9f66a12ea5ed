import FaultDisk
import Foundation
import Scenarios
import SimulatedWorld
import Testing

@Suite("Simulated plant")
struct PlantScenarioTests {
    /// Seeds that the suite runs; `MILLWRIGHT_SEEDS` asks for more.
    static let seeds =
        0..<(ProcessInfo.processInfo.environment["MILLWRIGHT_SEEDS"].flatMap { UInt64($0) } ?? 60) as Range<UInt64>

    /// The scenarios that take seconds or hours, and not days.
    static let quick = PlantScenario.all.filter { $0.plant.duration < .seconds(86_400) }.map(\.name)

    @Test(
        "whatever fails, everything that was made is in Odoo once and in order, or waits for a person", arguments: seeds
    )
    func nothingLostNothingDoubled(seed: UInt64) throws {
        let scenario = PlantScenario.turn(of: seed)
        let report = try PlantRun(scenario, seed: seed).run()
        #expect(report.violations.isEmpty, "millwright simulate --scenario \(scenario.name) --seed \(seed)")
    }

    @Test("a planted bug is found", arguments: PlantedBug.allCases)
    func plantedBug(bug: PlantedBug) throws {
        #expect(try bug.seedsUntilFound(0..<1_000) != nil, "1,000 seeds did not find it")
    }

    @Test("the same seed gives the same run, to the last step", arguments: quick)
    func repeats(name: String) throws {
        let scenario = try #require(PlantScenario.named(name))
        let first = try PlantRun(scenario, seed: 4).run()
        let second = try PlantRun(scenario, seed: 4).run()
        #expect(first.steps == second.steps)
        #expect(first.duration == second.duration)
        #expect(first.faults == second.faults)
    }

    /// Those of them in which something fails.
    static let failing = quick.filter { PlantScenario.named($0)?.faults.isEmpty == false }

    @Test("every scenario injects every kind of every fault that it names", arguments: failing)
    func injects(name: String) throws {
        let scenario = try #require(PlantScenario.named(name))
        var missing = Set(scenario.faults.flatMap(\.counters))
        try #require(!missing.isEmpty)
        // Most kinds are seen in the first seeds; the rarest, one in ten runs.
        for seed in 0..<200 as Range<UInt64> where !missing.isEmpty {
            missing.subtract(try PlantRun(scenario, seed: seed).run().faults.keys)
        }
        #expect(missing.sorted() == [])
    }

    @Test("scenarios that simulate days leave most of their turns to others, and every scenario has turns")
    func turns() {
        var turns: [String: Int] = [:]
        for seed in 0..<10_000 as Range<UInt64> { turns[PlantScenario.turn(of: seed).name, default: 0] += 1 }
        #expect(Set(turns.keys) == Set(PlantScenario.all.map(\.name)))
        for scenario in PlantScenario.all where scenario.plant.duration >= .seconds(86_400) {
            #expect(turns[scenario.name, default: 0] < 30, "\(scenario.name)")
        }
    }

    @Test("a failure shrinks to a smaller one that still fails")
    func shrinks() throws {
        let scenario = try #require(PlantScenario.named("crashes"))
        let seed = try #require(
            try (0..<100 as Range<UInt64>).first {
                try !PlantRun(scenario, seed: $0, bug: .positionBeforeEvents).run().violations.isEmpty
            })
        var search = try #require(try PlantShrink(scenario, seed: seed, bug: .positionBeforeEvents, budget: 300))
        try search.run()
        let best = search.best
        #expect((best.changes.facts ?? scenario.plant.facts) < scenario.plant.facts)
        let again = try PlantRun(scenario, seed: best.seed, bug: .positionBeforeEvents, changes: best.changes).run()
        #expect(again.violations == best.report.violations)
        #expect(!again.violations.isEmpty)
    }

    @Test("leaving one kind of fault out moves no other")
    func scheduleIsIndependent() throws {
        var scenario = try #require(PlantScenario.named("storm"))
        let all = FaultSchedule(scenario, seed: 9).faults.map { "\($0.after) \($0.what)" }
        scenario.faults.removeAll { $0.name == "kill.edge" }
        let fewer = FaultSchedule(scenario, seed: 9).faults.map { "\($0.after) \($0.what)" }
        #expect(fewer.count < all.count)
        #expect(Set(fewer).isSubset(of: Set(all)))
    }
}

extension PlantFault {
    /// What its faults are counted under, in a report: each kind that it lists for itself.
    fileprivate var counters: [String] {
        switch self {
        case .link(let messages): messages.kinds.map { "link.\($0)" }
        case .odoo(let messages): messages.kinds.map { "odoo.\($0)" }
        case .kill(let side, _): ["\(side.rawValue).kill"]
        case .powerLoss(let side, _): ["\(side.rawValue).powerLoss"]
        case .diskErrors(let side, let kinds, _): kinds.map { "\(side.rawValue).\($0.rawValue)" }
        case .diskFull(let side, _, _): ["\(side.rawValue).diskFull"]
        case .cut: ["link.cut"]
        case .odooDown: ["odoo.restart"]
        case .keyRefused: ["odoo.keyRefused"]
        case .clockJumps(let side, _, _): ["\(side.rawValue).clockJump"]
        case .clockDrift(let side, _): ["\(side.rawValue).clockDrift"]
        case .upgrade(let side, _): ["\(side.rawValue).upgrade"]
        case .diskLost(let side, _): ["\(side.rawValue).diskLost"]
        case .restore(let side): ["\(side.rawValue).restored"]
        case .silentErrors(let side, let kinds, _): kinds.map { "\(side.rawValue).\($0.rawValue)" }
        case .bitRot(let side, _): ["\(side.rawValue).bitRot"]
        case .reload(let side, _): ["\(side.rawValue).reload"]
        case .odooRestored: ["odoo.restored", "person.reposted"]
        }
    }
}
