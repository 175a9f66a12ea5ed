import Contracts
import ExactJSON
import OdooConnector
import Testing

@Suite("production.progress against each Odoo at hand", .serialized, .enabled(if: !Peer.all.isEmpty, "\(Peer.missing)"))
struct ProgressPeerTests {

    @Test("quantities add up, and a planner's correction by hand survives", arguments: Peer.all)
    func addsUp(_ peer: Peer) async throws {
        let order = try await peer.order("adds", quantity: 100)
        let desk = peer.desk("adds")
        for value in [12, 30, 3] {
            let outcome = await desk.deliver(
                "production.progress", ["order": .string(order.origin), "quantity": pieces(value)])
            #expect(outcome.brief == "accepted", "\(String(describing: outcome.failure))")
            #expect(outcome.acceptance?.reference == "mrp.production,\(order.id)")
        }
        #expect(try await peer.read("mrp.production", order.id, ["qty_producing"])["qty_producing"]?.int == 45)
        _ = try await peer.asAdmin(.write("mrp.production", [order.id], ["qty_producing": 40]))
        let outcome = await desk.deliver(
            "production.progress", ["order": .string(order.origin), "quantity": pieces(5)])
        #expect(outcome.brief == "accepted")
        #expect(try await peer.read("mrp.production", order.id, ["qty_producing"])["qty_producing"]?.int == 45)
        let line = await desk.line("order/\(order.id)")
        #expect(line?["counted"]?.int == 50 && line?["posted"]?.int == 50 && line?["written"]?.int == 45)
    }

    @Test("on a known order a progress costs one read and one write", arguments: Peer.all)
    func costs(_ peer: Peer) async throws {
        let order = try await peer.order("costs", quantity: 100)
        let network = FaultyNetwork(peer.network)
        let desk = peer.desk("costs", through: network)
        let arguments: JSON = ["order": .string(order.origin), "quantity": pieces(1)]
        #expect(await desk.deliver("production.progress", arguments).brief == "accepted")
        await network.forget()
        #expect(await desk.deliver("production.progress", arguments).brief == "accepted")
        #expect(await network.methods == ["search_read", peer.carrier("write")])
    }

