import ExactJSON
import OdooConnector
import Testing

// Purchase, sales and accounting.
extension CatalogCase {
    private static func purchase(_ peer: Peer, _ name: String, confirm: Bool) async throws -> JSON {
        let outcome = await peer.desk(name + "p").deliver("purchase.create", try await order(peer, name, confirm))
        #expect(outcome.brief == "accepted", "\(String(describing: outcome.failure))")
        return ["purchase": .string(name)]
    }

    private static func order(_ peer: Peer, _ name: String, _ confirm: Bool) async throws -> JSON {
        try await peer.item(name)
        try await peer.item(name + "b")
        _ = try await peer.partner("V" + name)
        return [
            "vendor": .string("V" + name), "reference": .string(name), "confirm": .bool(confirm),
            "lines": [
                ["item": .string(name), "quantity": ["value": 2, "unit": "dozen"], "price": "1.25"],
                ["item": .string(name + "b"), "quantity": pieces(5), "price": 3],
            ],
        ]
    }

    private static func purchases(_ peer: Peer, _ name: String, _ state: String) async throws -> Int {
        try await peer.count("purchase.order", [["origin", "=", .string(name)], ["state", "=", .string(state)]])
    }

    static let purchases: [CatalogCase] = [
        CatalogCase("purchase.create", needs: ["purchase.order"]) {
            try await order($0, $1, true)
        } effect: { peer, name in
            let lines = try await peer.find(
                "purchase.order.line", [["order_id.origin", "=", .string(name)]], ["product_qty", "price_unit"])
            #expect(lines.isEmpty || lines.count == 2, "\(lines)")
            return try await purchases(peer, name, "purchase")
        },
        CatalogCase("purchase.confirm", needs: ["purchase.order"]) {
            try await purchase($0, $1, confirm: false)
        } effect: {
            try await purchases($0, $1, "purchase")
        },
        CatalogCase("purchase.approve", needs: ["purchase.order"]) { peer, name in
            let arguments = try await purchase(peer, name, confirm: false)
            let id =
                try await peer.find("purchase.order", [["origin", "=", .string(name)]], ["id"]).first?["id"]?.int ?? 0
            _ = try await peer.asAdmin(.write("purchase.order", [id], ["state": "to approve"]))
            return arguments
        } effect: {
            try await purchases($0, $1, "purchase")
        },
        CatalogCase("purchase.cancel", needs: ["purchase.order"]) {
            try await purchase($0, $1, confirm: true)
        } effect: {
            try await purchases($0, $1, "cancel")
        },
        CatalogCase("purchase.acknowledge", needs: ["purchase.order"]) { peer, name in
            var arguments = try await purchase(peer, name, confirm: true)
            arguments["vendorReference"] = .string("SO" + name)
            arguments["date"] = "2031-03-01T10:00:00Z"
            return arguments
        } effect: { peer, name in
            try await peer.count(
                "purchase.order.line",
                [["order_id.partner_ref", "=", .string("SO" + name)], ["date_planned", "=", "2031-03-01 10:00:00"]]) / 2
        },
        CatalogCase("purchase.change", needs: ["purchase.order"]) { peer, name in
            try await peer.item(name + "n")
            var arguments = try await purchase(peer, name, confirm: true)
            arguments["vendorReference"] = .string("SO" + name)
            arguments["lines"] = [
                ["item": .string(name + "b"), "quantity": pieces(8)],
                ["item": .string(name + "n"), "quantity": pieces(1), "price": "3.50"],
            ]
            return arguments
        } effect: { peer, name in
            let lines = try await peer.find(
                "purchase.order.line", [["order_id.partner_ref", "=", .string("SO" + name)]],
                ["product_qty", "price_unit"])
            let changed = lines.dropFirst().map { "\($0["product_qty"] ?? 0) at \($0["price_unit"] ?? 0)" }
            #expect(changed == ["8.0 at 3.0", "1.0 at 3.5"] || lines.isEmpty, "\(lines)")
            return lines.count / 3
        },
        CatalogCase("purchase.receive", needs: ["purchase.order"]) { peer, name in
            var arguments = try await purchase(peer, name, confirm: true)
            arguments["lines"] = [
                ["item": .string(name), "quantity": pieces(20)], ["item": .string(name + "b"), "quantity": pieces(5)],
            ]
            arguments["backorder"] = "close"
            return arguments
        } effect: { peer, name in
            let lines = try await peer.find(
                "purchase.order.line",
                [["order_id.origin", "=", .string(name)], ["product_id.default_code", "=", .string(name + "b")]],
                ["qty_received"])
            return (lines.first?["qty_received"]?.int ?? 0) / 5
        },
    ]

    private static func sale(_ peer: Peer, _ name: String, confirm: Bool) async throws -> JSON {
        try await peer.item(name)
        _ = try await peer.partner("C" + name)
        return [
            "customer": .string("C" + name), "customerReference": .string(name), "confirm": .bool(confirm),
            "lines": [["item": .string(name), "quantity": pieces(4), "price": "18.50"]],
        ]
    }

    private static func made(_ peer: Peer, _ name: String, confirm: Bool) async throws -> JSON {
        let outcome = await peer.desk(name + "s").deliver("sale.create", try await sale(peer, name, confirm: confirm))
        #expect(outcome.brief == "accepted", "\(String(describing: outcome.failure))")
        return ["sale": .string(name)]
    }

