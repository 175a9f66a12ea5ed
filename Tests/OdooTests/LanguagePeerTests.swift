import Canonical
import Contracts
import ExactJSON
import Testing

@testable import OdooConnector

extension PeersRecords {
    @Suite(
        "a user of another language at the other end of the world", .serialized,
        .enabled(if: !Peer.live.isEmpty, "\(Peer.missing)"))
    struct LanguagePeerTests {
        private static let language = "fr_FR"

        /// Lets the language be there while `body` runs.
        private func speaking(_ peer: Peer, _ body: () async throws -> Void) async throws {
            let call = OdooCall.find(
                "res.lang", [["code", "=", .string(Self.language)]], ["active"], limit: 1, archived: true)
            let row = try #require(try await peer.asAdmin(call)[0])
            let (id, wasActive) = (row["id"]?.int ?? 0, row["active"]?.bool ?? false)
            if !wasActive { _ = try await peer.asAdmin(.write("res.lang", [id], ["active": true])) }
            var thrown: (any Error)?
            do { try await body() } catch { thrown = error }
            // Odoo takes no language away that a user has.
            _ = try await peer.user("limits-far", ["lang": "en_US"])
            if !wasActive { _ = try await peer.asAdmin(.write("res.lang", [id], ["active": false])) }
            if let thrown { throw thrown }
        }

        /// What two users make of the same commands, as it stands in Odoo.
        private func outcome(_ peer: Peer, _ user: OdooAddress, _ test: String) async throws -> [JSON] {
            let code = "LG\(test)\(peer.run)"
            let order = try await peer.order("lang\(test)", quantity: 20)
            _ = try await peer.provisioner.provision(workCenters: [.init(code: code, name: code)])
            var options = OdooOptions(orderBy: .origin)
            options.gateway = peer.hasGateway ? .required : .off
            options.timeZone = "Europe/Paris"
            let desk = Desk(user, peer.network, options: options, run: "\(peer.run)/lang\(test)")
            var briefs: [JSON] = []
            for (operation, arguments) in [
                (
                    "downtime.record",
                    [
                        "workcenter": .string(code), "from": "2025-02-03T22:00:00Z", "to": "2025-02-03T23:30:30Z",
                        "loss": "Equipment Failure", "reason": "spindle",
                    ] as JSON
                ),
                ("production.progress", ["order": .string(order.origin), "quantity": pieces(3)]),
                ("scrap.record", ["order": .string(order.origin), "quantity": pieces(2)]),
                ("scrap.record", ["order": .string(order.origin), "quantity": ["value": 1, "unit": "furlong"]]),
                (
                    "production.create",
                    [
                        "item": .string(order.item), "quantity": pieces(4), "reference": .string("\(code)/a"),
                        "start": "2025-03-30T00:30:00Z",
                    ]
                ),
                ("downtime.record", ["workcenter": .string(code), "from": "x", "to": "y", "loss": "Panne"]),
            ] {
                briefs.append(.string(await desk.deliver(operation, arguments).brief))
            }
            let lines = try await peer.find(
                "mrp.workcenter.productivity", [["workcenter_id.code", "=", .string(code)]],
                ["date_start", "date_end", "description", "loss_id"])
            let dialect = try await OdooConnection(peer.admin, network: peer.network).dialect()
            let orders = try await peer.find(
                "mrp.production", ["|", ["id", "=", .int(order.id)], ["origin", "=", .string("\(code)/a")]],
                [dialect.orderStart, "qty_producing", "product_qty"])
            let planned = orders.first { $0["id"]?.int != order.id }?[dialect.orderStart] ?? .null
            let scraps = try await peer.find(
                "stock.scrap", [["production_id", "=", .int(order.id)]], ["state", "scrap_qty"])
            return briefs
                + lines.flatMap { line in ["date_start", "date_end", "description", "loss_id"].map { line[$0] ?? .null } }
                + [.int(orders.count), planned]
                + orders.filter { $0["id"]?.int == order.id }.map { $0["qty_producing"] ?? .null }
                + scraps.flatMap { [$0["state"] ?? .null, $0["scrap_qty"] ?? .null] }
        }

        @Test("what it posts stands in Odoo as anybody else's does", arguments: Peer.live)
        func same(_ peer: Peer) async throws {
            let plain = try await outcome(peer, peer.user, "a")
            #expect(plain.contains("2025-02-03 22:00:00") && plain.contains("2025-03-30 00:30:00"), "\(plain)")
            #expect(plain.prefix(3).allSatisfy { $0 == "accepted" }, "\(plain)")
            try await speaking(peer) {
                let far = try await peer.user(
                    "limits-far", ["lang": .string(Self.language), "tz": "Pacific/Auckland"])
                let other = try await outcome(peer, far, "b")
                #expect(other == plain)
            }
        }
    }
}
