import Canonical
import Console
import Contracts
import ExactJSON
import Foundation
import HTTPConnector
import Synchronization
import Testing
import World
import WorldLive

/// Keeps what it is given, knows (source, id) again, and can be made to refuse or to wait.
final class MemoryIntake: Intake {
    enum Mode { case works, refuses, waits }
    struct State {
        var documents: [EventDocument] = []
        var faults: [InputFault] = []
        var faultIDs: Set<String> = []
        var known: Set<[String]> = []
        var mode = Mode.works
    }
    let state = Mutex(State())

    func submit(_ batch: SourceBatch) async throws -> IntakeReceipt {
        if state.withLock({ $0.mode }) == .waits { try await LiveClock().sleep(for: .seconds(3_600)) }
        return try state.withLock { state in
            if state.mode == .refuses {
                throw Failure(FailureKind("STORE-004", "full", remedy: "make room"), "the store is full")
            }
            var receipt = IntakeReceipt()
            for (index, document) in batch.documents.enumerated() {
                if document.envelope.type == Self.refusedType {
                    receipt.refused.append(RefusedDocument(index: index, failure: Self.misfit))
                    receipt.exceptions += 1
                } else if state.known.insert([document.envelope.source, document.envelope.id]).inserted {
                    state.documents.append(document)
                    receipt.stored += 1
                } else {
                    receipt.duplicates += 1
                }
            }
            for fault in batch.faults where state.faultIDs.insert(fault.factID ?? "").inserted {
                state.faults.append(fault)
                receipt.exceptions += 1
            }
            return receipt
        }
    }

    func position(_ source: SourceName, _ name: String) async throws -> JSON? { nil }

    /// A type of the user's own of which no event fits.
    static let refusedType = "acme.never.fits.v1"
    private static let misfit = Failure(
        FailureKind("INTAKE-007", "a misfit", remedy: "correct it"), "/data lacks \"nm\"")

    var documents: [EventDocument] { state.withLock { $0.documents } }
    var faults: [InputFault] { state.withLock { $0.faults } }
}

/// The live world with a clock whose sleeps end when the test says so.
struct ImpatientClock: WorldClock {
    func now() -> Instant { LiveClock().now() }
    func uptime() -> Duration { LiveClock().uptime() }
    /// Waits up to a minute are over at once, longer ones last until they are cancelled.
    func sleep(for duration: Duration) async throws {
        if duration > .seconds(60) { try await LiveClock().sleep(for: duration) }
    }
}

func world(clock: any WorldClock = LiveClock()) -> World {
    World(
        clock: clock, disk: LiveDisk(), network: LiveNetwork(), entropy: LiveEntropy(), storeExecutor: UnusedExecutor())
}

/// No store is opened here.
private final class UnusedExecutor: SerialExecutor {
    func enqueue(_ job: consuming ExecutorJob) { preconditionFailure("no store here") }
}

func settings(_ values: [String: SettingValue] = ["path": .text("/v1/events")]) -> Settings {
    Settings(values: values, location: SettingLocation(file: "sources/lab.yaml", line: 1, column: 1))
}

/// A source behind a real listener.
func withSource(
    token: String? = nil, plants: Set<String> = [], limits: Limits = Limits(), clock: any WorldClock = LiveClock(),
    listening: ListenerLimits = ListenerLimits(), _ body: (_ port: Int, _ intake: MemoryIntake) async throws -> Void
) async throws {
    let source = try CloudEventsSource(
        name: "lab", settings: settings(), token: token, plants: plants, world: world(clock: clock), limits: limits)
    let listener = try Listener(
        ListenerSettings(host: "127.0.0.1", port: 0, limits: listening), routes: source.routes, disk: LiveDisk())
    let intake = MemoryIntake()
    let (ports, continuation) = AsyncStream.makeStream(of: Int.self)
    try await withThrowingTaskGroup { group in
        group.addTask { try await listener.run { continuation.yield($0) } }
        group.addTask { try? await source.run(intake) }
        var iterator = ports.makeAsyncIterator()
        let port = try #require(await iterator.next())
        // The source's door opens in a task of its own; an empty batch goes through as soon as it is open.
        while try await post(port, "[]", "application/cloudevents-batch+json", token: token).status == 503,
            intake.state.withLock({ $0.mode }) == .works
        {
            await Task.yield()
        }
        do {
            try await body(port, intake)
        } catch {
            group.cancelAll()
            throw error
        }
        group.cancelAll()
        try await group.waitForAll()
    }
}

let client = LiveNetwork()

func post(
    _ port: Int, _ body: String, _ type: String?, headers: HTTPHeaders = [:], token: String? = nil
) async throws -> HTTPResponse {
    try await post(port, Array(body.utf8), type, headers: headers, token: token)
}

func post(
    _ port: Int, _ body: [UInt8], _ type: String?, headers: HTTPHeaders = [:], token: String? = nil
) async throws -> HTTPResponse {
    var headers = headers
    if let type { headers["Content-Type"] = type }
    if let token { headers["Authorization"] = "Bearer \(token)" }
    return try await client.send(
        HTTPRequest(method: "POST", target: "http://127.0.0.1:\(port)/v1/events", headers: headers, body: body),
        timeout: .seconds(30),
        maximumBody: 1 << 20)
}

func run(_ arguments: [String], input: String? = nil) async throws -> (status: Int32, output: String) {
    try await withCheckedThrowingContinuation { continuation in
        Thread.detachNewThread {
            let process = Process()
            process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
            process.arguments = arguments
            let pipe = Pipe()
            process.standardOutput = pipe
            process.standardError = pipe
            do { try process.run() } catch { return continuation.resume(throwing: error) }
            let output = pipe.fileHandleForReading.readDataToEndOfFile()
            process.waitUntilExit()
            continuation.resume(returning: (process.terminationStatus, String(decoding: output, as: UTF8.self)))
        }
    }
}

enum Sample {
    static func event(
        _ id: String, data: String = #"{"order":"MO/1","quantity":{"value":1.10,"unit":"pcs"}}"#,
        source: String = "/lyon/cnc01", type: String = "millwright.production.completed.v1"
    ) -> String {
        #"{"specversion":"1.0","id":"\#(id)","source":"\#(source)","type":"\#(type)","time":"2026-11-21T09:00:00Z","data":\#(data)}"#
    }
}
