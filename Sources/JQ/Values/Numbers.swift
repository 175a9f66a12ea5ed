import ExactJSON

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// Numbers of a program: exact decimals, and three that JSON cannot say but jq's language has.
///
/// NaN and the infinities are decimals with a scale that no number read or computed can have. They live inside a run
/// only; ``OutputInspector`` replaces them in what leaves it.
enum Numbers {
    private static let specialScale = 1_000_000
    static let nan = ExactNumber(coefficient: 0, scale: specialScale)
    static let infinity = ExactNumber(coefficient: 1, scale: -specialScale)
    static let negativeInfinity = ExactNumber(coefficient: -1, scale: -specialScale)

    @inline(__always)
    static func isSpecial(_ number: ExactNumber) -> Bool {
        number.scale.magnitude > UInt(ExactNumber.maximumScale)
    }

    static func isNaN(_ number: ExactNumber) -> Bool { number.scale == specialScale }
    static func isInfinite(_ number: ExactNumber) -> Bool { number.scale == -specialScale || double(number).isInfinite }

    /// What jq writes for the number.
    static func plain(_ number: ExactNumber) -> JSON {
        guard isSpecial(number) else { return .number(number) }
        if isNaN(number) { return .null }
        let largest = ExactNumber(Double.greatestFiniteMagnitude) ?? ExactNumber(0)
        return .number(number.isNegative ? largest.negated : largest)
    }

    /// The number as jq writes it.
    static func text(_ number: ExactNumber) -> String {
        guard isSpecial(number) else { return number.description }
        if isNaN(number) { return "null" }
        return number.isNegative ? "-\(Double.greatestFiniteMagnitude)" : "\(Double.greatestFiniteMagnitude)"
    }

    static func double(_ number: ExactNumber) -> Double {
        guard isSpecial(number) else { return number.doubleValue }
        if isNaN(number) { return .nan }
        return number.isNegative ? -.infinity : .infinity
    }

    /// The shortest decimal that reads back as the double.
    static func number(_ value: Double) -> ExactNumber {
        if let whole = Int(exactly: value), whole.magnitude < 1 << 53 { return ExactNumber(whole) }
        if let number = ExactNumber(value) { return number }
        return value.isNaN ? nan : (value < 0 ? negativeInfinity : infinity)
    }

    /// The largest whole number that is not above, within what an Int can say; 0 for NaN.
    static func floorInt(_ number: ExactNumber) -> Int {
        if let whole = number.intValue { return whole }
        let value = double(number).rounded(.down)
        if value.isNaN { return 0 }
        if value >= 0x1p62 { return 1 << 62 }
        if value <= -0x1p62 { return -(1 << 62) }
        return Int(value)
    }

    /// How many outputs `limit` gives: a fraction counts as one more, nothing below 0 as -1.
    static func limit(_ number: ExactNumber) -> Int {
        if isNaN(number) { return -1 }
        let floor = floorInt(number)
        if floor < 0 { return -1 }
        return number.intValue == nil && floor < 1 << 53 ? floor + 1 : floor
    }

    /// The whole number next to it towards 0, which is how jq takes an index; 0 for NaN.
    static func truncatedInt(_ number: ExactNumber) -> Int {
        let floor = floorInt(number)
        guard floor < 0, number.intValue == nil, floor > -(1 << 53) else { return floor }
        return floor + 1
    }

    // MARK: Arithmetic

    static func add(_ a: ExactNumber, _ b: ExactNumber) throws(Fault) -> ExactNumber {
        if isSpecial(a) || isSpecial(b) { return number(double(a) + double(b)) }
        return try exact { () throws(ExactNumberError) in try ExactNumber.adding(a, b) }
    }

    static func subtract(_ a: ExactNumber, _ b: ExactNumber) throws(Fault) -> ExactNumber {
        if isSpecial(a) || isSpecial(b) { return number(double(a) - double(b)) }
        return try exact { () throws(ExactNumberError) in try ExactNumber.subtracting(a, b) }
    }

    static func multiply(_ a: ExactNumber, _ b: ExactNumber) throws(Fault) -> ExactNumber {
        if isSpecial(a) || isSpecial(b) { return number(double(a) * double(b)) }
        return try exact { () throws(ExactNumberError) in try ExactNumber.multiplying(a, b) }
    }

    static func negate(_ a: ExactNumber) -> ExactNumber { isSpecial(a) ? number(-double(a)) : a.negated }

    private static func exact(
        _ operation: () throws(ExactNumberError) -> ExactNumber
    ) throws(Fault) -> ExactNumber {
        do throws(ExactNumberError) {
            let result = try operation()
            return result.scale > 0 ? result.trimmed() : result
        } catch {
            switch error {
            case .tooManyDigits:
                throw .message("the exact result has more than \(ExactNumber.maximumDigits) digits")
            case .scaleOutOfRange:
                throw .message("the exact result's exponent is beyond \(ExactNumber.maximumScale)")
            }
        }
    }

