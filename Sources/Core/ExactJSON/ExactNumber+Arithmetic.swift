import BigInt

extension ExactNumber {
    /// Both coefficients at the larger of the two scales.
    private static func aligned(_ a: ExactNumber, _ b: ExactNumber) throws(ExactNumberError) -> (BigInt, BigInt, Int) {
        let scale = max(a.scale, b.scale)
        return (try a.coefficient(at: scale), try b.coefficient(at: scale), scale)
    }

    private func coefficient(at target: Int) throws(ExactNumberError) -> BigInt {
        let shift = target - scale
        if shift == 0 || isZero { return big }
        guard shift <= Self.maximumDigits else { throw .tooManyDigits }
        return big * BigInt(10).power(shift)
    }

    /// The exact sum.
    public static func adding(_ a: ExactNumber, _ b: ExactNumber) throws(ExactNumberError) -> ExactNumber {
        if case .small(let x) = a.storage, case .small(let y) = b.storage, a.scale == b.scale {
            let (sum, overflow) = x.addingReportingOverflow(y)
            if !overflow { return ExactNumber(storage: .small(sum), scale: a.scale) }
        }
        let (x, y, scale) = try aligned(a, b)
        return try ExactNumber(big: x + y, scale: scale)
    }

    /// The exact difference `a − b`.
    public static func subtracting(_ a: ExactNumber, _ b: ExactNumber) throws(ExactNumberError) -> ExactNumber {
        if case .small(let x) = a.storage, case .small(let y) = b.storage, a.scale == b.scale {
            let (difference, overflow) = x.subtractingReportingOverflow(y)
            if !overflow { return ExactNumber(storage: .small(difference), scale: a.scale) }
        }
        let (x, y, scale) = try aligned(a, b)
        return try ExactNumber(big: x - y, scale: scale)
    }

    /// The exact product.
    public static func multiplying(_ a: ExactNumber, _ b: ExactNumber) throws(ExactNumberError) -> ExactNumber {
        let scale = a.scale + b.scale
        if case .small(let x) = a.storage, case .small(let y) = b.storage, abs(scale) <= maximumScale {
            let (product, overflow) = x.multipliedReportingOverflow(by: y)
            if !overflow { return ExactNumber(storage: .small(product), scale: scale) }
        }
        return try ExactNumber(big: a.big * b.big, scale: scale)
    }

    /// `a / b` with `decimals` digits behind the point (`b` ≠ 0), what lies beyond rounded by `rounding`.
    public static func dividing(
        _ a: ExactNumber, by b: ExactNumber, decimals: Int, _ rounding: Rounding
    ) throws(ExactNumberError) -> ExactNumber {
        precondition(!b.isZero, "a divisor is not 0")
        let shift = decimals + b.scale - a.scale
        guard abs(shift) <= maximumDigits else { throw .tooManyDigits }
        let power = BigInt(10).power(abs(shift))
        let dividend = shift > 0 ? a.big * power : a.big
        let divisor = shift < 0 ? b.big * power : b.big
        var (quotient, remainder) = dividend.quotientAndRemainder(dividingBy: divisor)
        if !remainder.isZero {
            let isNegative = (dividend.sign == .minus) != (divisor.sign == .minus)
            switch rounding {
            case .down: if isNegative { quotient -= 1 }
            case .up: if !isNegative { quotient += 1 }
            case .halfUp: if remainder.magnitude * 2 >= divisor.magnitude { quotient += isNegative ? -1 : 1 }
            }
            remainder = 0
        }
        return try ExactNumber(big: quotient, scale: decimals)
    }

    /// The number with its sign turned.
    public var negated: ExactNumber {
        if case .small(let value) = storage, value != .min { return ExactNumber(storage: .small(-value), scale: scale) }
        return (try? ExactNumber(big: -big, scale: scale)) ?? self
    }

    /// How rounding treats what lies between two steps.
    public enum Rounding: Sendable {
        case down, up, halfUp
    }

