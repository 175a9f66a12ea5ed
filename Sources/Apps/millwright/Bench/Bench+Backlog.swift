import Canonical
import ExactJSON
import Foundation
import Store
import World

// A node that starts over a large backlog: how soon it answers, how fast it works it off, and with how much memory.
extension Bench {
    /// What a look at a node that works off its backlog showed.
    private struct Look {
        let seconds: Double
        let done: Int
        let memory: Double
    }

    /// Forwarding: from the start until everything is handed on, with the rate of each tenth of it.
    func backlog(_ count: Int) async throws -> JSON {
        let path = "\(nodes.folder)/data/single/node.db"
        for suffix in ["", "-wal", "-shm"] { try? FileManager.default.removeItem(atPath: path + suffix) }
        try await fill(path, count)
        let node = nodes.process("single")
        let begun = clock.uptime()
        let start = try await seconds {
            try await node.start()
            try await nodes.waitFor(port: nodes.edgePort)
        }
        let reader = try StoreReader(path: path)
        var looks: [Look] = []
        repeat {
            let done = try BenchNodes.position(reader, "nowhere")
            looks.append(Look(seconds: elapsed(since: begun), done: done, memory: await node.residentMB))
            try await clock.sleep(for: .milliseconds(count > 2_000_000 ? 200 : 20))
        } while (looks.last?.done ?? 0) < count && elapsed(since: begun) < 1_200
        await node.stop()
        guard let first = looks.first, let last = looks.last, last.done >= count else {
            throw CommandFailure(description: "\(looks.last?.done ?? 0) of \(count) events arrived in 20 minutes")
        }
        let memory = looks.map(\.memory)
        return [
            "events": .int(count), "startSeconds": Self.number(start, digits: 2),
            "drainPerSecond": .int(Int(Double(count - first.done) / max(last.seconds - first.seconds, 0.001))),
            "perSecondByTenth": .array(Self.tenths(looks, count).map { .int(Int($0)) }),
            "earlyMB": Self.number(first.memory), "lateMB": Self.number(last.memory),
            "highestMB": Self.number(memory.max() ?? 0),
        ]
    }

    /// Commands: what a target that takes next to no time gets of a large backlog each ten seconds, for a minute.
    func commands(_ count: Int, seconds length: Int) async throws -> JSON {
        let node = OverloadNode(
            folder: nodes.folder + "/commands\(count)", port: nodes.edgePort, takes: .milliseconds(1), concurrency: 16,
            ceiling: 1 << 40, fromBeginning: true)
        try node.write(nodes.world.disk)
        try await fill(node.store, count)
        let process = node.process()
        let begun = clock.uptime()
        let start = try await seconds {
            try await process.start()
            try await nodes.waitFor(port: nodes.edgePort)
        }
        var list = try TakenList(path: node.list)
        var looks: [Look] = []
        while elapsed(since: begun) < Double(length), list.count < count {
            try await clock.sleep(for: .seconds(5))
            _ = try list.read()
            looks.append(Look(seconds: elapsed(since: begun), done: list.count, memory: await process.residentMB))
        }
        let routed = try StoreReader.read(node.store) { try $0.cursor("slow", .normal) }
        await process.stop()
        try? FileManager.default.removeItem(atPath: node.folder)
        let rates = zip(looks.dropFirst(), looks).map { Double($0.done - $1.done) / ($0.seconds - $1.seconds) }
        return [
            "events": .int(count), "startSeconds": Self.number(start, digits: 2), "done": .int(list.count),
            "doubled": .int(list.doubled), "routed": .int(Int(routed)),
            "perSecond": .array(rates.map { .int(Int($0)) }),
            "memoryMB": .array(looks.map { Self.number($0.memory) }),
        ]
    }

    private func elapsed(since begun: Duration) -> Double {
        Double((clock.uptime() - begun).microseconds) / 1_000_000
    }

    /// Events a second in each tenth of the backlog, between the looks next to its ends.
    private static func tenths(_ looks: [Look], _ count: Int) -> [Double] {
        (0..<10).compactMap { tenth in
            let ends = [count / 10 * tenth, count / 10 * (tenth + 1)].map { end in
                looks.last { $0.done <= end } ?? looks[0]
            }
            guard ends[1].seconds > ends[0].seconds else { return nil }
            return Double(ends[1].done - ends[0].done) / (ends[1].seconds - ends[0].seconds)
        }
    }

    /// A store with so many events that no target has seen.
    func fill(_ path: String, _ count: Int) async throws {
        let store = try Store(StoreSettings(path: path), world: nodes.world)
        let events = BenchEvents(prefix: "k-")
        let now = clock.now()
        for first in stride(from: 0, to: count, by: 10_000) {
            let documents = (first..<min(count, first + 10_000)).map { EventDocument(events.event($0)) }
            _ = try await store.write(weight: documents.count) {
                try $0.append(documents, lane: .normal, recorded: now)
            }
        }
        await store.close()
    }
}
