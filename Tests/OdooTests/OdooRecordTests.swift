import Canonical
import Contracts
import ExactJSON
import Testing

@testable import OdooConnector

@Suite("which record of Odoo a failure is about")
struct OdooRecordTests {
    @Test(
        "the page of a record is below the endpoint, without what no link may hold",
        arguments: [
            ("https://odoo.example.com", "https://odoo.example.com"),
            ("HTTPS://odoo.example.com:8069/", "https://odoo.example.com:8069"),
            ("http://[::1]:8069", "http://[::1]:8069"),
            ("https://mes:secret@odoo.example.com", "https://odoo.example.com"),
            ("https://mes:a@b@odoo.example.com/", "https://odoo.example.com"),
            ("https://odoo.example.com/erp/?db=demo&key=secret#x", "https://odoo.example.com/erp"),
        ])
    func page(endpoint: String, base: String) {
        let subject = OdooRecord("mrp.production", 42).subject(at: endpoint)
        #expect(subject?.title == "mrp.production,42" && subject?.system == "Odoo")
        #expect(subject?.url == "\(base)/web#id=42&model=mrp.production&view_type=form")
        #expect(subject?.invitation == "Open mrp.production 42 in Odoo")
    }

    @Test("what is in a model's name stays in its place of the address")
    func escaped() {
        let subject = OdooRecord("x_press.job&id=1\" é", 7).subject(at: "https://odoo.example.com")
        #expect(
            subject?.url == "https://odoo.example.com/web#id=7&model=x_press.job%26id%3D1%22%20%C3%A9&view_type=form")
    }

    @Test(
        "there is no page without an address that a browser opens",
        arguments: [
            "", "odoo.example.com", "ftp://odoo.example.com", "https://", "https://mes:secret@", "javascript:alert(1)",
        ])
    func none(endpoint: String) {
        #expect(OdooRecord("mrp.production", 42).subject(at: endpoint) == nil)
        #expect(OdooRecord("mrp.production", 0).subject(at: "https://odoo.example.com") == nil)
    }

    @Test("a plan is about the record that it looks at, else the one that it changes, else none")
    func plan() {
        func plan(_ subject: PlanEvidence.Subject, reference: String, changes: [ValueChange] = []) -> OdooPlan {
            OdooPlan(
                steps: [], evidence: PlanEvidence(model: "mrp.workorder", subject: subject, changes: changes),
                acceptance: Acceptance(reference: reference, summary: ""))
        }
        let change = ValueChange(
            model: "stock.move", id: 9, field: "quantity", seen: 0, before: ExactNumber(0), after: ExactNumber(1),
            step: ExactNumber(1))
        let order = "mrp.production,4"
        #expect(plan(.record(3), reference: order).record == OdooRecord("mrp.workorder", 3))
        #expect(plan(.repeatable, reference: order).record == OdooRecord("mrp.production", 4))
        #expect(plan(.unknowable, reference: "stock.scrap", changes: [change]).record == OdooRecord("stock.move", 9))
        #expect(plan(.externalID("made"), reference: "stock.scrap").record == nil)
        for text in ["mrp.production", "mrp.production,", ",4", "a,b,4", "mrp.production,-4", ""] {
            #expect(OdooRecord(reference: text) == nil, "\(text)")
        }
    }
}

@Suite(
    "the record of a refusal, at each Odoo at hand", .serialized, .enabled(if: !Peer.all.isEmpty, "\(Peer.missing)"))
struct RefusedRecordPeerTests {
    private func page(_ order: TestOrder, at peer: Peer) -> String {
        "\(peer.user.endpoint)/web#id=\(order.id)&model=mrp.production&view_type=form"
    }

    @Test("what comes for an order that is done names the order, with its page", arguments: Peer.all)
    func done(_ peer: Peer) async throws {
        let order = try await Workshop.build(peer, "aboutdone", quantity: 2, trackedComponent: false).order
        let desk = peer.desk("aboutdone")
        let arguments: JSON = ["order": .string(order.origin)]
        let first = await desk.deliver("production.complete", arguments)
        #expect(first.brief == "accepted", "\(String(describing: first.failure))")
        let late = await desk.deliver("production.complete", arguments)
        #expect(late.brief == "rejected ODOO-023", "\(String(describing: late.failure))")
        #expect(late.failure?.subject?.title == "mrp.production,\(order.id)")
        #expect(late.failure?.subject?.url == page(order, at: peer))
    }

    @Test("what the command itself is wrong in names the order that it is for", arguments: Peer.all)
    func wrong(_ peer: Peer) async throws {
        let order = try await peer.order("aboutwrong", quantity: 5)
        let desk = peer.desk("aboutwrong")
        let counted = await desk.deliver(
            "production.progress", ["order": .string(order.origin), "quantity": pieces(1)])
        #expect(counted.brief == "accepted", "\(String(describing: counted.failure))")
        let refused = await desk.deliver(
            "material.consume",
            ["order": .string(order.origin), "item": "no such item", "quantity": pieces(1)])
        #expect(refused.brief == "rejected ODOO-026", "\(String(describing: refused.failure))")
        #expect(refused.failure?.subject?.url == page(order, at: peer))
        let unknown = await desk.deliver(
            "production.progress", ["order": "no such order", "quantity": pieces(1)])
        #expect(unknown.brief == "rejected ODOO-021" && unknown.failure?.subject == nil)
    }

    @Test("an order that is cancelled between look and write is named, as in a doubt about it", arguments: Peer.all)
    func meanwhile(_ peer: Peer) async throws {
        let order = try await Workshop.build(peer, "aboutcancel", quantity: 2, trackedComponent: false).order
        let desk = peer.desk("aboutcancel")
        let command = await desk.command("production.complete", ["order": .string(order.origin)])
        let (preparation, ledger) = await desk.prepare(command)
        guard case .ready(let intent) = preparation else {
            Issue.record("\(preparation)")
            return
        }
        _ = try await peer.asAdmin(OdooCall("mrp.production", "action_cancel", ids: [order.id]))
        let attempt = Attempt(
            command: command, intent: intent, ledger: ledger, started: desk.clock.now(), writer: "about")
        let outcome = await desk.target.perform(attempt)
        #expect(outcome.acceptance == nil)
        #expect(outcome.failure?.subject?.url == page(order, at: peer), "\(outcome)")
        // The addon says that nothing happened; without it the record alone tells, and says something else.
        let inquiry = await desk.inquire(attempt)
        if case .cannotTell(let failure) = inquiry {
            #expect(failure.subject?.url == page(order, at: peer))
        } else {
            #expect(peer.hasGateway && inquiry.brief == "notFound", "\(inquiry)")
        }
    }
}