    @Test("a lost answer is found out and never doubled", arguments: Peer.all)
    func lostAnswer(_ peer: Peer) async throws {
        let order = try await peer.order("lost", quantity: 100)
        let network = FaultyNetwork(peer.network)
        let desk = peer.desk("lost", through: network)
        let arguments: JSON = ["order": .string(order.origin), "quantity": pieces(7)]

        await network.arm(peer.carrier("write"), .answerLost)
        let (first, attempt) = await desk.attempt(await desk.command("production.progress", arguments))
        #expect(first.brief == "unknown ODOO-009")
        #expect(await desk.inquire(try #require(attempt)).brief == "happened")

        await network.arm(peer.carrier("write"), .gateway(504))
        let (second, doubtful) = await desk.attempt(await desk.command("production.progress", arguments))
        #expect(second.brief == "unknown ODOO-009")
        #expect(await desk.inquire(try #require(doubtful)).brief == "happened")

        await network.arm(peer.carrier("write"), .notSent)
        let third = await desk.command("production.progress", arguments)
        let (refused, unsent) = await desk.attempt(third)
        #expect(refused.brief == "deferred ODOO-001 down")
        let inquiry = await desk.inquire(try #require(unsent)).brief
        #expect(inquiry == "notFound")
        #expect(await desk.attempt(third).0.brief == "accepted")
        #expect(try await peer.read("mrp.production", order.id, ["qty_producing"])["qty_producing"]?.int == 21)
    }

    @Test("what somebody else wrote after a lost answer is left to a person, or told by the addon", arguments: Peer.all)
    func someoneElse(_ peer: Peer) async throws {
        let order = try await peer.order("else", quantity: 100)
        let network = FaultyNetwork(peer.network)
        let desk = peer.desk("else", through: network)
        await network.arm(peer.carrier("write"), .answerLost)
        let command = await desk.command(
            "production.progress", ["order": .string(order.origin), "quantity": pieces(7)])
        let (_, attempt) = await desk.attempt(command)
        _ = try await peer.asAdmin(.write("mrp.production", [order.id], ["qty_producing": 8]))
        #expect(
            await desk.inquire(try #require(attempt)).brief == (peer.hasGateway ? "happened" : "cannotTell ODOO-035"))
    }

    @Test("units are converted, parts of a piece wait, and wrong units are refused", arguments: Peer.all)
    func units(_ peer: Peer) async throws {
        let order = try await peer.order("units", quantity: 100)
        let desk = peer.desk("units")
        func progress(_ value: JSON, _ unit: String) async -> Outcome {
            await desk.deliver(
                "production.progress",
                ["order": .string(order.origin), "quantity": ["value": value, "unit": .string(unit)]])
        }
        #expect(await progress(2, "DZN").brief == "accepted")
        #expect(await progress(.number(ExactNumber(coefficient: 5, scale: 3)), "pcs").brief == "accepted")
        #expect(try await peer.read("mrp.production", order.id, ["qty_producing"])["qty_producing"]?.int == 24)
        #expect(await desk.line("order/\(order.id)")?["remainder"]?.number == ExactNumber(coefficient: 5, scale: 3))
        #expect(await progress(.number(ExactNumber(coefficient: 5, scale: 3)), "pcs").brief == "accepted")
        let quantity = try await peer.read("mrp.production", order.id, ["qty_producing"])["qty_producing"]?.number
        #expect(quantity == ExactNumber(coefficient: 2401, scale: 2))
        #expect(await progress(1, "kg").brief == "rejected ODOO-025")
        #expect(await progress(1, "furlong").brief == "rejected ODOO-025")
        #expect(
            await desk.deliver("production.progress", ["order": "no such", "quantity": pieces(1)]).brief
                == "rejected ODOO-021")
    }

    @Test("the tally read back is what was posted, and a second provisioning adds nothing", arguments: Peer.all)
    func tally(_ peer: Peer) async throws {
        let order = try await peer.order("tally", quantity: 10)
        #expect(
            await peer.desk("tally").deliver(
                "production.progress", ["order": .string(order.origin), "quantity": pieces(4)]
            ).brief == "accepted")
        #expect(
            try await peer.reader.orders(origins: [order.origin])[order.origin]
                == OdooReader.Tally(good: ExactNumber(4)))
        let report = try await peer.provisioner.provision(
            products: [.init(code: order.item, name: "again")],
            orders: [.init(origin: order.origin, item: order.item, quantity: ExactNumber(10))])
        #expect(report.products == 0 && report.orders == 0 && report.present == 2)
    }

    @Test("a plant's orders are made in batches, each once", arguments: Peer.all)
    func provisioning(_ peer: Peer) async throws {
        let orders = (1...120).map {
            OdooProvisioner.Order(
                origin: "bulk \(peer.run), \($0)", item: "bulk-\($0 % 7)-\(peer.run)", quantity: ExactNumber($0))
        }
        let products = (0..<7).map { OdooProvisioner.Product(code: "bulk-\($0)-\(peer.run)", name: "Bulk \($0)") }
        let first = try await peer.provisioner.provision(products: products, orders: orders)
        #expect(first.products == 7 && first.orders == 120)
        let domain: JSON = [["origin", "like", .string("bulk \(peer.run), ")]]
        let before = try await peer.find("mrp.production", domain, ["state", "write_date"])
        let second = try await peer.provisioner.provision(products: products, orders: orders)
        #expect(second.products == 0 && second.orders == 0 && second.present == 127)
        let after = try await peer.find("mrp.production", domain, ["state", "write_date"])
        #expect(after.count == 120 && after == before)
        #expect(after.allSatisfy { $0["state"]?.string == "confirmed" })
    }
}

