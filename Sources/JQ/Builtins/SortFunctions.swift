import ExactJSON

/// Sorting, grouping, and what needs the order of values.
enum SortFunctions {
    static let table: [String: NativeFunction] = [
        "sort/0": { (input, _, machine) throws(Fault) in
            guard case .array = input.json else {
                throw .message("\(Shown.typed(input.json)) cannot be sorted, as it is not an array")
            }
            let sorted = try sorted(input.json, by: input.json, machine)
            return Value(.array(sorted.map(\.value)), depth: input.depth)
        },
        "_sort_by/1": { (input, arguments, machine) throws(Fault) in
            let sorted = try sorted(input.json, by: arguments[0].json, machine)
            return Value(.array(sorted.map(\.value)), depth: input.depth)
        },
        "_group_by/1": { (input, arguments, machine) throws(Fault) in
            let groups = try groups(input.json, by: arguments[0].json, machine)
            try machine.produce(48 * groups.count)
            return try machine.bounded(.array(groups.map { .array($0) }), depth: input.depth + 1)
        },
        "unique/0": { (input, _, machine) throws(Fault) in
            var keys = input.json
            if case .array = keys {
            } else {
                keys = .array(try CollectionFunctions.elements(of: keys).map { .array([$0]) })
            }
            let groups = try groups(input.json, by: keys, machine)
            return Value(.array(groups.compactMap(\.first)), depth: input.depth)
        },
        "_unique_by/1": { (input, arguments, machine) throws(Fault) in
            let groups = try groups(input.json, by: arguments[0].json, machine)
            return Value(.array(groups.compactMap(\.first)), depth: input.depth)
        },
        "min/0": { (input, _, machine) throws(Fault) in try extreme(input, by: input.json, least: true, machine) },
        "max/0": { (input, _, machine) throws(Fault) in try extreme(input, by: input.json, least: false, machine) },
        "_min_by/1": { (input, arguments, machine) throws(Fault) in
            try extreme(input, by: arguments[0].json, least: true, machine)
        },
        "_max_by/1": { (input, arguments, machine) throws(Fault) in
            try extreme(input, by: arguments[0].json, least: false, machine)
        },
        "bsearch/1": search,
    ]

    private static func pairs(
        _ json: JSON, _ keys: JSON, _ machine: Machine
    ) throws(Fault) -> [(key: JSON, value: JSON)] {
        guard case .array(let elements) = json, case .array(let keys) = keys, keys.count == elements.count else {
            let both = "\(Shown.typed(json)) and \(Shown.typed(keys))"
            throw .message("\(both) cannot be sorted, as they are not both arrays")
        }
        try machine.produce(32 + 16 * elements.count)
        try machine.work(elements.count)
        return zip(keys, elements).map { (key: $0, value: $1) }
    }

    private static func sorted(
        _ json: JSON, by keys: JSON, _ machine: Machine
    ) throws(Fault) -> [(key: JSON, value: JSON)] {
        try Ordering.sorted(try pairs(json, keys, machine), machine)
    }

    private static func groups(_ json: JSON, by keys: JSON, _ machine: Machine) throws(Fault) -> [[JSON]] {
        var groups: [[JSON]] = []
        var last: JSON?
        for (key, value) in try sorted(json, by: keys, machine) {
            if let last, try Ordering.compare(last, key, machine) == 0 {
                groups[groups.count - 1].append(value)
            } else {
                groups.append([value])
                last = key
            }
        }
        return groups
    }

    /// Of equal ones the first is the least and the last the greatest, as in jq.
    private static func extreme(
        _ input: Value, by keys: JSON, least: Bool, _ machine: Machine
    ) throws(Fault) -> Value {
        guard case .array(let elements) = input.json, case .array(let keys) = keys, keys.count == elements.count else {
            throw .message("\(Shown.typed(input.json)) and \(Shown.typed(keys)) cannot be iterated over")
        }
        guard var best = elements.first, var bestKey = keys.first else { return .null }
        for (key, value) in zip(keys, elements).dropFirst() {
            let order = try Ordering.compare(key, bestKey, machine)
            try machine.step()
            if least ? order < 0 : order >= 0 { (best, bestKey) = (value, key) }
        }
        return Value(best, depth: input.inner)
    }

    /// The place of a value in a sorted array, or `-1 - place` where it would have to be inserted.
    private static let search: NativeFunction = { (input, arguments, machine) throws(Fault) in
        guard case .array(let elements) = input.json else {
            throw .message("\(Shown.typed(input.json)) cannot be searched from")
        }
        var (low, high) = (0, elements.count)
        while low < high {
            let middle = (low + high) / 2
            let order = try Ordering.compare(elements[middle], arguments[0].json, machine)
            if order == 0 { return .int(middle) }
            if order < 0 { low = middle + 1 } else { high = middle }
        }
        return .int(-1 - low)
    }
}
