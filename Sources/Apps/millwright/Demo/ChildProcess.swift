import Canonical
import Foundation
import Synchronization

/// A `millwright` process that the demo starts, watches and, when chaos says so, kills and starts again.
actor ChildProcess {
    nonisolated let name: String
    private var arguments: [String]
    private let environment: [String: String]
    private let logFile: String
    private var process: Process?
    /// The child's standard input: it ends with this process, however that ends, and the child with it (``Lifeline``).
    private var lifeline: Pipe?
    private var isWanted = false
    /// How often it ended without having been asked to.
    private(set) var crashes = 0
    /// How many of these were exits with a code: it gave up, and said why.
    private(set) var exits = 0
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

    /// Starts it where it does not run; its logs go to its log file.
    func start() throws {
        guard !isRunning else { return }
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
            if ended.terminationReason == .exit { exits += 1 }
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

    /// Ends it in good order; kills it where it does not listen. Returns whether it ended by itself.
    @discardableResult
    func stop() async -> Bool {
        isWanted = false
        guard let process, process.isRunning else { return true }
        process.terminate()
        for _ in 0..<500 where process.isRunning { try? await Task.sleep(for: .milliseconds(10)) }
        let hasEnded = !process.isRunning
        if !hasEnded { Foundation.kill(process.processIdentifier, SIGKILL) }
        process.waitUntilExit()
        return hasEnded
    }

    /// What it is started with from now on.
    func replace(arguments: [String]) { self.arguments = arguments }

    /// Freezes it (SIGSTOP) for so long: it holds its connections and answers nobody. Somebody else wakes it too, so
    /// that it does not stay frozen where this process ends meanwhile.
    func freeze(for pause: Duration) async throws {
        guard let id = processID else { return }
        let guardian = Process()
        guardian.executableURL = URL(fileURLWithPath: "/bin/sh")
        let seconds = Double(pause.microseconds) / 1_000_000
        guardian.arguments = ["-c", "kill -STOP $0 && sleep $1; kill -CONT $0", "\(id)", "\(seconds)"]
        guardian.standardInput = FileHandle.nullDevice
        guardian.standardError = FileHandle.nullDevice
        try guardian.run()
        while guardian.isRunning { try? await Task.sleep(for: .milliseconds(10)) }
    }

    /// The program that is running now.
    static var ownPath: String {
        (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? CommandLine.arguments[0]
    }
}
