import Canonical
import Contracts
import ExactJSON
import Foundation
import HTTPConnector
import Synchronization
import Testing
import World
import WorldLive

@Suite("the HTTP source", .timeLimit(.minutes(2)))
struct CloudEventsSourceTests {
    let structured = "application/cloudevents+json; charset=utf-8"
    let batch = "application/cloudevents-batch+json"

    @Test("a structured event is stored byte for byte, with its trailing zeros and its own order")
    func structuredEvent() async throws {
        try await withSource { port, intake in
            let event = Sample.event("1")
            let response = try await post(port, event, structured)
            #expect(response.status == 202)
            #expect(String(decoding: response.body, as: UTF8.self) == #"{"stored":1,"duplicates":0,"refused":[]}"#)
            #expect(intake.documents.map { String(decoding: $0.bytes, as: UTF8.self) } == [event])
            #expect(intake.documents.first?.envelope.source == "/lyon/cnc01")
        }
    }

    @Test("an event that is sent again is a duplicate")
    func duplicate() async throws {
        try await withSource { port, intake in
            _ = try await post(port, Sample.event("1"), structured)
            let again = try await post(port, "[\(Sample.event("1")),\(Sample.event("2"))]", batch)
            #expect(String(decoding: again.body, as: UTF8.self) == #"{"stored":1,"duplicates":1,"refused":[]}"#)
            #expect(intake.documents.count == 2)
        }
    }

    @Test("broken elements of a batch are set aside with index, place, bytes and what to do; the rest is stored")
    func brokenElements() async throws {
        let elements = [
            Sample.event("a"), "17", Sample.event("b", data: #"{"quantity":{"value":"7","unit":"pcs"}}"#),
            Sample.event("c", source: "cnc01"), #"{"specversion":"1.0","id":"x"}"#, Sample.event("d"),
            Sample.event("e", type: "millwright.production.complete.v1"),
            Sample.event("f", data: "null", type: "acme.custom.fact.v1"),
        ]
        try await withSource { port, intake in
            let body = "[ " + elements.joined(separator: " ,\n ") + " ]"
            let response = try await post(port, body, batch)
            #expect(response.status == 202)
            let answer = try JSONReader.read(response.body)
            #expect(answer["stored"]?.int == 3)
            #expect(intake.documents.map(\.envelope.id) == ["a", "d", "f"])
            let refused = try #require(answer["refused"]?.array)
            let codes = [1: "HTTP-002", 2: "HTTP-003", 3: "HTTP-004", 4: "HTTP-002", 6: "HTTP-019"]
            #expect(refused.map { $0["index"]?.int } == [1, 2, 3, 4, 6])
            for entry in refused {
                let index = try #require(entry["index"]?.int)
                #expect(entry["code"]?.string == codes[index])
                #expect(entry["suggestion"]?.string?.isEmpty == false)
                let fault = try #require(intake.faults.first { $0.origin.tag == "event \(index)" })
                #expect(String(decoding: fault.original, as: UTF8.self) == elements[index])
                let offset = try #require(fault.origin.byte)
                #expect(
                    String(decoding: Array(body.utf8)[offset...].prefix(elements[index].utf8.count), as: UTF8.self)
                        == elements[index])
            }
            let data = try #require(refused.first { $0["index"]?.int == 2 }?["reason"]?.string)
            #expect(data.contains("/data/order is required") && data.contains("/data/quantity must be"))
        }
    }

