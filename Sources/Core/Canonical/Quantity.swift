package import ExactJSON

/// An amount with its unit, read without loss: `{ "value": 12.5, "unit": "kg" }`.
package struct Quantity: Sendable, Hashable {
    package var value: ExactNumber
    /// As it was written: a UN/ECE Rec 20 code (`KGM`) or its common symbol (`kg`).
    package var unit: String

    package init(_ value: ExactNumber, _ unit: String) {
        self.value = value
        self.unit = unit
    }

    /// Reads `{value, unit}`; nil for any other shape.
    package init?(_ json: JSON) {
        guard let value = json["value"]?.number, let unit = json["unit"]?.string else { return nil }
        self.init(value, unit)
    }

    package var json: JSON { ["value": .number(value), "unit": .string(unit)] }
}

/// A unit of measure: UN/ECE Recommendation 20 code, its common symbols, and its exact ratio to the dimension's base unit.
package struct UnitOfMeasure: Sendable, Hashable {
    package enum Dimension: Sendable, Hashable {
        case count, mass, length, area, volume, time, energy, power, force, temperature, ratio
    }

    /// Rec 20 common code: `KGM`.
    package let code: String
    /// Symbols and spellings in use, the first one preferred: `kg`.
    package let symbols: [String]
    package let dimension: Dimension
    /// One of this unit is `numerator / denominator` base units.
    package let numerator: ExactNumber
    package let denominator: ExactNumber

    init(_ code: String, _ symbols: [String], _ dimension: Dimension, _ numerator: String, _ denominator: Int = 1) {
        self.code = code
        self.symbols = symbols
        self.dimension = dimension
        self.numerator = ExactNumber(text: numerator) ?? ExactNumber(1)
        self.denominator = ExactNumber(denominator)
    }

    /// The units known here (UN/ECE Rec 20, annex I; the ratios are exact by definition).
    package static let all: [UnitOfMeasure] = [
        .init("C62", ["pcs", "pc", "pce", "ea", "units", "unit", "Units"], .count, "1"),
        .init("H87", ["piece"], .count, "1"),
        .init("EA", ["each"], .count, "1"),
        .init("PR", ["pair"], .count, "2"),
        .init("DZN", ["dozen", "Dozens", "dz"], .count, "12"),
        .init("MIL", ["thousand"], .count, "1000"),
        .init("KGM", ["kg"], .mass, "1"),
        .init("GRM", ["g"], .mass, "0.001"),
        .init("MGM", ["mg"], .mass, "0.000001"),
        .init("TNE", ["t"], .mass, "1000"),
        .init("LBR", ["lb"], .mass, "0.45359237"),
        .init("ONZ", ["oz"], .mass, "0.028349523125"),
        .init("MTR", ["m"], .length, "1"),
        .init("MMT", ["mm"], .length, "0.001"),
        .init("CMT", ["cm"], .length, "0.01"),
        .init("KMT", ["km"], .length, "1000"),
        .init("INH", ["in"], .length, "0.0254"),
        .init("FOT", ["ft"], .length, "0.3048"),
        .init("MTK", ["m2", "m²"], .area, "1"),
        .init("LTR", ["L", "l"], .volume, "1"),
        .init("MLT", ["mL", "ml"], .volume, "0.001"),
        .init("MTQ", ["m3", "m³"], .volume, "1000"),
        .init("SEC", ["s"], .time, "1"),
        .init("MIN", ["min"], .time, "60"),
        .init("HUR", ["h"], .time, "3600"),
        .init("DAY", ["d"], .time, "86400"),
        .init("C26", ["ms"], .time, "0.001"),
        .init("KWH", ["kWh"], .energy, "3600000"),
        .init("WHR", ["Wh"], .energy, "3600"),
        .init("MWH", ["MWh"], .energy, "3600000000"),
        .init("JOU", ["J"], .energy, "1"),
        .init("KWT", ["kW"], .power, "1000"),
        .init("WTT", ["W"], .power, "1"),
        .init("NEW", ["N"], .force, "1"),
        .init("B47", ["kN"], .force, "1000"),
        .init("CEL", ["°C", "Cel"], .temperature, "1"),
        .init("P1", ["%"], .ratio, "0.01"),
    ]

    private static let byName: [String: UnitOfMeasure] = {
        var table: [String: UnitOfMeasure] = [:]
        for unit in all {
            for name in [unit.code] + unit.symbols { table[name] = unit }
        }
        return table
    }()

    /// The unit with this code or symbol (case matters: `mg` is not `Mg`).
    package static func named(_ name: String) -> UnitOfMeasure? { byName[name] }
}
