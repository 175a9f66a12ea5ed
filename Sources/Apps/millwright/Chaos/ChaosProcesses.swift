import ExactJSON
import Foundation

/// Shares the rounds of a chaos run among processes of this program, each with plants, a network and disks of its own:
/// a round mostly waits.
struct ChaosProcesses {
    private let shares: [(first: UInt64, rounds: Int)]
    private let options: [String]

    init(_ command: ChaosCommand) {
        let size = (command.rounds + command.jobs - 1) / command.jobs
        shares = stride(from: 0, to: command.rounds, by: size).map {
            (command.seed &+ UInt64($0), min(size, command.rounds - $0))
        }
        var options = ["--fresh", "\(command.fresh)", "--bound", "\(command.bound)", "--part"]
        if let series = command.series { options += ["--series", "\(series)"] }
        if let library = command.clockLibrary { options += ["--clock-library", library] }
        if let file = command.pauseFile { options += ["--pause-file", file] }
        if let sabotage = command.sabotage { options += ["--sabotage", sabotage.rawValue] }
        self.options = options
    }

    /// All rounds. Told to stop, it tells the processes, and adds up what they did until then.
    func run() async throws -> ChaosReport {
        var report = ChaosReport()
        try await withThrowingTaskGroup(of: JSON?.self) { group in
            for share in shares {
                group.addTask {
                    try await one(["chaos", "--seed", "\(share.first)", "--rounds", "\(share.rounds)"] + options)
                }
            }
            for try await part in group where part.map({ report.add($0) }) != true {
                report.failed += 1
                Output.note("a process came to no end: its last line on standard error says why")
            }
        }
        report.failures.sort { $0.seed < $1.seed }
        return report
    }

    /// Runs one process to its end; nil where it did not report.
    private func one(_ arguments: [String]) async throws -> JSON? {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: ChildProcess.ownPath)
        process.arguments = arguments
        let output = NSTemporaryDirectory() + "millwright-chaos-part-" + UUID().uuidString
        _ = FileManager.default.createFile(atPath: output, contents: nil)
        defer { try? FileManager.default.removeItem(atPath: output) }
        process.standardOutput = try FileHandle(forWritingTo: URL(fileURLWithPath: output))
        let lifeline = Pipe()
        process.standardInput = lifeline
        process.environment = ProcessInfo.processInfo.environment.merging([Lifeline.variable: "1"]) { $1 }
        try process.run()
        let sources = Termination.listen { process.terminate() }
        defer { for source in sources { source.cancel() } }
        while process.isRunning { try await Task.sleep(for: .milliseconds(100)) }
        try lifeline.fileHandleForWriting.close()
        let lines = try String(contentsOfFile: output, encoding: .utf8).split(separator: "\n")
        return lines.last.flatMap { try? JSONReader.read(String($0)) }
    }
}
