import Contracts
import ExactJSON

/// What a count replaces. Odoo keeps the stock of a place in a record for each lot, package and owner, and a count sets
/// one of them: what is in the others stays beside it. Pure.
enum CountedStock {
    /// Kinds of other stock that a message names.
    private static let maximumNamed = 5

    /// The quantity that a count of `package`, nil for what lies loose, replaces. Throws where there is other stock of
    /// the same. `rows`: the records of the place, product and lot that hold something.
    static func quantity(
        _ rows: [OdooRow], package: Int?, of title: String, in unit: UnitTable.Unit
    ) throws(OdooError) -> ExactNumber {
        var own: [ExactNumber] = []
        var others: [String] = []
        for row in rows {
            let quantity = try Exact.snap(row.number("quantity"), to: unit.step)
            if quantity.isZero { continue }
            if row.link("owner_id") == nil, row.link("package_id") == package {
                own.append(quantity)
            } else {
                others.append(words(row, quantity, unit))
            }
        }
        guard others.isEmpty else {
            let more = others.count > maximumNamed ? " and \(others.count - maximumNamed) more" : ""
            throw .reject(
                OdooFailures.packedStock,
                "\(InventoryCount.name): of \(title) there are also "
                    + others.prefix(maximumNamed).joined(separator: ", ") + more)
        }
        guard own.count < 2 else {
            // Two transactions made it at once; a count sets either of them.
            throw .reject(
                OdooFailures.packedStock,
                "\(InventoryCount.name): Odoo keeps the stock of \(title) in \(own.count) records",
                suggestion: "Open Inventory, Physical Inventory in Odoo, which makes one of them, then resubmit.")
        }
        return own.first ?? ExactNumber(0)
    }

    private static func words(_ row: OdooRow, _ quantity: ExactNumber, _ unit: UnitTable.Unit) -> String {
        [
            "\(quantity) \(unit.name)",
            row.link("package_id").map { "in the package \(row.label("package_id") ?? "#\($0)")" },
            row.link("owner_id").map { "of the owner \(row.label("owner_id") ?? "#\($0)")" },
        ].compactMap { $0 }.joined(separator: " ")
    }
}
