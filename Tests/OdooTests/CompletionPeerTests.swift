import Contracts
import ExactJSON
import OdooConnector
import Testing

@Suite(
    "production.complete and material.consume against each Odoo at hand", .serialized,
    .enabled(if: !Peer.all.isEmpty, "\(Peer.missing)"))
struct CompletionPeerTests {
    @Test("a part is closed with its lot and components, and the rest stays open on a backorder", arguments: Peer.all)
    func backorder(_ peer: Peer) async throws {
        try await peer.allowSplitting()
        let shop = try await Workshop.build(peer, "part", quantity: 10, tracking: "lot")
        let desk = peer.desk("part")
        let order = JSON.string(shop.order.origin)
        #expect(await desk.deliver("production.progress", ["order": order, "quantity": pieces(3)]).brief == "accepted")
        let outcome = await desk.deliver(
            "production.complete",
            [
                "order": order, "quantity": pieces(4), "lot": .string("L1-\(peer.run)"),
                "consumed": [["item": .string(shop.wire), "quantity": pieces(5), "lot": .string("R1-\(peer.run)")]],
            ])
        #expect(outcome.brief == "accepted", "\(String(describing: outcome.failure))")
        let orders = try await peer.find(
            "mrp.production", [["origin", "=", order]], ["state", "qty_produced", "product_qty", "id"])
        #expect(orders.count == 2)
        #expect(orders.first?["state"]?.string == "done" && orders.first?["qty_produced"]?.int == 4)
        #expect(orders.last?["product_qty"]?.int == 6)
        #expect(try await shop.used(peer, shop.screw) == ["": 8])
        #expect(try await shop.used(peer, shop.wire) == ["R1-\(peer.run)": 5])
        #expect(await desk.line("order/\(shop.order.id)")?["posted"]?.int == 4)

        let next = await desk.deliver("production.progress", ["order": order, "quantity": pieces(2)])
        #expect(next.acceptance?.reference == "mrp.production,\(orders.last?["id"]?.int ?? 0)")
        #expect(await desk.line("order/\(shop.order.id)")?["posted"]?.int == 6)
        #expect(try await peer.reader.orders(origins: [shop.order.origin])[shop.order.origin]?.good == ExactNumber(6))
    }

