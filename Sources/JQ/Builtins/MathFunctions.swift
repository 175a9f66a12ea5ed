import ExactJSON

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// Mathematics: exact where the result is a decimal (floor, round, abs, …), IEEE 754 doubles otherwise.
enum MathFunctions {
    static let table: [String: NativeFunction] = {
        var table = special
        for (name, function) in unary { table["\(name)/0"] = native(function) }
        for (name, function) in binary { table["\(name)/2"] = native(function) }
        return table
    }()

    private static func native(_ function: @escaping @Sendable (Double) -> Double) -> NativeFunction {
        { (input: Value, arguments: [Value], machine: Machine) throws(Fault) -> Value in
            result(function(try double(input.json)))
        }
    }

    private static func native(_ function: @escaping @Sendable (Double, Double) -> Double) -> NativeFunction {
        { (input: Value, arguments: [Value], machine: Machine) throws(Fault) -> Value in
            result(function(try double(arguments[0].json), try double(arguments[1].json)))
        }
    }

    private static let unary: [String: @Sendable (Double) -> Double] = [
        "sqrt": { $0.squareRoot() }, "cbrt": { cbrt($0) }, "exp": { exp($0) }, "exp2": { exp2($0) },
        "exp10": { pow(10, $0) }, "expm1": { expm1($0) }, "log": { log($0) }, "log2": { log2($0) },
        "log10": { log10($0) }, "log1p": { log1p($0) }, "logb": { logb($0) }, "sin": { sin($0) }, "cos": { cos($0) },
        "tan": { tan($0) }, "asin": { asin($0) }, "acos": { acos($0) }, "atan": { atan($0) }, "sinh": { sinh($0) },
        "cosh": { cosh($0) }, "tanh": { tanh($0) }, "asinh": { asinh($0) }, "acosh": { acosh($0) },
        "atanh": { atanh($0) }, "gamma": { logGamma($0).value }, "lgamma": { logGamma($0).value },
        "tgamma": { tgamma($0) }, "erf": { erf($0) }, "erfc": { erfc($0) }, "pow10": { pow(10, $0) },
        "significand": { $0.isZero || !$0.isFinite ? $0 : ($0.sign == .minus ? -$0.significand : $0.significand) },
        "j0": { j0($0) }, "j1": { j1($0) }, "y0": { y0($0) }, "y1": { y1($0) },
    ]

    private static let binary: [String: @Sendable (Double, Double) -> Double] = [
        "pow": { pow($0, $1) }, "atan2": { atan2($0, $1) }, "fmod": { fmod($0, $1) }, "hypot": { hypot($0, $1) },
        "fmin": { fmin($0, $1) }, "fmax": { fmax($0, $1) }, "fdim": { fdim($0, $1) }, "copysign": { copysign($0, $1) },
        "drem": { remainder($0, $1) }, "remainder": { remainder($0, $1) }, "jn": { jn(order($0), $1) },
        "yn": { yn(order($0), $1) }, "nextafter": { nextafter($0, $1) },
        "nexttoward": { nextafter($0, $1) }, "ldexp": { scaled($0, $1) }, "scalb": { scaled($0, $1) },
        "scalbln": { scaled($0, $1) },
    ]

