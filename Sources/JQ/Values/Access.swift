import ExactJSON

/// Reading parts of values by keys and paths.
enum Access {
    static func cannotIndex(_ json: JSON, _ key: JSON) -> String {
        // jq shows a key that is short enough to be a name.
        if case .string(let name) = key, name.utf8.count < 30 {
            return "Cannot index \(json.typeName) with string \"\(name)\""
        }
        return "Cannot index \(json.typeName) with \(key.typeName)"
    }

    /// `json[key]`: null for what is not there.
    static func get(_ json: JSON, _ key: JSON, _ machine: Machine) throws(Fault) -> JSON {
        switch (json, key) {
        case (.object(let members), .string(let name)): return members[name] ?? .null
        case (.array(let elements), .number(let number)):
            guard !Numbers.isNaN(number) else { return .null }
            var index = Numbers.truncatedInt(number)
            if index < 0 { index += elements.count }
            return elements.indices.contains(index) ? elements[index] : .null
        case (.array(let elements), .array(let pattern)):
            return .array(try indices(of: pattern, in: elements, machine))
        case (.array(let elements), .object(let bounds)):
            let range = try slice(bounds, count: elements.count)
            try machine.produce(32 + 16 * range.count)
            try machine.work(range.count)
            return .array(Array(elements[range]))
        case (.string(let text), .object(let bounds)):
            // Slices of strings count code points.
            let scalars = Text.scalars(text)
            try machine.work(scalars.count)
            let part = Text.string(scalars[try slice(bounds, count: scalars.count)])
            try machine.produce(32 + part.utf8.count)
            return .string(part)
        case (.null, .string), (.null, .number), (.null, .object): return .null
        default: throw .message(cannotIndex(json, key))
        }
    }

    /// The value at the end of `path`; null where the way ends early, an error where a key fits nothing.
    static func get(_ json: JSON, path: [JSON], _ machine: Machine) throws(Fault) -> JSON {
        var json = json
        for key in path { json = try get(json, key, machine) }
        return json
    }

    /// The elements between a slice's bounds: from the floor of the first to the ceiling of the second.
    static func slice(_ bounds: JSONObject, count: Int) throws(Fault) -> Range<Int> {
        guard let start = bounds["start"], let end = bounds["end"] else {
            throw .message("Array/string slice indices must be integers")
        }
        let from = try bound(start, count: count, missing: 0, isEnd: false)
        let to = try bound(end, count: count, missing: count, isEnd: true)
        return from..<max(from, to)
    }

    private static func bound(_ json: JSON, count: Int, missing: Int, isEnd: Bool) throws(Fault) -> Int {
        switch json {
        case .null: return missing
        case .number(let number) where Numbers.isNaN(number): return missing
        case .number(let number):
            var index = Numbers.floorInt(number)
            if index < 0 { index += count }
            if isEnd, number.scale > 0, number.intValue == nil { index += 1 }
            return min(max(index, 0), count)
        default: throw .message("Array/string slice indices must be integers")
        }
    }

    /// Where `pattern` begins in `elements`.
    static func indices(of pattern: [JSON], in elements: [JSON], _ machine: Machine) throws(Fault) -> [JSON] {
        guard !pattern.isEmpty, pattern.count <= elements.count else { return [] }
        var found: [JSON] = []
        for start in 0...(elements.count - pattern.count) {
            try machine.step()
            var isSame = true
            for offset in pattern.indices {
                guard try Ordering.equal(elements[start + offset], pattern[offset], machine) else {
                    isSame = false
                    break
                }
            }
            if isSame { found.append(.int(start)) }
        }
        try machine.produce(32 + 16 * found.count)
        return found
    }

    static func has(_ json: JSON, _ key: JSON) throws(Fault) -> Bool {
        switch (json, key) {
        case (.object(let members), .string(let name)): return members[name] != nil
        case (.array(let elements), .number(let number)):
            if Numbers.isNaN(number) { return false }
            return elements.indices.contains(Numbers.truncatedInt(number))
        case (.null, _): return false
        default: throw .message("Cannot check whether \(json.typeName) has a \(key.typeName) key")
        }
    }
}
