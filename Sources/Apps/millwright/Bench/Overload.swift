import Canonical
import ExactJSON
import Foundation
import Store
import World

/// A node under many times what its target bears: memory, the critical lane and the quiet ones, refusals, losses,
/// recovery.
struct Overload {
    let node: OverloadNode
    let world: World
    /// How many times what the target bears comes in.
    let factor: Double
    let calm: Duration
    let storm: Duration
    let note: (String) -> Void
    private var clock: any WorldClock { world.clock }

    init(
        node: OverloadNode, world: World, factor: Double, calm: Duration, storm: Duration,
        note: @escaping (String) -> Void
    ) {
        (self.node, self.world, self.factor, self.calm, self.storm) = (node, world, factor, calm, storm)
        self.note = note
    }

    /// Commands that the target takes a second.
    private var bears: Double { Double(node.concurrency) / (Double(node.takes.microseconds) / 1_000_000) }

    // MARK: - Sources

    private func sender(
        _ path: String, asset: String, type: String = "completed", prefix: String, orders: Int, batch: Int,
        interval: Duration
    ) -> PacedSender {
        let events = LiveEvents(prefix: prefix, asset: asset, type: type, orders: orders, clock: clock)
        return PacedSender(port: node.port, path: "/v1/events/\(path)", batch: batch, interval: interval) {
            events.batch($0, batch)
        }
    }

    /// Those whose waiting is looked at: ten critical events a second, and two of each quiet one.
    private func quietOnes(_ prefix: String) -> [PacedSender] {
        [
            sender(
                "critical", asset: "lab", prefix: prefix + "c", orders: 1_000, batch: 1,
                interval: .milliseconds(100)),
            sender(
                "quiet", asset: "press-2", prefix: prefix + "q", orders: 100, batch: 1,
                interval: .milliseconds(500)),
            sender(
                "noisy", asset: "press-1", type: "scrapped", prefix: prefix + "s", orders: 100, batch: 1,
                interval: .milliseconds(500)),
        ]
    }

    /// The flood: half in the lane normal from one machine, half in the lane bulk.
    private func flood() -> [PacedSender] {
        let connections = 16
        let batch = 20
        let interval = Duration.microseconds(Int64(Double(batch * connections) / (bears * factor) * 1_000_000))
        return (0..<connections).map { index in
            let isNoisy = index % 2 == 0
            return sender(
                isNoisy ? "noisy" : "samples", asset: isNoisy ? "press-1" : "oven", prefix: "f\(index)-",
                orders: 500, batch: batch, interval: interval)
        }
    }

    // MARK: - The run

    private struct Watch {
        var list: TakenList
        var latencies = TakenList.Latencies()
        var memory: [Double] = []
    }

    func run() async throws -> JSON {
        try node.write(world.disk)
        let process = node.process()
        try await process.start()
        try await waitForPort()
        var watch = Watch(list: try TakenList(path: node.list))
        let reader = try StoreReader(path: node.store)

        let early = quietOnes("a")
        early.forEach { $0.start() }
        try await watchFor(.seconds(5), &watch, process, reader, early)
        watch.latencies = TakenList.Latencies()
        try await watchFor(calm, &watch, process, reader, early)
        let calmLatencies = watch.latencies
        early.forEach { $0.stop() }

        (watch.latencies, watch.memory) = (TakenList.Latencies(), [])
        let late = quietOnes("b")
        let flood = flood()
        (late + flood).forEach { $0.start() }
        try await watchFor(storm, &watch, process, reader, late + flood)
        let (stormLatencies, memory) = (watch.latencies, watch.memory)
        let offered = bears * factor * Double(storm.components.seconds)

        flood.forEach { $0.stop() }
        let over = clock.uptime()
        let all = early + late + flood
        let open = try await untilAllTaken(&watch, process, reader, all) - over
        late.forEach { $0.stop() }
        let made = try await untilAllDone(&watch, process, reader, all)
        let empty = clock.uptime() - over
        let left = try await waiting(reader)
        await process.stop()
        let failures = all.compactMap { $0.tally.failure }
        guard failures.isEmpty else { throw CommandFailure(description: failures[0]) }
        return report(
            calmLatencies, stormLatencies, memory,
            [
                "offered": .int(Int(offered)), "taken": .int(made),
                "refusedAnswers": .int(all.map(\.tally.refusals).reduce(0, +)),
                "refusedEvents": .int(all.map(\.tally.refusedEvents).reduce(0, +)),
                "criticalRefused": .int((early[0].tally.refusals) + late[0].tally.refusals),
                "out": .int(watch.list.count), "lost": .int(made - watch.list.count + watch.list.doubled),
                "doubled": .int(watch.list.doubled), "exceptions": .int(left.exceptions),
                "takesAllAgainAfterSeconds": Self.seconds(open), "workedOffAfterSeconds": Self.seconds(empty),
            ])
    }

    private func waitForPort() async throws {
        for _ in 0..<600 {
            if let stream = try? await world.network.connect(
                host: "127.0.0.1", port: node.port, timeout: .seconds(1))
            {
                await stream.close()
                return
            }
            try await clock.sleep(for: .milliseconds(50))
        }
        throw CommandFailure(description: "the node did not come up; its log is in \(node.folder)")
    }

