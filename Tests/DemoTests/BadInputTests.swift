import ExactJSON
import Foundation
import Testing
import World
import WorldLive

/// What comes in broken, how it is handed in, and where a person finds it.
struct BadInput: Sendable, CustomTestStringConvertible {
    enum Way: Sendable {
        /// Posted to the door: refused with this status, and a message that names the code.
        case refused(body: String, status: Int)
        /// Posted to the door and taken; then it waits as an exception.
        case posted(body: String)
        /// Written by a machine into its log.
        case logged([UInt8])
    }

    let name: String
    let way: Way
    let code: String
    /// A part of the original that must still be there.
    let original: String

    init(_ name: String, _ way: Way, _ code: String, keeps original: String = "") {
        self.name = name
        self.way = way
        self.code = code
        self.original = original
    }

    var testDescription: String { name }

    static func event(_ id: String, type: String = "production.completed", order: String, extra: String = "") -> String
    {
        """
        {"specversion":"1.0","id":"\(id)","source":"/lyon/press-1","type":"millwright.\(type).v1",\
        "subject":"\(order)","time":"2026-03-02T08:00:00Z","plant":"lyon",\
        "data":{"order":"\(order)","asset":"press-1","item":"BRACKET","quantity":{"value":1,"unit":"pcs"}\(extra)}}
        """
    }

    static let all: [BadInput] = [
        BadInput("a body that is no JSON", .refused(body: "{\"specversion\": ", status: 400), "HTTP-001"),
        BadInput("JSON that is no event", .refused(body: "{\"id\":\"1\"}", status: 400), "HTTP-002"),
        BadInput(
            "an impossible date in an event",
            .refused(body: event("d", order: "MO-1").replacing("03-02T", with: "02-30T"), status: 400), "HTTP-002"),
        BadInput(
            "an event without the data of its type",
            .posted(body: event("q", order: "MO-1").replacing("\"value\":1", with: "\"value\":\"many\"")), "HTTP-003",
            keeps: "many"),
        BadInput(
            "an order that Odoo does not have", .posted(body: event("u", order: "MO-404")), "ODOO-021",
            keeps: "MO-404"),
        BadInput(
            "a map that never ends", .posted(body: event("l", type: "production.scrapped", order: "MO-LOOP")),
            "ROUTE-003", keeps: "MO-LOOP"),
        BadInput(
            "bytes that the encoding does not have",
            .logged(
                Array(
                    "{\"Job\":\"MO-1\",\"Article\":\"BRACKET\",\"Good\":1,\"At\":\"2026-03-02T08:00:00Z\",\"By\":\"M"
                        .utf8) + [0xFC, 0x0A]),
            "FILES-003"),
        BadInput(
            "a line that is no JSON", .logged(Array("Good=7 Job=MO-1\n".utf8)), "FILES-011", keeps: "Good=7"),
        BadInput(
            "an impossible date in a log",
            .logged(
                Array("{\"Job\":\"MO-1\",\"Article\":\"BRACKET\",\"Good\":1,\"At\":\"2026-02-30T08:00:00Z\"}\n".utf8)),
            "FILES-012",
            keeps: "2026-02-30"),
        BadInput(
            "a line of 64 MB", .logged(Array(repeating: UInt8(ascii: "x"), count: 64 << 20) + [0x0A]), "FILES-004",
            keeps: "xxxx"),
        BadInput(
            "a record without the field that is counted",
            .logged(Array("{\"Job\":\"MO-1\",\"Article\":\"BRACKET\",\"At\":\"2026-03-02T08:00:00Z\"}\n".utf8)),
            "SIG-006", keeps: "MO-1"),
        BadInput(
            "a quantity below zero",
            .logged(
                Array("{\"Job\":\"MO-1\",\"Article\":\"BRACKET\",\"Good\":-5,\"At\":\"2026-03-02T08:00:00Z\"}\n".utf8)),
            "SIG-011",
            keeps: "-5"),
        BadInput(
            "a record that no signal knows",
            .logged(Array("{\"Kind\":\"alien\",\"At\":\"2026-03-02T08:00:00Z\"}\n".utf8)), "SIG-008", keeps: "alien"),
    ]
}

