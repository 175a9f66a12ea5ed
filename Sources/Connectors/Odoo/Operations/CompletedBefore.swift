import Canonical
import Contracts
import ExactJSON

/// An order that is done already when a completion comes that a forgotten store may have posted. Pure.
struct CompletedBefore: Sendable {
    let order: OrderRecord
    /// What the completion states, where it states anything.
    let quantity: Quantity?
    let units: UnitTable
    let unit: UnitTable.Unit

    /// That it was posted, with the ledger's line as the order stands. Throws where it is done with another quantity.
    func acceptance(_ entry: LedgerEntry) throws(OdooError) -> Acceptance {
        let made = try Exact.snap(order.produced, to: unit.step)
        if let quantity {
            let stated = try units.exactly(quantity, in: unit)
            guard stated == made else {
                throw .reject(
                    OdooFailures.mayBeDone, "\(order.name) is done with \(made), and should be done with \(stated)",
                    about: OdooRecord("mrp.production", order.id))
            }
        }
        var line = CountLine(entry.value) ?? CountLine(base: unit.scale.base)
        // What of it no fact had counted is the completion's own.
        try line.complete(with: made, unit: unit, in: order.id)
        return Acceptance(
            reference: "mrp.production,\(order.id)", summary: "\(order.name) was done with \(made) \(unit.name) before",
            ledger: [LedgerEntry(key: entry.key, value: line.json)])
    }
}
