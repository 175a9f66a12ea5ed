import Canonical
import ExactJSON

/// Whether an order may start now at a work center: every reason against it, in words for the person who stands there.
/// Pure.
struct StartDecision: Sendable {
    struct Reason: Sendable, Hashable {
        enum Code: String, Sendable, CaseIterable {
            // Against it.
            case notReleased = "not-released", closed, cancelled, complete
            case notHere = "not-here", operationDone = "operation-done", operationWaits = "operation-waits"
            case material, centerArchived = "work-center-archived", centerBlocked = "work-center-blocked"
            case centerBusy = "work-center-busy", qualityHold = "quality-hold", lotHold = "lot-on-hold"
            // Worth knowing.
            case running, notReserved = "not-reserved", noWorkOrders = "no-work-orders"
            case unseen
        }
        let code: Code
        let words: String

        var json: JSON { ["code": .string(code.rawValue), "words": .string(words)] }
    }

    /// The work order that it is about; nil where there is none.
    private(set) var step: OrderFacts.Step?
    /// The work center that it is about; nil where none was named and no work order says one.
    private(set) var center: Int?
    private(set) var reasons: [Reason] = []
    private(set) var notes: [Reason] = []

    var mayStart: Bool { reasons.isEmpty }

    /// `center`: where somebody wants to start; `operation`: the name of the work order; nil leaves both to the order.
    init(_ facts: OrderFacts, center: Int? = nil, operation: String? = nil) throws(OdooError) {
        self.center = center
        judgeState(facts.order, facts.unit)
        guard facts.order.isOpen else { return }
        chooseStep(facts, center, operation)
        if let step { judgeTurn(step, facts) }
        if let place = self.center { judgeCenter(place, facts) }
        try judgeMaterial(facts)
        for hold in facts.holds { against(hold.kind == .lot ? .lotHold : .qualityHold, hold.words) }
        for model in facts.unseen { note(.unseen, "Whether \(model) holds something back cannot be seen by this user") }
    }

    private mutating func against(_ code: Reason.Code, _ words: String) {
        let reason = Reason(code: code, words: words + ".")
        if !reasons.contains(reason) { reasons.append(reason) }
    }

    private mutating func note(_ code: Reason.Code, _ words: String) {
        notes.append(Reason(code: code, words: words + "."))
    }

    private mutating func judgeState(_ order: OrderRecord, _ unit: String) {
        switch order.state {
        case .draft: against(.notReleased, "Order \(order.name) is a draft: it is not released yet")
        case .done: against(.closed, "Order \(order.name) is finished")
        case .cancel: against(.cancelled, "Order \(order.name) is cancelled")
        case .toClose:
            against(.complete, "All of order \(order.name) is made: \(order.shown) of \(order.planned) \(unit)")
        case .confirmed, .progress, .other: break
        }
    }

    private mutating func chooseStep(_ facts: OrderFacts, _ center: Int?, _ operation: String?) {
        guard !facts.steps.isEmpty else {
            if center != nil || operation != nil {
                note(.noWorkOrders, "Order \(facts.order.name) has no work orders: it may be made anywhere")
            }
            return
        }
        let fitting = facts.steps.filter {
            (center == nil || $0.center == center) && (operation == nil || $0.name == operation)
        }
        let open = fitting.filter(\.isOpen)
        if let chosen = open.first(where: { !$0.waitsForOthers }) ?? open.first {
            step = chosen
            self.center = chosen.center
        } else if let done = fitting.last {
            let word = done.state == "cancel" ? "cancelled" : "finished already"
            against(.operationDone, "\(done.name) of order \(facts.order.name) is \(word)")
        } else {
            let places = facts.steps.filter(\.isOpen).map { "\($0.name) at \(facts.name(of: $0.center))" }
            let what = operation.map { "no open work order \"\($0)\"" } ?? "no work order"
            let place = center.map { " at \(facts.name(of: $0))" } ?? ""
            let others = places.isEmpty ? "" : "; it has \(places.joined(separator: ", "))"
            against(.notHere, "Order \(facts.order.name) has \(what)\(place)\(others)")
        }
    }

    private mutating func judgeTurn(_ step: OrderFacts.Step, _ facts: OrderFacts) {
        // What Odoo calls ready may start, even where what comes before is not finished altogether.
        guard step.waitsForOthers else { return }
        let first = facts.steps.filter { step.after.contains($0.id) && $0.isOpen }
        if !first.isEmpty {
            let names = first.map { "\($0.name) at \(facts.name(of: $0.center))" }.joined(separator: ", ")
            against(.operationWaits, "Before \(step.name) comes \(names)")
        } else if facts.order.state != .draft {
            against(.operationWaits, "\(step.name) waits for another work order")
        }
    }

    private mutating func judgeCenter(_ center: Int, _ facts: OrderFacts) {
        let name = facts.name(of: center)
        if facts.centers[center]?.isActive == false { against(.centerArchived, "\(name) is not in use any more") }
        let times = facts.openTimes.filter { $0.center == center }
        for time in times where !time.isWork {
            let detail = time.description.map { " (\($0))" } ?? ""
            against(.centerBlocked, "\(name) is blocked\(Self.since(time.start, facts.now)): \(time.loss)\(detail)")
        }
        if facts.centers[center]?.state == "blocked", !times.contains(where: { !$0.isWork }) {
            against(.centerBlocked, "\(name) is blocked")
        }
        let own = Set(facts.steps.map(\.id))
        for time in times where time.isWork {
            guard let other = time.step else { continue }
            if own.contains(other) {
                if other == step?.id { note(.running, "\(step?.name ?? "It") runs already") }
            } else {
                against(.centerBusy, "\(name) works on \(time.stepName ?? "another order")")
            }
        }
    }

    private mutating func judgeMaterial(_ facts: OrderFacts) throws(OdooError) {
        // Two lines of one product share what is free of it.
        var taken: [Int: ExactNumber] = [:]
        for component in facts.components(for: step) where component.isStockKept && component.missing.isPositive {
            let before = taken[component.product] ?? ExactNumber(0)
            let free = max(ExactNumber(0), try Exact.subtract(max(ExactNumber(0), component.free), before))
            taken[component.product] = try Exact.add(before, component.missing)
            let unit = component.unit
            if free >= component.missing {
                note(
                    .notReserved,
                    "\(component.missing.trimmed()) \(unit) of \(component.item) are in \(component.place) and not "
                        + "reserved for this order yet")
                continue
            }
            let short = try Exact.subtract(component.missing, free).trimmed()
            let there = try Exact.subtract(component.needed, short).trimmed()
            against(
                .material,
                "\(component.item) is short: \(component.needed.trimmed()) \(unit) needed, \(there) there, \(short) "
                    + "missing")
        }
    }

    private static func since(_ start: Instant?, _ now: Instant) -> String {
        guard let start, start <= now else { return "" }
        let minutes = now.since(start).components.seconds / 60
        if minutes < 120 { return " since \(minutes) min" }
        return minutes < 2_880 ? " since \(minutes / 60) h" : " since \(minutes / 1_440) days"
    }
}

extension ExactNumber {
    fileprivate var isPositive: Bool { !isZero && !isNegative }
}
