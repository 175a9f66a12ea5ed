import Console
import Contracts
import ExactJSON
import Foundation
import Synchronization
import Testing
import World
import WorldLive

@Suite("the listener", .timeLimit(.minutes(2)))
struct ListenerTests {
    private let echo = Route("POST", "/echo/{name}", maximumBody: 100_000) { request, parameters in
        HTTPResponse(
            status: 201, headers: ["X-Name": parameters["name"] ?? "", "X-Query": request.query["q"] ?? ""],
            body: request.body)
    }

    private func problem(_ response: HTTPResponse) throws -> JSON {
        #expect(response.headers["content-type"] == "application/problem+json")
        return try JSONReader.read(response.body)
    }

    @Test("a route gets method, path, query, headers and body, and its answer goes out")
    func answers() async throws {
        try await withListener([echo]) { port in
            let response = try await get(port, "/echo/a%20b?q=c%26d", method: "POST", body: Array("hello".utf8))
            #expect(response.status == 201)
            #expect(response.headers["x-name"] == "a b")
            #expect(response.headers["x-query"] == "c&d")
            #expect(response.headers["x-content-type-options"] == "nosniff")
            #expect(response.body == Array("hello".utf8))
        }
    }

    @Test("what is not there and what is not allowed is said in a problem document")
    func problems() async throws {
        try await withListener([echo]) { port in
            let missing = try await get(port, "/nothing/here?x=1")
            #expect(missing.status == 404)
            #expect(try problem(missing)["detail"]?.string == "nothing is at /nothing/here")
            let wrong = try await get(port, "/echo/x", method: "DELETE")
            #expect(wrong.status == 405)
            #expect(wrong.headers["allow"] == "POST")
            #expect(try problem(wrong)["status"]?.int == 405)
            let options = try await get(port, "/echo/x", method: "OPTIONS")
            #expect(options.status == 204)
            #expect(options.headers["allow"] == "POST")
        }
    }

    @Test("HEAD is answered as GET without its body")
    func head() async throws {
        let route = Route("GET", "/x", maximumBody: 0) { _, _ in HTTPResponse(status: 200, body: Array("body".utf8)) }
        try await withListener([route]) { port in
            let client = try await RawClient(port)
            try await client.send("HEAD /x HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
            let answer = try await client.rest()
            #expect(answer.hasPrefix("HTTP/1.1 200 OK\r\n"))
            #expect(answer.lowercased().contains("content-length: 4\r\n"))
            #expect(answer.hasSuffix("\r\n\r\n"))
        }
    }

    @Test("requests that are sent at once are answered one after the other")
    func pipelined() async throws {
        try await withListener([echo]) { port in
            let client = try await RawClient(port)
            for number in 1...3 {
                try await client.send(
                    "POST /echo/n HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\n\(number == 3 ? "Connection: close\r\n" : "")\r\n\(number)"
                )
            }
            let answer = try await client.rest()
            #expect(answer.components(separatedBy: "HTTP/1.1 201").count == 4)
            #expect(answer.split(separator: "\r\n\r\n").dropFirst().map { $0.prefix(1) } == ["1", "2", "3"])
        }
    }

    @Test(
        "a body over the limit is answered 413, announced or not, and the client gets to read it",
        arguments: [true, false])
    func tooLarge(isAnnounced: Bool) async throws {
        let calls = Mutex(0)
        let route = Route("POST", "/small", maximumBody: 1_000) { _, _ in
            calls.withLock { $0 += 1 }
            return HTTPResponse(status: 200)
        }
        try await withListener([route]) { port in
            let client = try await RawClient(port)
            let piece = String(repeating: "x", count: 1_000)
            try await client.send(
                "POST /small HTTP/1.1\r\nHost: a\r\n\(isAnnounced ? "Content-Length: 3000000" : "Transfer-Encoding: chunked")\r\n\r\n"
            )
            for _ in 0..<3_000 { try? await client.send(isAnnounced ? piece : "3e8\r\n\(piece)\r\n") }
            let answer = try await client.rest()
            #expect(answer.hasPrefix("HTTP/1.1 413 "))
            #expect(answer.contains("longer than 1000 bytes"))
        }
        #expect(calls.withLock { $0 } == 0)
    }

    @Test("curl gets the 413 of a large upload", .enabled(if: has("curl")))
    func curlTooLarge() async throws {
        let file = NSTemporaryDirectory() + "millwright-\(UUID().uuidString)"
        try Data(count: 8 << 20).write(to: URL(fileURLWithPath: file))
        defer { try? FileManager.default.removeItem(atPath: file) }
        try await withListener([Route("POST", "/small", maximumBody: 1_000) { _, _ in HTTPResponse(status: 200) }]) {
            port in
            let (_, output) = try await run(
                "curl", "-s", "-o", "/dev/null", "-w", "%{http_code}", "--data-binary", "@\(file)",
                "http://127.0.0.1:\(port)/small")
            #expect(output == "413")
        }
    }

    @Test(
        "what is no HTTP, or has too much of a header, is answered and closed",
        arguments: [
            ("GARBAGE\r\n\r\n", "HTTP/1.1 400"),
            ("GET / HTTP/1.1\r\nHost: a\r\nContent-Length: -1\r\n\r\n", "HTTP/1.1 400"),
            ("GET / HTTP/1.1\r\nX: \(String(repeating: "y", count: 40_000))\r\n\r\n", "HTTP/1.1 431"),
            ("GET / HTTP/1.1\r\n\(String(repeating: "X: y\r\n", count: 200))\r\n", "HTTP/1.1 431"),
        ])
    func malformed(request: String, expected: String) async throws {
        try await withListener { port in
            let client = try await RawClient(port)
            try await client.send(request)
            let answer = try await client.rest()
            #expect(answer.hasPrefix(expected), "\(answer.prefix(200))")
            #expect(answer.components(separatedBy: "HTTP/1.1 4").count == 2)
        }
    }

    @Test("a client that sends nothing, or half a head, is closed", arguments: ["", "GET / HTTP/1.1\r\nHost: a\r\n"])
    func idle(beginning: String) async throws {
        var limits = ListenerLimits()
        limits.idle = .milliseconds(700)
        try await withListener(limits: limits) { port in
            let client = try await RawClient(port)
            if !beginning.isEmpty { try await client.send(beginning) }
            #expect(try await client.rest() == "")
        }
    }

    @Test("a body that comes too slowly is answered 408, however steadily it drips")
    func slowBody() async throws {
        var limits = ListenerLimits()
        limits.body = .milliseconds(200)
        let calls = Mutex(0)
        let route = Route("POST", "/slow", maximumBody: 1_000) { _, _ in
            calls.withLock { $0 += 1 }
            return HTTPResponse(status: 200)
        }
        try await withListener([route], limits: limits) { port in
            let client = try await RawClient(port)
            try await client.send("POST /slow HTTP/1.1\r\nHost: a\r\nContent-Length: 1000\r\n\r\n")
            var answer = ""
            for _ in 0..<100 where answer.isEmpty {
                try? await client.send("x")
                if let bytes = try? await client.stream.read(timeout: .milliseconds(20)) {
                    answer += String(decoding: bytes, as: UTF8.self)
                }
            }
            #expect(answer.hasPrefix("HTTP/1.1 408 "))
        }
        #expect(calls.withLock { $0 } == 0)
    }

    @Test("a client that dies in the middle of its body is never taken for a whole one", arguments: [true, false])
    func killedMidBody(isAnnounced: Bool) async throws {
        let calls = Mutex(0)
        let route = Route("POST", "/events", maximumBody: 1_000) { _, _ in
            calls.withLock { $0 += 1 }
            return HTTPResponse(status: 200)
        }
        try await withListener([route]) { port in
            for _ in 0..<20 {
                let client = try await RawClient(port)
                try await client.send(
                    "POST /events HTTP/1.1\r\nHost: a\r\n\(isAnnounced ? "Content-Length: 10" : "Transfer-Encoding: chunked")\r\n\r\n"
                )
                try await client.send(isAnnounced ? "12345" : "5\r\n12345\r\n")
                await client.stream.close()
            }
            // The listener goes on, and by this answer it has seen the closed connections before it.
            #expect(try await get(port, "/events", method: "POST", body: [1]).status == 200)
        }
        #expect(calls.withLock { $0 } == 1)
    }

    @Test("connections over the limit wait until one closes")
    func connectionLimit() async throws {
        var limits = ListenerLimits()
        limits.connections = 1
        try await withListener([echo], limits: limits) { port in
            let first = try await RawClient(port)
            try await first.send("POST /echo/a HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n")
            _ = try await first.read(until: "\r\n\r\n")
            let second = try await RawClient(port)
            try await second.send("POST /echo/b HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n")
            await #expect { _ = try await second.stream.read(timeout: .milliseconds(100)) } throws: {
                ($0 as? NetworkFailure)?.reason == .timeout
            }
            await first.stream.close()
            #expect(try await second.read(until: "\r\n\r\n").hasPrefix("HTTP/1.1 201"))
            await second.stream.close()
        }
    }

