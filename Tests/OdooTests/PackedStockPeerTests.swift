import Contracts
import ExactJSON
import Testing

@testable import OdooConnector

@Suite(
    "stock in packages and of other owners at each Odoo at hand", .serialized,
    .enabled(if: !Peer.all.isEmpty, "\(Peer.missing)"))
struct PackedStockPeerTests {
    private func desk(_ peer: Peer, _ operation: String, _ name: String) async throws -> Desk {
        try await peer.allowed(OperationNeeds.of[operation]?.groups ?? []).desk(name)
    }

    @Test(
        "a count sets what lies loose or one package, and is refused where it would leave other stock beside it",
        arguments: Peer.all)
    func count(_ peer: Peer) async throws {
        let name = "PACKCOUNT-\(peer.run)"
        let product = try await peer.item(name)
        let shelf = try await peer.shelf(name), other = try await peer.shelf(name + "-2")
        let package = try await peer.packed("P-" + name)
        try await peer.put(4, of: product, at: shelf, ["package_id": .int(package)])
        try await peer.put(3, of: product, at: shelf)
        let desk = try await desk(peer, "inventory.count", name)
        func count(_ quantity: Int, in package: String? = nil, at place: Int? = nil) async -> Outcome {
            var arguments: JSON = [
                "item": .string(name), "location": ["id": .int(place ?? shelf)], "quantity": pieces(quantity),
            ]
            if let package { arguments["package"] = .string(package) }
            return await desk.deliver("inventory.count", arguments)
        }

        let loose = await count(6)
        #expect(loose.brief == "rejected ODOO-062")
        #expect(loose.failure?.message.contains("4 Units in the package P-\(name)") == true, "\(loose)")
        var lying = try await peer.lying(product, at: shelf)
        #expect(lying == ["3", "4 P-\(name)"])

        let packed = await count(5, in: "P-" + name)
        #expect(packed.brief == "accepted", "\(String(describing: packed.failure))")
        #expect(packed.acceptance?.summary.contains("4 → 5 Units") == true)
        lying = try await peer.lying(product, at: shelf)
        #expect(lying == ["3", "5 P-\(name)"])
        let again = await count(5, in: "P-" + name)
        #expect(again.acceptance?.summary.hasSuffix("agrees") == true, "\(again)")

        // Found in a package that Odoo does not know; and not in one that Odoo has somewhere else.
        let new = await count(2, in: "N-" + name)
        #expect(new.brief == "accepted", "\(String(describing: new.failure))")
        lying = try await peer.lying(product, at: shelf)
        #expect(lying == ["2 N-\(name)", "3", "5 P-\(name)"])
        let away = await count(1, in: "P-" + name, at: other)
        #expect(away.brief == "rejected ODOO-049", "\(away)")
        let none = try await peer.lying(product, at: other)
        #expect(none.isEmpty)
    }

    @Test("a count leaves what belongs to somebody else, and says whose it is", arguments: Peer.all)
    func owned(_ peer: Peer) async throws {
        let name = "OWNCOUNT-\(peer.run)"
        let product = try await peer.item(name)
        let shelf = try await peer.shelf(name)
        try await peer.put(2, of: product, at: shelf, ["owner_id": .int(try await peer.partner("O-" + name))])
        let desk = try await desk(peer, "inventory.count", name)
        let outcome = await desk.deliver(
            "inventory.count", ["item": .string(name), "location": ["id": .int(shelf)], "quantity": pieces(6)])
        #expect(outcome.brief == "rejected ODOO-062")
        #expect(outcome.failure?.message.contains("2 Units of the owner O-\(name)") == true, "\(outcome)")
        let lying = try await peer.lying(product, at: shelf)
        #expect(lying == ["2 O-\(name)"])
    }

