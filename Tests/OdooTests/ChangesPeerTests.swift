import Canonical
import Contracts
import ExactJSON
import Testing
import World

@testable import OdooConnector

#if canImport(OdooStandIn)
    import OdooStandIn
#endif

@Suite("changes out of Odoo, at each Odoo", .serialized, .enabled(if: !Peer.all.isEmpty, "\(Peer.missing)"))
struct ChangesPeerTests {
    private static let order = "mrp.production"

    @Test(
        "a released order is told once, with its codes, and what Millwright wrote through the addon is not",
        arguments: Peer.all)
    func released(_ peer: Peer) async throws {
        var desk = ChangesDesk(peer, "released")
        desk.options.models = [Self.order]
        await desk.work()
        let made = try await peer.order("changes-a", quantity: 10)
        #expect(await desk.work() == nil)
        #expect(await desk.intake.facts(made.id, Self.order).contains("production-order.released"))
        let event = try #require(
            await desk.intake.about(made.id, Self.order).first { $0.fact == "production-order.released" })
        #expect(event.data["item"]?.string == made.item && event.data["quantity"]?["value"]?.number == ExactNumber(10))
        #expect(event.source == "/lyon/changes" && event.subject == event.data["order"]?.string)
        #expect(FactShape.of(type: event.type)?.faults(in: event.data).isEmpty == true)

        let before = await desk.intake.about(made.id, Self.order).count
        let outcome = await peer.desk("changes-a").deliver(
            "production.progress", ["order": .string(made.origin), "quantity": pieces(3)])
        #expect(outcome.acceptance != nil, "\(outcome.brief)")
        await desk.work()
        let after = await desk.intake.about(made.id, Self.order)
        if peer.hasGateway {
            #expect(after.count == before, "\(after.map(\.fact))")
        }
        #expect(await desk.intake.repeated == 0)
        try await desk.close()
    }

    @Test(
        "a person's change is told with what was before, and a record that Odoo deletes is told too",
        arguments: Peer.all)
    func changed(_ peer: Peer) async throws {
        var desk = ChangesDesk(peer, "changed")
        desk.options.models = [Self.order, "product.product"]
        desk.options.sweep = .zero
        let made = try await peer.order("changes-b", quantity: 10)
        await desk.work()
        _ = try await peer.asAdmin(.write(Self.order, [made.id], ["origin": "somewhere else"]))
        await desk.work()
        let event = try #require(await desk.intake.about(made.id, Self.order).last)
        #expect(event.fact == "production-order.changed")
        #expect(event.data["native"]?["before"]?["origin"]?.string == made.origin)
        #expect(event.data["native"]?["values"]?["origin"]?.string == "somewhere else")

        let draft = try await peer.asAdmin(
            .create(
                Self.order,
                [["product_id": .int(made.product), "product_qty": 4, "origin": .string("draft \(peer.run)")]]))
        let id = try #require(draft[0]?.int)
        await desk.work()
        _ = try await peer.asAdmin(OdooCall(Self.order, "unlink", ids: [id]))
        await desk.work()
        let told = await desk.intake.about(id, Self.order)
        #expect(told.first?.data["operation"]?.string == "create")
        #expect(told.last?.data["operation"]?.string == "unlink")
        #expect(told.count == 2, "\(told.map(\.fact))")
        try await desk.close()
    }

    @Test(
        "a crash before or after the batch was stored, or before it was acknowledged, loses nothing and doubles nothing",
        arguments: Peer.all, [TestIntake.Fault.diesBefore, .diesAfter, .refuses, .forgetsAnswer])
    func crash(_ peer: Peer, _ fault: TestIntake.Fault) async throws {
        var desk = ChangesDesk(peer, "crash-\(fault)")
        desk.options.models = [Self.order]
        await desk.work()
        var ids: [Int] = []
        for index in 0..<3 { ids.append(try await peer.order("crash\(index)-\(fault)", quantity: index + 1).id) }
        await desk.intake.arm(fault)
        let network = FaultyNetwork(peer.network)
        await network.arm("acknowledge", .notSent)
        await desk.work(sleeps: 2, through: network)
        await desk.work()
        await desk.work()
        for id in ids {
            let released = await desk.intake.facts(id, Self.order).filter { $0 == "production-order.released" }
            #expect(released.count == 1, "\(fault): \(released)")
        }
        let unique = Set(await desk.intake.events.map(\.id))
        #expect(unique.count == (await desk.intake.events.count))
        try await desk.close()
    }
}