    private static let special: [String: NativeFunction] = [
        "floor/0": { (input, _, _) throws(Fault) in try rounded(input.json, .down) },
        "ceil/0": { (input, _, _) throws(Fault) in try rounded(input.json, .up) },
        "round/0": { (input, _, _) throws(Fault) in try rounded(input.json, .halfUp) },
        "trunc/0": { (input, _, _) throws(Fault) in
            Value(scalar: .number(try Numbers.truncated(try number(input.json))))
        },
        "nearbyint/0": { (input, _, _) throws(Fault) in try toEven(input.json) },
        "rint/0": { (input, _, _) throws(Fault) in try toEven(input.json) },
        "fabs/0": { (input, _, _) throws(Fault) in
            let number = try number(input.json)
            return Value(scalar: .number(number.isNegative ? Numbers.negate(number) : number))
        },
        "abs/0": { (input, _, machine) throws(Fault) in
            guard case .number(let number) = input.json else {
                // jq compares with 0 and negates what is below: null, false and true are.
                if try Ordering.compare(input.json, .number(ExactNumber(0)), machine) >= 0 { return input }
                throw .message("\(Shown.typed(input.json)) cannot be negated")
            }
            return number.isNegative ? Value(scalar: .number(Numbers.negate(number))) : input
        },
        "lgamma_r/0": { (input, _, _) throws(Fault) in
            let (value, sign) = logGamma(try double(input.json))
            return Value(.array([.number(Numbers.number(value)), .int(sign)]), depth: 1)
        },
        "fma/3": { (_, arguments, _) throws(Fault) in
            let (x, y) = (try double(arguments[0].json), try double(arguments[1].json))
            return result((try double(arguments[2].json)).addingProduct(x, y))
        },
        "infinite/0": { (_, _, _) throws(Fault) in Value(scalar: .number(Numbers.infinity)) },
        "nan/0": { (_, _, _) throws(Fault) in Value(scalar: .number(Numbers.nan)) },
        "isinfinite/0": { (input, _, _) throws(Fault) in .bool(input.json.number.map(Numbers.isInfinite) ?? false) },
        "isnan/0": { (input, _, _) throws(Fault) in .bool(input.json.number.map(Numbers.isNaN) ?? false) },
        "isnormal/0": { (input, _, _) throws(Fault) in
            .bool(input.json.number.map { Numbers.double($0).isNormal } ?? false)
        },
        "frexp/0": { (input, _, _) throws(Fault) in
            let (fraction, exponent) = parts(try double(input.json))
            return Value(.array([.number(Numbers.number(fraction)), .int(exponent)]), depth: 1)
        },
        "modf/0": { (input, _, _) throws(Fault) in
            let value = try double(input.json)
            let whole = value.rounded(.towardZero)
            let fraction = value.isInfinite ? 0 : value - whole
            return Value(.array([.number(Numbers.number(fraction)), .number(Numbers.number(whole))]), depth: 1)
        },
    ]

    private static func number(_ json: JSON) throws(Fault) -> ExactNumber {
        guard case .number(let number) = json else { throw .message("\(Shown.typed(json)) number required") }
        return number
    }

    private static func double(_ json: JSON) throws(Fault) -> Double { Numbers.double(try number(json)) }

    private static func result(_ value: Double) -> Value { Value(scalar: .number(Numbers.number(value))) }

    private static func rounded(_ json: JSON, _ rounding: ExactNumber.Rounding) throws(Fault) -> Value {
        Value(scalar: .number(try Numbers.rounded(try number(json), rounding)))
    }

    private static func toEven(_ json: JSON) throws(Fault) -> Value {
        let value = try number(json)
        return value.scale <= 0
            ? Value(scalar: .number(value)) : result(Numbers.double(value).rounded(.toNearestOrEven))
    }

    /// The logarithm of the gamma function's magnitude and its sign, without the C library's global one.
    private static func logGamma(_ value: Double) -> (value: Double, sign: Int) {
        var sign: Int32 = 0
        return (lgamma_r(value, &sign), Int(sign))
    }

    /// The order of a Bessel function. Beyond these it would take C as many steps.
    private static func order(_ value: Double) -> Int32 { value.isNaN ? 0 : Int32(min(max(value, -10_000), 10_000)) }

    private static func scaled(_ value: Double, _ exponent: Double) -> Double {
        if exponent.isNaN { return .nan }
        return scalbn(value, Int32(min(max(exponent, -5_000), 5_000)))
    }

    private static func parts(_ value: Double) -> (Double, Int) {
        guard value.isFinite, !value.isZero else { return (value, 0) }
        let exponent = Int(value.exponent) + 1
        return (scalbn(value, Int32(-exponent)), exponent)
    }
}
