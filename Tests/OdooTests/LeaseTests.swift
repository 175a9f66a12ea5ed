import Canonical
import ExactJSON
import OdooStandIn
import SimulatedWorld
import Synchronization
import Testing
import World

@testable import OdooConnector

@Suite("who may write as one user")
struct LeaseTests {
    private static let term = Duration.seconds(260)
    private static let start = Instant(microseconds: 1_770_000_000_000_000)

    private static func bid(_ id: Int, _ writer: String, _ age: Int) -> WriterBid {
        WriterBid(id: id, writer: writer, renewed: start + .seconds(1_000 - age))
    }

    @Test(
        "a bid that is alive keeps others out, a silent one and one of the same store do not",
        arguments: [
            ([bid(2, "b", 0)], nil, []),
            ([bid(1, "a", 5), bid(2, "b", 0)], 1, []),
            // Made later, and all the same: whoever sees another gives way.
            ([bid(2, "b", 0), bid(3, "a", 0)], 3, []),
            ([bid(1, "a", 261), bid(2, "b", 0)], 1, []),
            ([bid(1, "a", 262), bid(2, "b", 0)], nil, [1]),
            ([bid(1, "b", 3), bid(2, "b", 0)], nil, [1]),
            ([bid(1, "a", 900), bid(2, "b", 0), bid(4, "c", 100), bid(5, "d", 20)], 5, [1]),
        ] as [([WriterBid], Int?, [Int])])
    func decision(_ all: [WriterBid], _ holder: Int?, _ dead: [Int]) {
        let bids = WriterBids(all, own: 2, writer: "b", term: Self.term)
        #expect(bids.holder?.id == holder)
        #expect(bids.dead.map(\.id) == dead)
        #expect(bids.hasOwn)
        #expect(!WriterBids(all, own: 77, writer: "b", term: Self.term).hasOwn)
    }

    /// Nodes that write as one user, each for some time and then silent or gone, over a network that loses, doubles and
    /// holds back requests, on clocks that jump. What Odoo may be working on at one moment must be of one node.
    @Test("two nodes never write at once, and none waits for ever", arguments: 1...100 as ClosedRange<UInt64>)
    func exclusion(seed: UInt64) throws { try Self.play(seed, settling: .seconds(130)) }

    @Test(
        "nor where Odoo is believed to be done after seconds",
        arguments: [1, 5, 13, 29] as [Int64], 1...25 as ClosedRange<UInt64>)
    func shortSettling(_ seconds: Int64, seed: UInt64) throws { try Self.play(seed, settling: .seconds(seconds)) }

    private static func play(_ seed: UInt64, settling: Duration) throws {
        let simulator = Simulator(seed: seed, start: Self.start)
        let odoo = Mutex(OdooStandIn(version: seed % 2 == 0 ? .v16 : .v19, installed: Self.start))
        let network = SimulatedNetwork(simulator)
        let server = SimulatedProcess("odoo", on: simulator)
        network.listen(
            "http://odoo",
            .init(process: server) { request in odoo.withLock { $0.handle(request, now: simulator.now) } })
        var faults = SimulatedNetwork.Faults()
        (faults.answerLost, faults.requestLost, faults.doubled, faults.held) = (0.05, 0.05, 0.03, 0.05)
        faults.holdTime = (settling / 130)...(settling * 100 / 130)
        network.set(faults)

        let spans = Mutex<[Span]>([])
        let ended = Mutex(0)
        for name in ["a", "b", "c"] {
            let node = Node(name: name, simulator: simulator, network: network, settling: settling) { span in
                spans.withLock { $0.append(span) }
            }
            SimulatedProcess(name, on: simulator).start { [process = SimulatedProcess(name, on: simulator)] in
                await node.live(process)
                ended.withLock { $0 += 1 }
            }
        }
        let isOver = simulator.run(until: Self.start + .seconds(40_000)) { ended.withLock { $0 == 3 } }
        try #require(isOver, "seed \(seed): a node waits for ever")

        let written = spans.withLock { $0 }.sorted { $0.from < $1.from }
        #expect(Set(written.map(\.node)).count == 3, "seed \(seed)")
        var latest: [String: Instant] = [:]
        for span in written {
            for (other, until) in latest where other != span.node {
                #expect(until <= span.from, "seed \(seed): \(other) until \(until), \(span.node) from \(span.from)")
            }
            latest[span.node] = max(latest[span.node] ?? span.until, span.until)
        }
    }

    /// When Odoo may have worked on a write of a node.
    private struct Span: Sendable {
        let node: String
        let from: Instant
        let until: Instant
    }

    /// A node that writes now and then.
    private struct Node: Sendable {
        let name: String
        let simulator: Simulator
        let network: SimulatedNetwork
        let settling: Duration
        let note: @Sendable (Span) -> Void

        /// How long the client waits for an answer.
        private var timeout: Duration { min(.seconds(30), settling) }

        private func draw(_ range: ClosedRange<Int64>) -> Int64 {
            simulator.draw { range.lowerBound + Int64($0.next() % UInt64(range.upperBound - range.lowerBound + 1)) }
        }

        func live(_ process: SimulatedProcess) async {
            let error = ClockError(start: simulator.now)
            let clock = SimulatedClock(process, error)
            var lease = lease(clock, process)
            for _ in 0..<60 {
                switch draw(0...11) {
                // Silent for a while: others may begin.
                case 0: try? await clock.sleep(for: .seconds(draw(100...900)))
                // Its clock is set.
                case 1: error.set(.seconds(draw(-4_000...4_000)), now: simulator.now)
                // Killed in the middle of it, and started anew on the same store.
                case 2: lease = self.lease(clock, process)
                // Stopped in order.
                case 3: await lease.release()
                default: _ = await write(lease, clock)
                }
                try? await clock.sleep(for: .milliseconds(draw(10...20_000)))
            }
            while await !write(lease, clock) { try? await clock.sleep(for: .seconds(5)) }
            await lease.release()
        }

        private func lease(_ clock: SimulatedClock, _ process: SimulatedProcess) -> WriterLease {
            let address = OdooAddress(
                endpoint: "http://odoo", database: "demo", login: "mes", secret: "mes", timeout: timeout)
            return WriterLease(
                connection: OdooConnection(address, network: SimulatedNetworkPort(network)), clock: clock,
                entropy: SimulatedEntropy(simulator), login: "mes", settlingTime: settling)
        }

        /// A write that Odoo works on for as long as it may. False where another node writes.
        private func write(_ lease: WriterLease, _ clock: SimulatedClock) async -> Bool {
            do {
                try await lease.hold(as: name)
            } catch {
                return false
            }
            let from = simulator.now
            let most = settling.microseconds / 1_000 * 129 / 130
            let work = Duration.milliseconds(draw(0...4) == 0 ? draw(1...most) : draw(1...min(2_000, most)))
            note(Span(node: name, from: from, until: from + work))
            // The client gives up after its own time, and what became of the write is not known then.
            let isKnown = work < timeout
            try? await clock.sleep(for: min(work, timeout))
            await lease.ended(isKnown: isKnown)
            return true
        }
    }
}
