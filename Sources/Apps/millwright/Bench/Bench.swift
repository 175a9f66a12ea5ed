import Canonical
import Contracts
import ExactJSON
import Foundation
import Store
import World

/// The measures, each on its own stores.
struct Bench {
    let nodes: BenchNodes
    var clock: any WorldClock { nodes.world.clock }

    init(nodes: BenchNodes) { self.nodes = nodes }

    static func number(_ value: Double, digits: Int = 1) -> JSON {
        let scale = pow(10, Double(digits))
        return .number(ExactNumber((value * scale).rounded() / scale) ?? ExactNumber(0))
    }

    func seconds(_ body: () async throws -> Void) async rethrows -> Double {
        let start = clock.uptime()
        try await body()
        return Double((clock.uptime() - start).microseconds) / 1_000_000
    }

    // MARK: - Intake

    /// Batches of 100 events that a round takes in: enough that the database copies its log back several times.
    private static let round = 2_000

    /// Durable intake over HTTP and the bare database in turns; the medians, and the bare figure.
    func intake() async throws -> (JSON, bare: Double) {
        let node = nodes.process("intake")
        try await node.start()
        try await nodes.waitFor(port: nodes.edgePort)
        var intakes: [Double] = []
        var bares: [Double] = []
        for round in 0..<5 {
            bares.append(try await bare(round, batches: Self.round))
            intakes.append(try await load(prefix: "i\(round)-", batches: Self.round))
        }
        await node.stop()
        // What stands side by side is compared: the disk has faster and slower seconds.
        let ratios = zip(intakes, bares).map { $0 / $1 }
        let (median, bare) = (intakes.sorted()[2], bares.sorted()[2])
        return (
            [
                "eventsPerSecond": .int(Int(median)), "bareStorePerSecond": .int(Int(bare)),
                "ratio": Self.number(ratios.sorted()[2], digits: 3),
                "ratios": .array(ratios.map { Self.number($0, digits: 3) }),
            ], bare
        )
    }

    /// Rows of the same bytes that the bare database commits a second, in groups of 1,000.
    private func bare(_ round: Int, batches: Int) async throws -> Double {
        let store = try BareStore(path: "\(nodes.folder)/bare\(round).db")
        defer { store.close() }
        let events = BenchEvents(prefix: "b")
        let groups = (0..<(batches / 10)).map { group in
            (0..<1_000).map { index in
                let event = events.event(group * 1_000 + index)
                return (key: event.id, body: event.document)
            }
        }
        let time = try await seconds { for group in groups { try store.commit(group) } }
        return Double(groups.count * 1_000) / time
    }

    /// Events that are accepted a second when 64 connections post batches of 100.
    private func load(prefix: String, batches: Int) async throws -> Double {
        let events = BenchEvents(prefix: prefix)
        let bodies = (0..<batches).map { events.batch($0 * 100, 100) }
        let clients = LoadClients(port: nodes.edgePort, connections: 64)
        let time = try await seconds {
            // On a thread of its own: it waits for sockets.
            try await withCheckedThrowingContinuation { (continuation: CheckedContinuation<Void, any Error>) in
                Thread.detachNewThread { continuation.resume(with: Result { try clients.post(bodies) }) }
            }
        }
        return Double(batches * 100) / time
    }

    // MARK: - Edge to hub

    /// Machine → edge process → TLS → hub process → null target.
    func endToEnd(bare: Double) async throws -> JSON {
        let (hub, edge) = (nodes.process("hub"), nodes.process("edge"))
        try await hub.start()
        try await nodes.waitFor(port: nodes.hubPort)
        try await edge.start()
        try await nodes.waitFor(port: nodes.edgePort)
        _ = try await load(prefix: "w-", batches: 20)
        try await arrive(nodes.hubStore, 2_000)
        let total = 150_000
        let loaded = try await load(prefix: "e-", batches: total / 100)
        let rest = try await seconds { try await arrive(nodes.hubStore, 2_000 + total) }
        let time = Double(total) / loaded + rest
        await edge.stop()
        await hub.stop()
        let rate = Double(total) / time
        return ["eventsPerSecond": .int(Int(rate)), "ratio": Self.number(rate / bare, digits: 3)]
    }

    /// Waits until the null target of a store is through with `count` events. Looks seldom: looking costs as well.
    private func arrive(_ store: String, _ count: Int) async throws {
        let reader = try StoreReader(path: store)
        var position = 0
        for _ in 0..<1_200 {
            position = try BenchNodes.position(reader, "nowhere")
            if position >= count { return }
            try await clock.sleep(for: .milliseconds(50))
        }
        throw CommandFailure(description: "\(position) of \(count) events arrived within a minute")
    }

    // MARK: - Memory

    /// Resident memory of a fresh edge, idle and at 1,000 events a second.
    func memory() async throws -> JSON {
        for name in ["edge", "hub"] {
            try? FileManager.default.removeItem(atPath: "\(nodes.folder)/data/\(name)/node.db")
        }
        let (hub, edge) = (nodes.process("hub"), nodes.process("edge"))
        try await hub.start()
        try await nodes.waitFor(port: nodes.hubPort)
        try await edge.start()
        try await nodes.waitFor(port: nodes.edgePort)
        try await clock.sleep(for: .seconds(2))
        let idle = await edge.residentMB
        let events = BenchEvents(prefix: "r-")
        var highest = idle
        for step in 0..<60 {
            let due = clock.uptime() + .milliseconds(100)
            try await nodes.post(events.batch(step * 100, 100))
            highest = max(highest, await edge.residentMB)
            let rest = due - clock.uptime()
            if rest > .zero { try await clock.sleep(for: rest) }
        }
        await edge.stop()
        await hub.stop()
        return ["idleMB": Self.number(idle), "at1000PerSecondMB": Self.number(highest)]
    }
}
