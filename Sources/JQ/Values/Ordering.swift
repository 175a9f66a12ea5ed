import ExactJSON

/// jq's order of all values: null, false, true, numbers, strings, arrays, objects (manual, "sort").
enum Ordering {
    /// Negative, 0 or positive as `a` is before, equal to or behind `b`. Counts against the machine's steps.
    static func compare(_ a: JSON, _ b: JSON, _ machine: Machine) throws(Fault) -> Int {
        var budget = max(machine.stepsLeft, 0) << 4
        let before = budget
        let result = compare(a, b, &budget)
        try machine.work(before - budget)
        if budget <= 0 { throw .limit(.steps) }
        return result
    }

    /// Whether both are the same value; unlike ``compare(_:_:_:)`` false for NaN.
    static func equal(_ a: JSON, _ b: JSON, _ machine: Machine) throws(Fault) -> Bool {
        if case .number(let x) = a, Numbers.isNaN(x) { return false }
        return try compare(a, b, machine) == 0
    }

    /// Stably sorted; the key comes with each value.
    static func sorted(
        _ items: [(key: JSON, value: JSON)], _ machine: Machine
    ) throws(Fault) -> [(key: JSON, value: JSON)] {
        var budget = max(machine.stepsLeft, 0) << 4
        let before = budget
        let sorted = items.enumerated().sorted { first, second in
            let order = compare(first.element.key, second.element.key, &budget)
            return order == 0 ? first.offset < second.offset : order < 0
        }
        try machine.work(before - budget)
        if budget <= 0, !items.isEmpty { throw .limit(.steps) }
        return sorted.map(\.element)
    }

    /// The order of strings is that of their code points, which is the order of their UTF-8.
    static func compare(_ a: String, _ b: String) -> Int {
        var (a, b) = (a, b)
        return a.withUTF8 { first in
            b.withUTF8 { second in
                let count = min(first.count, second.count)
                for index in 0..<count where first[index] != second[index] {
                    return first[index] < second[index] ? -1 : 1
                }
                return first.count - second.count
            }
        }
    }

    /// Keys in the order that `keys` gives.
    static func keys(_ members: JSONObject) -> [String] {
        members.keys.sorted { compare($0, $1) < 0 }
    }

    private static func rank(_ json: JSON) -> Int {
        switch json {
        case .null: 0
        case .bool(false): 1
        case .bool(true): 2
        case .number: 3
        case .string: 4
        case .array: 5
        case .object: 6
        }
    }

    /// Ends with any answer once the budget is spent; callers look at it.
    private static func compare(_ a: JSON, _ b: JSON, _ budget: inout Int) -> Int {
        budget -= 1
        if budget < 0 { return 0 }
        switch (a, b) {
        case (.number(let x), .number(let y)):
            if Numbers.isNaN(x) { return -1 }
            if Numbers.isNaN(y) { return 1 }
            return x < y ? -1 : (x == y ? 0 : 1)
        case (.string(let x), .string(let y)):
            budget -= min(x.utf8.count, y.utf8.count) >> 4
            return compare(x, y)
        case (.array(let x), .array(let y)):
            for (first, second) in zip(x, y) {
                let order = compare(first, second, &budget)
                if order != 0 || budget < 0 { return order }
            }
            return x.count - y.count
        case (.object(let x), .object(let y)): return compare(x, y, &budget)
        default: return rank(a) - rank(b)
        }
    }

    private static func compare(_ a: JSONObject, _ b: JSONObject, _ budget: inout Int) -> Int {
        let (first, second) = (keys(a), keys(b))
        budget -= first.count + second.count
        for (x, y) in zip(first, second) {
            let order = compare(x, y)
            if order != 0 { return order }
        }
        if first.count != second.count { return first.count - second.count }
        for key in first {
            let order = compare(a[key] ?? .null, b[key] ?? .null, &budget)
            if order != 0 || budget < 0 { return order }
        }
        return 0
    }
}
