import Contracts
import ExactJSON
import Testing

@testable import OdooConnector

extension PeersRecords {
    @Suite(
        "closed periods of a real Odoo", .serialized, .enabled(if: !Peer.live.isEmpty, "\(Peer.missing)"))
    struct LockDatePeerTests {
        private static let field = "fiscalyear_lock_date"

        private func state(_ peer: Peer, _ reference: String) async throws -> JSON {
            let found = try await peer.find(
                "account.move", [["ref", "=", .string(reference)]], ["state", "date", "invoice_date"])
            #expect(found.count == 1, "\(found)")
            return found.first ?? .null
        }

        /// Of a period in which nothing else is: what the company has locked already is put back.
        @Test(
            "Odoo posts behind the closed period and keeps the document's date, and refuses to change what is in it",
            arguments: Peer.live)
        func locked(_ peer: Peer) async throws {
            let partner = "lock-\(peer.run)"
            _ = try await peer.partner(partner)
            let user = try await peer.allowed(["account.group_account_invoice"])
            let desk = user.desk("lock")
            func make(_ reference: String, isPosted: Bool) async -> Outcome {
                await desk.deliver(
                    "invoice.create",
                    [
                        "customer": .string(partner), "reference": .string(reference), "date": "2019-12-15",
                        "post": .bool(isPosted), "lines": [["description": "Wire", "price": "5"]],
                    ])
            }
            let first = await make("in \(partner)", isPosted: true)
            #expect(first.brief == "accepted", "\(String(describing: first.failure))")
            let own = try await peer.find("account.move", [["ref", "=", .string("in \(partner)")]], ["company_id"])
            let company = try #require(own.first?["company_id"]?[0]?.int)
            let before = try await peer.read("res.company", company, [Self.field])[Self.field] ?? false
            _ = try await peer.asAdmin(.write("res.company", [company], .object([Self.field: "2019-12-31"])))
            // Odoo 16 closes no period in which a draft is.
            let draft = await make("draft \(partner)", isPosted: false)
            let posted = await desk.deliver("invoice.post", ["invoice": .string("draft \(partner)")])
            let reset = await desk.deliver("invoice.reset", ["invoice": .string("in \(partner)")])
            let open = try await state(peer, "draft \(partner)")
            let closed = try await state(peer, "in \(partner)")
            _ = try await peer.asAdmin(.write("res.company", [company], .object([Self.field: before])))

            #expect(draft.brief == "accepted", "\(String(describing: draft.failure))")
            #expect(posted.brief == "accepted", "\(String(describing: posted.failure))")
            #expect(open["state"]?.string == "posted" && open["invoice_date"]?.string == "2019-12-15", "\(open)")
            #expect(open["date"]?.string ?? "" > "2019-12-31", "\(open)")
            #expect(reset.brief == "rejected ODOO-012", "\(reset.brief)")
            #expect(reset.failure?.message.contains("entries prior to") == true, "\(String(describing: reset.failure))")
            #expect(closed["state"]?.string == "posted" && closed["date"]?.string == "2019-12-15", "\(closed)")
        }
    }
}