    private func watchFor(
        _ duration: Duration, _ watch: inout Watch, _ process: ChildProcess, _ reader: StoreReader,
        _ senders: [PacedSender]
    ) async throws {
        let end = clock.uptime() + duration
        while clock.uptime() < end {
            try await clock.sleep(for: .seconds(5))
            try await look(&watch, process, reader, senders)
        }
    }

    /// One look: what was taken since the last, and how much memory the node has.
    private func look(
        _ watch: inout Watch, _ process: ChildProcess, _ reader: StoreReader, _ senders: [PacedSender]
    ) async throws {
        if let failure = senders.compactMap({ $0.tally.failure }).first {
            throw CommandFailure(description: failure)
        }
        let fresh = try watch.list.read()
        watch.latencies.critical += fresh.critical
        watch.latencies.quietAsset += fresh.quietAsset
        watch.latencies.quietFlow += fresh.quietFlow
        let memory = await process.residentMB
        watch.memory.append(memory)
        let used = try reader.read { try $0.usedBytes() } >> 20
        note(
            "\(memory) MB resident, \(used) MB stored, in \(senders.map(\.tally.taken).reduce(0, +)), "
                + "refused \(senders.map(\.tally.refusals).reduce(0, +)), out \(watch.list.count), critical p99 "
                + "\(Int(fresh.critical.percentile(0.99))) ms, "
                + "quiet asset \(Int(fresh.quietAsset.percentile(0.99))) ms, "
                + "quiet flow \(Int(fresh.quietFlow.percentile(0.99))) ms")
    }

    /// When everything that sources still hold is taken.
    private func untilAllTaken(
        _ watch: inout Watch, _ process: ChildProcess, _ reader: StoreReader, _ senders: [PacedSender]
    ) async throws -> Duration {
        while senders.contains(where: { $0.tally.made > $0.tally.taken }) {
            try await clock.sleep(for: .seconds(1))
            try await look(&watch, process, reader, senders)
        }
        return clock.uptime()
    }

    /// Waits until the target has had everything, as long as it goes on; answers with how much that is.
    private func untilAllDone(
        _ watch: inout Watch, _ process: ChildProcess, _ reader: StoreReader, _ senders: [PacedSender]
    ) async throws -> Int {
        var (last, standing) = (-1, 0)
        while true {
            let made = senders.map(\.tally.taken).reduce(0, +)
            if senders.allSatisfy({ $0.tally.isDone }), watch.list.count >= made { return made }
            standing = last == watch.list.count ? standing + 1 : 0
            last = watch.list.count
            guard standing < 12 else {
                throw CommandFailure(description: "the target had \(last) of \(made), and no more for a minute")
            }
            try await clock.sleep(for: .seconds(5))
            try await look(&watch, process, reader, senders)
        }
    }

    private func waiting(_ reader: StoreReader) async throws -> (pending: Int, exceptions: Int) {
        try reader.read {
            (try $0.pendingCount("slow", upTo: 1_000_000), try $0.openExceptionCount())
        }
    }

    // MARK: - The report

    private static func seconds(_ duration: Duration) -> JSON { number(Double(duration.microseconds) / 1_000_000) }

    private static func number(_ value: Double) -> JSON {
        .number(ExactNumber((value * 10).rounded() / 10) ?? ExactNumber(0))
    }

    private func report(
        _ calm: TakenList.Latencies, _ storm: TakenList.Latencies, _ memory: [Double], _ counts: JSONObject
    ) -> JSON {
        func compare(_ calm: [Double], _ storm: [Double]) -> JSON {
            [
                "calm": [
                    "count": .int(calm.count), "p50": Self.number(calm.percentile(0.5)),
                    "p99": Self.number(calm.percentile(0.99)),
                ],
                "storm": [
                    "count": .int(storm.count), "p50": Self.number(storm.percentile(0.5)),
                    "p99": Self.number(storm.percentile(0.99)),
                ],
                "ratioOfP99": .number(
                    ExactNumber((storm.percentile(0.99) / max(0.001, calm.percentile(0.99)) * 100).rounded() / 100)
                        ?? ExactNumber(0)),
            ]
        }
        // The first fifth is where the node takes what it needs for this load.
        let steady = Array(memory.dropFirst(memory.count / 5))
        var result: JSONObject = [
            "targetBears": Self.number(bears), "factor": Self.number(factor),
            "seconds": .int(Int(self.storm.components.seconds)),
            "critical": compare(calm.critical, storm.critical),
            "quietAsset": compare(calm.quietAsset, storm.quietAsset),
            "quietFlow": compare(calm.quietFlow, storm.quietFlow),
            "memoryMB": [
                "first": Self.number(memory.first ?? 0), "highest": Self.number(memory.max() ?? 0),
                "last": Self.number(memory.last ?? 0),
                "slopePerMinute": .number(ExactNumber((steady.slope * 12 * 100).rounded() / 100) ?? ExactNumber(0)),
            ],
        ]
        for (name, value) in counts { result[name] = value }
        return .object(result)
    }
}
