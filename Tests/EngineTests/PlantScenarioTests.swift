import Foundation
import Scenarios
import Testing

@Suite("Simulated plant")
struct PlantScenarioTests {
    @Test(
        "whatever fails, everything that was made is in Odoo once or waits for a person",
        arguments: 0..<(ProcessInfo.processInfo.environment["MILLWRIGHT_SEEDS"].flatMap { UInt64($0) } ?? 200)
            as Range<UInt64>)
    func nothingLostNothingDoubled(seed: UInt64) throws {
        let scenario = PlantScenario.all[Int(seed) % PlantScenario.all.count]
        let scratch = try Scratch()
        let report = try PlantRun(scenario, seed: seed, folder: scratch.path).run()
        #expect(
            report.violations.isEmpty,
            "millwright simulate --scenario \(scenario.name) --seed \(seed)")
    }

    @Test("an intake that acknowledges before it commits is found out")
    func plantedBug() throws {
        let crashing = try #require(PlantScenario.all.first { $0.name == "crashes" })
        for seed in 0..<60 as Range<UInt64> {
            let scratch = try Scratch()
            let report = try PlantRun(crashing, seed: seed, folder: scratch.path, bug: .acknowledgeBeforeCommit).run()
            if !report.violations.isEmpty { return }
        }
        Issue.record("60 seeds did not find it")
    }
}
