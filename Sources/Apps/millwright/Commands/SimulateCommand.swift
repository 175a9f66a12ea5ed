import ArgumentParser
import ExactJSON
import Foundation
import Scenarios

struct SimulateCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "simulate",
        abstract: "Runs a simulated plant from seeds: the real engine and database, with faults, on one thread.",
        discussion: """
            Scenarios: \(PlantScenario.all.map { "\($0.name) (\($0.summary.dropLast()))" }.joined(separator: "; ")). \
            A failing seed prints the command that repeats it. Exit code 1 where one failed.
            """)

    @Option(help: "The scenario; without it they take turns.") var scenario: String?
    @Option(help: "One seed to run.") var seed: UInt64?
    @Option(help: "How many seeds to run, from 0.") var seeds: UInt64 = 1
    @Option(help: "A bug to plant, to see that it is found: acknowledge-before-commit.") var bug: String?
    @Flag(help: "One line of JSON at the end.") var json = false

    func validate() throws {
        guard seeds > 0 else { throw ValidationError("--seeds wants at least 1") }
        guard seed == nil || seeds == 1 else {
            throw ValidationError("--seed runs one seed, --seeds runs many: give one of the two")
        }
    }

    func run() async throws {
        let planted = try bug.map { name in
            guard let bug = PlantedBug(rawValue: name) else {
                throw CommandFailure(
                    description:
                        "there is no bug \(name): \(PlantedBug.allCases.map(\.rawValue).joined(separator: ", "))",
                    code: 2)
            }
            return bug
        }
        let chosen = try scenario.map { name in
            guard let found = PlantScenario.all.first(where: { $0.name == name }) else {
                throw CommandFailure(
                    description:
                        "there is no scenario \(name): \(PlantScenario.all.map(\.name).joined(separator: ", "))",
                    code: 2)
            }
            return found
        }
        var failed: [UInt64] = []
        var hours = 0.0
        var faults: [String: Int] = [:]
        let range = seed.map { $0..<($0 + 1) } ?? 0..<seeds
        for seed in range {
            let plant = chosen ?? PlantScenario.all[Int(seed) % PlantScenario.all.count]
            let report = try Self.run(plant, seed: seed, bug: planted)
            hours += Double(report.duration.microseconds) / 3_600_000_000
            faults.merge(report.faults) { $0 + $1 }
            if !report.violations.isEmpty {
                failed.append(seed)
                Output.note("seed \(seed), \(plant.name): \(report.violations.joined(separator: "; "))")
                let bugText = bug.map { " --bug \($0)" } ?? ""
                Output.note("  millwright simulate --scenario \(plant.name) --seed \(seed)\(bugText)")
            }
        }
        if json {
            Output.json([
                "seeds": .int(range.count), "failed": .int(failed.count),
                "simulatedHours": .number(ExactNumber((hours * 100).rounded() / 100) ?? ExactNumber(0)),
                "faults": .object(
                    JSONObject(
                        faults.sorted { $0.key < $1.key }.map { ($0.key, .int($0.value)) }, uniquingKeysWith: { $1 })),
            ])
        } else {
            print(
                "\(Output.count(range.count, "seed")), \(failed.count) failed, \(String(format: "%.1f", hours)) simulated hours, faults: \(faults.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" }.joined(separator: ", "))"
            )
        }
        if !failed.isEmpty { throw ExitCode(1) }
    }

    private static func run(_ plant: PlantScenario, seed: UInt64, bug: PlantedBug?) throws -> PlantRun.Report {
        // In memory where the system has such a folder: the simulator, not the disk, decides what survives.
        let base = FileManager.default.fileExists(atPath: "/dev/shm") ? "/dev/shm" : NSTemporaryDirectory()
        let folder = "\(base)/millwright-simulate-\(ProcessInfo.processInfo.processIdentifier)-\(seed)"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        return try PlantRun(plant, seed: seed, folder: folder, bug: bug).run()
    }
}
