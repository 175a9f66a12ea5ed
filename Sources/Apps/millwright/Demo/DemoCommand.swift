import ArgumentParser
import Foundation
import OdooStandIn

struct DemoCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "demo",
        abstract:
            "Runs an edge and a hub as real processes, plays machines, and posts to an Odoo stand-in or a real Odoo.",
        discussion: """
            Ends with Ctrl-C, after --for, or when the recordings are through and nothing is pending. What the machines \
            made, by the players' own count, is then compared with what stands in Odoo and what waits for a person.
            """)

    @Option(help: "Play a recorded adapter (SHDR lines) instead of the simulated turning machine.") var shdr: String?
    @Option(help: "Play recorded Komax logs (DIR/DD/*.sdc) instead of the simulated machine.") var komax: String?
    @Option(help: "How many times faster than real time, or max.") var speed = "max"
    @Option(name: .customLong("for"), help: "End after this long: 30s, 5m.") var duration: String?
    @Option(help: "A real Odoo's address; without it a stand-in is started.") var odoo: String?
    @Option(help: "Its database.") var odooDB = "millwright"
    @Option(help: "The user that posts.") var odooLogin = "mes"
    @Option(help: "The user that makes products and work centers.") var odooAdmin = "admin"
    @Option(help: "The series of the stand-in: 16, 17, 18 or 19.") var series = 19
    @Option(help: "The demo's folder: kept, and gone on with at the next run. Without it a temporary one.") var state:
        String?
    @Flag(help: "Kill edge, hub and the front of Odoo, and cut the network, each at least three times.") var chaos =
        false
    @Option(help: "Seed of the simulated plant and of chaos.") var seed: UInt64 = 1
    @Flag(help: "End with one line of JSON.") var json = false
    @Option(help: .hidden) var sabotage: Sabotage?
    /// A library that kills edge and hub at their durable boundaries (``KillPoints``).
    @Option(help: .hidden) var killPoints: String?

    /// What goes wrong on purpose, to see that the reckoning finds it.
    enum Sabotage: String, ExpressibleByArgument, Sendable {
        case dropSection = "drop-section", postTwice = "post-twice"
    }

    func run() async throws {
        let plan = try DemoPlan(self)
        let run = DemoRun(plan)
        let sources = Termination.listen { run.end() }
        defer { for source in sources { source.cancel() } }
        let report = try await run.run()
        if json { Output.json(report.json) } else { Output.say(report.text) }
        if !report.addsUp { throw ExitCode(1) }
    }
}

/// What a demo does: machines, pace, Odoo, chaos.
struct DemoPlan: Sendable {
    let komax: KomaxRecording?
    let shdr: SHDRRecording?
    let isRecordedSHDR: Bool
    /// Nil: as fast as it goes.
    let speed: Double?
    let end: Duration?
    let odoo: String?
    let odooDatabase: String
    let odooLogin: String
    let odooAdmin: String
    let series: Int
    let state: String
    let isTemporary: Bool
    let chaos: Bool
    let seed: UInt64
    let isQuiet: Bool
    let sabotage: DemoCommand.Sabotage?
    let killPoints: KillPoints?
    /// Whether an inspector reports lots over HTTP, as part of the simulated plant.
    let hasInspector: Bool

    init(_ command: DemoCommand) throws {
        let plant = SimulatedPlant(seed: command.seed, orders: 36)
        let isSimulated = command.komax == nil && command.shdr == nil
        komax =
            try command.komax.map { path in try Self.read("--komax", path) { try KomaxRecording(folder: path) } }
            ?? (isSimulated ? plant.komax : nil)
        shdr =
            try command.shdr.map { path in try Self.read("--shdr", path) { try SHDRRecording(file: path) } }
            ?? (isSimulated ? plant.shdr : nil)
        _ = try OdooStandInVersion(series: command.series)
        isRecordedSHDR = command.shdr != nil
        hasInspector = isSimulated
        if command.speed == "max" {
            speed = nil
        } else if let value = Double(command.speed), value > 0 {
            speed = value
        } else {
            throw CommandFailure(description: "--speed wants a number above 0, or max; not \(command.speed)", code: 2)
        }
        end = try command.duration.map(Self.duration)
        odoo = command.odoo
        odooDatabase = command.odooDB
        odooLogin = command.odooLogin
        odooAdmin = command.odooAdmin
        series = command.series
        isTemporary = command.state == nil
        state =
            command.state.map { URL(fileURLWithPath: $0).standardizedFileURL.path }
            ?? NSTemporaryDirectory() + "millwright-demo-\(ProcessInfo.processInfo.processIdentifier)"
        chaos = command.chaos
        seed = command.seed
        isQuiet = command.json
        sabotage = command.sabotage
        killPoints = command.killPoints.map { KillPoints(library: $0, kills: 84) }
    }

    /// A recording, or a failure that says which option names what cannot be read.
    private static func read<Recording>(
        _ option: String, _ path: String, _ body: () throws -> Recording
    ) throws -> Recording {
        do {
            return try body()
        } catch {
            let reason = (error as NSError).localizedFailureReason ?? "\(error)"
            throw CommandFailure(description: "\(option) \(path) cannot be read: \(reason)", code: 2)
        }
    }

    private static func duration(_ text: String) throws -> Duration {
        let digits = text.prefix { $0.isNumber }
        guard let number = Int(digits), number > 0 else {
            throw CommandFailure(description: "--for wants a time such as 30s or 5m; not \(text)", code: 2)
        }
        switch text.dropFirst(digits.count) {
        case "s", "": return .seconds(number)
        case "m": return .seconds(number * 60)
        case "h": return .seconds(number * 3_600)
        default: throw CommandFailure(description: "--for wants a time such as 30s or 5m; not \(text)", code: 2)
        }
    }
}
