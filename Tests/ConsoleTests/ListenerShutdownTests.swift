import Console
import Contracts
import Synchronization
import Testing
import World
import WorldLive

@Suite("stopping the listener", .timeLimit(.minutes(2)))
struct ListenerShutdownTests {
    /// Runs a listener, calls `body`, cancels, and returns how long the listener took to end from then.
    private func stop(
        _ routes: [Route], streams: [StreamingRoute] = [], limits: ListenerLimits = ListenerLimits(),
        whileRunning body: (Int) async throws -> Void, afterwards: (Int) async throws -> Void
    ) async throws -> Duration {
        let listener = try Listener(
            ListenerSettings(host: "127.0.0.1", port: 0, limits: limits), routes: routes, streams: streams,
            disk: LiveDisk())
        let bound = Waitable<Int>()
        let clock = LiveClock()
        return try await withThrowingTaskGroup { group in
            group.addTask { try await listener.run { bound.set($0) } }
            let port = try #require(await bound.value)
            try await body(port)
            let start = clock.uptime()
            group.cancelAll()
            try await afterwards(port)
            try await group.waitForAll()
            return clock.uptime() - start
        }
    }

    @Test("a request under way is finished, and no new connection is taken")
    func graceful() async throws {
        let begun = Waitable<Bool>()
        let go = Waitable<Bool>()
        let route = Route("POST", "/commit", maximumBody: 10) { _, _ in
            begun.set(true)
            _ = await go.value
            return HTTPResponse(status: Task.isCancelled ? 500 : 202)
        }
        let client = Mutex<RawClient?>(nil)
        _ = try await stop([route]) { port in
            let raw = try await RawClient(port)
            try await raw.send("POST /commit HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\n\r\nx")
            _ = await begun.value
            client.withLock { $0 = raw }
        } afterwards: { port in
            let clock = LiveClock()
            // The listening socket is closed on its event loop, soon after the cancellation.
            let deadline = clock.uptime() + .seconds(10)
            while let late = try? await RawClient(port), clock.uptime() < deadline { await late.stream.close() }
            go.set(true)
            let raw = try #require(client.withLock { $0 })
            let answer = try await raw.rest()
            #expect(answer.hasPrefix("HTTP/1.1 202"))
            #expect(answer.lowercased().contains("connection: close"))
        }
    }

    @Test("a handler that does not end is cut off after the grace")
    func hanging() async throws {
        var limits = ListenerLimits()
        limits.grace = .milliseconds(200)
        let begun = Waitable<Bool>()
        let route = Route("GET", "/hang", maximumBody: 0) { _, _ in
            begun.set(true)
            try? await LiveClock().sleep(for: .seconds(3_600))
            return HTTPResponse(status: 200)
        }
        let client = Mutex<RawClient?>(nil)
        let took = try await stop([route], limits: limits) { port in
            let raw = try await RawClient(port)
            try await raw.send("GET /hang HTTP/1.1\r\nHost: a\r\n\r\n")
            _ = await begun.value
            client.withLock { $0 = raw }
        } afterwards: { _ in
        }
        #expect(took >= .milliseconds(150))
        #expect(took < .seconds(20))
    }

    @Test("streams and idle connections end at once")
    func streams() async throws {
        let stream = StreamingRoute("/stream") { _, _ in
            let (chunks, continuation) = AsyncStream.makeStream(of: [UInt8].self)
            continuation.yield(Array("data: first\n\n".utf8))
            return .stream(contentType: "text/event-stream", chunks: chunks)
        }
        let clients = Mutex<[RawClient]>([])
        let took = try await stop([], streams: [stream]) { port in
            let idle = try await RawClient(port)
            let raw = try await RawClient(port)
            try await raw.send("GET /stream HTTP/1.1\r\nHost: a\r\n\r\n")
            #expect(try await raw.read(until: "first").contains("text/event-stream"))
            clients.withLock { $0 = [idle, raw] }
        } afterwards: { _ in
            for client in clients.withLock({ $0 }) { _ = try await client.rest() }
        }
        #expect(took < .seconds(8))
    }
}