    @Test("a misspelt plant or type is set aside with the name that was meant, and does not pass in silence")
    func misspelt() async throws {
        let elements = [
            Sample.event("a", source: "/lyn/press-1"), Sample.event("b", source: "/lyon/press-1"),
            Sample.event("c", type: "millwright.production.complete.v1"),
            Sample.event("d", data: "null", source: "/anywhere", type: "acme.custom.fact.v1"),
        ]
        try await withSource(plants: ["lyon", "brest"]) { port, intake in
            let response = try await post(port, "[\(elements.joined(separator: ","))]", batch)
            let refused = try #require(try JSONReader.read(response.body)["refused"]?.array)
            #expect(refused.map { $0["code"]?.string } == ["HTTP-004", "HTTP-019"])
            #expect(refused[0]["reason"]?.string?.hasSuffix("names no plant lyn; did you mean lyon?") == true)
            #expect(
                refused[1]["reason"]?.string?.hasSuffix("did you mean millwright.production.completed.v1?") == true)
            #expect(intake.documents.map(\.envelope.id) == ["b", "d"])
        }
    }

    @Test("what the intake sets aside is named with its place in the request, among what the source set aside")
    func refusedByIntake() async throws {
        let elements = [
            Sample.event("a"), "17", Sample.event("b", data: "{}", type: MemoryIntake.refusedType), Sample.event("c"),
            "18",
        ]
        try await withSource { port, intake in
            let response = try await post(port, "[" + elements.joined(separator: ",") + "]", batch)
            #expect(response.status == 202)
            let answer = try JSONReader.read(response.body)
            #expect(answer["stored"]?.int == 2)
            let refused = try #require(answer["refused"]?.array)
            #expect(refused.map { $0["index"]?.int } == [1, 2, 4])
            #expect(refused.map { $0["code"]?.string } == ["HTTP-002", "INTAKE-007", "HTTP-002"])
            #expect(refused[1]["reason"]?.string == "/data lacks \"nm\"")
            #expect(intake.documents.map(\.envelope.id) == ["a", "c"])
        }
    }

    @Test(
        "a body that is no JSON is answered 400 with its place, kept for a person once, and nothing of it is stored",
        arguments: [
            ("application/cloudevents-batch+json", "[\(Sample.event("a")),\n{\"specversion\":]", "line 2, column 16"),
            ("application/cloudevents-batch+json", "[\(Sample.event("a"))", "ends"),
            ("application/cloudevents+json", "{\"id\":\"\u{1}\"}", "control"),
            ("application/cloudevents+json", "", "ends where a value is expected at line 1, column 1"),
        ])
    func noJSON(type: String, body: String, expected: String) async throws {
        try await withSource { port, intake in
            for _ in 0..<2 {
                let response = try await post(port, body, type)
                #expect(response.status == 400)
                #expect(response.headers["content-type"] == "application/problem+json")
                let problem = try JSONReader.read(response.body)
                #expect(problem["code"]?.string == "HTTP-001")
                #expect(problem["detail"]?.string?.contains(expected) == true, "\(problem)")
            }
            #expect(intake.documents.isEmpty)
            #expect(intake.faults.count == 1)
            #expect(intake.faults.first?.original == Array(body.utf8))
        }
    }

    @Test(
        "JSON that holds no event is answered 400 and kept",
        arguments: [
            ("application/cloudevents+json", "[1,2]"), ("application/cloudevents+json", #"{"specversion":"1.0"}"#),
            ("application/cloudevents-batch+json", "{}"),
            ("application/cloudevents+json", #"{"specversion":"0.3","id":"1"}"#),
        ])
    func noEvent(type: String, body: String) async throws {
        try await withSource { port, intake in
            let response = try await post(port, body, type)
            #expect(response.status == 400)
            #expect(try JSONReader.read(response.body)["code"]?.string == "HTTP-002")
            #expect(intake.faults.map(\.original) == [Array(body.utf8)])
        }
    }

    @Test("a binary event becomes the structured document, its JSON data byte for byte")
    func binary() async throws {
        try await withSource { port, intake in
            let response = try await post(
                port, #"{ "order": "MO/1", "quantity": {"unit":"pcs","value":1.10} }"#, "application/json",
                headers: [
                    "ce-specversion": "1.0", "CE-Id": "%C3%A9%20%22x%22", "ce-source": "/lyon/cnc01",
                    "ce-type": "millwright.production.completed.v1",
                    "ce-time": "2026-11-21T09:00:00Z", "ce-subject": "\"quoted \\\"text\\\"\"", "ce-plant": "lyon",
                ])
            #expect(response.status == 202)
            let document = try #require(intake.documents.first)
            #expect(document.envelope.id == "é \"x\"")
            #expect(document.envelope.subject == "quoted \"text\"")
            let text = String(decoding: document.bytes, as: UTF8.self)
            #expect(text.contains(#""data":{ "order": "MO/1", "quantity": {"unit":"pcs","value":1.10} }"#))
            let event = try Event(document: JSONReader.read(document.bytes))
            #expect(event.attributes["plant"] == "lyon")
        }
    }

    @Test(
        "binary data that is no JSON is kept as text or base 64",
        arguments: [
            ("text/plain", Array("grüß\n".utf8), #""data":"grüß\n""#),
            ("image/png", [0x89, 0x50, 0x4E, 0x47], #""data_base64":"iVBORw==""#),
            ("application/octet-stream", [0xFF], #""data_base64":"/w==""#),
            ("application/octet-stream", [1, 2, 3], #""data_base64":"AQID""#),
            ("text/plain", [0xFF, 0xFE], #""data_base64":"//4=""#),
        ] as [(String, [UInt8], String)])
    func binaryData(type: String, body: [UInt8], expected: String) async throws {
        try await withSource { port, intake in
            let response = try await post(
                port, body, type,
                headers: [
                    "ce-specversion": "1.0", "ce-id": "1", "ce-source": "s", "ce-type": "acme.picture.v1",
                    "ce-time": "2026-11-21T09:00:00Z",
                ])
            #expect(response.status == 202)
            let text = String(decoding: try #require(intake.documents.first).bytes, as: UTF8.self)
            #expect(text.contains(expected), "\(text)")
        }
    }

    @Test(
        "headers that cannot be attributes, and JSON data that is none, are refused and kept",
        arguments: [
            (["ce-a_b": "1"], "{}", "HTTP-006"), (["ce-data": "1"], "{}", "HTTP-006"),
            (["ce-subject": "%FF"], "{}", "HTTP-006"),
            (["ce-x": "1", "CE-X": "2"], "{}", "HTTP-006"), ([:], "{\"a\":", "HTTP-001"), ([:], "{}}", "HTTP-001"),
            ([:], "1,\"id\":\"2\"", "HTTP-001"),
        ] as [([String: String], String, String)])
    func badBinary(extra: [String: String], body: String, code: String) async throws {
        try await withSource { port, intake in
            var headers = HTTPHeaders([
                (name: "ce-specversion", value: "1.0"), (name: "ce-id", value: "1"), (name: "ce-source", value: "s"),
                (name: "ce-type", value: "acme.v1"),
                (name: "ce-time", value: "2026-11-21T09:00:00Z"),
            ])
            headers = HTTPHeaders(
                headers.fields + extra.sorted { $0.key < $1.key }.map { (name: $0.key, value: $0.value) })
            let response = try await post(port, body, "application/json", headers: headers)
            #expect(response.status == 400)
            #expect(try JSONReader.read(response.body)["code"]?.string == code)
            #expect(intake.documents.isEmpty)
            #expect(intake.faults.first?.original == Array(body.utf8))
        }
    }

    @Test(
        "a content type that carries no events is told which ones do",
        arguments: ["application/json", "text/xml", "application/cloudevents+avro", nil])
    func unsupported(type: String?) async throws {
        try await withSource { port, _ in
            let response = try await post(port, "{}", type)
            #expect(response.status == 415)
        }
    }

    @Test(
        "only who has the token may send",
        arguments: [
            nil, "", "0123456789abcdeX", "0123456789abcde", "0123456789abcdef0", "0123456789abcdef0123456789abcdef",
        ])
    func token(given: String?) async throws {
        let token = "0123456789abcdef"
        try await withSource(token: token) { port, intake in
            let refused = try await post(port, Sample.event("1"), structured, token: given)
            #expect(refused.status == 401)
            #expect(refused.headers["www-authenticate"]?.hasPrefix("Bearer") == true)
            #expect(!String(decoding: refused.body, as: UTF8.self).contains(token))
            #expect(intake.documents.isEmpty && intake.faults.isEmpty)
            let taken = try await post(
                port, Sample.event("1"), structured, headers: ["Authorization": "bearer \(token)"])
            #expect(taken.status == 202)
        }
    }

    @Test("what cannot be stored now is answered 503, and the sender keeps it")
    func refusing() async throws {
        try await withSource { port, intake in
            intake.state.withLock { $0.mode = .refuses }
            let response = try await post(port, Sample.event("1"), structured)
            #expect(response.status == 503)
            #expect(response.headers["retry-after"] == "5")
            #expect(try JSONReader.read(response.body)["code"]?.string == "STORE-004")
            intake.state.withLock { $0.mode = .works }
            #expect(try await post(port, Sample.event("1"), structured).status == 202)
        }
    }

    @Test("an intake that keeps a request waiting too long is answered 503")
    func waiting() async throws {
        let source = try CloudEventsSource(
            name: "lab", settings: settings(), token: nil, world: world(clock: ImpatientClock()), limits: Limits())
        let intake = MemoryIntake()
        intake.state.withLock { $0.mode = .waits }
        let route = try #require(source.routes.first)
        let request = HTTPRequest(
            method: "POST", target: "/v1/events", headers: ["Content-Type": structured],
            body: Array(Sample.event("1").utf8))
        #expect(await route.handle(request, [:]).status == 503, "nobody runs the source yet")
        await withTaskGroup { group in
            group.addTask { try? await source.run(intake) }
            var detail = ""
            while !detail.contains("could not store within") {
                let response = await route.handle(request, [:])
                #expect(response.status == 503)
                detail = String(decoding: response.body, as: UTF8.self)
                await Task.yield()
            }
            group.cancelAll()
        }
    }

    @Test("limits on events and nesting hold, each with its reason")
    func limits() async throws {
        var limits = Limits()
        limits.batchEvents = 3
        limits.eventBytes = 1_000
        limits.jsonDepth = 10
        limits.originalBytes = 100
        try await withSource(limits: limits) { port, intake in
            let many = try await post(
                port, "[" + (0..<4).map { Sample.event("\($0)") }.joined(separator: ",") + "]", batch)
            #expect(many.status == 400)
            #expect(String(decoding: many.body, as: UTF8.self).contains("more than 3 events"))
            let large = try await post(
                port, "[\(Sample.event("x", data: "\"\(String(repeating: "y", count: 2_000))\"", type: "acme.v1"))]",
                batch)
            #expect(String(decoding: large.body, as: UTF8.self).contains("HTTP-005"))
            #expect(intake.faults.last?.original.count == 100)
            let deep = try await post(
                port,
                Sample.event(
                    "d", data: String(repeating: "[", count: 50) + String(repeating: "]", count: 50), type: "acme.v1"),
                structured)
            #expect(deep.status == 400)
            #expect(intake.documents.isEmpty)
        }
    }

    @Test("of many broken bodies each sender is told, the first are kept, and the others are counted")
    func manyBroken() async throws {
        let clock = AheadClock()
        try await withSource(clock: clock) { port, intake in
            for number in 0..<(FaultTally.burst + 10) {
                let response = try await post(port, "{\"n\":\(number)", structured)
                #expect(response.status == 400)
                let problem = try JSONReader.read(response.body)
                #expect(problem["code"]?.string == "HTTP-001")
            }
            #expect(intake.faults.count == FaultTally.burst)
            clock.advance(FaultTally.interval)
            _ = try await post(port, "{\"last\":", structured)
            #expect(intake.faults.count == FaultTally.burst + 1)
            let told = try #require(intake.faults.last)
            #expect(told.failure.message.contains("10 more like it since"))
            #expect(told.original == Array("{\"last\":".utf8))
        }
    }

    @Test("a broken body that could not be stored is kept when it comes again")
    func brokenWhileFull() async throws {
        try await withSource { port, intake in
            intake.state.withLock { $0.mode = .refuses }
            let refused = try await post(port, "{\"n\":", structured)
            #expect(refused.status == 503)
            intake.state.withLock { $0.mode = .works }
            let answered = try await post(port, "{\"n\":", structured)
            #expect(answered.status == 400)
            #expect(intake.faults.map(\.original) == [Array("{\"n\":".utf8)])
        }
    }

    @Test("random damage to a batch is answered, never taken for more events than were sent")
    func damage() async throws {
        let seed = UInt64(20_261_121)
        var random = Seeded(state: seed)
        try await withSource { port, intake in
            let whole = Array("[\(Sample.event("1")),\(Sample.event("2")),\(Sample.event("3"))]".utf8)
            for round in 0..<300 {
                var body = whole
                for _ in 0..<(1 + random.next() % 3) {
                    body[Int(random.next() % UInt64(body.count))] = UInt8(truncatingIfNeeded: random.next())
                }
                let response = try await post(port, body, batch)
                #expect([202, 400].contains(response.status), "seed \(seed), round \(round)")
                if response.status == 202 {
                    let answer = try JSONReader.read(response.body)
                    let count =
                        (answer["stored"]?.int ?? 0) + (answer["duplicates"]?.int ?? 0)
                        + (answer["refused"]?.array?.count ?? 0)
                    #expect(count == 3, "seed \(seed), round \(round): \(answer)")
                }
            }
            #expect(intake.documents.allSatisfy { (try? JSONReader.read($0.bytes)) != nil })
        }
    }

    @Test("settings that cannot work are refused with a way out")
    func badSettings() {
        for path in ["events", "/", "/a/", "/a?b", "/{x}", "/a b"] {
            #expect(throws: SettingFault.self) {
                _ = try CloudEventsSource(
                    name: "lab", settings: settings(["path": .text(path)]), token: nil, world: world(), limits: Limits()
                )
            }
        }
        #expect {
            _ = try CloudEventsSource(
                name: "lab", settings: settings(), token: "short", world: world(), limits: Limits())
        } throws: {
            "\($0)".contains("openssl rand -hex 32") && !"\($0)".contains("short")
        }
    }

    @Test("the example in the spec is the example file, and the README names every setting")
    func documents() throws {
        let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
            .appendingPathComponent("Sources/Connectors/HTTP")
        guard FileManager.default.fileExists(atPath: folder.path) else { return }
        #expect(
            try String(contentsOf: folder.appendingPathComponent("example.yaml"), encoding: .utf8)
                == [HTTPSpec.source, HTTPSpec.target].map { $0.example.trimmed + "\n" }.joined(separator: "---\n"))
        let readme = try String(contentsOf: folder.appendingPathComponent("README.md"), encoding: .utf8)
        for field in HTTPSpec.source.fields + HTTPSpec.target.fields {
            #expect(readme.contains("`\(field.name)`"), "\(field.name)")
        }
        for kind in HTTPTargetFailures.all { #expect(readme.contains("`\(kind.code)`"), "\(kind.code)") }
    }
}

extension String {
    fileprivate var trimmed: String { trimmingCharacters(in: .newlines) }
}

struct Seeded: RandomNumberGenerator {
    var state: UInt64
    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ z >> 30) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ z >> 27) &* 0x94D0_49BB_1331_11EB
        return z ^ z >> 31
    }
}

/// The live clock, ahead by as much as a test says.
private final class AheadClock: WorldClock {
    private let ahead = Mutex(Duration.zero)

    func advance(_ duration: Duration) { ahead.withLock { $0 += duration } }
    func now() -> Instant { LiveClock().now() + ahead.withLock { $0 } }
    func uptime() -> Duration { LiveClock().uptime() + ahead.withLock { $0 } }
    func sleep(for duration: Duration) async throws { try await LiveClock().sleep(for: duration) }
}
