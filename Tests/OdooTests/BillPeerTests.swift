import Canonical
import Contracts
import ExactJSON
import Testing

@testable import OdooConnector

extension PeersRecords {
    @Suite(
        "bills of materials that take the place of others, at each Odoo at hand", .serialized,
        .enabled(if: !Peer.all.isEmpty, "\(Peer.missing)"))
    struct BillPeerTests {
        private func command(_ name: String, _ version: String, supersedes: Bool) -> JSON {
            [
                "item": .string(name), "reference": .string(version), "supersedes": .bool(supersedes),
                "components": [["item": .string(name + "c"), "quantity": pieces(2)]],
            ]
        }

        /// The active bills of the product, by their own names.
        private func active(_ peer: Peer, _ template: JSON) async throws -> [String] {
            let found = try await peer.find("mrp.bom", [["product_tmpl_id", "=", template]], ["code"])
            return found.compactMap { $0["code"]?.string }.sorted()
        }

        @Test(
            "only those of its own kind are archived, and none by a bill that is refused or cut off",
            arguments: Peer.all)
        func superseding(_ peer: Peer) async throws {
            let name = "bills\(peer.run)\(peer.hasGateway ? "g" : "r")"
            let product = try await peer.item(name)
            let component = try await peer.item(name + "c")
            let read = try await peer.read("product.product", product, ["product_tmpl_id"])
            let template = try #require(read["product_tmpl_id"]?[0])
            let line: JSON = [[0, 0, ["product_id": .int(component), "product_qty": 1]]]
            for (code, more) in [
                ("kit", ["type": "phantom"]), ("variant", ["product_id": .int(product)]), ("v1", [:]), ("v2", [:]),
            ] as [(String, JSONObject)] {
                var values: JSONObject = ["product_tmpl_id": template, "code": .string(code), "bom_line_ids": line]
                for (field, value) in more { values[field] = value }
                _ = try await peer.make("mrp.bom", .object(values))
            }
            let user = try await peer.allowed(["mrp.group_mrp_manager"])
            let desk = user.desk(name)
            let beside = await desk.deliver("bom.create", command(name, "v3", supersedes: false))
            #expect(beside.brief == "accepted", "\(String(describing: beside.failure))")
            #expect(try await active(peer, template) == ["kit", "v1", "v2", "v3", "variant"])

            var wrong = command(name, "v4", supersedes: true)
            wrong["components"] = [["item": .string(name + "nowhere"), "quantity": pieces(2)]]
            let refused = await desk.deliver("bom.create", wrong)
            #expect(refused.brief.hasPrefix("rejected"), "\(refused.brief)")
            #expect(try await active(peer, template) == ["kit", "v1", "v2", "v3", "variant"])

            // What archives them never leaves: they stay as they are until the command is tried again. Over RPC the new
            // one stands beside them meanwhile.
            let network = FaultyNetwork(user.network)
            await network.arm(peer.carrier("write"), .notSent)
            let cutOff = user.desk(name + "cut", through: network)
            let last = await cutOff.command("bom.create", command(name, "v4", supersedes: true), key: name)
            let cut = await cutOff.attempt(last).0
            #expect(cut.acceptance == nil, "\(cut.brief)")
            let others = ["kit", "v1", "v2", "v3", "variant"]
            #expect(try await active(peer, template) == (peer.hasGateway ? others : (others + ["v4"]).sorted()))
            let made = await cutOff.attempt(last).0
            #expect(made.brief == "accepted", "\(String(describing: made.failure))")
            #expect(made.acceptance?.summary.contains("in place of 3") == true, "\(String(describing: made))")
            #expect(try await active(peer, template) == ["kit", "v4", "variant"])
        }
    }
}