@Suite("Bad input at a running node", .serialized)
struct BadInputTests {
    private static func settings(odoo: Int) -> [String: String] {
        [
            "millwright.yaml": "node: hub\nlisten: 127.0.0.1:0\nstore: { path: FOLDER/data }\n",
            "plants.yaml": "plants:\n  lyon: { zone: Europe/Paris, assets: { press-1: {} } }\n",
            "sources/door.yaml": "source: door\nprotocol: http\nplant: lyon\n",
            "sources/log.yaml": """
            source: log
            protocol: files
            plant: lyon
            asset: press-1
            folder: { path: FOLDER/machine, pattern: "*.jsonl", mode: follow }
            strict: yes
            format: { kind: jsonlines, timeField: At, record: piece, recordField: Kind }
            poll: 50ms
            quiet: 100ms
            signals:
              - role: count
                on: [piece]
                event: production.completed
                subject: Job
                item: Article
                quantity: { field: Good, unit: pcs }

            """,
            "targets/odoo.yaml": """
            target: odoo
            protocol: odoo
            endpoint: http://127.0.0.1:\(odoo)
            database: demo
            login: mes
            secret: ${env:MILLWRIGHT_TEST_SECRET}
            orderBy: origin
            settle: 1s
            breaker: { failures: 3, cooldown: 300ms }

            """,
            "flows/progress.yaml": """
            flow: progress
            owner: production
            when: { type: "millwright.production.completed.*", plant: lyon }
            target: odoo
            operation: production.progress
            key: subject
            retry: { base: 50ms, cap: 500ms }
            onReject: hold
            jq: "{order: .subject, quantity: .data.quantity, time: .time}"

            """,
            "flows/loop.yaml": """
            flow: loop
            owner: production
            when: { type: "millwright.production.scrapped.*", plant: lyon }
            target: odoo
            operation: scrap.record
            key: subject
            jq: "def f: f; f"

            """,
        ]
    }

