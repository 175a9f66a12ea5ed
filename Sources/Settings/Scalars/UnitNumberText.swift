/// A whole number and the unit behind it, as durations and sizes are written: `500ms`, `20GiB`.
enum UnitNumberText {
    enum Refusal: Error { case noNumber, fraction, tooLarge }

    /// Splits `text`; one space may stand between number and unit.
    static func split(_ text: String) throws(Refusal) -> (number: Int, unit: String) {
        let digits = text.prefix { $0.isASCII && $0.isNumber }
        guard !digits.isEmpty else { throw .noNumber }
        var unit = text.dropFirst(digits.count)
        if unit.first == "." || unit.first == "," {
            guard unit.dropFirst().first.map({ $0.isASCII && $0.isNumber }) ?? false else { throw .noNumber }
            throw .fraction
        }
        if unit.first == " " { unit = unit.dropFirst() }
        guard let number = Int(digits) else { throw .tooLarge }
        return (number, String(unit))
    }
}
