import Canonical
import Contracts
import ExactJSON

/// How a unit counts: one of it is `ratio` of what `base` names. Only amounts of the same base can be converted.
struct UnitScale: Sendable, Hashable {
    let base: String
    let ratio: ExactNumber
}

/// Odoo's units of measure, tied to those of UN/ECE Rec 20 wherever Odoo's own external ids or names tell which is
/// which.
///
/// Odoo keeps conversion factors as floats (a dozen is 0.0833… of something in some versions); tied to Rec 20 the
/// ratios are exact.
struct UnitTable: Sendable {
    struct Unit: Sendable {
        let id: Int
        let name: String
        /// The smallest amount that Odoo keeps in this unit.
        let step: ExactNumber
        let scale: UnitScale
    }

    private let byID: [Int: Unit]
    private let byName: [String: Unit]

    /// Odoo's external ids of units whose meaning is beyond doubt. `product_uom_day` is left out: Odoo's day may have
    /// 8 hours.
    private static let standard: [String: String] = [
        "unit": "C62", "dozen": "DZN", "kgm": "KGM", "gram": "GRM", "ton": "TNE", "lb": "LBR", "oz": "ONZ",
        "meter": "MTR", "millimeter": "MMT", "cm": "CMT", "km": "KMT", "inch": "INH", "foot": "FOT",
        "litre": "LTR", "milliliter": "MLT", "cubic_meter": "MTQ", "square_meter": "MTK",
        "hour": "HUR", "minute": "MIN", "kwh": "KWH",
    ]

    /// Reads the rows of `uom.uom` and the external ids by record id.
    init(rows: [OdooRow], externalIDs: [Int: String], dialect: OdooDialect) {
        var known: [Int: UnitScale] = [:]
        for row in rows {
            if let unit = Self.recommended(row, externalIDs[row.id]) {
                known[row.id] = UnitScale(base: "\(unit.dimension)", ratio: unit.numerator)
            }
        }
        if dialect.version < 19 {
            Self.relateByCategory(rows, &known)
        } else {
            Self.relateByReference(rows, &known)
        }
        var byID: [Int: Unit] = [:]
        var byName: [String: Unit] = [:]
        for row in rows {
            let step = row.number("rounding")
            let scale = known[row.id] ?? UnitScale(base: "uom/\(row.id)", ratio: ExactNumber(1))
            let unit = Unit(
                id: row.id, name: row.text("name") ?? "", step: step.isZero || step.isNegative ? ExactNumber(1) : step,
                scale: scale)
            byID[row.id] = unit
            byName[unit.name] = unit
        }
        self.byID = byID
        self.byName = byName
    }

    private static func recommended(_ row: OdooRow, _ externalID: String?) -> UnitOfMeasure? {
        if let externalID, externalID.hasPrefix("uom.") {
            let name = externalID.dropFirst(4)
            for prefix in ["product_uom_", "uom_"] where name.hasPrefix(prefix) {
                if let code = standard[String(name.dropFirst(prefix.count))] { return UnitOfMeasure.named(code) }
            }
            return nil
        }
        return row.text("name").flatMap(UnitOfMeasure.named)
    }

    /// 16 to 18: all units of a category relate to its one reference unit.
    private static func relateByCategory(_ rows: [OdooRow], _ known: inout [Int: UnitScale]) {
        var references: [Int: UnitScale] = [:]
        for row in rows where row.text("uom_type") == "reference" {
            let scale = known[row.id] ?? UnitScale(base: "uom/\(row.id)", ratio: ExactNumber(1))
            known[row.id] = scale
            if let category = row.link("category_id") { references[category] = scale }
        }
        for row in rows where known[row.id] == nil {
            // The ratio of a smaller unit divides, which has no exact answer in general: such a unit stays by itself.
            guard row.text("uom_type") == "bigger", let reference = row.link("category_id").flatMap({ references[$0] }),
                let ratio = try? Exact.multiply(reference.ratio, row.number("ratio"))
            else { continue }
            known[row.id] = UnitScale(base: reference.base, ratio: ratio)
        }
    }

    /// 19: each unit relates to another one, down to one that relates to none.
    private static func relateByReference(_ rows: [OdooRow], _ known: inout [Int: UnitScale]) {
        for row in rows where known[row.id] == nil && row.link("relative_uom_id") == nil {
            known[row.id] = UnitScale(base: "uom/\(row.id)", ratio: ExactNumber(1))
        }
        var progressed = true
        while progressed {
            progressed = false
            for row in rows where known[row.id] == nil {
                guard let parent = row.link("relative_uom_id").flatMap({ known[$0] }),
                    let ratio = try? Exact.multiply(parent.ratio, row.number("relative_factor"))
                else { continue }
                known[row.id] = UnitScale(base: parent.base, ratio: ratio)
                progressed = true
            }
        }
    }

    subscript(id: Int) -> Unit? { byID[id] }

    /// The scale of a unit as a command names it: Rec 20 code or symbol, else the name of a unit in Odoo.
    func scale(named name: String) -> UnitScale? {
        if let unit = UnitOfMeasure.named(name) { return UnitScale(base: "\(unit.dimension)", ratio: unit.numerator) }
        return byName[name]?.scale
    }

    /// The unit in Odoo that is the quantity's own; nil where Odoo has none that counts as it does.
    func alike(_ quantity: Quantity, preferring unit: Unit) -> Unit? {
        guard let scale = scale(named: quantity.unit) else { return nil }
        if unit.scale == scale { return unit }
        if let named = byName[quantity.unit] { return named }
        return byID.values.filter { $0.scale == scale }.min { $0.id < $1.id }
    }

    /// The quantity in units of the base that `unit` shares with it. Throws where the two cannot be converted.
    func amount(_ quantity: Quantity, for unit: Unit) throws(OdooError) -> ExactNumber {
        guard let scale = scale(named: quantity.unit) else {
            throw .reject(
                OdooFailures.unit,
                "the unit \"\(quantity.unit)\" is neither in UN/ECE Rec 20 nor a unit of measure in Odoo")
        }
        guard scale.base == unit.scale.base else {
            throw .reject(
                OdooFailures.unit, "\(quantity.value) \(quantity.unit) cannot be converted to \"\(unit.name)\"")
        }
        return try Exact.multiply(quantity.value, scale.ratio)
    }

    /// The quantity in `unit`, which must come out at a whole number of its steps.
    func exactly(_ quantity: Quantity, in unit: Unit) throws(OdooError) -> ExactNumber {
        let amount = try amount(quantity, for: unit)
        let step = try Exact.multiply(unit.step, unit.scale.ratio)
        let count = try Exact.count(amount, per: step, .nearest)
        guard try Exact.multiply(ExactNumber(count), step) == amount else {
            throw .reject(
                OdooFailures.unit,
                "\(quantity.value) \(quantity.unit) is no whole number of steps of \(unit.step) \(unit.name)")
        }
        return try Exact.multiply(ExactNumber(count), unit.step).trimmed()
    }
}
