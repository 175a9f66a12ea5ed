package import Contracts
package import ExactJSON

/// Shares as people write them: a number and `%`, or `ppm` for parts in a million.
package enum ShareText {
    private static let units: [(name: String, parts: Int, decimals: Int)] = [("%", 100, 2), ("ppm", 1_000_000, 6)]
    /// From here on a share is written in percent, below in parts in a million.
    private static let thousandth = ExactNumber(coefficient: 1, scale: 3)
    /// Characters of a text that is quoted in what to write instead.
    private static let quoted = 20

    /// Reads `5%`, `0.2%`, `-300ppm` as the part of one that it is. Throws for anything else, and for what lies outside
    /// of `range`.
    package static func parse(
        _ text: String, in range: ClosedRange<ExactNumber>
    ) throws(ScalarRefusal) -> ExactNumber {
        let digits = text.prefix { "+-.0123456789".contains($0) }
        guard let number = ExactNumber(text: String(digits)) else {
            throw ScalarRefusal(
                SettingsFailures.type, "is \(text.quotedBriefly), which is no share",
                suggestion: "write a number and %, like 5%")
        }
        let rest = text.dropFirst(digits.count)
        let name = String(rest.first == " " ? rest.dropFirst() : rest)
        guard let unit = units.first(where: { $0.name == name }) else {
            throw ScalarRefusal(
                SettingsFailures.type,
                "is \(text.quotedBriefly), \(name.isEmpty ? "which has no unit" : "whose unit is neither % nor ppm")",
                suggestion: advice(text, number, unit: name))
        }
        guard let part = try? ExactNumber.multiplying(number, ExactNumber(coefficient: 1, scale: unit.decimals)),
            range.contains(part)
        else {
            let bounds = "from \(format(range.lowerBound)) to \(format(range.upperBound))"
            throw ScalarRefusal(
                SettingsFailures.range, "is \(text.quotedBriefly), and must be \(bounds)",
                suggestion: "write a share \(bounds)")
        }
        return part
    }

    /// The shortest way to write `share`: in percent, or in parts in a million where it is less than a thousandth.
    package static func format(_ share: ExactNumber) -> String {
        let size = share.isNegative ? share.negated : share
        let unit = share.isZero || size >= thousandth ? units[0] : units[1]
        guard let count = try? ExactNumber.multiplying(share, ExactNumber(unit.parts)) else { return "\(share)" }
        return "\(count.trimmed())\(unit.name)"
    }

    private static func advice(_ text: String, _ number: ExactNumber, unit: String) -> String {
        guard text.count <= quoted else { return "write a number and %, like 5%" }
        if text.contains(",") { return "write \(text.replacing(",", with: ".")), with a point" }
        // Most likely a part of one, as programs write it.
        let isPart = number < ExactNumber(1) && !number.isNegative && !number.isZero
        if unit.isEmpty, isPart { return "write \(format(number))" }
        return "write \(number)%"
    }
}
