import Canonical
package import ExactJSON

/// What came of many runs together: the figures of a report.
package struct SimulationTally: Sendable {
    package private(set) var seeds = 0
    package private(set) var failed = 0
    /// Simulated time.
    package private(set) var duration = Duration.zero
    /// Faults injected, by kind.
    package private(set) var faults: [String: Int] = [:]
    /// Seeds by scenario.
    package private(set) var scenarios: [String: Int] = [:]

    package init() {}

    /// Counts one run.
    package mutating func add(_ report: PlantRun.Report) {
        seeds += 1
        if !report.violations.isEmpty { failed += 1 }
        duration += report.duration
        scenarios[report.scenario, default: 0] += 1
        faults.merge(report.faults) { $0 + $1 }
    }

    /// Counts what another process found; false where that is no tally.
    package mutating func add(_ json: JSON) -> Bool {
        guard let seeds = json["seeds"]?.int, let failed = json["failed"]?.int,
            let hours = json["simulatedHours"]?.number, let faults = json["faults"]?.object,
            let scenarios = json["scenarios"]?.object
        else { return false }
        self.seeds += seeds
        self.failed += failed
        duration += .seconds(hours.doubleValue * 3_600)
        for (kind, count) in faults { self.faults[kind, default: 0] += count.int ?? 0 }
        for (name, count) in scenarios { self.scenarios[name, default: 0] += count.int ?? 0 }
        return true
    }

    /// Counts runs that came to no end, as their process did not.
    package mutating func addLost(_ count: Int) {
        seeds += count
        failed += count
    }

    /// Hours, to the hundredth.
    package var hours: Double { (Double(duration.microseconds) / 36_000_000).rounded() / 100 }

    /// `{seeds, failed, simulatedHours, faults, scenarios}`.
    package var json: JSON {
        [
            "seeds": .int(seeds), "failed": .int(failed),
            "simulatedHours": .number(ExactNumber(hours) ?? ExactNumber(0)), "faults": Self.object(faults),
            "scenarios": Self.object(scenarios),
        ]
    }

    private static func object(_ counts: [String: Int]) -> JSON {
        .object(
            JSONObject(counts.sorted { $0.key < $1.key }.map { ($0.key, .int($0.value)) }, uniquingKeysWith: { $1 }))
    }
}
