import ExactJSON
import OdooConnector
import Testing

// What follows an invoice: its payment, its credit note.
extension CatalogCase {
    /// A posted invoice over 210.
    private static func invoice(_ peer: Peer, _ name: String) async throws -> JSON {
        _ = try await peer.partner("P" + name)
        let outcome = await peer.desk(name + "i").deliver(
            "invoice.create",
            [
                "customer": .string("P" + name), "reference": .string(name), "date": "2025-02-03", "post": true,
                "lines": [
                    [
                        "description": "Wire", "quantity": ["value": 500, "unit": "m"], "price": "0.42", "taxes": [],
                    ]
                ],
            ])
        #expect(outcome.brief == "accepted", "\(String(describing: outcome.failure))")
        return ["invoice": .string(name)]
    }

    static let payments: [CatalogCase] = [
        CatalogCase("payment.register", needs: ["account.payment"]) { peer, name in
            var arguments = try await invoice(peer, name)
            arguments["reference"] = .string("BANK-" + name)
            arguments["amount"] = "110"
            arguments["date"] = "2025-03-03"
            return arguments
        } effect: { peer, name in
            let invoices = try await peer.find(
                "account.move", [["ref", "=", .string(name)], ["move_type", "=", "out_invoice"]],
                ["amount_residual", "payment_state"])
            let residual = invoices.first?["amount_residual"]?.int
            #expect(residual == 210 || residual == 100, "\(invoices)")
            return residual == 100 ? 1 : 0
        },
        CatalogCase("invoice.refund", needs: ["account.move"]) { peer, name in
            var arguments = try await invoice(peer, name)
            arguments["reference"] = .string("NCR_" + name)
            arguments["post"] = true
            return arguments
        } effect: { peer, name in
            let notes = try await peer.find(
                "account.move", [["move_type", "=", "out_refund"], ["reversed_entry_id.ref", "=", .string(name)]],
                ["state", "amount_total"])
            #expect(notes.allSatisfy { $0["state"]?.string == "posted" && $0["amount_total"]?.int == 210 }, "\(notes)")
            return notes.count
        },
    ]
}
