import ExactJSON

/// Types, conversion, and access by keys and paths.
enum GeneralFunctions {
    static let table: [String: NativeFunction] = [
        "not/0": { (input, _, _) throws(Fault) in .bool(!input.isTrue) },
        "type/0": { (input, _, _) throws(Fault) in .string(input.json.typeName) },
        "length/0": length,
        "utf8bytelength/0": { (input, _, _) throws(Fault) in
            guard case .string(let text) = input.json else {
                throw .message("\(Shown.typed(input.json)) only strings have UTF-8 byte length")
            }
            return .int(text.utf8.count)
        },
        "tostring/0": { (input, _, machine) throws(Fault) in
            if case .string = input.json { return input }
            return .string(try Text.of(input.json, machine))
        },
        "tojson/0": { (input, _, machine) throws(Fault) in .string(try Text.written(input.json, machine)) },
        "fromjson/0": fromJSON,
        "tonumber/0": toNumber,
        "toboolean/0": { (input, _, _) throws(Fault) in
            switch input.json {
            case .bool: return input
            case .string("true"): return .bool(true)
            case .string("false"): return .bool(false)
            default: throw .message("\(Shown.typed(input.json)) cannot be parsed as a boolean")
            }
        },
        "has/1": { (input, arguments, _) throws(Fault) in .bool(try Access.has(input.json, arguments[0].json)) },
        "keys/0": { (input, _, machine) throws(Fault) in try keys(input, sorted: true, machine) },
        "keys_unsorted/0": { (input, _, machine) throws(Fault) in try keys(input, sorted: false, machine) },
        "contains/1": { (input, arguments, machine) throws(Fault) in
            .bool(try contains(input.json, arguments[0].json, machine))
        },
        "setpath/2": { (input, arguments, machine) throws(Fault) in
            guard case .array(let path) = arguments[0].json else {
                throw .message("Path must be specified as an array")
            }
            return try Access.set(input, path: path, arguments[1], machine)
        },
        "delpaths/1": { (input, arguments, machine) throws(Fault) in
            guard case .array(let paths) = arguments[0].json else {
                throw .message("Paths must be specified as an array")
            }
            return try Access.delete(input, paths: paths, machine)
        },
        "to_entries/0": toEntries,
        "from_entries/0": fromEntries,
        "_named/0": RegexFunctions.named,
        "_joined/3": RegexFunctions.joined,
    ]

    private static let length: NativeFunction = { (input, _, _) throws(Fault) in
        switch input.json {
        case .null: return .int(0)
        case .bool: throw .message("\(Shown.typed(input.json)) has no length")
        case .number(let number):
            return Value(scalar: .number(number.isNegative ? Numbers.negate(number) : number))
        case .string(let text): return .int(text.unicodeScalars.count)
        case .array(let elements): return .int(elements.count)
        case .object(let members): return .int(members.count)
        }
    }

    private static let fromJSON: NativeFunction = { (input, _, machine) throws(Fault) in
        guard case .string(let text) = input.json else {
            throw .message("\(Shown.typed(input.json)) only strings can be parsed")
        }
        try machine.work(text.utf8.count)
        try machine.produce(8 * text.utf8.count)
        if let json = try? JSONReader.read(text) { return Value(foreign: json) }
        do throws(LooseJSON.Complaint) {
            return Value(foreign: try LooseJSON.read(text, nesting: JSONReader.defaultMaximumDepth))
        } catch {
            throw .message("\(error.message) (while parsing '\(text.prefix(64))')")
        }
    }

    private static let toNumber: NativeFunction = { (input, _, machine) throws(Fault) in
        switch input.json {
        case .number: return input
        case .string(let text):
            try machine.work(text.utf8.count)
            if let number = LooseJSON.number(text) { return Value(scalar: .number(number)) }
        default: break
        }
        throw .message("\(Shown.typed(input.json)) cannot be parsed as a number")
    }

