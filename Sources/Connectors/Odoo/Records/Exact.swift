import Contracts
import ExactJSON

/// Exact arithmetic whose only trouble, a number of absurd length, becomes a refusal.
enum Exact {
    static func add(_ a: ExactNumber, _ b: ExactNumber) throws(OdooError) -> ExactNumber {
        try guarded(a, b, ExactNumber.adding)
    }

    static func subtract(_ a: ExactNumber, _ b: ExactNumber) throws(OdooError) -> ExactNumber {
        try guarded(a, b, ExactNumber.subtracting)
    }

    static func multiply(_ a: ExactNumber, _ b: ExactNumber) throws(OdooError) -> ExactNumber {
        try guarded(a, b, ExactNumber.multiplying)
    }

    /// The nearest multiple of `step`, which takes away what a float of Odoo's adds.
    static func snap(_ value: ExactNumber, to step: ExactNumber) throws(OdooError) -> ExactNumber {
        do {
            return try value.rounded(toMultipleOf: step, .halfUp).trimmed()
        } catch {
            throw tooLong(value, step)
        }
    }

    enum Rounding { case towardZero, nearest }

    /// How many whole times `divisor` (above 0) goes into `dividend`. Refuses counts beyond 2^52, where a double is no
    /// guide.
    static func count(_ dividend: ExactNumber, per divisor: ExactNumber, _ rounding: Rounding) throws(OdooError) -> Int
    {
        precondition(!divisor.isZero && !divisor.isNegative, "a divisor is above 0")
        let negative = dividend.isNegative
        let magnitude = negative ? dividend.negated : dividend
        let guess = magnitude.doubleValue / divisor.doubleValue
        guard guess.isFinite, guess < 4_503_599_627_370_496 else { throw tooLong(dividend, divisor) }
        // The double may be off by one in the last place: the exact products decide.
        var whole = Int(guess)
        while whole > 0, try multiply(ExactNumber(whole), divisor) > magnitude { whole -= 1 }
        while try multiply(ExactNumber(whole + 1), divisor) <= magnitude { whole += 1 }
        if rounding == .nearest {
            let rest = try subtract(magnitude, multiply(ExactNumber(whole), divisor))
            if try multiply(rest, ExactNumber(2)) >= divisor { whole += 1 }
        }
        return negative ? -whole : whole
    }

    private static func guarded(
        _ a: ExactNumber, _ b: ExactNumber,
        _ operation: (ExactNumber, ExactNumber) throws(ExactNumberError) -> ExactNumber
    ) throws(OdooError) -> ExactNumber {
        do {
            return try operation(a, b)
        } catch {
            throw tooLong(a, b)
        }
    }

    private static func tooLong(_ a: ExactNumber, _ b: ExactNumber) -> OdooError {
        .reject(OdooFailures.arguments, "the numbers \(brief(a)) and \(brief(b)) cannot be computed with exactly")
    }

    private static func brief(_ number: ExactNumber) -> String {
        let text = number.description
        return text.utf8.count <= 40 ? text : text.prefix(40) + "…"
    }
}
