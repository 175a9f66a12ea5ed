import Canonical
import Contracts
import ExactJSON
import Testing
import World

@testable import OdooConnector

extension PeersRecords {
    @Suite(
        "two companies of one real Odoo", .serialized, .enabled(if: !Peer.live.isEmpty, "\(Peer.missing)"))
    struct CompanyPeerTests {
        @Test("orders of one name are told apart, each target posts to its own", arguments: Peer.live)
        func progress(_ peer: Peer) async throws {
            let two = try await TwoCompanies(peer)
            let name = "LIM/\(peer.run)"
            let orders = try await two.orders(name, item: "limits-\(peer.run)", quantity: 20).orders
            let (home, other) = (two.desk(String(two.home), "progress"), two.desk(TwoCompanies.name, "progress"))
            for (desk, quantity) in [(home, 3), (other, 5), (home, 1), (other, 2)] {
                let outcome = await desk.deliver(
                    "production.progress", ["order": .string(name), "quantity": pieces(quantity)])
                #expect(outcome.brief == "accepted", "\(String(describing: outcome.failure))")
            }
            for (company, quantity) in [(two.home, 4), (two.other, 7)] {
                let row = try await peer.read("mrp.production", orders[company] ?? 0, ["qty_producing", "company_id"])
                #expect(row["qty_producing"]?.int == quantity && row["company_id"]?[0]?.int == company, "\(row)")
            }
            // Who names none guesses nothing.
            let outcome = await two.desk(nil, "progress").deliver(
                "production.progress", ["order": .string(name), "quantity": pieces(1)])
            #expect(outcome.brief == "rejected ODOO-022")
            #expect(outcome.failure?.message.contains(TwoCompanies.name) == true, "\(String(describing: outcome))")
            #expect(await other.deliver("production.complete", ["order": .string(name)]).brief == "accepted")
            let states = try await [two.home, two.other].asyncMap {
                try await peer.read("mrp.production", orders[$0] ?? 0, ["state"])["state"]?.string
            }
            #expect(states[0] != "done" && states[1] == "done")
        }

        @Test("new documents are made in the target's company, and its look-ups find nothing of another's", arguments: Peer.live)
        func documents(_ peer: Peer) async throws {
            let two = try await TwoCompanies(peer)
            let item = "limdoc-\(peer.run)"
            let product = try await two.orders("LIMDOC/\(peer.run)", item: item, quantity: 5).product
            for (company, desk) in [
                (two.home, two.desk(nil, "documents")), (two.other, two.desk(TwoCompanies.name, "documents")),
            ] {
                let reference = "limits-\(peer.run)-\(company)"
                for (operation, arguments) in [
                    ("transfer.create", ["kind": "receipt", "reference": .string(reference)] as JSON),
                    ("scrap.record", ["quantity": pieces(1), "item": .string(item)]),
                    (
                        "production.create",
                        ["item": .string(item), "quantity": pieces(3), "reference": .string(reference)]
                    ),
                ] {
                    var arguments = arguments
                    if operation == "transfer.create" {
                        arguments["lines"] = [["item": .string(item), "quantity": pieces(2)]]
                    }
                    let outcome = await desk.deliver(operation, arguments)
                    #expect(outcome.brief == "accepted", "\(operation): \(String(describing: outcome.failure))")
                }
                for (model, domain) in [
                    ("stock.picking", ["origin", "=", .string(reference)] as JSON),
                    ("mrp.production", ["origin", "=", .string(reference)]),
                ] {
                    let made = try await peer.find(model, [domain], ["company_id"])
                    #expect(made.count == 1 && made[0]["company_id"]?[0]?.int == company, "\(model): \(made)")
                }
            }
            let scraps = try await peer.find("stock.scrap", [["product_id", "=", .int(product)]], ["company_id"])
            #expect(Set(scraps.compactMap { $0["company_id"]?[0]?.int }) == [two.home, two.other], "\(scraps)")
            let place = try await peer.find(
                "stock.warehouse", [["company_id", "=", .int(two.home)]], ["lot_stock_id"])[0]["lot_stock_id"]?[1]
            let stolen = await two.desk(TwoCompanies.name, "stolen").deliver(
                "transfer.create",
                [
                    "kind": "internal", "from": place ?? "", "to": place ?? "",
                    "lines": [["item": .string(item), "quantity": pieces(1)]],
                ])
            #expect(stolen.brief.hasPrefix("rejected ODOO-047"), "\(stolen)")
        }

        @Test("a company that is not the user's puts the target off, and the doctor names it", arguments: Peer.live)
        func unusable(_ peer: Peer) async throws {
            let two = try await TwoCompanies(peer)
            for company in [TwoCompanies.name, String(two.other), "Nowhere Ltd"] {
                var address = peer.user
                address.company = company
                let desk = Desk(address, peer.network, options: OdooOptions(), run: "\(peer.run)/unusable")
                let outcome = await desk.deliver("production.progress", ["order": "X", "quantity": pieces(1)])
                #expect(outcome.brief == "deferred ODOO-055 down", "\(String(describing: outcome.failure))")
                let doctor = OdooDoctor(address: address, options: OdooOptions(), world: .test(peer.network))
                #expect(await doctor.examine([]).map(\.topic) == ["company"])
            }
            var address = two.user
            address.company = TwoCompanies.name
            let findings = await OdooDoctor(
                address: address, options: OdooOptions(), world: .test(peer.network)
            ).examine(["production.progress"])
            let own = findings.filter { $0.topic == "company" }
            #expect(own.count == 1 && own[0].severity == .fine && own[0].words.contains(TwoCompanies.name))
        }

        @Test("a source of one company tells nothing of another's", arguments: Peer.live)
        func changes(_ peer: Peer) async throws {
            let two = try await TwoCompanies(peer)
            var told: [Int: Set<Int>] = [:]
            var desks: [(Int, ChangesDesk)] = []
            for company in [two.home, two.other] {
                var address = two.user
                address.company = String(company)
                var desk = ChangesDesk(peer, "limits-\(company)", address: address)
                desk.options.models = ["mrp.production"]
                await desk.work()
                desks.append((company, desk))
            }
            let orders = try await two.orders("LIMCHG/\(peer.run)", item: "limchg-\(peer.run)", quantity: 4).orders
            for (company, desk) in desks {
                await desk.work()
                let ids = await desk.intake.events.compactMap { $0.data["native"]?["id"]?.int }
                told[company] = Set(ids).intersection(orders.values)
                try await desk.close()
            }
            #expect(told[two.home] == [orders[two.home] ?? 0] && told[two.other] == [orders[two.other] ?? 0], "\(told)")
        }
    }
}

extension Array {
    fileprivate func asyncMap<T>(_ body: (Element) async throws -> T) async rethrows -> [T] {
        var result: [T] = []
        for element in self { result.append(try await body(element)) }
        return result
    }
}