    /// The quotient: exact where its decimals end within 18 digits or the divisor is a power of ten, else IEEE 754.
    static func divide(_ a: ExactNumber, _ b: ExactNumber) throws(Fault) -> ExactNumber {
        if isSpecial(a) || isSpecial(b) { return number(double(a) / double(b)) }
        if let quotient = try exactQuotient(a, b) { return quotient }
        let quotient = double(a) / double(b)
        return number(quotient)
    }

    private static func exactQuotient(_ a: ExactNumber, _ b: ExactNumber) throws(Fault) -> ExactNumber? {
        let shift = max(a.scale, b.scale, 0)
        guard shift <= 18, let divisor = whole(b, shiftedBy: shift) else { return nil }
        if isPowerOfTen(divisor) {
            let digits = String(divisor.magnitude).utf8.count - 1
            let unit = ExactNumber(coefficient: divisor < 0 ? -1 : 1, scale: digits - shift)
            return try multiply(a, unit)
        }
        guard let dividend = whole(a, shiftedBy: shift) else { return nil }
        if dividend.isMultiple(of: divisor) { return ExactNumber(dividend / divisor) }
        var (numerator, scale) = (dividend, 0)
        while !numerator.isMultiple(of: divisor) {
            let (product, overflow) = numerator.multipliedReportingOverflow(by: 10)
            guard !overflow, scale < 18 else { return nil }
            numerator = product
            scale += 1
        }
        return ExactNumber(coefficient: Int64(numerator / divisor), scale: scale)
    }

    private static func whole(_ number: ExactNumber, shiftedBy shift: Int) -> Int? {
        if shift == 0 { return number.intValue }
        return (try? ExactNumber.multiplying(number, ExactNumber(coefficient: 1, scale: -shift)))?.intValue
    }

    private static func isPowerOfTen(_ value: Int) -> Bool {
        var value = value.magnitude
        while value >= 10, value.isMultiple(of: 10) { value /= 10 }
        return value == 1
    }

    /// The remainder of the whole parts, with the sign of `a`; exact whatever the size of `a`.
    static func remainder(_ a: ExactNumber, _ b: ExactNumber) throws(Fault) -> ExactNumber? {
        if isNaN(a) || isNaN(b) { return nan }
        if isInfinite(a) { return infiniteRemainder(isNegative: double(a) < 0, b) }
        guard !isInfinite(b), let divisor = try truncated(b).intValue?.magnitudeInt else { return try truncated(a) }
        guard divisor != 0 else { return nil }
        let dividend = try truncated(a)
        if let small = dividend.intValue { return ExactNumber(small % divisor) }
        var rest: UInt = 0
        let modulus = UInt(divisor)
        for digit in digits(of: dividend) {
            let (high, low) = rest.multipliedFullWidth(by: 10)
            let (sum, carry) = low.addingReportingOverflow(UInt(digit))
            rest = modulus.dividingFullWidth((high + (carry ? 1 : 0), sum)).remainder
        }
        let value = ExactNumber(Int(rest))
        return dividend.isNegative ? value.negated : value
    }

    /// jq takes an infinity as the outermost integer of 64 bits.
    private static func infiniteRemainder(isNegative: Bool, _ b: ExactNumber) -> ExactNumber? {
        let divisor = double(b) >= 0x1p63 ? Int.max : (double(b) <= -0x1p63 ? Int.min : Int(double(b)))
        if divisor == 0 { return nil }
        if divisor == -1 { return ExactNumber(0) }
        return ExactNumber((isNegative ? Int.min : Int.max) % divisor)
    }

    /// All decimal digits of a whole number, its zeros included.
    private static func digits(of number: ExactNumber) -> [UInt8] {
        let plain = (try? ExactNumber.multiplying(number, ExactNumber(coefficient: 1, scale: number.scale))) ?? number
        var digits = plain.description.utf8.filter { $0 &- 0x30 <= 9 }.map { $0 &- 0x30 }
        if number.scale < 0 { digits += Array(repeating: 0, count: -number.scale) }
        return digits
    }

    /// Towards zero.
    static func truncated(_ number: ExactNumber) throws(Fault) -> ExactNumber {
        try rounded(number, number.isNegative ? .up : .down)
    }

    static func rounded(_ value: ExactNumber, _ rounding: ExactNumber.Rounding) throws(Fault) -> ExactNumber {
        if value.scale <= 0 || isSpecial(value) { return value }
        return try exact { () throws(ExactNumberError) in
            try value.rounded(toMultipleOf: ExactNumber(1), rounding)
        }
    }
}

extension Int {
    fileprivate var magnitudeInt: Int { self == .min ? .max : Swift.abs(self) }
}
