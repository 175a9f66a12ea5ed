import Canonical
import Contracts
import ExactJSON
import NodeConnector
import NodeSecurity
import SimulatedWorld
import Testing

@Suite struct CommandScreenTests {
    static let hub = (try? NodeKey(seed: Array(repeating: 3, count: 32)))!
    static let now = Instant(microseconds: 1_750_000_000_000_000)

    static func document(_ type: String = "millwright.production-order.released.v1") -> EventDocument {
        EventDocument(
            Event(
                id: "c-1", source: "/lyon/hub", type: type, subject: "MO/1", time: now,
                data: ["order": "MO/1", "asset": "a"]))
    }

    static func command(
        key: NodeKey = hub, node: NodeID = "lyon-edge", expires: Instant = now + .seconds(10),
        document: EventDocument = document()
    ) throws -> DownlinkCommand {
        try DownlinkCommand(sequence: 5, issued: now, expires: expires, document: document, for: node, key: key)
    }

    private let screen = CommandScreen(node: "lyon-edge", hubKey: hub.publicKey, limits: Limits())

    @Test("a command is taken only with the hub's signature for this node, before its expiry, and if it is an order")
    func screens() throws {
        #expect(screen.objection(to: try Self.command(), hubNow: Self.now) == nil)
        #expect(screen.objection(to: try Self.command(), hubNow: Self.now + .seconds(10))?.0 == .expired)
        #expect(screen.objection(to: try Self.command(), hubNow: Self.now + .seconds(3 * 86_400))?.0 == .expired)
        #expect(screen.objection(to: try Self.command(key: NodeKey()), hubNow: Self.now)?.0 == .signature)
        #expect(screen.objection(to: try Self.command(node: "paris-edge"), hubNow: Self.now)?.0 == .signature)
        let other = Self.document("millwright.equipment.state-changed.v1")
        #expect(screen.objection(to: try Self.command(document: other), hubNow: Self.now)?.0 == .content)
    }

    @Test("the wire form brings a command whole, and any change to it is found")
    func wire() throws {
        let command = try Self.command()
        let read = try #require(DownlinkCommand(JSONReader.read(command.json.bytes), maximumDepth: 64))
        #expect(read == command)
        let changes: [(String, JSON)] = [
            ("sequence", 6), ("issued", "2025-01-01T00:00:00.000000Z"), ("expires", "2035-01-01T00:00:00.000000Z"),
            (
                "document",
                .string(String(decoding: command.document.bytes, as: UTF8.self).replacing("MO/1", with: "MO/2"))
            ),
        ]
        for (member, value) in changes {
            var json = command.json
            json[member] = value
            let changed = try #require(DownlinkCommand(json, maximumDepth: 64))
            #expect(screen.objection(to: changed, hubNow: Self.now)?.0 == .signature, "\(member)")
            json[member] = nil
            #expect(DownlinkCommand(json, maximumDepth: 64) == nil, "without \(member)")
        }
    }

    @Test("an answer that was recorded is worth nothing for another question")
    func recordedAnswer() throws {
        let answer = try PollAnswer(
            hubTime: Self.now, commands: [Self.command()], asked: [Self.command().token], node: "lyon-edge",
            nonce: "one",
            key: Self.hub)
        let read = try #require(PollAnswer(answer.json.bytes, maximumDepth: 64) { _ in })
        #expect(read.commands == answer.commands && read.asked == answer.asked && read.hubTime == Self.now)
        #expect(read.isSigned(by: Self.hub.publicKey, for: "lyon-edge", nonce: "one"))
        #expect(!read.isSigned(by: Self.hub.publicKey, for: "lyon-edge", nonce: "two"))
        #expect(!read.isSigned(by: Self.hub.publicKey, for: "paris-edge", nonce: "one"))
        #expect(!read.isSigned(by: NodeKey().publicKey, for: "lyon-edge", nonce: "one"))
        var later = answer.json
        later["hubTime"] = .string((Self.now + .seconds(1)).description)
        #expect(
            PollAnswer(later.bytes, maximumDepth: 64) { _ in }?.isSigned(
                by: Self.hub.publicKey, for: "lyon-edge", nonce: "one") == false)
    }

    @Test("an answer that was held up cannot make the hub's time look earlier")
    func hubClock() {
        var clock = HubClock()
        #expect(clock.now(uptime: .zero) == nil)
        clock.observe(Self.now, uptime: .seconds(100))
        #expect(clock.now(uptime: .seconds(130)) == Self.now + .seconds(30))
        // Formed at +1 s, arrived 29 s later.
        clock.observe(Self.now + .seconds(1), uptime: .seconds(130))
        #expect(clock.now(uptime: .seconds(130)) == Self.now + .seconds(30))
        for second in 0..<8 { clock.observe(Self.now + .seconds(second), uptime: .seconds(200 + second)) }
        #expect(clock.now(uptime: .seconds(200)) == Self.now)
    }

    @Test("a report comes through its query unchanged, in parts of bounded size")
    func reports() throws {
        let seed: UInt64 = 99
        var random = SeededRandom(seed: seed)
        for round in 0..<200 {
            var report = PollReport()
            for _ in 0..<(random.next() % 100) {
                let token = CommandToken(sequence: Int64(random.next() % 10_000), documentID: "\(random.next())")
                switch random.next() % 3 {
                case 0: report.stored.insert(token)
                case 1: report.refused[token] = PollReport.Reason.allCases[Int(random.next() % 3)]
                default: report.unknown.insert(token)
                }
            }
            var rest = report
            var heard = PollReport()
            while !rest.isEmpty {
                let part = rest.bounded
                let request = HTTPRequestQuery(part.query)
                let read = try #require(PollReport(request.values), "seed \(seed) round \(round)")
                #expect(read == part)
                heard.stored.formUnion(read.stored)
                heard.refused.merge(read.refused) { $1 }
                heard.unknown.formUnion(read.unknown)
                rest = rest.without(part)
            }
            #expect(heard == report, "seed \(seed) round \(round)")
        }
        for bad in ["1", "1-xyz", "-1-0123456789abcdef", "1-0123456789ABCDEF", "1-0123456789abcdef-", "x"] {
            #expect(CommandToken(bad) == nil)
            #expect(PollReport(["stored": bad]) == nil)
        }
        let many = (0..<65).map { CommandToken(sequence: $0, documentID: "x").description }.joined(separator: ",")
        #expect(PollReport(["unknown": many]) == nil)
    }
}

/// Reads a query as a request would.
struct HTTPRequestQuery {
    let values: [String: String]
    init(_ query: String) { values = HTTPRequestReader.query("/x\(query)") }
}
