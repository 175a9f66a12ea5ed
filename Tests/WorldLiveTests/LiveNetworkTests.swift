import Testing
import World
import WorldLive

@Suite("the live network", .timeLimit(.minutes(2)))
struct LiveNetworkTests {
    let network = LiveNetwork()

    private func send(
        to port: Int, method: String = "POST", body: String = "{}", timeout: Duration = .seconds(10),
        maximumBody: Int = 1_000
    ) async throws(NetworkFailure) -> HTTPResponse {
        try await network.send(
            HTTPRequest(
                method: method, target: "http://127.0.0.1:\(port)/rpc?secret=s3cret",
                headers: ["Content-Type": "application/json"],
                body: Array(body.utf8)), timeout: timeout, maximumBody: maximumBody)
    }

    private func failure(_ body: () async throws(NetworkFailure) -> some Any) async -> NetworkFailure? {
        do {
            _ = try await body()
            return nil
        } catch {
            return error
        }
    }

    @Test("a request goes out with method, headers and body, and its answer comes back")
    func exchange() async throws {
        let seen = Waitable<String>()
        let server = try PlainServer { connection in
            seen.set(connection.read(until: "{\"a\":1}"))
            connection.write("HTTP/1.1 207 Multi\r\nX-A: b\r\nContent-Length: 2\r\n\r\nok")
            connection.end()
        }
        let response = try await send(to: server.port, body: "{\"a\":1}")
        #expect(response.status == 207)
        #expect(response.headers["x-a"] == "b")
        #expect(response.body == Array("ok".utf8))
        let text = await seen.value ?? ""
        #expect(text.hasPrefix("POST /rpc?secret=s3cret HTTP/1.1\r\n"))
        #expect(text.lowercased().contains("content-length: 7\r\n"))
        #expect(text.lowercased().contains("content-type: application/json\r\n"))
        server.stop()
    }

    @Test("nothing has arrived where the connection was refused")
    func refused() async throws {
        let server = try PlainServer { $0.end() }
        server.stop()
        let failure = await failure { () async throws(NetworkFailure) in try await send(to: server.port) }
        #expect(failure?.reason == .unreachable)
        #expect(failure?.mayHaveArrived == false)
        #expect(failure?.detail == "cannot reach 127.0.0.1:\(server.port): Connection refused")
    }

    @Test("nothing has arrived where the name is not known")
    func unknownName() async throws {
        let failure = await failure { () async throws(NetworkFailure) in
            try await network.send(
                HTTPRequest(method: "POST", target: "http://no-such-host.invalid/", body: [1]), timeout: .seconds(20),
                maximumBody: 10)
        }
        #expect(failure?.mayHaveArrived == false)
        #expect(failure?.reason == .unreachable)
    }

    @Test(
        "an address that is none is refused before anything is sent",
        arguments: ["ftp://host/", "host:80/x", "", "http://", "http+unix://%2Ftmp%2Fx/"])
    func noAddress(target: String) async throws {
        let failure = await failure { () async throws(NetworkFailure) in
            try await network.send(
                HTTPRequest(method: "POST", target: target, body: [1]), timeout: .seconds(5), maximumBody: 10)
        }
        #expect(failure?.reason == .unreachable)
        #expect(failure?.mayHaveArrived == false)
    }

    @Test("a header that would break the request is refused before anything is sent")
    func badHeader() async throws {
        let server = try PlainServer { connection in _ = connection.read() }
        let failure = await failure { () async throws(NetworkFailure) in
            try await network.send(
                HTTPRequest(
                    method: "POST", target: "http://127.0.0.1:\(server.port)/", headers: ["X-A": "a\r\nX-B: c"],
                    body: [1]),
                timeout: .seconds(5), maximumBody: 10)
        }
        #expect(failure?.mayHaveArrived == false)
        server.stop()
    }

    @Test("a request without an answer may have arrived, and is given up in time")
    func timeout() async throws {
        let server = try PlainServer { connection in _ = connection.read(until: "never") }
        let failure = await failure { () async throws(NetworkFailure) in
            try await send(to: server.port, timeout: .milliseconds(150))
        }
        #expect(failure?.reason == .timeout)
        #expect(failure?.mayHaveArrived == true)
        server.stop()
    }

    @Test("an answer that stops in its middle is given up in time")
    func slowAnswer() async throws {
        let server = try PlainServer { connection in
            _ = connection.read(until: "{}")
            connection.write("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc")
            _ = connection.read(until: "never")
        }
        let failure = await failure { () async throws(NetworkFailure) in
            try await send(to: server.port, timeout: .milliseconds(150))
        }
        #expect(failure?.reason == .timeout)
        #expect(failure?.mayHaveArrived == true)
        server.stop()
    }