    /// The multiple of `step` next to the value (`step` > 0), by `rounding`; ties of ``Rounding/halfUp`` go away from 0.
    public func rounded(toMultipleOf step: ExactNumber, _ rounding: Rounding) throws(ExactNumberError) -> ExactNumber {
        precondition(!step.isZero && !step.isNegative, "a rounding step is above 0")
        let (value, unit, scale) = try Self.aligned(self, step)
        var (quotient, remainder) = value.quotientAndRemainder(dividingBy: unit)
        if !remainder.isZero {
            let away: BigInt = value.sign == .minus ? -1 : 1
            switch rounding {
            case .down: if value.sign == .minus { quotient -= 1 }
            case .up: if value.sign == .plus { quotient += 1 }
            case .halfUp: if remainder.magnitude * 2 >= unit.magnitude { quotient += away }
            }
            remainder = 0
        }
        return try ExactNumber(big: quotient * unit, scale: scale)
    }
}

extension ExactNumber {
    /// Whether the value has no fraction, however it is written: `1.0` and `1E+30` have none.
    public var isWhole: Bool {
        scale <= 0 || trimmed().scale <= 0
    }

    /// Whether the value is `step` (> 0) times a whole number; exact for all numbers, however far apart.
    public func isMultiple(of step: ExactNumber) -> Bool {
        precondition(!step.isZero && !step.isNegative, "a step is above 0")
        if isZero { return true }
        let shift = step.scale - scale
        if case .small(let value) = storage, case .small(let unit) = step.storage, shift == 0 {
            return value % unit == 0
        }
        let unit = step.big
        guard shift < 0 else {
            return (big.magnitude * BigUInt(10).power(BigUInt(shift), modulus: unit.magnitude) % unit.magnitude).isZero
        }
        // The step has this many digits more than the value's last one, and a number of fewer digits is no multiple.
        guard -shift <= Self.maximumDigits * 2 else { return false }
        return (big.magnitude % (unit.magnitude * BigUInt(10).power(-shift))).isZero
    }
}

extension ExactNumber: Comparable, Hashable {
    public static func == (a: ExactNumber, b: ExactNumber) -> Bool { compare(a, b) == 0 }
    public static func < (a: ExactNumber, b: ExactNumber) -> Bool { compare(a, b) < 0 }

    /// Negative, 0 or positive as `a` is below, equal to or above `b`.
    private static func compare(_ a: ExactNumber, _ b: ExactNumber) -> Int {
        if case .small(let x) = a.storage, case .small(let y) = b.storage, a.scale == b.scale {
            return x < y ? -1 : (x == y ? 0 : 1)
        }
        if a.isZero || b.isZero || a.isNegative != b.isNegative {
            return a.signum - b.signum
        }
        // Far apart in magnitude: decided by the position of the first digit, without making huge integers.
        let magnitude = a.leadingExponent - b.leadingExponent
        if magnitude != 0 { return (magnitude < 0 ? -1 : 1) * a.signum }
        let scale = max(a.scale, b.scale)
        let x = a.big * BigInt(10).power(scale - a.scale)
        let y = b.big * BigInt(10).power(scale - b.scale)
        return x < y ? -1 : (x == y ? 0 : 1)
    }

    private var signum: Int { isZero ? 0 : (isNegative ? -1 : 1) }

    private var leadingExponent: Int {
        switch storage {
        case .small(let value): String(value.magnitude).utf8.count - scale
        case .big(let box): String(box.value.magnitude).utf8.count - scale
        }
    }

    public func hash(into hasher: inout Hasher) {
        if isZero { return hasher.combine(0) }
        var scale = scale
        switch storage {
        case .small(var value):
            while value % 10 == 0 {
                value /= 10
                scale -= 1
            }
            hasher.combine(value)
        case .big(let box):
            var value = box.value
            while true {
                let (quotient, remainder) = value.quotientAndRemainder(dividingBy: 10)
                guard remainder.isZero else { break }
                value = quotient
                scale -= 1
            }
            if let small = Int64(exactly: value) { hasher.combine(small) } else { hasher.combine(value) }
        }
        hasher.combine(scale)
    }
}
