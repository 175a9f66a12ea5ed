import Canonical
import Contracts
import ExactJSON
import Foundation
import Testing
import World

@testable import OdooConnector

@Suite("hints that something changed in Odoo")
struct HintPacingTests {
    @Test("without a hint the next look comes when it does anyway")
    func idle() {
        let pacing = HintPacing(now: .seconds(100))
        #expect(pacing.due(idle: .seconds(160)) == .seconds(160))
    }

    @Test("a hint brings three looks forward, for what is committed after it was sent, and no more")
    func three() {
        var pacing = HintPacing(now: .zero)
        pacing.hint(at: .seconds(10))
        var looks: [Duration] = []
        while looks.count < 5 {
            let due = pacing.due(idle: .seconds(60))
            looks.append(due)
            if due == .seconds(60) { break }
            pacing.look(at: due)
        }
        #expect(looks == [.milliseconds(10_500), .seconds(12), .seconds(18), .seconds(60)])
    }

    @Test(
        "however hints come, each is followed by a look soon and by one at least eight seconds later, and looks stay apart",
        arguments: 0..<60)
    func property(_ seed: Int) {
        var random = SeededGenerator(UInt64(seed))
        var pacing = HintPacing(now: .zero)
        let every = Duration.seconds(30)
        var looks: [Duration] = [.zero]
        var hints: [Duration] = []
        var now = Duration.zero
        var due = pacing.due(idle: every)
        let spread = [50, 900, 20_000][seed % 3]
        while now < .seconds(120) {
            let next = now + .milliseconds(Int.random(in: 1...spread, using: &random))
            while due <= next {
                pacing.look(at: due)
                looks.append(due)
                due = pacing.due(idle: due + every)
            }
            now = next
            hints.append(now)
            pacing.hint(at: now)
            due = pacing.due(idle: looks[looks.count - 1] + every)
        }
        for (a, b) in zip(looks, looks.dropFirst()) {
            #expect(b - a >= HintPacing.shortest && b - a <= every, "seed \(seed): \(a) \(b)")
        }
        let soon = HintPacing.delays[0] + HintPacing.shortest
        for hint in hints where hint + .seconds(17) < looks[looks.count - 1] {
            #expect(looks.contains { $0 > hint && $0 <= hint + soon }, "seed \(seed): none soon after \(hint)")
            // Eight seconds later, or, where further hints came until then, after one of them.
            let late = hint + .seconds(8)...hint + .seconds(17)
            #expect(looks.contains { late.contains($0) }, "seed \(seed): none late after \(hint)")
        }
    }
}

#if canImport(OdooStandIn)
    import OdooStandIn

    @Suite("a source that takes hints")
    struct HintSourceTests {
        /// Short sleeps are over at once; long ones last until they are cancelled.
        private final class ShortClock: WorldClock {
            private let time = TestClock()
            let rests = LockedBox(0)

            func now() -> Instant { time.now() }
            func uptime() -> Duration { time.uptime() }
            func sleep(for duration: Duration) async throws {
                if duration < .seconds(60) { return time.advance(duration) }
                rests.update { $0 += 1 }
                try await Task.sleep(for: .seconds(600))
            }
        }

        private static func until(_ holds: () async throws -> Bool) async throws {
            for _ in 0..<3_000 where try await !holds() { try await Task.sleep(for: .milliseconds(10)) }
        }

        @Test(
            "a change is told soon after a hint with the token, though the next look is an hour away",
            arguments: [false, true])
        func hinted(_ hasGateway: Bool) async throws {
            let peer = Peer.standIn(.v19, hasGateway: hasGateway)
            let clock = ShortClock()
            let intake = TestIntake()
            var options = ChangesOptions()
            options.gateway = hasGateway ? .required : .off
            options.models = ["mrp.production"]
            options.every = .seconds(3_600)
            let source = OdooChangesSource(
                name: "changes", address: peer.user, options: options,
                hints: BearerToken("a token of the hints"), plant: "lyon", node: "edge",
                world: .test(peer.network, clock: clock))
            let route = try #require(source.routes.first)
            #expect(route.method == "POST" && route.path == "/v1/hints/changes")
            let running = Task { try await source.run(intake) }
            defer { running.cancel() }
            try await Self.until { clock.rests.value > 0 }

            let made = try await peer.order("hinted", quantity: 10)
            let strange = await route.handle(
                HTTPRequest(method: "POST", target: "/v1/hints/changes?token=another"), [:])
            #expect(strange.status == 401)
            let quiet = clock.rests.value
            let hint = HTTPRequest(
                method: "POST", target: "/v1/hints/changes?token=a%20token%20of%20the%20hints",
                body: Array(#"{"_model": "mrp.production"}"#.utf8))
            let before = await intake.events
            #expect(quiet == 1 && before.isEmpty)
            let first = await route.handle(hint, [:])
            #expect(first.status == 202)
            try await Self.until { clock.rests.value > quiet }
            let told = await intake.about(made.id, "mrp.production")
            #expect(told.last?.fact == "production-order.released", "\(told.map(\.fact))")
            let second = await route.handle(hint, [:])
            #expect(second.status == 202)
            try await Self.until { clock.rests.value > quiet + 1 }
            let events = await intake.events
            #expect(Set(events.map(\.id)).count == events.count)
        }

        @Test("a token that could be guessed is refused at its place")
        func short() {
            let place = SettingLocation(file: "sources/odoo.yaml", line: 1, column: 1)
            let settings = Settings(values: [:], location: place)
            #expect(throws: SettingFault.self) { try BearerToken("short", of: "hints", in: settings) }
        }
    }
#endif