#if canImport(OdooStandIn)
    @Suite("changes out of the stand-in, whose history a test can bend")
    struct ChangesStandInTests {
        private static let order = "mrp.production"

        @Test(
            "after a restore it goes on from the oldest row, says so, and stores nothing twice",
            arguments: OdooStandInVersion.allCases)
        func restored(_ version: OdooStandInVersion) async throws {
            let peer = Peer.standIn(version, hasGateway: true)
            var desk = ChangesDesk(peer, "restored")
            desk.options.models = [Self.order]
            desk.options.start = .beginning
            let first = try await peer.order("restored-a", quantity: 1)
            await desk.work()
            let network = try #require(peer.network as? StandInNetwork)
            await network.bend { $0.beginEpoch("another life") }
            let second = try await peer.order("restored-b", quantity: 2)
            await desk.work()
            #expect(await desk.intake.missed == 1)
            for id in [first.id, second.id] {
                #expect(await desk.intake.facts(id, Self.order).filter { $0 == "production-order.released" }.count == 1)
            }
            await desk.work()
            #expect(await desk.intake.missed == 1)
        }

        @Test("dropped rows are said to be missed, and the rest is told", arguments: OdooStandInVersion.allCases)
        func trimmed(_ version: OdooStandInVersion) async throws {
            let peer = Peer.standIn(version, hasGateway: true)
            var desk = ChangesDesk(peer, "trimmed")
            desk.options.models = [Self.order]
            _ = try await peer.order("trimmed-a", quantity: 1)
            await desk.work()
            _ = try await peer.order("trimmed-b", quantity: 2)
            let third = try await peer.order("trimmed-c", quantity: 3)
            _ = try await peer.asAdmin(.write(Self.order, [third.id], ["origin": "last"]))
            let network = try #require(peer.network as? StandInNetwork)
            await network.bend { $0.trimChanges(keeping: 1) }
            await desk.work()
            #expect(await desk.intake.missed == 1)
            #expect(await desk.intake.facts(third.id, Self.order) == ["production-order.changed"])
        }

        @Test("a transaction that commits late with an old stamp is told, once", arguments: OdooStandInVersion.allCases)
        func late(_ version: OdooStandInVersion) async throws {
            let peer = Peer.standIn(version, hasGateway: false)
            var desk = ChangesDesk(peer, "late")
            desk.options.models = [Self.order]
            let made = try await peer.order("late", quantity: 5)
            await desk.work()
            let network = try #require(peer.network as? StandInNetwork)
            await network.lag(.seconds(300))
            _ = try await peer.asAdmin(.write(Self.order, [made.id], ["origin": "late"]))
            await network.lag(.zero)
            _ = try await peer.order("later", quantity: 5)
            for _ in 0..<3 { await desk.work(sleeps: 1) }
            let told = await desk.intake.about(made.id, Self.order)
            #expect(told.count == 1 && told.first?.data["native"]?["values"]?["origin"]?.string == "late")
        }

        @Test("changes of one second are all told, in whatever pages they come", arguments: OdooStandInVersion.allCases)
        func sameSecond(_ version: OdooStandInVersion) async throws {
            let peer = Peer.standIn(version, hasGateway: false)
            var desk = ChangesDesk(peer, "second")
            desk.options.models = ["res.partner"]
            await desk.work()
            var ids: [Int] = []
            for index in 0..<8 {
                let made = try await peer.asAdmin(.create("res.partner", [["name": .string("Partner \(index)")]]))
                ids.append(made[0]?.int ?? 0)
                if index % 3 == 0 { await desk.work() }
            }
            let many = try await peer.asAdmin(
                .create("res.partner", (0..<450).map { ["name": .string("Many \($0)")] }))
            ids += many.array?.compactMap(\.int) ?? []
            await desk.work()
            await desk.work()
            for id in ids { #expect(await desk.intake.facts(id, "res.partner") == ["partner.changed"]) }
            #expect(await desk.intake.repeated == 0)
        }
    }
#endif