    @Test("a short close gives up the rest, and what comes later waits for a person", arguments: Peer.all)
    func shortClose(_ peer: Peer) async throws {
        let shop = try await Workshop.build(peer, "short", quantity: 10, trackedComponent: false)
        let desk = peer.desk("short")
        let order = JSON.string(shop.order.origin)
        #expect(
            await desk.deliver("production.progress", ["order": order, "quantity": pieces(7), "backflush": true]).brief
                == "accepted")
        let outcome = await desk.deliver("production.complete", ["order": order, "backorder": "close"])
        #expect(outcome.brief == "accepted", "\(String(describing: outcome.failure))")
        let orders = try await peer.find("mrp.production", [["origin", "=", order]], ["state", "qty_produced"])
        #expect(orders.count == 1 && orders.first?["qty_produced"]?.int == 7)
        #expect(try await shop.used(peer, shop.screw) == ["": 14])
        #expect(
            await desk.deliver("production.progress", ["order": order, "quantity": pieces(1)]).brief
                == "rejected ODOO-023")
        #expect(await desk.deliver("production.complete", ["order": order]).brief == "rejected ODOO-023")
    }

    @Test("serials: one a piece, as many at once as the version takes", arguments: Peer.all)
    func serials(_ peer: Peer) async throws {
        try await peer.allowSplitting()
        let shop = try await Workshop.build(peer, "serial", quantity: 3, tracking: "serial", trackedComponent: false)
        let desk = peer.desk("serial")
        let order = JSON.string(shop.order.origin)
        let names = (1...3).map { "SN\($0)-\(peer.run)" }
        func complete(_ serials: [String], _ count: Int) async -> Outcome {
            await desk.deliver(
                "production.complete",
                ["order": order, "quantity": pieces(count), "serials": .array(serials.map { .string($0) })])
        }
        #expect(await complete(Array(names.prefix(2)), 3).brief == "rejected ODOO-030")
        if try await peer.version >= 19 {
            let outcome = await complete(names, 3)
            #expect(outcome.brief == "accepted", "\(String(describing: outcome.failure))")
        } else {
            #expect(await complete(names, 3).brief == "rejected ODOO-030")
            for name in names {
                let outcome = await complete([name], 1)
                #expect(outcome.brief == "accepted", "\(String(describing: outcome.failure))")
            }
        }
        #expect(try await peer.reader.orders(origins: [shop.order.origin])[shop.order.origin]?.good == ExactNumber(3))
        let stock = try await peer.find(
            "stock.quant", [["product_id", "=", .int(shop.order.product)], ["quantity", ">", 0]],
            ["lot_id", "quantity"])
        #expect(Set(stock.compactMap { $0["lot_id"]?[1]?.string }) == Set(names))
        #expect(stock.allSatisfy { $0["quantity"]?.int == 1 })
    }

    @Test("a completion whose answer is lost happened once", arguments: Peer.all, ["write", "button_mark_done"])
    func lostAnswer(_ peer: Peer, _ method: String) async throws {
        let name = "lostdone\(method.count)"
        let shop = try await Workshop.build(peer, name, quantity: 5, trackedComponent: false)
        let network = FaultyNetwork(peer.network)
        let desk = peer.desk(name, through: network)
        await network.arm(peer.carrier(method), .answerLost)
        let command = await desk.command("production.complete", ["order": .string(shop.order.origin)])
        let (first, attempt) = await desk.attempt(command)
        #expect(first.brief == "unknown ODOO-009")
        let inquiry = await desk.inquire(try #require(attempt)).brief
        #expect(inquiry == (method == "write" && !peer.hasGateway ? "notFound" : "happened"))
        if inquiry == "notFound" { #expect(await desk.attempt(command).0.brief == "accepted") }
        #expect(try await peer.reader.orders(origins: [shop.order.origin])[shop.order.origin]?.good == ExactNumber(5))
        #expect(try await shop.used(peer, shop.screw) == ["": 10])
        #expect(await desk.line("order/\(shop.order.id)")?["posted"]?.int == 5)
    }

    @Test("tracked components that nobody told of stop a completion", arguments: Peer.all)
    func untold(_ peer: Peer) async throws {
        let shop = try await Workshop.build(peer, "untold", quantity: 2)
        let desk = peer.desk("untold")
        let order = JSON.string(shop.order.origin)
        #expect(await desk.deliver("production.complete", ["order": order]).brief == "rejected ODOO-030")
        let consume = await desk.deliver(
            "material.consume",
            ["order": order, "item": .string(shop.wire), "quantity": pieces(2), "lot": .string("R2-\(peer.run)")])
        #expect(consume.brief == "accepted", "\(String(describing: consume.failure))")
        let outcome = await desk.deliver("production.complete", ["order": order])
        #expect(outcome.brief == "accepted", "\(String(describing: outcome.failure))")
        #expect(try await shop.used(peer, shop.wire) == ["R2-\(peer.run)": 2])
    }

    @Test(
        "measured components add up by lot, beside what is reserved, and lost answers are found out",
        arguments: Peer.all)
    func consumption(_ peer: Peer) async throws {
        let shop = try await Workshop.build(peer, "consume", quantity: 10)
        let network = FaultyNetwork(peer.network)
        let desk = peer.desk("consume", through: network)
        let order = JSON.string(shop.order.origin)
        let (one, two) = ("A-\(peer.run)", "B-\(peer.run)")
        func use(_ item: String, _ value: Int, _ lot: String?) -> JSON {
            ["order": order, "item": .string(item), "quantity": pieces(value), "lot": lot.map { .string($0) } ?? .null]
        }
        for (value, lot) in [(3, one), (2, two), (4, one)] {
            let outcome = await desk.deliver("material.consume", use(shop.wire, value, lot))
            #expect(outcome.brief == "accepted", "\(String(describing: outcome.failure))")
        }
        for (value, lot) in [(1, one), (1, "C-\(peer.run)")] {
            await network.arm(peer.carrier("write"), .answerLost)
            let (lost, attempt) = await desk.attempt(await desk.command("material.consume", use(shop.wire, value, lot)))
            #expect(lost.brief == "unknown ODOO-009")
            #expect(await desk.inquire(try #require(attempt)).brief == "happened")
        }
        for value in [6, 5] {
            await network.arm(peer.carrier("write"), .notSent)
            let command = await desk.command("material.consume", use(shop.screw, value, nil))
            let (unsent, attempt) = await desk.attempt(command)
            #expect(unsent.brief == "deferred ODOO-001 down")
            let inquiry = await desk.inquire(try #require(attempt)).brief
            #expect(inquiry == "notFound")
            #expect(await desk.attempt(command).0.brief == "accepted")
        }
        #expect(try await shop.used(peer, shop.wire) == [one: 8, two: 2, "C-\(peer.run)": 1])
        #expect(try await shop.used(peer, shop.screw) == ["": 11])
        #expect(await desk.deliver("material.consume", use(shop.wire, 1, nil)).brief == "rejected ODOO-030")
        #expect(await desk.deliver("material.consume", use(shop.order.item, 1, nil)).brief == "rejected ODOO-029")
        #expect(await desk.deliver("material.consume", use("no such item", 1, nil)).brief == "rejected ODOO-026")
    }

    @Test("operations count for themselves, and only the reporting one moves the order", arguments: Peer.all)
    func operations(_ peer: Peer) async throws {
        let (cut, weld) = ("CUT\(peer.run)", "WELD\(peer.run)")
        let shop = try await Workshop.build(
            peer, "routing", quantity: 20, trackedComponent: false, operations: [cut, weld])
        let desk = peer.desk("routing")
        func count(_ value: Int, _ operation: String, reporting: Bool) async -> Outcome {
            await desk.deliver(
                "production.progress",
                [
                    "order": .string(shop.order.origin), "quantity": pieces(value), "operation": .string(operation),
                    "reporting": .bool(reporting),
                ])
        }
        for (value, operation, reporting) in [
            (9, cut, false), (4, "Step \(weld)", true), (3, weld, true), (2, cut, false),
        ] {
            let outcome = await count(value, operation, reporting: reporting)
            #expect(outcome.brief == "accepted", "\(String(describing: outcome.failure))")
        }
        let order = try await peer.read("mrp.production", shop.order.id, ["qty_producing", "workorder_ids"])
        #expect(order["qty_producing"]?.int == 7)
        let works = try await peer.find(
            "mrp.workorder", [["production_id", "=", .int(shop.order.id)]], ["name", "qty_produced"])
        #expect(works.first { $0["name"]?.string == "Step \(cut)" }?["qty_produced"]?.int == 11)
        #expect(works.first { $0["name"]?.string == "Step \(weld)" }?["qty_produced"]?.int == 7)
        #expect(try await shop.used(peer, shop.screw) == [:])
        #expect(await count(1, "paint", reporting: false).brief == "rejected ODOO-027")
    }
}
