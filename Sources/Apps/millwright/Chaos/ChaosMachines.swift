import Canonical
import ExactJSON
import Foundation
import World

/// The machines and systems of a chaos plant, at work: each goes on whatever happens to the nodes, and counts itself
/// what it made.
actor ChaosMachines {
    private let site: ChaosSite
    private let world: World
    private(set) var ledger = ChaosLedger()
    private var random: SystemRandom
    /// Left out on purpose, to see that the comparison finds it: the next fact is counted and not written.
    private var dropsNext = false
    private var parts = 0
    private var scrappedParts = 0
    /// The machines' own time, in seconds since 1970: it begins some hours before now and goes on with each fact.
    private var second: Int64
    private var rotations = 0
    private var postCount = 0

    /// The order of the machine with the counter, the same for as long as the plant stands.
    static let turningOrder = "TURN"

    init(site: ChaosSite, world: World, seed: UInt64) {
        self.site = site
        self.world = world
        random = SystemRandom(seed: seed &+ 5)
        second = world.clock.now().microseconds / 1_000_000 - 6 * 3_600
        ledger.open(Self.turningOrder)
    }

    func dropNext() { dropsNext = true }

    /// The orders of one round; the last one is of a product in lots.
    static func orders(_ round: Int) -> [String] {
        ["SAW", "PRESS", "MILL", "POST", "EDGE", "LOT"].map { "R\(round)-\($0)" }
    }

    /// Works through one round. Ends when everything is written, posted and answered; throws where a post is not taken
    /// until `deadline`.
    func work(_ round: Int, until deadline: Duration) async throws {
        for order in Self.orders(round) { ledger.open(order) }
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await self.saw(round) }
            group.addTask { try await self.press(round) }
            group.addTask { try await self.mill(round) }
            group.addTask { try await self.turn() }
            group.addTask { try await self.post(round, deadline) }
            group.addTask { try await self.postToEdge(round, deadline) }
            group.addTask { try await self.finishLots(round, deadline) }
            try await group.waitForAll()
        }
    }

    private func pause(_ milliseconds: ClosedRange<Int>) async throws {
        try await world.clock.sleep(for: .milliseconds(pick(milliseconds)))
    }

    private func pick(_ range: ClosedRange<Int>) -> Int { range.lowerBound + Int(random.next() % UInt64(range.count)) }

    /// The machines' own time: each fact has another one.
    private func tick() -> Instant {
        second += 1
        return Instant(microseconds: second * 1_000_000)
    }

    // MARK: - Machines that write files

    private func saw(_ round: Int) async throws {
        let path = "\(site.folders.machines)/cutting/\(round / 5)/Job.sdc"
        for _ in 0..<7 {
            let amount = pick(1...40)
            ledger.made(amount, of: "R\(round)-SAW", by: "sections")
            second += 1
            let stamp = CivilDate(daysSinceEpoch: Int(second) / 86_400)
            let time = String(
                format: "%02d/%02d/%04d,%02d:%02d:%02d", stamp.day, stamp.month, stamp.year, Int(second) / 3_600 % 24,
                Int(second) / 60 % 60, Int(second) % 60)
            let text =
                "[JobTerminated]\r\nDateTimeStamp=\(time)\r\nJob=R\(round)-SAW\r\nArticleKey=PART\r\n"
                + "TotalGoodPieces=\(amount)\r\n\r\n"
            if dropsNext {
                dropsNext = false
            } else {
                try await append(text, to: path)
            }
            try await pause(40...140)
        }
    }

    /// Appends in two pieces: a reader must be able to meet half of it.
    private func append(_ text: String, to path: String) async throws {
        let manager = FileManager.default
        try manager.createDirectory(
            atPath: (path as NSString).deletingLastPathComponent, withIntermediateDirectories: true)
        if !manager.fileExists(atPath: path) { _ = manager.createFile(atPath: path, contents: nil) }
        let handle = try FileHandle(forWritingTo: URL(fileURLWithPath: path))
        defer { try? handle.close() }
        try handle.seekToEnd()
        let bytes = Data(text.utf8)
        let cut = pick(0...bytes.count)
        try handle.write(contentsOf: bytes.prefix(cut))
        try await pause(1...15)
        try handle.write(contentsOf: bytes.dropFirst(cut))
    }

    /// A log that is renamed and begun anew now and then.
    private func press(_ round: Int) async throws {
        let folder = "\(site.folders.machines)/log"
        let order = "R\(round)-PRESS"
        var scrap = 0
        for step in 0..<10 {
            let kind: String
            if step % 3 == 2 {
                scrap += 1
                ledger.scrapped(scrap, of: order, by: "lines")
                kind = "\"Kind\":\"scrap\",\"Bad\":\(scrap),\"Reason\":\"BENT\""
            } else {
                let amount = pick(1...9)
                ledger.made(amount, of: order, by: "lines")
                kind = "\"Kind\":\"piece\",\"Good\":\(amount)"
            }
            let line = "{\"At\":\"\(tick())\",\"Job\":\"\(order)\",\"Article\":\"PART\",\(kind)}\n"
            try await append(line, to: "\(folder)/log.jsonl")
            if pick(0...4) == 0 {
                rotations += 1
                try FileManager.default.moveItem(
                    atPath: "\(folder)/log.jsonl", toPath: "\(folder)/log-\(rotations).jsonl")
            }
            try await pause(30...110)
        }
    }

    /// A system that drops whole documents.
    private func mill(_ round: Int) async throws {
        let folder = "\(site.folders.machines)/drop/in"
        for document in 0..<2 {
            try await pause(100...350)
            var events: [Event] = []
            for index in 0..<3 {
                let amount = pick(1...20)
                ledger.made(amount, of: "R\(round)-MILL", by: "documents")
                events.append(
                    completed("R\(round)-MILL-\(document)-\(index)", "R\(round)-MILL", amount, from: "mill-1"))
            }
            let name = "\(folder)/R\(round)-\(document).json"
            try Data(Self.batch(events)).write(to: URL(fileURLWithPath: name + ".tmp"))
            try FileManager.default.moveItem(atPath: name + ".tmp", toPath: name)
        }
    }

    // MARK: - A machine with a counter

    /// Says the time and all that stands: what a machine's adapter says first.
    func introduceCounter() {
        site.adapter.send("\(tick())|avail|AVAILABLE|ppartcount|\(parts)|pscrap|\(scrappedParts)|pscrapreason|")
    }

    private func turn() async throws {
        for step in 0..<10 {
            parts += 1
            ledger.made(1, of: Self.turningOrder, by: "counter")
            site.adapter.send("\(tick())|ppartcount|\(parts)")
            if step == 6 {
                scrappedParts += 1
                ledger.scrapped(1, of: Self.turningOrder, by: "counter")
                site.adapter.send("\(tick())|pscrapreason|WORN|pscrap|\(scrappedParts)")
            }
            try await pause(40...120)
        }
    }

    // MARK: - Systems that post

    private func completed(_ id: String, _ order: String, _ amount: Int, from asset: String) -> Event {
        event(
            id, "production.completed", order, asset,
            ["order": .string(order), "item": "PART", "quantity": ["value": .int(amount), "unit": "pcs"]])
    }

    private func event(_ id: String, _ type: String, _ subject: String, _ asset: String, _ data: JSON) -> Event {
        Event(
            id: id, source: "/lyon/\(asset)", type: "millwright.\(type).v1", subject: subject, time: tick(),
            attributes: ["plant": "lyon"], data: data)
    }

    /// Posts to the hub: single events and batches.
    private func post(_ round: Int, _ deadline: Duration) async throws {
        let order = "R\(round)-POST"
        for step in 0..<6 {
            var events: [Event] = []
            for index in 0...(step % 3) {
                let amount = pick(1...15)
                ledger.made(amount, of: order, by: "posts")
                events.append(completed("\(order)-\(step)-\(index)", order, amount, from: "mes"))
            }
            if step % 2 == 1 {
                let amount = pick(1...6)
                ledger.used(amount, for: order, by: "posts")
                events.append(
                    event(
                        "\(order)-\(step)-used", "production.material-consumed", order, "mes",
                        [
                            "order": .string(order), "item": "SCREW",
                            "quantity": ["value": .int(amount), "unit": "pcs"],
                        ]))
            }
            if step == 2 { events += upkeep(round) }
            if step == 4 { events.append(release("NEXT-\(round)", to: "press-1")) }
            try await deliver(events, to: site.hubDoor, deadline)
            try await pause(50...160)
        }
    }

    private func upkeep(_ round: Int) -> [Event] {
        ledger.stopped(by: "posts")
        ledger.asked(by: "posts")
        let start = tick()
        second += 300
        return [
            event(
                "R\(round)-STOP", "equipment.state-changed", "press-1", "press-1",
                [
                    "asset": "press-1", "state": "running", "previous": "down", "since": .string(tick().description),
                    "previousSince": .string(start.description),
                ]),
            event(
                "R\(round)-ASK", "maintenance.requested", "press-1", "press-1",
                ["asset": "press-1", "kind": "corrective", "description": .string("Oil, round \(round)")]),
        ]
    }

    private func release(_ order: String, to asset: String) -> Event {
        ledger.released = asset == "press-1" ? order : ledger.released
        return event(
            "release-\(order)", "production-order.released", order, "planning",
            [
                "order": .string(order), "item": "PART", "asset": .string(asset),
                "quantity": ["value": 1_000, "unit": "pcs"],
            ])
    }

    /// Releases the turning order to its machine, and waits until the edge has it.
    func releaseTurningOrder(until deadline: Duration) async throws {
        try await deliver([release(Self.turningOrder, to: "turn-1")], to: site.hubDoor, deadline)
        while site.context(of: "turn-1")?.contains("\"\(Self.turningOrder)\"") != true {
            try check(deadline, "the turning order did not reach the edge")
            try await world.clock.sleep(for: .milliseconds(50))
        }
    }

    /// Posts to the edge: its facts are in order, as each waits for the answer to the one before.
    private func postToEdge(_ round: Int, _ deadline: Duration) async throws {
        let order = "R\(round)-EDGE"
        for step in 1...6 {
            let amount = pick(1...15)
            ledger.made(amount, of: order, by: "edge posts")
            var events = [completed("\(order)-\(step)", order, amount, from: "mill-1")]
            if step % 2 == 0 {
                ledger.scrapped(step, of: order, by: "edge posts")
                events.append(
                    event(
                        "\(order)-scrap-\(step)", "production.scrapped", order, "mill-1",
                        ["order": .string(order), "reason": "BURR", "quantity": ["value": .int(step), "unit": "pcs"]]))
            }
            try await deliver(events, to: site.edgeDoor, deadline)
            try await pause(50...160)
        }
    }

    /// Finishes an order in two lots, one after the other.
    private func finishLots(_ round: Int, _ deadline: Duration) async throws {
        let order = "R\(round)-LOT"
        for (lot, amount) in [("A", 6), ("B", 4)] {
            try await pause(50...400)
            ledger.finished("\(order)-\(lot)", amount, of: order, by: "posts")
            let finished = event(
                "\(order)-\(lot)", "production.finished", order, "inspection",
                [
                    "order": .string(order), "quantity": ["value": .int(amount), "unit": "pcs"],
                    "lot": .string("\(order)-\(lot)"),
                ])
            try await deliver([finished], to: site.hubDoor, deadline)
        }
    }

    /// Hands events in until they are said to be stored.
    private func deliver(_ events: [Event], to address: String, _ deadline: Duration) async throws {
        let isBatch = events.count > 1
        let request = HTTPRequest(
            method: "POST", target: address,
            headers: ["Content-Type": isBatch ? "application/cloudevents-batch+json" : "application/cloudevents+json"],
            body: isBatch ? Self.batch(events) : events.flatMap(\.document), trust: .rootsFile(site.authority))
        while true {
            postCount += 1
            if let response = try? await world.network.send(
                request, timeout: .milliseconds(1_500), maximumBody: 1 << 16)
            {
                if (200..<300).contains(response.status) { return }
                guard response.status == 503 else {
                    throw ChaosFailure(
                        "\(address) refused events with \(response.status): "
                            + String(decoding: response.body, as: UTF8.self))
                }
            }
            try check(deadline, "\(address) did not take an event in time")
            try await pause(20...90)
        }
    }

    private static func batch(_ events: [Event]) -> [UInt8] {
        Array("[".utf8) + events.map(\.document).joined(separator: [UInt8(ascii: ",")]) + Array("]".utf8)
    }

    private func check(_ deadline: Duration, _ words: String) throws {
        try Task.checkCancellation()
        if world.clock.uptime() > deadline { throw ChaosFailure(words) }
    }
}

/// What ends a round of chaos before its comparison.
struct ChaosFailure: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) { self.description = description }
}