    private static func keys(_ input: Value, sorted: Bool, _ machine: Machine) throws(Fault) -> Value {
        switch input.json {
        case .object(let members):
            try machine.work(8 * members.count)
            try machine.produce(32 + 48 * members.count)
            let keys = sorted ? Ordering.keys(members) : Array(members.keys)
            return Value(.array(keys.map { .string($0) }), depth: 1)
        case .array(let elements):
            try machine.produce(32 + 16 * elements.count)
            try machine.work(elements.count)
            return Value(.array(elements.indices.map { .int($0) }), depth: 1)
        default: throw .message("\(Shown.typed(input.json)) has no keys")
        }
    }

    static func contains(_ whole: JSON, _ part: JSON, _ machine: Machine) throws(Fault) -> Bool {
        try machine.step()
        switch (whole, part) {
        case (.object(let x), .object(let y)):
            for (key, value) in y {
                guard let own = x[key], own.typeName == value.typeName else { return false }
                guard try contains(own, value, machine) else { return false }
            }
            return true
        case (.array(let x), .array(let y)):
            for value in y {
                var isIn = false
                for own in x where !isIn && own.typeName == value.typeName {
                    isIn = try contains(own, value, machine)
                }
                guard isIn else { return false }
            }
            return true
        case (.string(let x), .string(let y)):
            try machine.work(x.utf8.count)
            return y.isEmpty || !Text.occurrences(of: Array(y.utf8), in: Array(x.utf8), overlapping: true).isEmpty
        case (.bool, .bool), (.null, .null), (.number, .number): return try Ordering.equal(whole, part, machine)
        default:
            let shown = "\(Shown.typed(whole)) and \(Shown.typed(part))"
            throw .message("\(shown) cannot have their containment checked")
        }
    }

    private static let toEntries: NativeFunction = { (input, _, machine) throws(Fault) in
        let pairs: [(JSON, JSON)]
        switch input.json {
        case .object(let members): pairs = members.map { (.string($0), $1) }
        case .array(let elements): pairs = elements.enumerated().map { (.int($0), $1) }
        default: throw .message("\(Shown.typed(input.json)) has no keys")
        }
        try machine.work(pairs.count)
        try machine.produce(32 + 160 * pairs.count)
        let entries = pairs.map { key, value in JSON.object(["key": key, "value": value]) }
        return try machine.bounded(.array(entries), depth: input.depth + 1)
    }

    /// Keys may be called `key`, `k`, `name`, `Name`, `K`, `Key`; values `value`, `v`, `Value`, `V` (jq 1.5 to 1.8).
    /// A key that is no string is written as one, as jq 1.6 and 1.8 do it.
    private static let fromEntries: NativeFunction = { (input, _, machine) throws(Fault) in
        let entries: [JSON]
        switch input.json {
        case .array(let elements): entries = elements
        case .object(let members): entries = Array(members.values)
        default: throw .message("Cannot iterate over \(Shown.typed(input.json))")
        }
        var members: JSONObject = [:]
        try machine.produce(64 + 48 * entries.count)
        try machine.work(entries.count)
        for entry in entries {
            let key = try first(["key", "k", "name", "Name", "K", "Key"], of: entry)
            let value = value(of: entry)
            switch key ?? .null {
            case .string(let name): members[name] = value ?? .null
            case .null: members["null"] = value ?? .null
            case .bool(let flag): members[flag ? "true" : "false"] = value ?? .null
            case .number(let number): members[number.description] = value ?? .null
            case let other: throw .message("Cannot use \(Shown.typed(other)) as object key")
            }
        }
        return Value(.object(members), depth: max(input.depth, 1))
    }

    /// The value by the first of its names that is there, whatever it is.
    private static func value(of entry: JSON) -> JSON? {
        guard case .object(let members) = entry else { return nil }
        for name in ["value", "v", "Value", "V"] {
            if let value = members[name] { return value }
        }
        return nil
    }

    /// The first of the names that is neither missing nor null; false counts.
    private static func first(_ names: [String], of entry: JSON) throws(Fault) -> JSON? {
        guard case .object(let members) = entry else {
            throw .message(Access.cannotIndex(entry, .string("key")))
        }
        for name in names {
            if let value = members[name], !value.isNull { return value }
        }
        return nil
    }
}
