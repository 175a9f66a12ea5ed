import Canonical
import Contracts
import ExactJSON
import Testing

@testable import OdooConnector

/// Plans, and where a look tells what became of them.
@Suite("Plans")
struct PlanTests {
    private static let steps: [PlanStep] = [
        .guarded(
            model: "mrp.production", ids: [7], domain: [["state", "!=", "done"]],
            refusal: .code(OdooFailures.changedMeanwhile.code)),
        .guarded(model: "mrp.production", ids: [7], domain: [["state", "=", "done"]], refusal: .stop),
        .ensure(model: "stock.lot", domain: [["name", "=", "L1"]], values: ["name": "L1"], alias: "lot"),
        .ensure(
            model: "mail.activity", domain: [["note", "like", "k"]], values: ["summary": "x"],
            context: ["default_res_model": "stock.lot"], alias: "task"),
        .write(model: "mrp.production", ids: [7], values: ["lot_producing_id": PlanReference.to("lot")], when: nil),
        .write(model: "x", ids: [1, 2], values: ["a": 1], when: [["b", "=", false]]),
        .call(
            model: "mrp.production", method: "button_mark_done", ids: [7], arguments: [:],
            context: ["mo_ids_to_backorder": [7]], when: nil, alias: nil),
        .call(model: "x", method: "y", ids: nil, arguments: ["n": 1], context: [:], when: [["c", "=", 1]], alias: "z"),
        .load("stock.scrap", name: "scrap_1", [PlanCell("lot_id", record: PlanReference.to("lot"))], as: "made"),
    ]

