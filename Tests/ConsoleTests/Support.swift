import Console
import Contracts
import Foundation
import Synchronization
import Testing
import World
import WorldLive

/// A listener of the test's own on a free loopback port, stopped when `body` is through.
func withListener(
    _ routes: [Route] = [], streams: [StreamingRoute] = [], tls: ListenerSettings.TLS? = nil,
    limits: ListenerLimits = ListenerLimits(), _ body: (_ port: Int) async throws -> Void
) async throws {
    let listener = try Listener(
        ListenerSettings(host: "127.0.0.1", port: 0, tls: tls, limits: limits), routes: routes, streams: streams,
        disk: LiveDisk())
    let (ports, continuation) = AsyncStream.makeStream(of: Int.self)
    try await withThrowingTaskGroup { group in
        group.addTask { try await listener.run { continuation.yield($0) } }
        var iterator = ports.makeAsyncIterator()
        let port = try #require(await iterator.next())
        do {
            try await body(port)
        } catch {
            group.cancelAll()
            throw error
        }
        group.cancelAll()
        try await group.waitForAll()
    }
}

func get(_ port: Int, _ path: String, method: String = "GET", headers: HTTPHeaders = [:], body: [UInt8] = [])
    async throws -> HTTPResponse
{
    try await LiveNetwork().send(
        HTTPRequest(method: method, target: "http://127.0.0.1:\(port)\(path)", headers: headers, body: body),
        timeout: .seconds(20),
        maximumBody: 64 << 20)
}

/// A connection that sends what it is told and reads as text.
struct RawClient {
    let stream: any ByteStream

    init(_ port: Int) async throws {
        stream = try await LiveNetwork().connect(host: "127.0.0.1", port: port, timeout: .seconds(5))
    }

    func send(_ text: String) async throws { try await stream.write(Array(text.utf8)) }

    /// Everything until the server closes.
    func rest() async throws -> String {
        var all: [UInt8] = []
        while let bytes = try await stream.read(timeout: .seconds(10)) { all += bytes }
        return String(decoding: all, as: UTF8.self)
    }

    /// Everything until `text` has come.
    func read(until text: String) async throws -> String {
        var all = ""
        while !all.contains(text) {
            guard let bytes = try await stream.read(timeout: .seconds(10)) else { break }
            all += String(decoding: bytes, as: UTF8.self)
        }
        return all
    }
}

/// A value that one task sets and another waits for.
final class Waitable<Value: Sendable>: Sendable {
    private let stream: AsyncStream<Value>
    private let continuation: AsyncStream<Value>.Continuation
    init() { (stream, continuation) = AsyncStream.makeStream(of: Value.self) }
    func set(_ value: Value) { continuation.yield(value) }
    var value: Value? {
        get async {
            var iterator = stream.makeAsyncIterator()
            return await iterator.next()
        }
    }
}

/// What a program wrote and how it ended. Waits on a thread of its own: the listener under test needs the shared ones.
func run(_ arguments: String...) async throws -> (status: Int32, output: String) { try await run(arguments) }

func run(_ arguments: [String]) async throws -> (status: Int32, output: String) {
    try await withCheckedThrowingContinuation { continuation in
        Thread.detachNewThread {
            let process = Process()
            process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
            process.arguments = arguments
            let pipe = Pipe()
            process.standardOutput = pipe
            process.standardError = pipe
            do {
                try process.run()
            } catch {
                return continuation.resume(throwing: error)
            }
            let output = pipe.fileHandleForReading.readDataToEndOfFile()
            process.waitUntilExit()
            continuation.resume(returning: (process.terminationStatus, String(decoding: output, as: UTF8.self)))
        }
    }
}

/// Whether a program is installed.
func has(_ program: String) -> Bool {
    (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":").contains {
        FileManager.default.isExecutableFile(atPath: "\($0)/\(program)")
    }
}

extension ConsoleAccess {
    /// A console without tokens.
    static var open: ConsoleAccess { withoutTokens(isLoopback: true) }

    static func withoutTokens(isLoopback: Bool) -> ConsoleAccess {
        ConsoleAccess(
            tokens: [], isOpen: false, isSecure: false, isLoopback: isLoopback, clock: LiveClock(),
            entropy: LiveEntropy())
    }
}

/// A folder of its own for one test, removed at its end.
struct Scratch: ~Copyable {
    let path: String

    init() throws {
        path = NSTemporaryDirectory() + "millwright-" + UUID().uuidString
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }
}
