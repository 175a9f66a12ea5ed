import Console
import Contracts
import ExactJSON
import Synchronization
import Testing
import World
import WorldLive

@Suite("the overview's routes", .timeLimit(.minutes(2)))
struct OverviewRoutesTests {
    private func withOverview(
        _ snapshot: @escaping @Sendable () async -> OverviewSnapshot, limits: ListenerLimits = ListenerLimits(),
        _ body: (Int) async throws -> Void
    ) async throws {
        try await withListener(
            OverviewRoutes.routes(access: .open, entropy: LiveEntropy(), snapshot: snapshot),
            streams: OverviewRoutes.streams(access: .open, clock: LiveClock(), snapshot: snapshot), limits: limits, body
        )
    }

    @Test("the page comes with a policy that allows its own style and script alone")
    func page() async throws {
        try await withOverview({ SampleSnapshot.working }) { port in
            let first = try await get(port, "/")
            let second = try await get(port, "/")
            #expect(first.status == 200)
            #expect(first.headers["content-type"] == "text/html; charset=utf-8")
            let policy = try #require(first.headers["content-security-policy"])
            #expect(policy != second.headers["content-security-policy"])
            let nonce = try #require(policy.split(separator: "'").first { $0.hasPrefix("nonce-") }).dropFirst(6)
            #expect(nonce.count == 32)
            let text = String(decoding: first.body, as: UTF8.self)
            #expect(text.contains("<style nonce=\"\(nonce)\">"))
            #expect(text.contains("<script nonce=\"\(nonce)\">"))
        }
    }

    @Test("the status is JSON")
    func status() async throws {
        try await withOverview({ SampleSnapshot.working }) { port in
            let response = try await get(port, "/v1/status")
            #expect(response.headers["content-type"] == "application/json")
            #expect(try JSONReader.read(response.body)["node"]?.string == "lyon-hub")
        }
    }

    @Test("the stream sends every section first and then what changed")
    func stream() async throws {
        let calls = Mutex(0)
        try await withOverview({
            var snapshot = SampleSnapshot.quiet
            snapshot.totals.stored += calls.withLock { calls in
                calls += 1
                return calls
            }
            return snapshot
        }) { port in
            let client = try await RawClient(port)
            try await client.send("GET /v1/status/stream HTTP/1.1\r\nHost: a\r\n\r\n")
            let text = try await client.read(until: "\"sections\":[{\"id\":\"figures\"")
            let messages = text.split(separator: "data: ").dropFirst().compactMap { part in
                try? JSONReader.read(String(part.prefix { $0 != "\n" && $0 != "\r\n" }))
            }
            #expect(
                messages.first?["sections"]?.array?.compactMap { $0["id"]?.string } == [
                    "attention", "figures", "plants", "targets", "sources", "nodes", "exceptions",
                ])
            #expect(text.contains("event: overview"))
            await client.stream.close()
        }
    }

    @Test("more streams than the limit are told to come back")
    func streamLimit() async throws {
        var limits = ListenerLimits()
        limits.streams = 1
        try await withOverview({ SampleSnapshot.quiet }, limits: limits) { port in
            let first = try await RawClient(port)
            try await first.send("GET /v1/status/stream HTTP/1.1\r\nHost: a\r\n\r\n")
            _ = try await first.read(until: "overview")
            let second = try await get(port, "/v1/status/stream")
            #expect(second.status == 503)
            #expect(second.headers["retry-after"] == "10")
            await first.stream.close()
        }
    }
}