    @Test("each kind is named where a person looks, its bytes are kept, and what follows is posted")
    func everything() async throws {
        setenv("MILLWRIGHT_TEST_SECRET", "key-mes", 1)
        let odoo = try await NodeProcess.standIn()
        defer { odoo.stop() }
        let node = try NodeProcess(["run", "--folder", "FOLDER"], files: Self.settings(odoo: odoo.port))
        defer { node.stop() }
        for (index, input) in BadInput.all.enumerated() {
            switch input.way {
            case .refused(let body, let status):
                let answer = try await node.post(body)
                #expect(answer.status == status && answer.text.contains(input.code), "\(input.name): \(answer)")
            case .posted(let body):
                #expect(try await node.post(body).status == 202, "\(input.name)")
                try await expectException(input, node)
            case .logged(let bytes):
                try node.append("machine/log.jsonl", bytes)
                try await expectException(input, node)
            }
            // A good fact behind each bad one, by both ways in.
            #expect(try await node.post(BadInput.event("good-\(index)", order: "MO-1")).status == 202)
            try node.append("machine/log.jsonl", Self.goodLine(index))
        }
        let expected = BadInput.all.count * 2
        let made = try await node.until({ try node.ask("status") }) { Self.accepted($0) == expected }
        #expect(Self.accepted(made) == expected, "\(made)")
        #expect(try await odoo.made() == expected)
        #expect(
            node.residentMB < 200 * NodeProcess.memoryFactor, "memory stays bounded: \(node.residentMB) MB at most")
    }

    private static func goodLine(_ index: Int) -> String {
        "{\"Job\":\"MO-1\",\"Article\":\"BRACKET\",\"Good\":1,\"At\":\"2026-03-02T09:00:\(index + 10)Z\"}\n"
    }

    private static func accepted(_ status: JSON) -> Int { status["targets"]?.array?.first?["accepted"]?.int ?? 0 }

    private func expectException(_ input: BadInput, _ node: NodeProcess) async throws {
        let found = try await node.until({ try node.exceptions() }) { records in
            records.contains { Self.fits($0, input) }
        }
        #expect(found.contains { Self.fits($0, input) }, "\(input.name): \(found.map { $0["code"]?.string ?? "" })")
    }

    private static func fits(_ record: JSON, _ input: BadInput) -> Bool {
        guard record["code"]?.string == input.code, record["suggestion"]?.string?.isEmpty == false else { return false }
        return input.original.isEmpty || record["original"]?.string?.contains(input.original) == true
    }

    @Test("half a line waits for its other half, and counts once")
    func halfLine() async throws {
        setenv("MILLWRIGHT_TEST_SECRET", "key-mes", 1)
        let odoo = try await NodeProcess.standIn()
        defer { odoo.stop() }
        let node = try NodeProcess(["run", "--folder", "FOLDER"], files: Self.settings(odoo: odoo.port))
        defer { node.stop() }
        let line = Self.goodLine(1)
        try node.append("machine/log.jsonl", String(line.prefix(20)))
        #expect(try await node.post(BadInput.event("other", order: "MO-1")).status == 202)
        _ = try await node.until({ try node.ask("status") }) { Self.accepted($0) == 1 }
        try node.append("machine/log.jsonl", String(line.dropFirst(20)))
        let status = try await node.until({ try node.ask("status") }) { Self.accepted($0) == 2 }
        #expect(Self.accepted(status) == 2 && status["exceptions"] == 0)
        #expect(try await odoo.made() == 2)
    }

    @Test("facts wait while Odoo is away or refuses the key, and are posted once when it is back")
    func away() async throws {
        setenv("MILLWRIGHT_TEST_SECRET", "key-mes", 1)
        let odoo = try await NodeProcess.standIn()
        defer { odoo.stop() }
        // A port where nobody listens yet; Odoo itself is complete before anybody reaches it.
        let placeholder = try NodeProcess(["stand-in", "--port", "0"])
        let port = placeholder.port
        placeholder.stop()
        let node = try NodeProcess(["run", "--folder", "FOLDER"], files: Self.settings(odoo: port))
        defer { node.stop() }
        for index in 0..<5 {
            #expect(try await node.post(BadInput.event("away-\(index)", order: "MO-1")).status == 202)
        }
        let waiting = try await node.until({ try node.ask("status") }) {
            $0["targets"]?.array?.first?["pending"]?.int == 5
        }
        #expect(waiting["exceptions"] == 0, "a target that is away is no exception of its events: \(waiting)")
        let front = Process()
        front.executableURL = Program.found
        front.arguments = ["relay", "--listen", "\(port)", "--to", "127.0.0.1:\(odoo.port)"]
        front.standardInput = FileHandle.nullDevice
        try front.run()
        defer { front.terminate() }
        let status = try await node.until({ try node.ask("status") }) { Self.accepted($0) == 5 }
        #expect(Self.accepted(status) == 5, "\(status)")
        #expect(try await odoo.made() == 5)
    }

    @Test("a wrong or expired key holds deliveries, and says so without showing the key")
    func wrongKey() async throws {
        let odoo = try await NodeProcess.standIn()
        defer { odoo.stop() }
        var files = Self.settings(odoo: odoo.port)
        files["targets/odoo.yaml"] = files["targets/odoo.yaml"]?.replacing(
            "${env:MILLWRIGHT_TEST_SECRET}", with: "${file:FOLDER/key}")
        files["key"] = "key-that-expired"
        let node = try NodeProcess(["run", "--folder", "FOLDER"], files: files)
        defer { node.stop() }
        #expect(try await node.post(BadInput.event("k", order: "MO-1")).status == 202)
        let log = try await node.until({ try String(contentsOfFile: "\(node.folder)/log", encoding: .utf8) }) {
            $0.contains("ODOO-002")
        }
        #expect(log.contains("ODOO-002") && !log.contains("key-that-expired"))
        #expect(try node.ask("status")["targets"]?.array?.first?["pending"] == 1)
    }
}
