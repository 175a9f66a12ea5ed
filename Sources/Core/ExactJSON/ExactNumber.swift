import BigInt

/// A decimal number that keeps every digit it was written with: `coefficient × 10^(−scale)`.
///
/// `1.10` stays `1.10` (coefficient 110, scale 2), and a 40-digit serial number stays a 40-digit number. Equality,
/// ordering and hashing are by value, so `1.10 == 1.1`. Addition, subtraction and multiplication are exact; an operation
/// whose exact result would need more than ``maximumDigits`` digits throws ``ExactNumberError/tooManyDigits``.
public struct ExactNumber: Sendable {
    /// The most digits a coefficient may have, read or computed. What lies beyond is refused, not rounded.
    public static let maximumDigits = 4_096
    /// The largest magnitude of the scale: `1e9999` is a number here, `1e10000` is refused.
    public static let maximumScale = 9_999

    /// Nearly all numbers of a plant fit the first case; the second exists so that none is ever cut.
    enum Storage: Sendable {
        case small(Int64)
        case big(Box)
    }

    final class Box: Sendable {
        let value: BigInt
        init(_ value: BigInt) { self.value = value }
    }

    let storage: Storage
    /// Digits behind the decimal point; negative for trailing zeros that were written as an exponent.
    public var scale: Int { Int(shortScale) }
    /// Within 16 bytes, a number is no larger than a string, and a ``JSON`` holds it without a box.
    private let shortScale: Int32

    init(storage: Storage, scale: Int) {
        self.storage = storage
        shortScale = Int32(clamping: scale)
    }

    /// The whole number `value`.
    public init(_ value: Int) {
        self.init(storage: .small(Int64(value)), scale: 0)
    }

    /// `coefficient × 10^(−scale)`; the caller keeps both within the bounds.
    public init(coefficient: Int64, scale: Int) {
        self.init(storage: .small(coefficient), scale: scale)
    }

    init(big coefficient: BigInt, scale: Int) throws(ExactNumberError) {
        guard abs(scale) <= Self.maximumScale else { throw .scaleOutOfRange }
        if let small = Int64(exactly: coefficient) {
            self.init(storage: .small(small), scale: scale)
        } else {
            // Four bits a digit is more than log2(10) = 3.32, so this never refuses a number that fits.
            guard coefficient.magnitude.bitWidth <= Self.maximumDigits * 10 / 3 else { throw .tooManyDigits }
            self.init(storage: .big(Box(coefficient)), scale: scale)
        }
    }

    /// The shortest decimal that reads back as `value`; nil for NaN and the infinities, which JSON cannot say.
    public init?(_ value: Double) {
        guard value.isFinite else { return nil }
        guard let number = ExactNumber(text: "\(value)") else { return nil }
        self = number.scale > 0 ? number.trimmed() : number
    }

    var big: BigInt {
        switch storage {
        case .small(let value): BigInt(value)
        case .big(let box): box.value
        }
    }

    /// The number where it is written with one digit, as most quantities are.
    var digit: UInt8? {
        guard shortScale == 0, case .small(let value) = storage, value >= 0, value < 10 else { return nil }
        return UInt8(truncatingIfNeeded: value)
    }

    /// Whether the value is 0, whatever its scale.
    public var isZero: Bool {
        if case .small(0) = storage { true } else { false }
    }

    /// Whether the value is below 0.
    public var isNegative: Bool {
        switch storage {
        case .small(let value): value < 0
        case .big(let box): box.value.sign == .minus
        }
    }

    /// The same value without trailing zeros behind the decimal point: `1.10` becomes `1.1`, `5.0` becomes `5`.
    public func trimmed() -> ExactNumber {
        guard scale > 0 else { return self }
        var scale = scale
        switch storage {
        case .small(var value):
            while scale > 0, value % 10 == 0 {
                value /= 10
                scale -= 1
            }
            return ExactNumber(storage: .small(value), scale: scale)
        case .big(let box):
            var value = box.value
            while scale > 0 {
                let (quotient, remainder) = value.quotientAndRemainder(dividingBy: 10)
                guard remainder.isZero else { break }
                value = quotient
                scale -= 1
            }
            return (try? ExactNumber(big: value, scale: scale)) ?? self
        }
    }

    /// The value as a machine integer, or nil where it has a fraction or does not fit.
    public var intValue: Int? {
        let plain = trimmed()
        guard case .small(var value) = plain.storage else { return nil }
        guard plain.scale <= 0 else { return nil }
        if value == 0 { return 0 }
        guard plain.scale >= -18 else { return nil }
        for _ in 0..<(-plain.scale) {
            let (product, overflow) = value.multipliedReportingOverflow(by: 10)
            if overflow { return nil }
            value = product
        }
        return Int(value)
    }

    /// The nearest IEEE 754 double; ±infinity beyond its range.
    public var doubleValue: Double {
        if case .small(let value) = storage, scale == 0 { return Double(value) }
        return Double(description) ?? .nan
    }
}

/// Why an exact result cannot be had.
public enum ExactNumberError: Error, Sendable, Equatable {
    /// The exact result has more than ``ExactNumber/maximumDigits`` digits.
    case tooManyDigits
    /// The exponent lies beyond ``ExactNumber/maximumScale``.
    case scaleOutOfRange
}

extension ExactNumber: CustomStringConvertible {
    /// The number as JSON writes it, digits kept: `1.10`, `-0.5`, `9007199254740993`, `1E+30`.
    public var description: String {
        if case .small(let value) = storage, scale == 0 { return String(value) }
        let negative = isNegative
        var digits: String
        switch storage {
        case .small(let value): digits = String(value.magnitude)
        case .big(let box): digits = String(box.value.magnitude)
        }
        if scale < 0 {
            // Plain digits as long as a person would write them, an exponent beyond.
            if isZero {
                digits = "0"
            } else if digits.utf8.count - scale <= 21 {
                digits += String(repeating: "0", count: -scale)
            } else {
                digits += "E+\(-scale)"
            }
        } else if scale > 0 {
            let count = digits.utf8.count
            if count > scale {
                digits.insert(".", at: digits.index(digits.endIndex, offsetBy: -scale))
            } else if scale - count <= 30 {
                digits = "0." + String(repeating: "0", count: scale - count) + digits
            } else {
                digits += "E-\(scale)"
            }
        }
        return negative ? "-" + digits : digits
    }
}
