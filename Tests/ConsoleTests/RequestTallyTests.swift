import Contracts
import Foundation
import Synchronization
import Telemetry
import Testing
import World
import WorldLive

@testable import Console

@Suite("What the listener counts, and answers while no node is there")
struct RequestTallyTests {
    /// A listener over `board` on a free loopback port.
    private func serve(
        _ board: RouteBoard, _ tally: RequestTally, _ body: (_ port: Int) async throws -> Void
    ) async throws {
        let listener = try Listener(
            ListenerSettings(host: "127.0.0.1", port: 0), board: board, largestBody: 1_000, disk: LiveDisk(),
            tally: tally)
        let (ports, continuation) = AsyncStream.makeStream(of: Int.self)
        try await withThrowingTaskGroup { group in
            group.addTask { try await listener.run { continuation.yield($0) } }
            var iterator = ports.makeAsyncIterator()
            try await body(try #require(await iterator.next()))
            group.cancelAll()
            try await group.waitForAll()
        }
    }

    @Test("requests are counted by the route that was meant, never by what a client made up")
    func counts() async throws {
        let tally = RequestTally(clock: LiveClock())
        let board = RouteBoard()
        let route = Route("POST", "/v1/nodes/{node}/batches", maximumBody: 4) { _, _ in HTTPResponse(status: 202) }
        board.put(try RouteBoard.Generation([route]))
        try await serve(board, tally) { port in
            for node in ["a", "b"] { _ = try await get(port, "/v1/nodes/\(node)/batches", method: "POST") }
            _ = try await get(port, "/v1/nodes/a/batches", method: "POST", body: Array("too long".utf8))
            for number in 0..<20 { _ = try await get(port, "/made/up/\(number)") }
            _ = try await get(port, "/v1/nodes/a/batches", method: "PROPFIND")
            board.clear()
            #expect(try await get(port, "/v1/nodes/a/batches", method: "POST").status == 503)
        }
        let found = tally.counts.map { "\($0.kind.method) \($0.kind.route) \($0.kind.status) \($0.count)" }
        #expect(
            found == [
                "GET none 404 20", "POST none 503 1", "other none 405 1", "POST /v1/nodes/{node}/batches 202 2",
                "POST /v1/nodes/{node}/batches 413 1",
            ]
                || Set(found) == [
                    "GET none 404 20", "POST none 503 1", "other none 405 1", "POST /v1/nodes/{node}/batches 202 2",
                    "POST /v1/nodes/{node}/batches 413 1",
                ], "\(found)")
        let times = Dictionary(tally.times.map { ($0.route, $0.times.count) }, uniquingKeysWith: { $1 })
        #expect(times == ["none": 22, "/v1/nodes/{node}/batches": 3])
    }

    @Test("while a node mends its store or changes its settings, its process lives and takes nothing in")
    func standing() async throws {
        let board = RouteBoard(standing: try RouteBoard.Generation(HealthRoutes.standing))
        let stuck = Mutex<String?>(nil)
        try await serve(board, RequestTally(clock: LiveClock())) { port in
            #expect(try await get(port, "/health/live").status == 200)
            #expect(try await get(port, "/health/ready").status == 503)
            #expect(try await get(port, "/v1/status").status == 503)
            board.put(
                try RouteBoard.Generation([
                    HealthRoutes.live { stuck.withLock { $0 } }, HealthRoutes.ready { [] },
                ]))
            #expect(try await get(port, "/health/ready").status == 200)
            #expect(try await get(port, "/v1/status").status == 404)
            stuck.withLock { $0 = "the store has not answered for 121 s" }
            let answer = try await get(port, "/health/live")
            #expect(answer.status == 503 && String(decoding: answer.body, as: UTF8.self).contains("121 s"))
        }
    }
}