    @Test("what is stored is read again, step by step")
    func stored() throws {
        for step in Self.steps { #expect(PlanStep(try JSONReader.read(step.json.description)) == step) }
        var evidence = PlanEvidence(
            model: "mrp.production", subject: .record(7), mark: .init(field: "state", done: ["done"], lost: ["cancel"]))
        evidence.changes = [Self.change]
        for evidence in [
            evidence, PlanEvidence(model: "stock.scrap", subject: .externalID("scrap_1"), isDoneWhenGone: true),
        ] {
            #expect(PlanEvidence(try JSONReader.read(evidence.json.description)) == evidence)
        }
        let plan = OdooPlan(
            steps: Self.steps, evidence: evidence,
            acceptance: Acceptance(
                reference: "stock.scrap", summary: "scrapped",
                ledger: [LedgerEntry(key: LedgerKey("downtime/3"), value: ["line": PlanReference.to("made")])]),
            isReadAnew: true, rest: ["order": 7])
        let read = try OdooPlan(json: JSONReader.read(plan.json.description))
        #expect(read.steps == plan.steps && read.evidence == plan.evidence && read.isReadAnew && !read.isForGateway)
        #expect(read.rest == plan.rest)
        let accepted = read.accepted(["made": 41])
        #expect(accepted.reference == "stock.scrap,41" && accepted.ledger.first?.value == ["line": 41])
    }

    @Test("an intent of another version is refused with a word", arguments: ["{}", #"{"changes":[],"call":{}}"#, "7"])
    func foreign(_ text: String) throws {
        let json = try JSONReader.read(text)
        let error = #expect(throws: OdooError.self) { try OdooPlan(json: json) }
        #expect(error?.failure.message.contains("cannot be read") == true && error?.verdict == .rejected)
    }

    private static let change = ValueChange(
        model: "mrp.production", id: 7, field: "qty_produced", seen: 0, before: ExactNumber(0), after: ExactNumber(5),
        step: ExactNumber(1))

    @Test(
        "a field's value tells, and what should have come with it",
        arguments: [
            (#"{"id":7,"state":"done","qty_produced":5.0}"#, "done"),
            (#"{"id":7,"state":"done","qty_produced":4.0}"#, "elsewhere"),
            (#"{"id":7,"state":"cancel","qty_produced":0.0}"#, "elsewhere"),
            (#"{"id":7,"state":"progress","qty_produced":5.0}"#, "notDone"),
            (#"{"id":7,"state":false}"#, "notDone"),
        ])
    func marked(_ row: String, _ expected: String) throws {
        let evidence = PlanEvidence(
            model: "mrp.production", subject: .record(7), mark: .init(field: "state", done: ["done"], lost: ["cancel"]),
            changes: [Self.change])
        let standing = try evidence.standing(OdooRow(JSONReader.read(row)))
        #expect("\(standing)".hasPrefix(expected), "\(standing)")
        #expect(evidence.fields == ["state", "qty_produced"])
    }

    @Test("a record that is gone is nobody's, unless nothing is left to do then")
    func gone() throws {
        var evidence = PlanEvidence(
            model: "x", subject: .record(3), mark: .init(field: "date_end", done: [], lost: []))
        guard case .elsewhere = try evidence.standing(nil) else {
            Issue.record("a record that is gone tells nothing")
            return
        }
        evidence.isDoneWhenGone = true
        #expect(try evidence.standing(nil) == .done)
        #expect(try evidence.standing(OdooRow(["id": 3, "date_end": false])) == .notDone)
        #expect(try evidence.standing(OdooRow(["id": 3, "date_end": "2025-02-03 06:00:00"])) == .done)
        #expect(try PlanEvidence(model: "x", subject: .externalID("n")).standing(nil) == .notDone)
    }

    @Test("the addon is asked to write only where what was read still stands")
    func guards() {
        let plan = OdooPlan(
            steps: [.write(model: "mrp.production", ids: [7], values: ["qty_producing": 5], when: nil)],
            evidence: PlanEvidence(model: "mrp.production", subject: .record(7), changes: [Self.change]),
            acceptance: Acceptance(reference: "mrp.production,7", summary: ""))
        let operation = GatewayOperation(key: "hub/odoo/1", name: "production.progress", plan)
        #expect(
            operation.json["steps"]?[0] == [
                "guard": "mrp.production", "ids": [7], "where": [["qty_produced", "=", 0]], "code": "ODOO-038",
            ])
        #expect(operation.json["steps"]?[1]?["write"] == "mrp.production")
        let long = GatewayOperation(key: String(repeating: "é", count: 300), name: "production.progress", plan)
        #expect(long.key.utf8.count <= GatewayOperation.maximumKey && long.key.hasPrefix("key_"))
    }

    @Test("a refusal tells what stands of the steps before it; what is tried again tells nothing")
    func standing() throws {
        let first = StandingSteps(Self.steps, ["lot": 3, "made": 41, "z": 5])
        let refused = OdooError.reject(OdooFailures.businessRule, "Odoo's words")
        let told = refused.over(first)
        #expect(
            told.failure.message == "Odoo's words; what was done before that stands in Odoo: "
                + "lot_producing_id written in mrp.production #7, a written in x #1 #2, "
                + "button_mark_done carried out on mrp.production #7, y carried out on x #5, stock.scrap #41 made")
        #expect(told.verdict == .rejected && told.failure.kind == OdooFailures.businessRule)
        #expect(told.failure.suggestion.hasPrefix(OdooFailures.businessRule.remedy))
        // What a step found or made, and what is only looked at.
        var made = StandingSteps()
        for step in Self.steps.prefix(3) { made.add(step, on: [9]) }
        #expect(made.words == "stock.lot #9 made")
        #expect(refused.over(StandingSteps()).failure == refused.failure)
        let later = OdooError.changedMeanwhile("it changed")
        #expect(later.over(first).failure == later.failure)
        for id in 1...7 { made.add(Self.steps[4], on: [id]) }
        #expect(made.words?.hasSuffix("mrp.production #4 and 3 more") == true)
    }

    @Test(
        "each code of the addon's becomes a failure that a person understands",
        arguments: [
            ("gone", "ODOO-011"), ("rights", "ODOO-010"), ("business_rule", "ODOO-012"), ("constraint", "ODOO-013"),
            ("missing_model", "ODOO-014"), ("not_allowed", "ODOO-046"), ("ODOO-034", "ODOO-034"),
            ("ODOO-038", "ODOO-038"), ("something new", "ODOO-012"),
        ])
    func codes(_ code: String, _ kind: String) throws {
        let batch: JSON = [
            "answers": [["index": 0, "key": "k", "status": "refused", "code": .string(code), "message": "words"]]
        ]
        let answer = try #require(GatewayAnswer(batch, at: 0, key: "k"))
        #expect(answer.error.failure.kind.code == kind && answer.error.failure.message.contains("words"))
        #expect((answer.error.verdict == .rejected) == (kind != "ODOO-038"))
        #expect(GatewayAnswer(batch, at: 1, key: "k") == nil && GatewayAnswer(batch, at: 0, key: "other") == nil)
    }
}
