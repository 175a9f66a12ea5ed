import Canonical
import ExactJSON
import Testing

@testable import OdooConnector

@Suite("may this order start here now?")
struct StartDecisionTests {
    private typealias Code = StartDecision.Reason.Code

    private static func order(_ state: String = "confirmed", lots: [Int] = []) -> OrderRecord {
        OrderRecord(
            OdooRow([
                "id": 812, "name": "WH/MO/00042", "state": .string(state), "product_id": [7, "[TABLE] Table"],
                "product_uom_id": [1, "Units"], "product_qty": 100, "qty_producing": 100, "qty_produced": 0,
                "origin": false, "production_group_id": [3, "WH/MO/00042"], "product_tracking": "none",
                "company_id": [1, "Lyon"], "move_raw_ids": [1, 2], "workorder_ids": [1, 2],
                "lot_producing_ids": .array(lots.map { .int($0) }),
            ]), OdooDialect(version: 19)!)
    }

    private static func component(
        _ item: String, _ product: Int, needed: Int = 10, reserved: Int = 10, free: Int = 0, operation: Int? = nil
    ) -> OrderFacts.Component {
        OrderFacts.Component(
            product: product, item: item, unit: "Units", needed: ExactNumber(needed), used: ExactNumber(0),
            reserved: ExactNumber(reserved), free: ExactNumber(free), place: "WH/Stock", operation: operation,
            missing: ExactNumber(max(0, needed - reserved)))
    }

    /// An order that may start: two work orders, the first one ready, everything reserved.
    static var ready: OrderFacts {
        let order = order()
        var facts = OrderFacts(
            order: order, family: [order], unit: "Units", now: Instant(text: "2026-03-02T06:00:00Z")!)
        facts.components = [component("LEG", 11), component("TOP", 12, operation: 52)]
        facts.steps = [
            .init(id: 1, name: "Cutting", state: "ready", center: 5, operation: 51, produced: ExactNumber(0)),
            .init(
                id: 2, name: "Assembly", state: "blocked", center: 6, operation: 52, produced: ExactNumber(0),
                after: [1]),
        ]
        facts.centers = [
            5: .init(id: 5, name: "Saw 1"), 6: .init(id: 6, name: "Bench"), 9: .init(id: 9, name: "Press"),
        ]
        return facts
    }

    struct Case: Sendable, CustomStringConvertible {
        var words: String
        var center: Int?
        var operation: String?
        var reasons: [String]
        var notes: [String] = []
        /// What a reason or note says.
        var says: String = ""
        var change: @Sendable (inout OrderFacts) -> Void = { _ in }
        var description: String { words }
    }

    static let cases: [Case] = [
        Case(words: "everything is there", center: 5, reasons: []),
        Case(words: "without a place the next work order counts", reasons: []),
        Case(
            words: "a draft", center: 5, reasons: ["not-released"], says: "Order WH/MO/00042 is a draft",
            change: { $0.order = order("draft") }),
        Case(words: "finished", center: 5, reasons: ["closed"], change: { $0.order = order("done") }),
        Case(words: "cancelled", center: 5, reasons: ["cancelled"], change: { $0.order = order("cancel") }),
        Case(
            words: "all is made", center: 5, reasons: ["complete"], says: "100 of 100 Units",
            change: { $0.order = order("to_close") }),
        Case(
            words: "another work center", center: 9, reasons: ["not-here"],
            says: "no work order at Press; it has Cutting at Saw 1, Assembly at Bench"),
        Case(words: "a work order that it does not have", operation: "Paint", reasons: ["not-here"]),
        Case(
            words: "not its turn", center: 6, reasons: ["operation-waits"],
            says: "Before Assembly comes Cutting at Saw 1"),
        Case(
            words: "Odoo lets it begin before the other one is through", center: 6, reasons: [],
            change: { $0.steps[1].state = "ready" }),
        Case(
            words: "done already", center: 5, reasons: ["operation-done"],
            change: { $0.steps[0].state = "done" }),
        Case(
            words: "material is short", center: 5, reasons: ["material"],
            says: "LEG is short: 10 Units needed, 7 there, 3 missing",
            change: { $0.components[0] = component("LEG", 11, reserved: 4, free: 3) }),
        Case(
            words: "material is free and not reserved", center: 5, reasons: [], notes: ["not-reserved"],
            says: "6 Units of LEG are in WH/Stock",
            change: { $0.components[0] = component("LEG", 11, reserved: 4, free: 6) }),
        Case(
            words: "two lines of a product share what is free", center: 5, reasons: ["material"],
            notes: ["not-reserved"],
            change: {
                $0.components = [
                    component("LEG", 11, reserved: 0, free: 15), component("LEG", 11, reserved: 0, free: 15),
                ]
            }),
        Case(
            words: "what only a later work order needs may come later", center: 5, reasons: [],
            change: { $0.components[1] = component("TOP", 12, reserved: 0, operation: 52) }),
        Case(
            words: "what no stock is kept of is always there", center: 5, reasons: [],
            change: {
                $0.components[0] = component("GLUE", 13, reserved: 0)
                $0.components[0].isStockKept = false
            }),
        Case(
            words: "blocked", center: 5, reasons: ["work-center-blocked"],
            says: "Saw 1 is blocked since 35 min: Equipment Failure (spindle)",
            change: {
                $0.openTimes = [
                    .init(
                        center: 5, loss: "Equipment Failure", isWork: false, start: $0.now - .seconds(2_100),
                        description: "spindle")
                ]
                $0.centers[5]?.state = "blocked"
            }),
        Case(
            words: "blocked by something that the user does not see", center: 5, reasons: ["work-center-blocked"],
            change: { $0.centers[5]?.state = "blocked" }),
        Case(
            words: "busy", center: 5, reasons: ["work-center-busy"], says: "Saw 1 works on WH/MO/00041 - Cutting",
            change: {
                $0.openTimes = [
                    .init(center: 5, step: 77, stepName: "WH/MO/00041 - Cutting", loss: "Productive", isWork: true)
                ]
            }),
        Case(
            words: "it runs already", center: 5, reasons: [], notes: ["running"],
            change: {
                $0.steps[0].state = "progress"
                $0.openTimes = [.init(center: 5, step: 1, stepName: "x", loss: "Productive", isWork: true)]
            }),
        Case(
            words: "trouble elsewhere does not matter", center: 5, reasons: [],
            change: { $0.openTimes = [.init(center: 6, loss: "Equipment Failure", isWork: false)] }),
        Case(
            words: "a work center that is not in use any more", center: 5, reasons: ["work-center-archived"],
            change: { $0.centers[5]?.isActive = false }),
        Case(
            words: "held by quality", center: 5, reasons: ["quality-hold", "lot-on-hold"],
            says: "Lot W1 of Wire lies in WH/Quarantine.",
            change: {
                $0.holds = [
                    .init(kind: .activity, words: "An activity is open on order WH/MO/00042: Quality hold"),
                    .init(kind: .lot, words: "Lot W1 of Wire lies in WH/Quarantine"),
                ]
            }),
        Case(
            words: "what cannot be seen is said", center: 5, reasons: [], notes: ["unseen"],
            change: { $0.unseen = ["quality.alert"] }),
        Case(
            words: "an order without work orders", center: 9, reasons: [], notes: ["no-work-orders"],
            change: { $0.steps = [] }),
        Case(
            words: "an order without work orders, at a blocked work center", center: 9,
            reasons: ["work-center-blocked"], notes: ["no-work-orders"],
            change: {
                $0.steps = []
                $0.centers[9]?.state = "blocked"
            }),
        Case(
            words: "several reasons are all said", center: 5,
            reasons: ["not-released", "material", "work-center-blocked"],
            change: {
                $0.order = order("draft")
                $0.centers[5]?.state = "blocked"
                $0.components[0] = component("LEG", 11, reserved: 0)
            }),
    ]

