import Console
import ExactJSON
import Testing
import World

/// Requests that no client would make, byte by byte over a socket: through the HTTP library, the listener and the source.
@Suite("requests made to do harm", .timeLimit(.minutes(2)))
struct HostileRequestTests {
    private static let event = Sample.event("1")
    private static let heads = [
        "POST /v1/events HTTP/1.1", "POST /v1/events?a=%zz&&=b HTTP/1.1", "POST /v1/events/ HTTP/1.1",
        "POST /v1/../v1/events HTTP/1.1", "POST /v1/events%00 HTTP/1.1", "POST http://a/v1/events HTTP/1.1",
        "POST //v1//events HTTP/1.1", "GET /v1/events HTTP/1.1", "OPTIONS * HTTP/1.1", "CONNECT a:1 HTTP/1.1",
        "POST /v1/events HTTP/1.0", "POST /v1/events HTTP/9.9", "PRI * HTTP/2.0", "POST \u{0} HTTP/1.1", "POST",
        "P\u{D}ST /v1/events HTTP/1.1", "POST /\u{FF}\u{1B}[2J HTTP/1.1", "",
    ]
    private static let fields = [
        "Host: a", "Host:", "Content-Type: application/cloudevents+json",
        "Content-Type: application/cloudevents-batch+json", "Content-Type: application/cloudevents+xml",
        "Content-Type: text/plain", "ce-id: 1", "ce-id: %E0%80", "ce-id: \u{1}", "ce-source: /a", "ce-type: t",
        "ce-specversion: 1.0", "ce-specversion: 9", "ce-time: 9999-12-31T23:59:60Z", "ce-A_B: 1",
        "Authorization: Bearer x",
        "Content-Length: 5", "Content-Length: 5, 6", "Content-Length: 18446744073709551617", "Content-Length: 0x10",
        "Content-Length: -1", "Transfer-Encoding: chunked", "Transfer-Encoding: gzip, chunked",
        "Transfer-Encoding: xchunked", "Expect: 100-continue", "Expect: everything", "Connection: close, upgrade",
        "Upgrade: h2c", "X: \(String(repeating: "y", count: 20_000))", " folded: 1", "no colon", ": no name",
        "X\u{0}: 1", "X: a\u{0}b", "Content-Encoding: gzip", "Range: bytes=0-", "Trailer: Content-Length",
    ]
    private static let bodies = [
        event, "[\(event),\(event)", "", "{", String(repeating: "[", count: 5_000), "5\r\nhello\r\n0\r\n\r\n",
        "ffffffffffffffff\r\nx\r\n", "-1\r\n\r\n", "5;ext=\"\r\nhello\r\n0\r\nX: 1\r\n\r\n",
        "0\r\nContent-Length: 9\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: a\r\n\r\n", "\u{1F}\u{8B}\u{8}", String(repeating: "\u{0}", count: 3_000),
    ]

    /// A request of these pieces; every third one has some bytes changed as well.
    private static func request(_ random: inout Seeded) -> [UInt8] {
        func pick(_ list: [String]) -> String { list[Int(random.next() % UInt64(list.count))] }
        var lines = [random.next() % 3 == 0 ? pick(heads) : heads[0]]
        for _ in 0..<(random.next() % 8) { lines.append(pick(fields)) }
        let body = pick(bodies)
        // Half of them are complete requests, so that the source gets to see their bodies.
        if random.next() % 2 == 0 { lines += ["Host: a", "Content-Length: \(body.utf8.count)"] }
        var bytes = Array((lines.joined(separator: "\r\n") + "\r\n\r\n" + body).utf8)
        guard random.next() % 3 == 0 else { return bytes }
        for _ in 0..<(1 + random.next() % 4) {
            bytes[Int(random.next() % UInt64(bytes.count))] = UInt8(truncatingIfNeeded: random.next())
        }
        return bytes
    }

    @Test("each is answered as HTTP or closed in time, none is a fault of the server's, and the next client is served")
    func noise() async throws {
        let seed = UInt64(20_261_122)
        var random = Seeded(state: seed)
        var listening = ListenerLimits()
        listening.idle = .milliseconds(250)
        listening.body = .milliseconds(250)
        listening.linger = .milliseconds(100)
        let allowed: Set<String> = ["100", "202", "204", "400", "404", "405", "408", "413", "415", "431", "501", "505"]
        try await withSource(listening: listening) { port, intake in
            for round in 0..<20 {
                let requests = (0..<32).map { _ in Self.request(&random) }
                let answers = try await withThrowingTaskGroup(of: [UInt8].self) { group in
                    for request in requests { group.addTask { try await Self.exchange(port, request) } }
                    return try await group.reduce(into: [[UInt8]]()) { $0.append($1) }
                }
                for answer in answers where !answer.isEmpty {
                    let text = String(decoding: answer, as: UTF8.self)
                    let status = text.dropFirst(9).prefix(3)
                    #expect(text.hasPrefix("HTTP/1.1 "), "seed \(seed), round \(round): \(text.prefix(100))")
                    #expect(allowed.contains(String(status)), "seed \(seed), round \(round): \(text.prefix(300))")
                }
                // It still serves whoever comes next.
                let good = try await post(port, Sample.event("g\(round)"), "application/cloudevents+json")
                #expect(good.status == 202, "seed \(seed), round \(round)")
            }
            #expect(intake.documents.allSatisfy { (try? JSONReader.read($0.bytes)) != nil })
        }
    }

    /// What the server says until it closes. A connection that it resets over bytes it does not want has said nothing.
    private static func exchange(_ port: Int, _ request: [UInt8]) async throws -> [UInt8] {
        let stream = try await client.connect(host: "127.0.0.1", port: port, timeout: .seconds(10))
        var answer: [UInt8] = []
        do throws(NetworkFailure) {
            try await stream.write(request)
            while let bytes = try await stream.read(timeout: .seconds(10)) { answer += bytes }
        } catch {
            guard error.reason == .broken else { throw error }
        }
        await stream.close()
        return answer
    }
}
