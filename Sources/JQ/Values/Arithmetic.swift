import ExactJSON

/// The operators on values (jq 1.7 manual, "Builtin operators and functions").
enum Arithmetic {
    static func apply(
        _ operation: BinaryOperator, _ a: Value, _ b: Value, _ machine: Machine
    ) throws(Fault) -> Value {
        switch operation {
        case .add: return try add(a, b, machine)
        case .subtract: return try subtract(a, b, machine)
        case .multiply: return try multiply(a, b, machine)
        case .divide: return try divide(a, b, machine)
        case .modulo: return try modulo(a.json, b.json)
        case .equal: return .bool(try Ordering.equal(a.json, b.json, machine))
        case .notEqual: return .bool(try !Ordering.equal(a.json, b.json, machine))
        case .less: return .bool(try Ordering.compare(a.json, b.json, machine) < 0)
        case .lessOrEqual: return .bool(try Ordering.compare(a.json, b.json, machine) <= 0)
        case .greater: return .bool(try Ordering.compare(a.json, b.json, machine) > 0)
        case .greaterOrEqual: return .bool(try Ordering.compare(a.json, b.json, machine) >= 0)
        }
    }

    private static func refused(_ a: JSON, _ b: JSON, _ what: String) -> Fault {
        .message("\(Shown.typed(a)) and \(Shown.typed(b)) cannot be \(what)")
    }

    static func add(_ a: consuming Value, _ b: Value, _ machine: Machine) throws(Fault) -> Value {
        switch (a.json, b.json) {
        case (.number(let x), .number(let y)): return Value(scalar: .number(try Numbers.add(x, y)))
        case (.string(let x), .string(let y)):
            try machine.produce(32 + x.utf8.count + y.utf8.count)
            return .string(x + y)
        case (.null, _): return b
        case (_, .null): return a
        case (.array(let x), .array(let y)):
            try machine.produce(32 + 16 * y.count)
            try machine.work(x.count + y.count)
            return Value(.array(x + y), depth: max(a.depth, b.depth))
        case (.object(var x), .object(let y)):
            try machine.produce(64 + 48 * y.count)
            try machine.work(x.count + y.count)
            for (key, member) in y { x[key] = member }
            return Value(.object(x), depth: max(a.depth, b.depth))
        default: throw refused(a.json, b.json, "added")
        }
    }

    private static func subtract(_ a: Value, _ b: Value, _ machine: Machine) throws(Fault) -> Value {
        switch (a.json, b.json) {
        case (.number(let x), .number(let y)): return Value(scalar: .number(try Numbers.subtract(x, y)))
        case (.array(let x), .array(let y)):
            var kept: [JSON] = []
            for element in x {
                var isIn = false
                for other in y where try Ordering.equal(element, other, machine) {
                    isIn = true
                    break
                }
                try machine.step()
                if !isIn { kept.append(element) }
            }
            try machine.produce(32 + 16 * kept.count)
            return Value(.array(kept), depth: a.depth)
        default: throw refused(a.json, b.json, "subtracted")
        }
    }

    private static func multiply(_ a: Value, _ b: Value, _ machine: Machine) throws(Fault) -> Value {
        switch (a.json, b.json) {
        case (.number(let x), .number(let y)): return Value(scalar: .number(try Numbers.multiply(x, y)))
        case (.string(let text), .number(let count)), (.number(let count), .string(let text)):
            return try repeated(text, count, machine)
        case (.object(let x), .object(let y)):
            let merged = try merge(x, y, machine)
            return Value(.object(merged), depth: max(a.depth, b.depth))
        default: throw refused(a.json, b.json, "multiplied")
        }
    }

    /// Null for what is below 0 and for NaN, else as often as the number's whole part says.
    private static func repeated(_ text: String, _ count: ExactNumber, _ machine: Machine) throws(Fault) -> Value {
        let times = Numbers.double(count)
        guard times >= 0 else { return .null }
        let bytes = Double(text.utf8.count) * times
        guard bytes < Double(machine.limits.memory) else { throw .limit(.memory) }
        let whole = Int(min(times, 0x1p40))
        try machine.produce(32 + text.utf8.count * whole)
        return .string(text.isEmpty ? "" : String(repeating: text, count: whole))
    }

    /// Objects are merged member by member, all the way down.
    private static func merge(_ a: JSONObject, _ b: JSONObject, _ machine: Machine) throws(Fault) -> JSONObject {
        var result = a
        try machine.produce(64 + 48 * b.count)
        try machine.work(a.count)
        for (key, value) in b {
            try machine.step()
            if case .object(let inner) = value, case .object(let outer)? = result[key] {
                result[key] = .object(try merge(outer, inner, machine))
            } else {
                result[key] = value
            }
        }
        return result
    }

    private static func divide(_ a: Value, _ b: Value, _ machine: Machine) throws(Fault) -> Value {
        switch (a.json, b.json) {
        case (.number(let x), .number(let y)):
            if y.isZero, !Numbers.isNaN(y) {
                throw refused(a.json, b.json, "divided because the divisor is zero")
            }
            return Value(scalar: .number(try Numbers.divide(x, y)))
        case (.string(let text), .string(let separator)):
            return try Text.split(text, separator, machine)
        default: throw refused(a.json, b.json, "divided")
        }
    }

    private static func modulo(_ a: JSON, _ b: JSON) throws(Fault) -> Value {
        guard case .number(let x) = a, case .number(let y) = b else { throw refused(a, b, "divided (remainder)") }
        guard let rest = try Numbers.remainder(x, y) else {
            throw refused(a, b, "divided (remainder) because the divisor is zero")
        }
        return Value(scalar: .number(rest))
    }
}
