import Canonical
import Contracts
import ExactJSON

/// A completion that a store that is forgotten may have posted, beside what of its order is done. Pure.
///
/// Which completion closed a part of an order, nothing in Odoo tells, and lots of one size are completed with one
/// quantity. So where a part is done and another one is open, a person decides.
struct CompletionDoubt: Sendable {
    /// Done parts that are named, the latest ones; of more the number is told.
    private static let maximumNamed = 5

    let request: CompletionRequest
    let family: OrderFamily
    let entry: LedgerEntry
    /// Whether commands call an order by its own name: then the open part of that name is the one that is meant, and
    /// as it is open, this was not posted.
    let isByName: Bool
    let units: UnitTable
    let unit: UnitTable.Unit

    private var done: [OrderRecord] { family.orders.filter { $0.state == .done } }

    /// Whether a part that is done may be what this completion made.
    var isThere: Bool {
        if isByName, let open = family.open(for: request.order), open.name == request.order { return false }
        return !done.isEmpty
    }

    /// That it was posted, where all there is of the order is done with that; nil where it was surely not posted.
    /// Throws what a person must decide.
    func acceptance() throws(OdooError) -> Acceptance? {
        guard isThere else { return nil }
        if let open = family.open(for: request.order) { throw try refusal(open) }
        guard let only = done.first, family.orders.count == 1 else { throw try refusal(nil) }
        return try CompletedBefore(order: only, quantity: request.quantity, units: units, unit: unit)
            .acceptance(entry)
    }

    private func refusal(_ open: OrderRecord?) throws(OdooError) -> OdooError {
        var parts: [String] = []
        if done.count > Self.maximumNamed { parts.append("\(done.count - Self.maximumNamed) parts are done") }
        for order in done.suffix(Self.maximumNamed) {
            let made = try Exact.snap(order.produced, to: unit.step)
            parts.append("\(order.name) is done with \(made) \(unit.name)")
        }
        parts.append(open.map { "\($0.name) is open" } ?? "nothing of it is open")
        let stated = request.quantity.map { " with \($0.value) \($0.unit)" } ?? ""
        let otherwise =
            open.map { "resubmit it, which completes \($0.name)" } ?? "enter it in Odoo by hand, then discard it"
        return .reject(
            OdooFailures.mayBeDone,
            "order \"\(request.order)\": " + parts.joined(separator: ", ")
                + "; this completion\(stated) may be in it already",
            suggestion: "Compare the done orders with what was made until the restore: discard this if one of them is "
                + "this completion, else \(otherwise).",
            about: (open ?? done.last).map { OdooRecord("mrp.production", $0.id) })
    }
}