@Suite("the connection to each Odoo at hand", .serialized, .enabled(if: !Peer.all.isEmpty, "\(Peer.missing)"))
struct ConnectionPeerTests {
    @Test("wrong secrets, databases and ports are told apart", arguments: Peer.all)
    func troubles(_ peer: Peer) async throws {
        let good = peer.user
        func outcome(endpoint: String? = nil, database: String? = nil, secret: String? = nil) async -> String {
            let address = OdooAddress(
                endpoint: endpoint ?? good.endpoint, database: database ?? good.database, login: good.login,
                secret: secret ?? good.secret)
            let desk = Desk(address, peer.network, options: OdooOptions(), run: peer.run)
            return await desk.deliver("production.progress", ["order": "X", "quantity": pieces(1)]).brief
        }
        #expect(await outcome() == "rejected ODOO-021")
        #expect(await outcome(secret: "wrong") == "deferred ODOO-002 down")
        #expect(await outcome(database: "no_such_database") == "deferred ODOO-003 down")
        #expect(await outcome(endpoint: "http://127.0.0.1:9") == "deferred ODOO-001 down")
        #expect(await outcome(endpoint: good.endpoint + "/web") == "deferred ODOO-005 down")
    }

    @Test("an intent that waited is not written over what changed meanwhile", arguments: Peer.all)
    func staleIntent(_ peer: Peer) async throws {
        let order = try await peer.order("stale", quantity: 100)
        let desk = peer.desk("stale")
        let command = await desk.command(
            "production.progress", ["order": .string(order.origin), "quantity": pieces(5)])
        guard case (.ready(let intent), let ledger) = await desk.prepare(command) else {
            Issue.record("not prepared")
            return
        }
        let attempt = Attempt(
            command: command, intent: intent, ledger: ledger, started: desk.clock.now(), writer: "test")
        _ = try await peer.asAdmin(.write("mrp.production", [order.id], ["qty_producing": 9]))
        desk.clock.advance(.seconds(60))
        #expect(await desk.target.perform(attempt).brief == "deferred ODOO-038")
        #expect(await desk.attempt(command).0.brief == "accepted")
        #expect(try await peer.read("mrp.production", order.id, ["qty_producing"])["qty_producing"]?.int == 14)
        // The same intent once more, long after: it is in already.
        let later = try #require(await desk.attempt(await desk.command("production.progress", command.arguments)).1)
        desk.clock.advance(.seconds(60))
        #expect(await desk.target.perform(later).brief == "accepted")
        #expect(try await peer.read("mrp.production", order.id, ["qty_producing"])["qty_producing"]?.int == 19)
    }

    @Test("a draft order is not counted on, and a completion confirms it", arguments: Peer.all)
    func draft(_ peer: Peer) async throws {
        let order = try await peer.order("draft", quantity: 5)
        let origin = "draft 2 \(peer.run)"
        _ = try await peer.asAdmin(
            .create(
                "mrp.production", [["product_id": .int(order.product), "product_qty": 5, "origin": .string(origin)]]))
        let desk = peer.desk("draft")
        #expect(
            await desk.deliver("production.progress", ["order": .string(origin), "quantity": pieces(1)]).brief
                == "rejected ODOO-041")
        let outcome = await desk.deliver("production.complete", ["order": .string(origin)])
        #expect(outcome.brief == "accepted", "\(String(describing: outcome.failure))")
        #expect(try await peer.reader.orders(origins: [origin])[origin]?.good == ExactNumber(5))
    }

    @Test("orders are found by their own name too, through a backorder's renaming", arguments: Peer.all)
    func byName(_ peer: Peer) async throws {
        try await peer.allowSplitting()
        let order = try await peer.order("name", quantity: 10)
        let name = try await peer.read("mrp.production", order.id, ["name"])["name"]?.string ?? ""
        let options = OdooOptions(orderBy: .name)
        let desk = peer.desk("name", options)
        func progress(_ desk: Desk) async -> Outcome {
            await desk.deliver("production.progress", ["order": .string(name), "quantity": pieces(2)])
        }
        #expect(await progress(desk).brief == "accepted")
        #expect(await desk.deliver("production.complete", ["order": .string(name)]).brief == "accepted")
        let (known, fresh) = (await progress(desk), await progress(peer.desk("name2", options)))
        #expect(known.brief == "accepted" && fresh.brief == "accepted", "\(String(describing: known.failure))")
        #expect(known.acceptance?.reference == fresh.acceptance?.reference)
        #expect(known.acceptance?.reference != "mrp.production,\(order.id)")
    }
}
