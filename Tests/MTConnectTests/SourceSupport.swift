import Canonical
import Contracts
import ExactJSON
import Foundation
import Synchronization
import World

@testable import MTConnectConnector

/// Keeps what a source hands in, with its positions, and tells when enough is there.
actor CollectingIntake: Intake {
    typealias Condition = @Sendable (isolated CollectingIntake) -> Bool

    private(set) var readings: [Reading] = []
    private(set) var faults: [InputFault] = []
    private(set) var documents: [EventDocument] = []
    private(set) var positions: [String: JSON] = [:]
    /// Readings and faults of each batch.
    private(set) var batches: [Int] = []
    private var refusals: Int
    private let onSubmit: @Sendable () async -> Void
    private var waiters: [(condition: Condition, continuation: CheckedContinuation<Void, Never>)] = []

    init(refusals: Int = 0, onSubmit: @escaping @Sendable () async -> Void = {}) {
        self.refusals = refusals
        self.onSubmit = onSubmit
    }

    func submit(_ batch: SourceBatch) async throws -> IntakeReceipt {
        if refusals > 0, !batch.readings.isEmpty {
            refusals -= 1
            throw Failure(FailureKind("TEST-001", "full", remedy: "wait"), "the node is full")
        }
        await onSubmit()
        readings += batch.readings
        faults += batch.faults
        documents += batch.documents
        batches.append(batch.readings.count + batch.faults.count)
        for position in batch.positions { positions[position.name] = position.value }
        for waiter in waiters where waiter.condition(self) { waiter.continuation.resume() }
        waiters.removeAll { $0.condition(self) }
        return IntakeReceipt(stored: batch.readings.count)
    }

    func position(_ source: SourceName, _ name: String) -> JSON? { positions[name] }

    func until(_ condition: @escaping Condition) async {
        if condition(self) { return }
        await withCheckedContinuation { waiters.append((condition, $0)) }
    }
}

/// Time that passes by itself, and sleeps that take none.
struct QuickClock: WorldClock {
    func now() -> Instant { Instant(microseconds: Int64(Date().timeIntervalSince1970 * 1_000_000)) }
    func uptime() -> Duration { ContinuousClock().systemEpoch.duration(to: ContinuousClock.now) }
    func sleep(for duration: Duration) async throws {
        try Task.checkCancellation()
        await Task.yield()
    }
}

struct CountingEntropy: Entropy {
    func bytes(_ count: Int) -> [UInt8] { (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 37) } }
}

/// Reads real files; nothing else is asked of it.
struct ReadingDisk: Disk {
    private func refuse(_ operation: String, _ path: String) -> DiskFailure {
        DiskFailure(operation: operation, path: path, reason: .denied, detail: "only reading here")
    }
    func list(_ directory: String) throws(DiskFailure) -> [DiskEntry] { throw refuse("list", directory) }
    func status(_ path: String) throws(DiskFailure) -> FileStatus? { throw refuse("stat", path) }
    func read(_ path: String, from offset: Int, upTo count: Int) throws(DiskFailure) -> [UInt8] {
        guard let data = FileManager.default.contents(atPath: path) else {
            throw DiskFailure(operation: "read", path: path, reason: .notFound, detail: "No such file or directory")
        }
        return Array(data.dropFirst(offset).prefix(count))
    }
    func append(_ bytes: [UInt8], to path: String, sync: Bool) throws(DiskFailure) -> Int {
        throw refuse("append", path)
    }
    func replace(_ path: String, with bytes: [UInt8], mode: UInt32) throws(DiskFailure) {
        throw refuse("replace", path)
    }
    func move(_ path: String, to destination: String) throws(DiskFailure) { throw refuse("move", path) }
    func truncate(_ path: String, to size: Int) throws(DiskFailure) { throw refuse("truncate", path) }
    func remove(_ path: String) throws(DiskFailure) { throw refuse("remove", path) }
    func makeDirectory(_ path: String) throws(DiskFailure) { throw refuse("make", path) }
    func freeBytes(at path: String) throws(DiskFailure) -> Int { throw refuse("stat", path) }
}

final class InlineExecutor: SerialExecutor {
    func enqueue(_ job: consuming ExecutorJob) { job.runSynchronously(on: asUnownedSerialExecutor()) }
}

func testWorld(_ network: any Network) -> World {
    World(
        clock: QuickClock(), disk: ReadingDisk(), network: network, entropy: CountingEntropy(),
        storeExecutor: InlineExecutor())
}

/// Connections that play scripts: pieces of bytes, then the end. When all are played, connecting is cancelled.
final class ScriptedNetwork: Network {
    private let scripts: Mutex<[[String]]>
    let reads = Mutex(0)
    let written = Mutex<[String]>([])

    init(_ scripts: [[String]]) { self.scripts = Mutex(scripts) }

    func connect(host: String, port: Int, timeout: Duration) async throws(NetworkFailure) -> any ByteStream {
        let script = scripts.withLock { $0.isEmpty ? nil : $0.removeFirst() }
        guard let script else { throw NetworkFailure(.cancelled, mayHaveArrived: false, detail: "no more scripts") }
        return ScriptedStream(script, self)
    }

    func send(_ request: HTTPRequest, timeout: Duration, maximumBody: Int) async throws(NetworkFailure) -> HTTPResponse
    {
        throw NetworkFailure(.unreachable, mayHaveArrived: false, detail: "no HTTP here")
    }
}

final class ScriptedStream: ByteStream {
    private let pieces: Mutex<[String]>
    private let network: ScriptedNetwork

    init(_ pieces: [String], _ network: ScriptedNetwork) {
        self.pieces = Mutex(pieces)
        self.network = network
    }

    func read(timeout: Duration?) async throws(NetworkFailure) -> [UInt8]? {
        network.reads.withLock { $0 += 1 }
        let piece = pieces.withLock { $0.isEmpty ? nil : $0.removeFirst() }
        if piece == "timeout" { throw NetworkFailure(.timeout, mayHaveArrived: false, detail: "nothing came") }
        return piece.map { Array($0.utf8) }
    }

    func write(_ bytes: [UInt8]) async throws(NetworkFailure) {
        network.written.withLock { $0.append(String(decoding: bytes, as: UTF8.self)) }
    }

    func close() async {}
}

func settings(_ values: [String: SettingValue]) -> Settings {
    Settings(values: values, location: SettingLocation(file: "sources/okuma.yaml", line: 1, column: 1))
}

func makeSource(
    _ world: World, endpoint: String = "127.0.0.1:7878", _ more: [String: SettingValue] = [:],
    limits: Limits = Limits(),
    notify: @escaping @Sendable (MTConnectNotice) -> Void = { _ in }
) throws -> MTConnectSource {
    let values = more.merging(["endpoint": .text(endpoint)]) { mine, _ in mine }
    return try MTConnectSource(
        name: "okuma", settings: settings(values), asset: "okuma-multus", plant: "lyon", node: "lyon-edge",
        world: world,
        limits: limits, notify: notify)
}
