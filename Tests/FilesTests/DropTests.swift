import Canonical
import Contracts
import ExactJSON
import Testing
import World

@testable import FilesConnector

@Suite("drop folder")
struct DropTests {
    private struct Shop {
        var bench: Bench
        var folder: DropFolder

        init(
            _ format: JSON, drop: JSON = [:], disk: MemoryDisk = MemoryDisk(), intake: TestIntake = TestIntake(),
            limits: Limits = Limits()
        ) throws {
            bench = try Bench(
                ["folder": ["path": "/shop", "mode": "drop", "pattern": "**"], "format": format, "drop": drop],
                disk: disk,
                intake: intake, limits: limits)
            folder = DropFolder(
                bench.options, try #require(bench.drop), world: .test(disk, bench.clock), intake: intake)
        }

        /// Lets the quiet time go by and takes in what is ready.
        mutating func take() async throws {
            _ = try await folder.pass()
            bench.clock.advance(.seconds(40))
            _ = try await folder.pass()
        }

        mutating func restart() throws {
            folder = DropFolder(
                bench.options, try #require(bench.drop), world: .test(bench.disk, bench.clock), intake: bench.intake)
        }
    }

    static let csv = "order,good\nA,1\nB,2\nC,3\n"

    @Test("a document is taken in when it is whole, and moved away")
    func taken() async throws {
        var shop = try Shop(["kind": "csv"])
        let disk = shop.bench.disk
        disk.write("order,good\nA,1\n", to: "/shop/in/sub/orders.csv")
        _ = try await shop.folder.pass()
        shop.bench.clock.advance(.seconds(1))
        disk.write("B,2", to: "/shop/in/sub/orders.csv")
        _ = try await shop.folder.pass()
        shop.bench.clock.advance(.milliseconds(1_500))
        _ = try await shop.folder.pass()
        #expect(shop.bench.intake.readings.isEmpty, "it was still growing")
        try await shop.take()
        #expect(
            shop.bench.intake.readings.map(\.value) == [
                .record(["order": "A", "good": "1"]), .record(["order": "B", "good": "2"]),
            ])
        #expect(disk.paths == ["/shop/done/sub/orders.csv"])
        #expect(
            shop.bench.intake.readings.map(\.origin.description) == [
                "sub/orders.csv line 2 (byte 11)", "sub/orders.csv line 3 (byte 15)",
            ])
        #expect(shop.bench.intake.names == ["orders", "orders"])
    }

    @Test("a document whose name is no UTF-8 is told of once, and the others are taken in")
    func brokenName() async throws {
        var shop = try Shop(["kind": "csv"])
        let disk = shop.bench.disk
        disk.write(Self.csv, to: "/shop/in/orders.csv")
        disk.write(Self.csv, to: "/shop/in/Gr\\xF6sse.csv")
        disk.breakName(of: "/shop/in/Gr\\xF6sse.csv")
        try await shop.take()
        try await shop.take()
        #expect(shop.bench.intake.faults.map(\.failure.kind.code) == ["FILES-023"])
        #expect(disk.paths == ["/shop/done/orders.csv", "/shop/in/Gr\\xF6sse.csv"])
    }

    @Test("killed at any step, a document is taken in once and moved", arguments: 0..<12)
    func crash(_ step: Int) async throws {
        let disk = MemoryDisk()
        let intake = TestIntake()
        var limits = Limits()
        limits.batchEvents = 2
        disk.write(Self.csv + "D,4\nE,5\n", to: "/shop/in/a.csv")
        disk.write(Self.csv, to: "/shop/done/a.csv")
        var shop = try Shop(["kind": "csv"], disk: disk, intake: intake, limits: limits)
        if step < 6 {
            intake.die(after: step / 2, storing: step % 2 == 0)
        } else {
            disk.fail(after: step - 6)
        }
        do { try await shop.take() } catch is CancellationError {}
        intake.live()
        disk.fail(after: nil)
        try shop.restart()
        try await shop.take()
        #expect(intake.readings.count == 5, "step \(step)")
        #expect(Set(intake.facts).count == 5)
        #expect(disk.paths == ["/shop/done/a-1.csv", "/shop/done/a.csv"])
    }

    @Test("a document with a fault is refused whole, with a report that says where")
    func refused() async throws {
        var shop = try Shop(["kind": "csv"])
        let disk = shop.bench.disk
        disk.write("order,good\nA,1\nB,2,3,4\nC,3\n", to: "/shop/in/a.csv")
        disk.write("older", to: "/shop/failed/a.csv")
        try await shop.take()
        #expect(shop.bench.intake.readings.isEmpty)
        #expect(disk.paths == ["/shop/failed/a-1.csv", "/shop/failed/a-1.csv.error.json", "/shop/failed/a.csv"])
        let report = try JSONReader.read(disk.bytes("/shop/failed/a-1.csv.error.json"))
        #expect(report["readable"] == 2)
        #expect(report["faults"]?[0]?["line"] == 3)
        #expect(report["faults"]?[0]?["byte"] == 15)
        #expect(report["faults"]?[0]?["code"] == "FILES-008")
        #expect(report["faults"]?[0]?["next"]?.string?.isEmpty == false)
        #expect(shop.bench.intake.faults.map(\.failure.kind.code) == ["FILES-016"])
        // Corrected and dropped again, it is taken in.
        disk.write(Self.csv, to: "/shop/in/a.csv")
        try await shop.take()
        #expect(shop.bench.intake.readings.count == 3)
    }

