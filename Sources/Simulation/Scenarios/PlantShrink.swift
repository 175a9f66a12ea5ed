/// Looks for the least that a failure takes: fewer facts, fewer orders, fewer kinds of faults, fewer faults.
///
/// A smaller plant rolls its dice otherwise, so a step down may need another seed: some are tried.
package struct PlantShrink {
    /// A run that fails.
    package struct Case: Sendable {
        package var seed: UInt64
        package var changes: PlantRun.Changes
        package var report: PlantRun.Report
    }

    private let scenario: PlantScenario
    private let bug: PlantedBug?
    /// Runs that are tried at most.
    private var budget: Int
    /// Seeds that are tried for each step down.
    private static let seeds: UInt64 = 12
    package private(set) var best: Case

    /// From a run that fails; nil where it does not.
    package init?(_ scenario: PlantScenario, seed: UInt64, bug: PlantedBug?, budget: Int = 1_500) throws {
        let report = try PlantRun(scenario, seed: seed, bug: bug).run()
        guard !report.violations.isEmpty else { return nil }
        self.scenario = scenario
        self.bug = bug
        self.budget = budget
        best = Case(seed: seed, changes: PlantRun.Changes(), report: report)
    }

    /// Shrinks until nothing more can go, or the budget is used up.
    package mutating func run() throws {
        var isSmaller = true
        while isSmaller, budget > 0 {
            isSmaller = false
            for kind in Set(scenario.faults.map(\.name)).subtracting(best.changes.without).sorted() {
                let hasShrunk = try attempt { $0.without.insert(kind) }
                isSmaller = isSmaller || hasShrunk
            }
            for facts in Self.steps(below: best.changes.facts ?? scenario.plant.facts)
            where try attempt({ $0.facts = facts }) {
                isSmaller = true
                break
            }
            for orders in Self.steps(below: best.changes.orders ?? scenario.plant.orders)
            where try attempt({ $0.orders = orders }) {
                isSmaller = true
                break
            }
        }
        try dropFaults()
    }

    /// Sizes to try, the smallest first.
    private static func steps(below size: Int) -> [Int] { [1, 2, 3, 4, 6, 8, 12, 20, 40, 80].filter { $0 < size } }

    /// Leaves scheduled faults out: halves, quarters, then one by one. The seed stays, as it names them.
    private mutating func dropFaults() throws {
        var kept = best.report.scheduled
        var chunk = max(1, kept.count / 2)
        while budget > 0, !kept.isEmpty {
            var hasShrunk = false
            var start = 0
            while start < kept.count, budget > 0 {
                let fewer = Array(kept[..<start] + kept[min(kept.count, start + chunk)...])
                if try attempt(seeds: 1, { $0.only = Set(fewer) }) {
                    kept = fewer
                    hasShrunk = true
                } else {
                    start += chunk
                }
            }
            if chunk == 1, !hasShrunk { break }
            chunk = max(1, chunk / 2)
        }
    }

    private mutating func attempt(
        seeds: UInt64 = Self.seeds, _ change: (inout PlantRun.Changes) -> Void
    ) throws -> Bool {
        var changes = best.changes
        change(&changes)
        for offset in 0..<seeds where budget > 0 {
            budget -= 1
            let seed = best.seed &+ offset
            let report = try PlantRun(scenario, seed: seed, bug: bug, changes: changes).run()
            guard !report.violations.isEmpty else { continue }
            best = Case(seed: seed, changes: changes, report: report)
            return true
        }
        return false
    }
}

extension PlantRun.Changes {
    /// As options of `millwright simulate`.
    package var options: [String] {
        var options: [String] = []
        if let facts { options += ["--facts", String(facts)] }
        if let orders { options += ["--orders", String(orders)] }
        if !without.isEmpty { options += ["--without", without.sorted().joined(separator: ",")] }
        if let only {
            options += ["--only", only.isEmpty ? "none" : only.sorted().map(String.init).joined(separator: ",")]
        }
        return options
    }
}