    @Test("by cases", arguments: cases)
    func decided(_ given: Case) throws {
        var facts = Self.ready
        given.change(&facts)
        let decision = try StartDecision(facts, center: given.center, operation: given.operation)
        #expect(Set(decision.reasons.map(\.code.rawValue)) == Set(given.reasons), "\(decision.reasons)")
        #expect(decision.notes.map(\.code.rawValue) == given.notes, "\(decision.notes)")
        #expect(decision.mayStart == given.reasons.isEmpty)
        let all = (decision.reasons + decision.notes).map(\.words)
        #expect(given.says.isEmpty || all.contains { $0.contains(given.says) }, "\(all)")
        #expect(all.allSatisfy { $0.hasSuffix(".") && !$0.hasSuffix("..") })
    }

    @Test("whatever is wrong in addition, a no stays a no, and every reason stays said")
    func monotonic() throws {
        for seed in 1...500 as ClosedRange<UInt64> {
            var random = SeededGenerator(seed)
            let obstacles = Self.cases.filter {
                $0.center == 5 && $0.reasons.count == 1
                    && ["material", "work-center-blocked", "work-center-archived"].contains($0.reasons[0])
            }
            var facts = Self.ready
            var expected: Set<String> = []
            for obstacle in obstacles.shuffled(using: &random).prefix(Int.random(in: 0...3, using: &random)) {
                obstacle.change(&facts)
                expected.formUnion(obstacle.reasons)
            }
            let decision = try StartDecision(facts, center: 5)
            #expect(expected.isSubset(of: decision.reasons.map(\.code.rawValue)), "seed \(seed)")
            #expect(decision.mayStart == expected.isEmpty, "seed \(seed)")
        }
    }

    @Test(
        "words of a hold stand by themselves",
        arguments: [
            ("WH/Quarantine", true), ("WH/Quality Control", true), ("Household", false), ("On HOLD!", true),
            ("", false),
            ("WH/Stock/Shelf 1", false), ("holding", false),
        ])
    func words(_ text: String, _ isHold: Bool) {
        #expect(HoldWords(["quality", "quarantine", "hold"]).areIn(text) == isHold)
        #expect(!HoldWords([]).areIn(text) && !HoldWords([""]).areIn(text))
    }

    @Test("the status counts an order with its backorders, and says what holds it up")
    func status() throws {
        var facts = Self.ready
        let done = OrderRecord(
            OdooRow([
                "id": 800, "name": "WH/MO/00042-001", "state": "done", "product_id": [7, "Table"],
                "product_qty": 40, "qty_producing": 40, "qty_produced": 40,
            ]), OdooDialect(version: 19)!)
        facts.family = [done, facts.order]
        facts.components[0] = Self.component("LEG", 11, reserved: 4)
        let answer = try ProductionStatusQuery.answer(facts, try StartDecision(facts))
        #expect(answer["planned"]?.int == 140 && answer["produced"]?.int == 140 && answer["remaining"]?.int == 0)
        #expect(answer["backorders"]?[0]?["order"]?.string == "WH/MO/00042-001")
        #expect(answer["componentsState"]?.string == "short")
        #expect(answer["workOrders"]?[1]?["waitsFor"]?[0]?.string == "Cutting")
        #expect(answer["blockers"]?[0]?["code"]?.string == "material")
    }
}
