import ArgumentParser
import ExactJSON
import Foundation
import World
import WorldLive

struct BenchCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "bench",
        abstract:
            "Measures this machine: durable intake against the bare database, edge to hub, maps, memory, a large backlog.",
        discussion:
            "Use a release build (`make bench`). Ratios of one run say more than single figures: machines are noisy.")

    @Option(help: "Events of the backlog.") var backlog = 1_000_000
    @Flag(help: "One line of JSON.") var json = false

    func run() async throws {
        let folder = NSTemporaryDirectory() + "millwright-bench-\(ProcessInfo.processInfo.processIdentifier)"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let bench = Bench(nodes: try BenchNodes(folder: folder, world: .live()))
        var result: JSONObject = [:]
        func add(_ name: String, _ value: JSON) {
            result[name] = value
            if !json { Output.note("\(name): \(value)") }
        }
        add("map", try bench.map())
        let (intake, bare) = try await bench.intake()
        add("intake", intake)
        add("endToEnd", try await bench.endToEnd(bare: bare))
        add("memory", try await bench.memory())
        add("backlog", try await bench.backlog(backlog))
        if json { Output.json(.object(result)) }
    }
}