    @Test("where faults are accepted, what is right is taken in and the rest waits")
    func accepted() async throws {
        var shop = try Shop(["kind": "csv"], drop: ["faults": "accept"])
        shop.bench.disk.write("order,good\nA,1\nB,2,3,4\nC,3\n", to: "/shop/in/a.csv")
        try await shop.take()
        #expect(shop.bench.intake.readings.count == 2)
        #expect(shop.bench.intake.faults.map(\.failure.kind.code) == ["FILES-008"])
        #expect(shop.bench.disk.paths == ["/shop/done/a.csv"])
    }

    @Test("the same document again is ignored, or a new one where that is meant", arguments: ["ignore", "accept"])
    func repeats(_ repeats: String) async throws {
        var shop = try Shop(["kind": "csv"], drop: ["repeats": .string(repeats)])
        for _ in 0..<2 {
            shop.bench.disk.write(Self.csv, to: "/shop/in/a.csv")
            try await shop.take()
        }
        #expect(shop.bench.intake.readings.count == (repeats == "ignore" ? 3 : 6))
        #expect(Set(shop.bench.intake.facts).count == shop.bench.intake.readings.count)
        #expect(shop.bench.disk.paths == ["/shop/done/a-1.csv", "/shop/done/a.csv"])
    }

    @Test("a marker or a final name shows that a document is whole")
    func readiness() async throws {
        var shop = try Shop(["kind": "csv"], drop: ["ready": "marker"])
        shop.bench.disk.write(Self.csv, to: "/shop/in/a.csv")
        try await shop.take()
        #expect(shop.bench.intake.readings.isEmpty)
        shop.bench.disk.write("", to: "/shop/in/a.csv.ready")
        _ = try await shop.folder.pass()
        #expect(shop.bench.intake.readings.count == 3)
        #expect(shop.bench.disk.paths == ["/shop/done/a.csv"])

        var other = try Shop(["kind": "csv"], drop: ["ready": "rename"])
        other.bench.disk.write(Self.csv, to: "/shop/in/a.csv.part")
        _ = try await other.folder.pass()
        #expect(other.bench.intake.readings.isEmpty)
        other.bench.disk.rename("/shop/in/a.csv.part", "/shop/in/a.csv")
        _ = try await other.folder.pass()
        #expect(other.bench.intake.readings.count == 3)
    }

    private static func event(_ id: String) -> String {
        #"{"specversion":"1.0","id":"\#(id)","source":"/lyon/erp","type":"millwright.item.changed.v1","#
            + #""time":"2025-02-03T06:00:00Z","data":{"n":1.10}}"#
    }

    @Test("CloudEvents are handed in as they stand, one alone or many")
    func events() async throws {
        var shop = try Shop(["kind": "cloudevents"])
        shop.bench.disk.write("\u{FEFF}" + Self.event("1"), to: "/shop/in/1.json")
        shop.bench.disk.write("[\n" + Self.event("2") + ",\n" + Self.event("3") + "]", to: "/shop/in/2.json")
        try await shop.take()
        #expect(shop.bench.intake.documents.map(\.envelope.id) == ["1", "2", "3"], "\(shop.bench.intake.faults)")
        #expect(shop.bench.intake.documents.map { String(decoding: $0.bytes, as: UTF8.self) }.last == Self.event("3"))
        #expect(shop.bench.disk.paths == ["/shop/done/1.json", "/shop/done/2.json"])
    }

    @Test(
        "a document that is no CloudEvents is refused with its line",
        arguments: [
            ("[\n{\"id\":\"1\"},\n\(event("2"))]", 2, 1), ("{\n  \"broken\":\n", 2, 0), ("", 1, 0),
            ("\(event("1"))\n x", 2, 0),
        ])
    func noEvents(_ text: String, _ line: Int, _ readable: Int) async throws {
        var shop = try Shop(["kind": "cloudevents"])
        shop.bench.disk.write(text, to: "/shop/in/1.json")
        try await shop.take()
        #expect(shop.bench.intake.documents.isEmpty)
        let report = try JSONReader.read(shop.bench.disk.bytes("/shop/failed/1.json.error.json"))
        #expect(report["faults"]?[0]?["line"]?.int == line, "\(report)")
        #expect(report["readable"]?.int == readable)
    }

    @Test("a document that is too large for its kind is refused")
    func tooLarge() async throws {
        var limits = Limits()
        limits.requestBytes = 1_000
        var shop = try Shop(["kind": "cloudevents"], limits: limits)
        shop.bench.disk.write(String(repeating: " ", count: 1_001), to: "/shop/in/1.json")
        try await shop.take()
        #expect(shop.bench.disk.text("/shop/failed/1.json.error.json").contains("FILES-004"))
    }

    @Test("sections and JSON lines are whole documents too")
    func otherFormats() async throws {
        var sections = try Shop(["kind": "sections", "attach": "Counter"])
        sections.bench.disk.write("[A]\nk=1\n[Counter]\nWire=2", to: "/shop/in/a.sdc")
        try await sections.take()
        #expect(sections.bench.intake.readings.map(\.value) == [.record(["k": "1", "Counter": ["Wire": "2"]])])
        var lines = try Shop(["kind": "jsonlines"])
        lines.bench.disk.write("{\"n\":1.10}\n{\"n\":2}", to: "/shop/in/a.jsonl")
        try await lines.take()
        #expect(lines.bench.intake.readings.count == 2)
    }
}
