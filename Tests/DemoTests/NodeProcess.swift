import ExactJSON
import Foundation
import Testing
import World
import WorldLive

/// A `millwright` process with its own folder, started by a test and ended by its process id.
final class NodeProcess: Sendable {
    let folder: String
    private let process: Process
    /// What it says on standard error of its address; a node that starts anew over a mended store takes another one.
    var port: Int { Self.port(in: "\(folder)/log") ?? 0 }

    /// Starts `millwright ARGUMENTS` and waits until it says its address. `FOLDER` in an argument stands for the folder.
    /// `place`: the folder of one that has ended, instead of a new one.
    init(_ arguments: [String], files: [String: String] = [:], in place: String? = nil) throws {
        let folder = place ?? NSTemporaryDirectory() + "millwright-node-" + UUID().uuidString
        self.folder = folder
        for (path, text) in files {
            try Self.write("\(folder)/\(path)", text.replacing("FOLDER", with: folder))
            // A node refuses a key that others may read.
            guard path.hasSuffix(".key") else { continue }
            try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: "\(folder)/\(path)")
        }
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        let log = "\(folder)/log"
        _ = FileManager.default.createFile(atPath: log, contents: nil)
        let process = Process()
        self.process = process
        process.executableURL = Program.found
        process.arguments = arguments.map { $0.replacing("FOLDER", with: folder) }
        let handle = try FileHandle(forWritingTo: URL(fileURLWithPath: log))
        process.standardOutput = handle
        process.standardError = handle
        process.standardInput = FileHandle.nullDevice
        process.environment = ProcessInfo.processInfo.environment.merging(["SWIFT_BACKTRACE": "enable=no"]) { $1 }
        try process.run()
        while Self.port(in: log) == nil, process.isRunning { usleep(20_000) }
        try #require(Self.port(in: log) != nil, "\((try? String(contentsOfFile: log, encoding: .utf8)) ?? "")")
    }

    private static func port(in log: String) -> Int? {
        let text = (try? String(contentsOfFile: log, encoding: .utf8)) ?? ""
        return text.matches(of: /https?:\/\/127\.0\.0\.1:(\d+)/).last.flatMap { Int($0.output.1) }
    }

    static func write(_ path: String, _ text: String) throws {
        let folder = (path as NSString).deletingLastPathComponent
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        try Data(text.utf8).write(to: URL(fileURLWithPath: path))
    }

    /// Ends it and removes its folder.
    func stop() {
        process.terminate()
        process.waitUntilExit()
        try? FileManager.default.removeItem(atPath: folder)
    }

    /// Asks it to read its settings again.
    func hangUp() { Foundation.kill(process.processIdentifier, SIGHUP) }

    /// What it said so far.
    var log: String { (try? String(contentsOfFile: "\(folder)/log", encoding: .utf8)) ?? "" }

    func kill() {
        Foundation.kill(process.processIdentifier, SIGKILL)
        process.waitUntilExit()
    }

    /// Appends bytes to a file below the folder, as a machine does.
    func append(_ path: String, _ bytes: some Sequence<UInt8>) throws {
        let path = "\(folder)/\(path)"
        if !FileManager.default.fileExists(atPath: path) { try Self.write(path, "") }
        let handle = try FileHandle(forWritingTo: URL(fileURLWithPath: path))
        try handle.seekToEnd()
        try handle.write(contentsOf: Data(bytes))
        try handle.close()
    }

    func append(_ path: String, _ text: String) throws { try append(path, Array(text.utf8)) }

    /// Posts a body to the door for events.
    func post(_ body: String, type: String = "application/cloudevents+json") async throws -> (status: Int, text: String)
    {
        let request = HTTPRequest(
            method: "POST", target: "http://127.0.0.1:\(port)/v1/events", headers: ["Content-Type": type],
            body: Array(body.utf8))
        let response = try await World.shared.network.send(request, timeout: .seconds(20), maximumBody: 1 << 20)
        return (response.status, String(decoding: response.body, as: UTF8.self))
    }

    /// What `millwright COMMAND --folder …` says, as JSON.
    func ask(_ command: String...) throws -> JSON { try Program.json(command + ["--folder", folder]).json }

    /// Open exceptions.
    func exceptions() throws -> [JSON] { try ask("exceptions", "list")["exceptions"]?.array ?? [] }

    /// Waits until `condition` holds of what the node says; the last word where it does not within the time.
    func until<Fact>(_ fact: () async throws -> Fact, _ condition: (Fact) -> Bool) async throws -> Fact {
        var last = try await fact()
        for _ in 0..<150 where !condition(last) {
            try await World.shared.clock.sleep(for: .milliseconds(200))
            last = try await fact()
        }
        return last
    }

    /// How much more memory the same code takes here: `MEMORY_FACTOR`, which sanitized runs set, else 1.
    static let memoryFactor = max(1, Int(ProcessInfo.processInfo.environment["MEMORY_FACTOR"] ?? "") ?? 1)

    /// Resident memory in MB.
    var residentMB: Int {
        let text = (try? String(contentsOfFile: "/proc/\(process.processIdentifier)/status", encoding: .utf8)) ?? ""
        let line = text.split(separator: "\n").first { $0.hasPrefix("VmHWM:") }
        return (line?.split(whereSeparator: { !$0.isNumber }).first.flatMap { Int($0) } ?? 0) / 1_024
    }
}