    private static func sales(_ peer: Peer, _ name: String, _ state: String) async throws -> Int {
        try await peer.count(
            "sale.order", [["client_order_ref", "=", .string(name)], ["state", "=", .string(state)]])
    }

    static let sales: [CatalogCase] = [
        CatalogCase("sale.create", needs: ["sale.order"]) {
            try await sale($0, $1, confirm: true)
        } effect: {
            try await sales($0, $1, "sale")
        },
        CatalogCase("sale.confirm", needs: ["sale.order"]) {
            try await made($0, $1, confirm: false)
        } effect: {
            try await sales($0, $1, "sale")
        },
        CatalogCase("sale.cancel", needs: ["sale.order"]) {
            try await made($0, $1, confirm: true)
        } effect: {
            try await sales($0, $1, "cancel")
        },
        CatalogCase("sale.change", needs: ["sale.order"]) { peer, name in
            try await peer.item(name + "n")
            var arguments = try await made(peer, name, confirm: false)
            arguments["reference"] = .string("changed " + name)
            arguments["lines"] = [
                ["item": .string(name), "quantity": pieces(6)],
                ["item": .string(name + "n"), "quantity": pieces(1), "price": "3.50"],
            ]
            return arguments
        } effect: { peer, name in
            let lines = try await peer.find(
                "sale.order.line", [["order_id.origin", "=", .string("changed " + name)]],
                ["product_uom_qty", "price_unit"])
            let held = lines.map { "\($0["product_uom_qty"] ?? 0) at \($0["price_unit"] ?? 0)" }
            #expect(held == ["6.0 at 18.5", "1.0 at 3.5"] || held.isEmpty, "\(held)")
            return lines.count / 2
        },
        CatalogCase("sale.deliver", needs: ["sale.order"]) { peer, name in
            var arguments = try await made(peer, name, confirm: true)
            arguments["lines"] = [["item": .string(name), "quantity": pieces(4)]]
            return arguments
        } effect: { peer, name in
            let lines = try await peer.find(
                "sale.order.line", [["order_id.client_order_ref", "=", .string(name)]], ["qty_delivered"])
            return (lines.first?["qty_delivered"]?.int ?? 0) / 4
        },
        CatalogCase("lead.create", needs: ["crm.lead"]) { _, name in
            ["subject": .string(name), "company": "Deco", "email": "buyer@deco.example"]
        } effect: {
            try await $0.count("crm.lead", [["name", "=", .string($1)]])
        },
    ]

    private static func charge(_ peer: Peer, _ name: String, _ role: String, post: Bool) async throws -> JSON {
        _ = try await peer.partner("A" + name)
        return [
            role: .string("A" + name), "reference": .string(name), "date": "2025-02-03", "post": .bool(post),
            "lines": [["description": "Wire", "quantity": ["value": 500, "unit": "m"], "price": "0.42"]],
        ]
    }

    private static func moves(_ peer: Peer, _ name: String, _ state: String) async throws -> Int {
        try await peer.count("account.move", [["ref", "=", .string(name)], ["state", "=", .string(state)]])
    }

    private static func invoice(_ peer: Peer, _ name: String, post: Bool) async throws -> JSON {
        let outcome = await peer.desk(name + "i").deliver(
            "invoice.create", try await charge(peer, name, "customer", post: post))
        #expect(outcome.brief == "accepted", "\(String(describing: outcome.failure))")
        return ["invoice": .string(name)]
    }

    static let accounting: [CatalogCase] = [
        CatalogCase("bill.create", needs: ["account.move"]) {
            try await charge($0, $1, "vendor", post: true)
        } effect: {
            try await moves($0, $1, "posted")
        },
        CatalogCase("invoice.create", needs: ["account.move"]) {
            try await charge($0, $1, "customer", post: true)
        } effect: {
            try await moves($0, $1, "posted")
        },
        CatalogCase("invoice.post", needs: ["account.move"]) {
            try await invoice($0, $1, post: false)
        } effect: {
            try await moves($0, $1, "posted")
        },
        CatalogCase("invoice.reset", needs: ["account.move"]) {
            try await invoice($0, $1, post: true)
        } effect: {
            try await moves($0, $1, "draft")
        },
        CatalogCase("invoice.cancel", needs: ["account.move"]) {
            try await invoice($0, $1, post: false)
        } effect: {
            try await moves($0, $1, "cancel")
        },
        CatalogCase("journal.entry", needs: ["account.move"]) { peer, name in
            let accounts = try await peer.find(
                "account.account", [["account_type", "=", "asset_current"]], ["id"]
            ).compactMap { $0["id"]?.int }
            let journals = try await peer.find("account.journal", [["type", "=", "general"]], ["id"])
            return [
                "journal": ["id": journals.first?["id"] ?? .null], "reference": .string(name), "date": "2025-02-03",
                "post": true,
                "lines": [
                    ["account": ["id": .int(accounts[0])], "debit": 100],
                    ["account": ["id": .int(accounts[1])], "credit": 100],
                ],
            ]
        } effect: {
            try await moves($0, $1, "posted")
        },
    ]
}
