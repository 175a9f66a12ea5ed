import ArgumentParser
import Canonical
import ExactJSON
import Foundation
import World
import WorldLive

struct BenchCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "bench", abstract: "Measures this machine.",
        discussion:
            "Use a release build (`make bench`). Ratios of one run say more than single figures: machines are noisy.",
        subcommands: [
            BenchAllCommand.self, BenchMapCommand.self, BenchBacklogCommand.self, BenchOverloadCommand.self,
            BenchDeskCommand.self,
        ],
        defaultSubcommand: BenchAllCommand.self)

    /// Runs a measure in a folder of its own, which is gone afterwards, and says what came out.
    static func measure(json: Bool, _ body: (Bench, (String, JSON) -> Void) async throws -> Void) async throws {
        let folder = NSTemporaryDirectory() + "millwright-bench-\(ProcessInfo.processInfo.processIdentifier)"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let bench = Bench(nodes: try BenchNodes(folder: folder, world: .live()))
        var result: JSONObject = [:]
        try await body(bench) { name, value in
            result[name] = value
            if !json { Output.note("\(name): \(value)") }
        }
        if json { Output.json(.object(result)) }
    }
}

struct BenchAllCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "all",
        abstract: "Durable intake against the bare database, edge to hub, maps, memory, a large backlog.")

    @Option(help: "Events of the backlog.") var backlog = 1_000_000
    @Flag(help: "One line of JSON.") var json = false

    func run() async throws {
        try await BenchCommand.measure(json: json) { bench, add in
            add("map", try bench.map())
            let (intake, bare) = try await bench.intake()
            add("intake", intake)
            add("endToEnd", try await bench.endToEnd(bare: bare))
            add("memory", try await bench.memory())
            add("backlog", try await bench.backlog(backlog))
        }
    }
}

struct BenchMapCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "map", abstract: "One map over one event: alone, and from the event's bytes to the command's.",
        discussion: """
            With --beside, another program runs the same map in turns. It gets the program and the event as its \
            arguments, and prints the microseconds of both figures; Tests/Support/libjq-map.c is one for jq's own \
            library (`make bench-jq`).
            """)

    @Option(help: "A program that runs the same map.") var beside: String?
    @Option(help: "How many turns.") var turns = 15
    @Flag(help: "One line of JSON.") var json = false

    func validate() throws {
        guard turns > 0 else { throw ValidationError("--turns has to be 1 or more.") }
    }

    func run() async throws {
        try await BenchCommand.measure(json: json) { bench, add in
            if let beside {
                add("map", try await bench.map(beside: beside, turns: turns))
            } else {
                add("map", try bench.map())
            }
        }
    }
}

struct BenchBacklogCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "backlog",
        abstract:
            "A node that starts over a large backlog: time to start, memory, rate from its first to its last tenth.")

    @Option(help: "Events of the backlog. Ten million need about 5 GB of disk, with --commands the double.")
    var events = 1_000_000
    @Option(help: "Also let a target with commands work on it, for this many seconds.") var commands = 0
    @Flag(help: "One line of JSON.") var json = false

    func run() async throws {
        try await BenchCommand.measure(json: json) { bench, add in
            if commands > 0 {
                add("commands", try await bench.commands(events, seconds: commands))
            } else {
                add("backlog", try await bench.backlog(events))
            }
        }
    }
}

struct BenchOverloadCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "overload",
        abstract: "A node that gets many times what its target bears: memory, who waits, who is refused, recovery.",
        discussion: """
            First a minute of calm, in which only critical events and a few quiet ones come in; then the flood, in the \
            lanes normal and bulk; then the time until everything is worked off. Latencies are from the fact to the \
            target.
            """)

    @Option(name: .customLong("for"), help: "Seconds of the flood.") var length = 600
    @Option(help: "Seconds of calm before it.") var calm = 60
    @Option(help: "How many times what the target bears.") var factor = 10.0
    @Option(help: "Milliseconds that a command takes.") var takes = 100
    @Option(help: "Commands at a time.") var concurrency = 16
    @Option(help: "Megabytes that the store may use.") var ceiling = 64
    @Flag(help: "One line of JSON.") var json = false

    func run() async throws {
        try await BenchCommand.measure(json: json) { bench, add in
            let node = OverloadNode(
                folder: bench.nodes.folder, port: bench.nodes.edgePort, takes: .milliseconds(takes),
                concurrency: concurrency, ceiling: ceiling << 20)
            let overload = Overload(
                node: node, world: bench.nodes.world, factor: factor, calm: .seconds(calm), storm: .seconds(length)
            ) { Output.note($0) }
            add("overload", try await overload.run())
        }
    }
}

struct BenchDeskCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "desk",
        abstract:
            "A desk with very many exceptions of 20 causes: how soon its pages open, and resubmitting all of them.")

    @Option(help: "Exceptions.") var exceptions = 100_000
    @Option(help: "How many are resubmitted a second.") var rate = 2_000
    @Flag(help: "One line of JSON.") var json = false

    func run() async throws {
        try await BenchCommand.measure(json: json) { bench, add in
            add("desk", try await bench.desk(exceptions, rate: rate))
        }
    }
}
