import ArgumentParser
import ExactJSON
import Foundation
import OdooStandIn

struct ChaosCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "chaos",
        abstract: "Kills, freezes, cuts off and starves an edge, a hub and an Odoo stand-in, and compares the totals.",
        discussion: """
            A plant of real processes works while faults drawn from a seed happen to it; after each round everything \
            that its machines made must stand in Odoo once, in order, or wait for a person. As root, the run has a \
            network and file systems of its own, so that it can take an interface down and fill a disk.

            A failing round prints how to run it again and keeps its plant's folder. Exit code 1 where one failed.
            """)

    @Option(help: "How many rounds.") var rounds = 20
    @Option(help: "The seed of the first round; the next ones count up.") var seed: UInt64 = 1
    @Option(help: "How many processes share the rounds, each with plants of its own.") var jobs = 1
    @Option(help: "Rounds after which a new plant begins, with empty stores.") var fresh = 25
    @Option(help: "The series of the stand-in, 16 to 19; without it the plants take turns.") var series: Int?
    @Option(help: "Seconds within which a plant must drain when the faults have ended.") var bound = 60
    @Option(help: "A library that sets clocks off, made from Tests/Support/clockoffset.c.") var clockLibrary: String?
    @Option(help: "Between rounds, wait while this file exists.") var pauseFile: String?
    @Flag(help: "End with one line of JSON.") var json = false
    @Option(help: .hidden) var sabotage: Sabotage?
    @Flag(help: .hidden) var isolated = false
    /// Ends with a line that another process adds up.
    @Flag(help: .hidden) var part = false

    /// What goes wrong on purpose, to see that the comparison finds it.
    enum Sabotage: String, ExpressibleByArgument, Sendable {
        case dropFact = "drop-fact", postTwice = "post-twice"
    }

    func validate() throws {
        guard (1...1_000_000).contains(rounds) else { throw ValidationError("--rounds wants 1 to 1,000,000") }
        guard (1...16).contains(jobs) else { throw ValidationError("--jobs wants 1 to 16") }
        guard (1...1_000).contains(fresh) else { throw ValidationError("--fresh wants 1 to 1,000") }
        guard (5...3_600).contains(bound) else { throw ValidationError("--bound wants 5 to 3,600 seconds") }
    }

    func run() async throws {
        if let series { _ = try OdooStandInVersion(series: series) }
        if let clockLibrary, !FileManager.default.fileExists(atPath: clockLibrary) {
            throw CommandFailure(description: "there is no library \(clockLibrary)", code: 2)
        }
        if jobs > 1 { return try await finish(ChaosProcesses(self).run()) }
        let isolation = try ChaosIsolation.enter(
            arguments: Array(CommandLine.arguments.dropFirst()), isInside: isolated)
        let run = ChaosRun(ChaosPlan(self), isolation: isolation)
        let work = Task { try await run.run() }
        let sources = Termination.listen { work.cancel() } + Lifeline.listen { work.cancel() }
        defer { for source in sources { source.cancel() } }
        try await finish(work.value)
    }

    private func finish(_ report: ChaosReport) throws {
        if json || part { Output.json(part ? report.part : report.json) } else { print(report.text) }
        if !report.isExact || report.rounds < rounds { throw ExitCode(1) }
    }
}

/// What a chaos run does.
struct ChaosPlan: Sendable {
    let rounds: Int
    let seed: UInt64
    let fresh: Int
    let series: Int?
    let bound: Duration
    let clockLibrary: String?
    let pauseFile: String?
    let sabotage: ChaosCommand.Sabotage?

    init(_ command: ChaosCommand) {
        rounds = command.rounds
        seed = command.seed
        fresh = command.fresh
        series = command.series
        bound = .seconds(command.bound)
        clockLibrary = command.clockLibrary.map { URL(fileURLWithPath: $0).standardizedFileURL.path }
        pauseFile = command.pauseFile
        sabotage = command.sabotage
    }
}