    @Test("Expect: 100-continue is answered before the body comes")
    func expectContinue() async throws {
        try await withListener([echo]) { port in
            let client = try await RawClient(port)
            try await client.send(
                "POST /echo/a HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nConnection: close\r\nContent-Length: 2\r\n\r\n"
            )
            #expect(try await client.read(until: "\r\n\r\n") == "HTTP/1.1 100 Continue\r\n\r\n")
            try await client.send("ok")
            #expect(try await client.rest().hasPrefix("HTTP/1.1 201"))
        }
    }

    @Test("an address that is taken is said, with what to do")
    func addressInUse() async throws {
        try await withListener { port in
            let second = try Listener(ListenerSettings(host: "127.0.0.1", port: port), routes: [], disk: LiveDisk())
            await #expect {
                try await second.run()
            } throws: { error in
                (error as? Failure)?.kind.code == "LISTEN-002"
                    && "\(error)".contains("127.0.0.1:\(port): Address already in use")
            }
        }
    }

    @Test(
        "without TLS only this machine is served",
        arguments: ["0.0.0.0", "192.168.1.4", "::", "plant.example", "127.0.0.1.example"])
    func unprotected(host: String) {
        #expect { try Listener(ListenerSettings(host: host, port: 0), routes: [], disk: LiveDisk()) } throws: {
            ($0 as? Failure)?.kind.code == "LISTEN-001"
        }
    }

    @Test("health says live always and ready only without a reason against it")
    func health() async throws {
        let reasons = Mutex<[String]>([])
        let routes = [HealthRoutes.live { nil }, HealthRoutes.ready { reasons.withLock { $0 } }]
        try await withListener(routes) { port in
            #expect(try await get(port, "/health/live").status == 200)
            #expect(try await get(port, "/health/ready").status == 200)
            reasons.withLock { $0 = ["the store is full"] }
            let answer = try await get(port, "/health/ready")
            #expect(answer.status == 503)
            #expect(try JSONReader.read(answer.body)["reasons"]?[0]?.string == "the store is full")
            #expect(try await get(port, "/health/live").status == 200)
        }
    }
}
