import Scenarios

/// Runs seeds one after the other, and says of each that fails how to repeat it.
struct SimulationCampaign {
    let scenario: PlantScenario?
    /// The file that the scenario was read from; nil where it is one of the program's own.
    let file: String?
    let bug: PlantedBug?
    let changes: PlantRun.Changes
    let shrinks: Bool

    func run(_ seeds: Range<UInt64>) throws -> SimulationTally {
        var tally = SimulationTally()
        for seed in seeds {
            let plant = scenario ?? PlantScenario.turn(of: seed)
            let report = try PlantRun(plant, seed: seed, bug: bug, changes: changes).run()
            tally.add(report)
            guard !report.violations.isEmpty else { continue }
            note(plant, seed, report.violations, changes)
            if shrinks {
                try shrink(plant, seed)
                break
            }
        }
        return tally
    }

    private func shrink(_ plant: PlantScenario, _ seed: UInt64) throws {
        guard var search = try PlantShrink(plant, seed: seed, bug: bug) else {
            Output.note("seed \(seed) fails only with the changes given; there is nothing to shrink from")
            return
        }
        try search.run()
        let best = search.best
        Output.note(
            "shrunk to \(Output.count(best.changes.only?.count ?? best.report.scheduled.count, "scheduled fault")):")
        note(plant, best.seed, best.report.violations, best.changes)
    }

    private func note(
        _ plant: PlantScenario, _ seed: UInt64, _ violations: [String], _ changes: PlantRun.Changes
    ) {
        Output.note("seed \(seed), \(plant.name): \(violations.joined(separator: "; "))")
        var words = ["millwright", "simulate"]
        if let file { words += ["--scenario-file", file] } else { words += ["--scenario", plant.name] }
        words += ["--seed", String(seed)]
        if let bug { words += ["--bug", bug.rawValue] }
        words += changes.options
        Output.note("  " + ShellLine.text(words))
    }
}
