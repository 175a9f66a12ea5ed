import Console
import Contracts
import ExactJSON
import Testing
import World

@Suite("request bodies in all", .timeLimit(.minutes(2)))
struct BodyBudgetTests {
    private var limits: ListenerLimits {
        var limits = ListenerLimits()
        limits.bodies = 1_000
        return limits
    }
    private let quick = Route("POST", "/quick", maximumBody: 800) { request, _ in
        HTTPResponse(status: 200, body: Array("\(request.body.count)".utf8))
    }

    private func post(_ port: Int, _ bytes: Int) async throws -> HTTPResponse {
        try await get(port, "/quick", method: "POST", body: Array(repeating: 0x78, count: bytes))
    }

    @Test("what does not fit beside the bodies under way is asked to come again, and fits when they are done")
    func room() async throws {
        let arrived = Waitable<Bool>()
        let mayEnd = Waitable<Bool>()
        let slow = Route("POST", "/slow", maximumBody: 800) { _, _ in
            arrived.set(true)
            _ = await mayEnd.value
            return HTTPResponse(status: 200)
        }
        try await withListener([quick, slow], limits: limits) { port in
            let body = String(repeating: "x", count: 800)
            let first = try await RawClient(port)
            try await first.send("POST /slow HTTP/1.1\r\nHost: a\r\nContent-Length: 800\r\n\r\n\(body)")
            _ = await arrived.value

            let refused = try await post(port, 201)
            #expect(refused.status == 503)
            #expect(refused.headers["retry-after"] == "2")
            #expect(try JSONReader.read(refused.body)["status"]?.int == 503)
            #expect(try await post(port, 200).status == 200)
            // One that does not announce its length is stopped where it becomes too much.
            let unannounced = try await RawClient(port)
            try await unannounced.send("POST /quick HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n")
            try await unannounced.send("190\r\n\(body.prefix(400))\r\n0\r\n\r\n")
            #expect(try await unannounced.rest().hasPrefix("HTTP/1.1 503 "))
            // Who asks before sending is told before sending.
            let asking = try await RawClient(port)
            try await asking.send(
                "POST /quick HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 300\r\n\r\n")
            #expect(try await asking.rest().hasPrefix("HTTP/1.1 503 "))

            mayEnd.set(true)
            #expect(try await first.read(until: "\r\n\r\n").hasPrefix("HTTP/1.1 200"))
            await first.stream.close()
            #expect(try await post(port, 800).body == Array("800".utf8))
        }
    }

    @Test("bodies that are refused or never end give their room back, and announcing takes none")
    func givenBack() async throws {
        try await withListener([quick], limits: limits) { port in
            for round in 0..<30 {
                let client = try await RawClient(port)
                let length = round % 3 == 0 ? "Transfer-Encoding: chunked" : "Content-Length: 700"
                try await client.send("POST /quick HTTP/1.1\r\nHost: a\r\n\(length)\r\n\r\n")
                let text = String(repeating: "x", count: 600)
                try await client.send(round % 3 == 0 ? "258\r\n\(text)\r\n" : round % 3 == 1 ? text : "")
                await client.stream.close()
            }
            // The listener sees the closed connections in its own time: a refusal says to come again, and so it does.
            var status = 503
            for _ in 0..<500 where status == 503 { status = try await post(port, 800).status }
            #expect(status == 200)

            let announcing = try await RawClient(port)
            try await announcing.send("POST /quick HTTP/1.1\r\nHost: a\r\nContent-Length: 800\r\n\r\n")
            #expect(try await post(port, 800).status == 200)
            await announcing.stream.close()
        }
    }

    @Test("a limit below a route's own leaves room for one such request")
    func smallLimit() async throws {
        var limits = ListenerLimits()
        limits.bodies = 10
        try await withListener([quick], limits: limits) { port in
            let statuses = [try await post(port, 800).status, try await post(port, 801).status]
            #expect(statuses == [200, 413])
        }
    }
}
