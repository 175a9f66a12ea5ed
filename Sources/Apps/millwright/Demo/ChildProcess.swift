import Foundation
import Synchronization

/// A `millwright` process that the demo starts, watches and, when chaos says so, kills and starts again.
actor ChildProcess {
    nonisolated let name: String
    private let arguments: [String]
    private let environment: [String: String]
    private let logFile: String
    private var process: Process?
    /// The child's standard input: it ends with this process, however that ends, and the child with it (``Lifeline``).
    private var lifeline: Pipe?
    private var isWanted = false
    /// How often it ended without having been asked to.
    private(set) var crashes = 0
    /// How often it was ended at a durable boundary (``KillPoints``).
    private(set) var boundaryKills = 0
    private let killPoints: KillPoints?
    private var wasKilled = false
    private var notBefore = ContinuousClock.now

    init(
        name: String, arguments: [String], environment: [String: String] = [:], logFile: String,
        killPoints: KillPoints? = nil
    ) {
        self.name = name
        self.killPoints = killPoints
        self.arguments = arguments
        self.environment = environment
        self.logFile = logFile
    }

    /// Starts it; its logs go to its log file.
    func start() throws {
        if isWanted, !wasKilled, let process { count(process) }
        isWanted = true
        wasKilled = false
        let process = Process()
        process.executableURL = URL(fileURLWithPath: Self.ownPath)
        process.arguments = arguments
        process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
            // A crashed process that is still printing its stack would look alive to whoever waits for it.
            .merging(["SWIFT_BACKTRACE": "enable=no", Lifeline.variable: "1"]) { $1 }
            .merging(killPoints?.environment(after: boundaryKills) ?? [:]) { $1 }
        if !FileManager.default.fileExists(atPath: logFile) {
            _ = FileManager.default.createFile(atPath: logFile, contents: nil)
        }
        let log = try FileHandle(forWritingTo: URL(fileURLWithPath: logFile))
        try log.seekToEnd()
        process.standardOutput = log
        process.standardError = log
        let lifeline = Pipe()
        process.standardInput = lifeline
        try process.run()
        self.lifeline = lifeline
        self.process = process
    }

    private func count(_ ended: Process) {
        if killPoints != nil, ended.terminationReason == .uncaughtSignal, ended.terminationStatus == SIGKILL {
            boundaryKills += 1
        } else {
            crashes += 1
        }
    }

    var isRunning: Bool { process?.isRunning ?? false }

    /// The system's number for it; nil where it does not run.
    var processID: Int32? { isRunning ? process?.processIdentifier : nil }

    /// Whether it should run and does not.
    var hasDied: Bool { isWanted && !isRunning }

    /// Whether it died, and its time to come back is there.
    var shouldRestart: Bool { hasDied && ContinuousClock.now >= notBefore }

    /// Kills it as a power cut would (SIGKILL), and waits until it is gone. It comes back after `pause`.
    func kill(restartAfter pause: Duration) {
        notBefore = .now + pause
        guard let process, process.isRunning else { return }
        Foundation.kill(process.processIdentifier, SIGKILL)
        process.waitUntilExit()
        wasKilled = true
    }

    /// Ends it in good order; kills it where it does not listen.
    func stop() async {
        isWanted = false
        guard let process, process.isRunning else { return }
        process.terminate()
        for _ in 0..<100 where process.isRunning { try? await Task.sleep(for: .milliseconds(50)) }
        if process.isRunning { Foundation.kill(process.processIdentifier, SIGKILL) }
        process.waitUntilExit()
    }

    /// The program that is running now.
    static var ownPath: String {
        (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? CommandLine.arguments[0]
    }
}