    @Test("a TLS peer that never answers the handshake has got nothing")
    func silentHandshake() async throws {
        let server = try PlainServer { connection in while !connection.read().isEmpty {} }
        let failure = await failure { () async throws(NetworkFailure) in
            try await network.send(
                HTTPRequest(method: "POST", target: "https://127.0.0.1:\(server.port)/", body: [1]),
                timeout: .milliseconds(200),
                maximumBody: 10)
        }
        #expect(failure?.reason == .timeout)
        #expect(failure?.mayHaveArrived == false)
        server.stop()
    }

    @Test("a peer that goes away during the handshake was not reached, and nobody doubts its certificate")
    func endedHandshake() async throws {
        let server = try PlainServer { connection in
            _ = connection.read()
            connection.end()
        }
        let failure = await failure { () async throws(NetworkFailure) in
            try await network.send(
                HTTPRequest(method: "POST", target: "https://127.0.0.1:\(server.port)/", body: [1]),
                timeout: .seconds(10), maximumBody: 10)
        }
        #expect(failure?.reason == .unreachable)
        #expect(failure?.mayHaveArrived == false)
        server.stop()
    }

    @Test("a peer that speaks no TLS is not trusted and has got nothing")
    func noTLS() async throws {
        let server = try PlainServer { connection in
            _ = connection.read()
            connection.write("HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n")
            connection.end()
        }
        let failure = await failure { () async throws(NetworkFailure) in
            try await network.send(
                HTTPRequest(method: "POST", target: "https://127.0.0.1:\(server.port)/", body: [1]),
                timeout: .seconds(10), maximumBody: 10)
        }
        #expect(failure?.reason == .untrusted)
        #expect(failure?.mayHaveArrived == false)
        server.stop()
    }

    @Test("a connection that is cut after the request went out leaves its fate open", arguments: [false, true])
    func cut(byReset: Bool) async throws {
        let server = try PlainServer { connection in
            _ = connection.read(until: "{}")
            byReset ? connection.reset() : connection.end()
        }
        let failure = await failure { () async throws(NetworkFailure) in try await send(to: server.port) }
        #expect(failure?.reason == .broken)
        #expect(failure?.mayHaveArrived == true)
        #expect(failure?.detail.contains("s3cret") == false)
        server.stop()
    }

    @Test("half an answer is no answer")
    func halfAnswer() async throws {
        let server = try PlainServer { connection in
            _ = connection.read(until: "{}")
            connection.write("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc")
            connection.end()
        }
        let failure = await failure { () async throws(NetworkFailure) in try await send(to: server.port) }
        #expect(failure?.reason == .broken)
        #expect(failure?.mayHaveArrived == true)
        server.stop()
    }

    @Test(
        "an answer over the limit is refused, announced or not",
        arguments: ["Content-Length: 2000", "Transfer-Encoding: chunked"])
    func tooLarge(framing: String) async throws {
        let server = try PlainServer { connection in
            _ = connection.read(until: "{}")
            connection.write(
                "HTTP/1.1 200 OK\r\n\(framing)\r\n\r\n7d0\r\n" + String(repeating: "x", count: 2_000) + "\r\n0\r\n\r\n")
            _ = connection.read(until: "never")
        }
        let failure = await failure { () async throws(NetworkFailure) in try await send(to: server.port) }
        #expect(failure?.reason == .tooLarge)
        #expect(failure?.mayHaveArrived == true)
        server.stop()
    }

    @Test("a redirect is handed back and not followed")
    func redirect() async throws {
        let server = try PlainServer { connection in
            _ = connection.read(until: "{}")
            connection.write("HTTP/1.1 307 Go\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n")
            connection.end()
        }
        #expect(try await send(to: server.port).status == 307)
        server.stop()
    }

    @Test("a cancelled request ends at once and says so")
    func cancelled() async throws {
        let arrived = Waitable<Bool>()
        let server = try PlainServer { connection in
            _ = connection.read(until: "{}")
            arrived.set(true)
            _ = connection.read(until: "never")
        }
        let failure = await withTaskGroup { group in
            group.addTask {
                await self.failure { () async throws(NetworkFailure) in try await self.send(to: server.port) }
            }
            _ = await arrived.value
            group.cancelAll()
            return await group.next() ?? nil
        }
        #expect(failure?.reason == .cancelled)
        #expect(failure?.mayHaveArrived == true)
        server.stop()
    }
}
