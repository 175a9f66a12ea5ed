import ArgumentParser
import Contracts
import ExactJSON
import Foundation
import NodeSettings
import Scenarios
import WorldLive

struct SimulateCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "simulate",
        abstract: "Runs a simulated plant from seeds: the real engine and database, on disks that fail, on one thread.",
        discussion: """
            Scenarios:
            \(PlantScenario.all.map { "  \($0.name): \($0.summary)" }.joined(separator: "\n"))

            A scenario of your own is a file: --print shows one of these as such a file, to begin with.

            A failing seed prints the command that repeats it; --shrink looks for the least that still fails. \
            Exit code 1 where one failed, 2 where the scenario's file has faults.
            """)

    @Option(help: "The scenario; without it they take turns.") var scenario: String?
    @Option(help: ArgumentHelp("A scenario of your own: its file, in YAML.", valueName: "file"))
    var scenarioFile: String?
    @Option(
        name: .customLong("print"),
        help: ArgumentHelp(
            "Prints this scenario as a file for --scenario-file, and runs nothing.", valueName: "scenario"))
    var printed: String?
    @Option(help: "One seed to run.") var seed: UInt64?
    @Option(help: "How many seeds to run.") var seeds: UInt64 = 1
    @Option(help: "The first of them.") var from: UInt64 = 0
    @Option(help: "How many processes share the seeds.") var jobs = 1
    @Option(help: ArgumentHelp("A bug to plant, to see that it is found: \(PlantedBug.names).", valueName: "name"))
    var bug: String?
    @Flag(help: "Plants each bug in turn, and says how many seeds it took to find it: at most --seeds.") var planted =
        false
    @Flag(help: "Looks for the shortest run that fails, from --seed or from the first seed that does.") var shrink =
        false
    @Option(help: "Facts that each machine makes, in place of the scenario's.") var facts: Int?
    @Option(help: "Orders, in place of the scenario's.") var orders: Int?
    @Option(help: "Kinds of faults to leave out, with commas.") var without: String?
    @Option(help: "The scheduled faults that happen, by number, with commas; or none.") var only: String?
    @Flag(help: "One line of JSON at the end.") var json = false

    func validate() throws {
        guard seeds > 0, seeds <= 100_000_000 else { throw ValidationError("--seeds wants 1 to 100,000,000") }
        guard (1...256).contains(jobs) else { throw ValidationError("--jobs wants 1 to 256") }
        guard seed == nil || seeds == 1 else {
            throw ValidationError("--seed runs one seed, --seeds runs many: give one of the two")
        }
        guard from <= UInt64.max - seeds else { throw ValidationError("--from is too large") }
        guard [scenario, scenarioFile, printed].count(where: { $0 != nil }) < 2 else {
            throw ValidationError("give one of --scenario, --scenario-file and --print")
        }
        guard scenarioFile == nil || !planted else {
            throw ValidationError("--planted takes the scenario that finds each bug, and no file")
        }
        for (name, value) in [("--facts", facts), ("--orders", orders)] {
            guard value.map({ (1...10_000).contains($0) }) ?? true else {
                throw ValidationError("\(name) wants 1 to 10,000")
            }
        }
    }

    func run() async throws {
        if let printed { return try show(Self.scenario(called: printed)) }
        if planted { return try runPlanted() }
        let campaign = SimulationCampaign(
            scenario: try chosenScenario(), file: scenarioFile, bug: try chosenBug(), changes: try changes(),
            shrinks: shrink)
        let range = seed.map { $0..<($0 + 1) } ?? from..<(from + seeds)
        let tally =
            jobs > 1 && range.count > 1
            ? try await SimulationProcesses(arguments: passedOn, jobs: jobs).run(range)
            : try campaign.run(range)
        if json {
            Output.json(tally.json)
        } else {
            let faults = tally.faults.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" }
            Output.say(
                "\(Output.count(tally.seeds, "seed")), \(tally.failed) failed, \(tally.hours) simulated hours, faults: "
                    + faults.joined(separator: ", "))
        }
        if tally.failed > 0 { throw ExitCode(1) }
    }

    /// Plants bug after bug. Exit code 1 where one was not found.
    private func runPlanted() throws {
        var found: [(String, JSON)] = []
        for bug in PlantedBug.allCases {
            let count = try bug.seedsUntilFound(from..<(from + seeds))
            found.append((bug.rawValue, ["scenario": .string(bug.scenario), "seeds": count.map { .int($0) } ?? .null]))
            let words = count.map { "found after \(Output.count($0, "seed"))" } ?? "not found"
            Output.note("\(bug.rawValue): \(words), scenario \(bug.scenario)")
        }
        if json { Output.json(.object(JSONObject(found, uniquingKeysWith: { $1 }))) }
        if found.contains(where: { $0.1["seeds"] == .null }) { throw ExitCode(1) }
    }

    /// What the processes that share the seeds are told.
    private var passedOn: [String] {
        var arguments: [String] = []
        if let scenario { arguments += ["--scenario", scenario] }
        if let scenarioFile { arguments += ["--scenario-file", scenarioFile] }
        if let bug { arguments += ["--bug", bug] }
        if let facts { arguments += ["--facts", String(facts)] }
        if let orders { arguments += ["--orders", String(orders)] }
        if let without { arguments += ["--without", without] }
        if let only { arguments += ["--only", only] }
        return arguments
    }

    /// The scenario that is asked for; nil where they take turns.
    private func chosenScenario() throws -> PlantScenario? {
        guard let scenarioFile else { return try scenario.map { try Self.scenario(called: $0) } }
        let report = ScenarioReader.read(scenarioFile, on: LiveDisk())
        if let scenario = report.scenario { return scenario }
        Output.note(report.printed())
        if json { Output.json(["ok": false, "faults": .array(report.faults.map(\.json))]) }
        throw ExitCode(2)
    }

    private static func scenario(called name: String) throws -> PlantScenario {
        guard let found = PlantScenario.named(name) else {
            let names = PlantScenario.all.map(\.name)
            let near = NearestName.of(name, among: names)
            throw CommandFailure(
                description: "there is no scenario \(name): "
                    + (near.map { "did you mean \($0)?" } ?? names.joined(separator: ", ")),
                code: 2)
        }
        return found
    }

    /// Prints a scenario as its file.
    private func show(_ scenario: PlantScenario) {
        if json { return Output.json(["scenario": .string(scenario.name), "file": .string(scenario.fileText)]) }
        StandardStream.output.write(Array(scenario.fileText.utf8))
    }

    private func chosenBug() throws -> PlantedBug? {
        try bug.map { name in
            guard let bug = PlantedBug(rawValue: name) else {
                throw CommandFailure(description: "there is no bug \(name): \(PlantedBug.names)", code: 2)
            }
            return bug
        }
    }

    private func changes() throws -> PlantRun.Changes {
        var changes = PlantRun.Changes()
        changes.facts = facts
        changes.orders = orders
        let kinds = Set(PlantScenario.all.flatMap(\.faults).map(\.name))
        for kind in without?.split(separator: ",").map(String.init) ?? [] {
            guard kinds.contains(kind) else {
                throw CommandFailure(
                    description: "there is no kind of fault \(kind): \(kinds.sorted().joined(separator: ", "))", code: 2
                )
            }
            changes.without.insert(kind)
        }
        if let only, only != "none" {
            let numbers = only.split(separator: ",").map { Int($0) }
            guard !numbers.isEmpty, numbers.allSatisfy({ $0 != nil }) else {
                throw CommandFailure(description: "--only wants numbers with commas, or none", code: 2)
            }
            changes.only = Set(numbers.compactMap(\.self))
        } else if only != nil {
            changes.only = []
        }
        return changes
    }
}

extension PlantedBug {
    /// All names, for a person.
    static var names: String { allCases.map(\.rawValue).joined(separator: ", ") }
}
