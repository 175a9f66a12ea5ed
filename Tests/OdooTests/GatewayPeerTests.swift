import Canonical
import Contracts
import ExactJSON
import OdooConnector
import Testing
import World

/// Takes its time over what the inbox is handed, so that other commands come meanwhile.
private struct SlowNetwork: Network {
    let inner: any Network

    func connect(host: String, port: Int, timeout: Duration) async throws(NetworkFailure) -> any ByteStream {
        try await inner.connect(host: host, port: port, timeout: timeout)
    }

    func send(_ request: HTTPRequest, timeout: Duration, maximumBody: Int) async throws(NetworkFailure) -> HTTPResponse
    {
        if OdooExchange.method(of: request) == "submit" { for _ in 0..<20_000 { await Task.yield() } }
        return try await inner.send(request, timeout: timeout, maximumBody: maximumBody)
    }
}

@Suite(
    "the companion addon, at each Odoo that has it", .serialized,
    .enabled(if: Peer.all.contains(where: \.hasGateway), "\(Peer.missing)"))
struct GatewayPeerTests {
    static let peers = Peer.all.filter(\.hasGateway)

    @Test("commands that come at once share calls, and each gets its own answer", arguments: peers)
    func batches(_ peer: Peer) async throws {
        var orders: [TestOrder] = []
        for index in 0..<12 { orders.append(try await peer.order("batch\(index)", quantity: 100)) }
        let network = FaultyNetwork(SlowNetwork(inner: peer.network))
        let desk = peer.desk("batches", through: network)
        await withTaskGroup(of: Void.self) { group in
            for (index, order) in orders.enumerated() {
                group.addTask {
                    let arguments: JSON = ["order": .string(order.origin), "quantity": pieces(index + 1)]
                    let outcome = await desk.deliver("production.progress", arguments, key: order.origin)
                    #expect(outcome.acceptance?.reference == "mrp.production,\(order.id)", "\(outcome.brief)")
                }
            }
        }
        for (index, order) in orders.enumerated() {
            let made = try await peer.read("mrp.production", order.id, ["qty_producing"])["qty_producing"]?.int
            #expect(made == index + 1)
        }
        #expect(await network.methods.filter { $0 == "submit" }.count < orders.count)
    }

    @Test("what somebody wrote between reading and writing stops the write, and is counted on from", arguments: peers)
    func guarded(_ peer: Peer) async throws {
        let order = try await peer.order("guarded", quantity: 100)
        let desk = peer.desk("guarded")
        let command = await desk.command(
            "production.progress", ["order": .string(order.origin), "quantity": pieces(5)])
        let (preparation, ledger) = await desk.prepare(command)
        guard case .ready(let intent) = preparation else {
            Issue.record("\(preparation)")
            return
        }
        _ = try await peer.asAdmin(.write("mrp.production", [order.id], ["qty_producing": 40]))
        let attempt = Attempt(
            command: command, intent: intent, ledger: ledger, started: desk.clock.now(), writer: "test")
        #expect(await desk.target.perform(attempt).brief == "deferred ODOO-038")
        #expect(await desk.inquire(attempt).brief == "notFound")
        #expect(await desk.attempt(command).0.brief == "accepted")
        #expect(try await peer.read("mrp.production", order.id, ["qty_producing"])["qty_producing"]?.int == 45)
    }

    @Test("a key has one effect, whatever plan comes under it afterwards", arguments: peers)
    func sameKey(_ peer: Peer) async throws {
        let order = try await peer.order("samekey", quantity: 100)
        let desk = peer.desk("samekey")
        let arguments: JSON = ["order": .string(order.origin), "quantity": pieces(5)]
        #expect(await desk.deliver("production.progress", arguments, key: "one").brief == "accepted")
        // As after a restore of the node's store: the same command, and a ledger that knows of it or not.
        #expect(await desk.deliver("production.progress", arguments, key: "one").brief == "rejected ODOO-042")
        #expect(try await peer.read("mrp.production", order.id, ["qty_producing"])["qty_producing"]?.int == 5)
    }
}