    @Test(
        "a hold takes what lies in packages and belongs to others from there, and leaves nothing below zero",
        arguments: Peer.all)
    func hold(_ peer: Peer) async throws {
        let name = "PACKHOLD-\(peer.run)"
        let product = try await peer.item(name), beside = try await peer.item(name + "b")
        let shelf = try await peer.shelf(name), quarantine = try await peer.shelf("Q" + name)
        let owner: JSON = .int(try await peer.partner("O-" + name))
        let whole = try await peer.packed("W-" + name), mixed = try await peer.packed("M-" + name)
        try await peer.put(6, of: product, at: shelf)
        try await peer.put(2, of: product, at: shelf, ["owner_id": owner])
        try await peer.put(5, of: product, at: shelf, ["package_id": .int(whole)])
        try await peer.put(7, of: product, at: shelf, ["package_id": .int(mixed)])
        try await peer.put(1, of: beside, at: shelf, ["package_id": .int(mixed)])
        let desk = try await desk(peer, "quality.hold", name)
        let outcome = await desk.deliver(
            "quality.hold",
            [
                "item": .string(name), "to": ["id": .int(quarantine)], "from": ["id": .int(shelf)],
                "reason": .string(name), "person": .string(peer.admin.login),
            ])
        #expect(outcome.brief == "accepted", "\(String(describing: outcome.failure))")
        let left = try await peer.lying(product, at: shelf)
        #expect(left.isEmpty, "\(left)")
        // The package that went as a whole is still one; what was held of the other lies loose beside it.
        let held = try await peer.lying(product, at: quarantine)
        #expect(held == ["13", "2 O-\(name)", "5 W-\(name)"])
        let stayed = try await peer.lying(beside, at: shelf)
        #expect(stayed == ["1 M-\(name)"])
    }

    @Test("a part of a package is taken out of it", arguments: Peer.all)
    func part(_ peer: Peer) async throws {
        let name = "PARTHOLD-\(peer.run)"
        let product = try await peer.item(name)
        let shelf = try await peer.shelf(name), quarantine = try await peer.shelf("Q" + name)
        let package = try await peer.packed("P-" + name)
        try await peer.put(5, of: product, at: shelf, ["package_id": .int(package)])
        let desk = try await desk(peer, "quality.hold", name)
        let outcome = await desk.deliver(
            "quality.hold",
            [
                "item": .string(name), "to": ["id": .int(quarantine)], "quantity": pieces(2),
                "reason": .string(name), "person": .string(peer.admin.login),
            ])
        #expect(outcome.brief == "accepted", "\(String(describing: outcome.failure))")
        let left = try await peer.lying(product, at: shelf)
        let held = try await peer.lying(product, at: quarantine)
        #expect(left == ["3 P-\(name)"] && held == ["2"], "\(left), \(held)")
    }
}

extension Peer {
    /// A location of the test's own in the stock.
    fileprivate func shelf(_ name: String) async throws -> Int {
        let stock = try await find("stock.location", [["usage", "=", "internal"], ["name", "=", "Stock"]], ["name"])
        return try await make(
            "stock.location",
            ["name": .string(name), "usage": "internal", "location_id": stock.first?["id"] ?? .null])
    }

    fileprivate func packed(_ name: String) async throws -> Int {
        try await make(
            try await version >= 19 ? "stock.package" : "stock.quant.package", ["name": .string(name)])
    }

    /// Counts what lies there in that package, of that owner.
    fileprivate func put(
        _ quantity: Int, of product: Int, at place: Int, _ more: JSONObject = [:]
    ) async throws {
        var values: JSONObject = [
            "product_id": .int(product), "location_id": .int(place), "inventory_quantity": .int(quantity),
        ]
        for (field, value) in more { values[field] = value }
        let made = try await asAdmin(
            OdooCall(
                "stock.quant", "create", ["vals_list": [.object(values)]], context: ["inventory_mode": true]))
        _ = try await asAdmin(
            OdooCall("stock.quant", "action_apply_inventory", ids: [made[0]?.int ?? made.int ?? 0]))
    }

    /// What of a product lies exactly there: quantity, package, owner.
    fileprivate func lying(_ product: Int, at place: Int) async throws -> [String] {
        let rows = try await find(
            "stock.quant",
            [["product_id", "=", .int(product)], ["location_id", "=", .int(place)], ["quantity", "!=", 0]],
            ["quantity", "package_id", "owner_id"])
        return rows.map { row in
            let words: [String?] = [
                row["quantity"]?.number?.trimmed().description, row["package_id"]?[1]?.string,
                row["owner_id"]?[1]?.string,
            ]
            return words.compactMap { $0 }.joined(separator: " ")
        }.sorted()
    }
}
