import ExactJSON

extension Access {
    /// `value` with what `path` leads to replaced; objects and arrays come into being where null was.
    static func set(
        _ value: consuming Value, path: [JSON], _ new: Value, _ machine: Machine
    ) throws(Fault) -> Value {
        guard path.count <= machine.limits.nesting else { throw .limit(.nesting) }
        let depth = max(value.depth, new.depth + Int32(path.count))
        var json = value.json
        value = .null
        try set(&json, path[...], new.json, machine)
        return try machine.bounded(json, depth: depth)
    }

    private static func set(
        _ json: inout JSON, _ path: ArraySlice<JSON>, _ new: JSON, _ machine: Machine
    ) throws(Fault) {
        guard let key = path.first else {
            json = new
            return
        }
        let rest = path.dropFirst()
        if case .null = json {
            switch key {
            case .string: json = .object([:])
            case .number(let number) where !Numbers.isNaN(number): json = .array([])
            case .object: json = .array([])
            default: break
            }
        }
        switch (json, key) {
        case (.object(var members), .string(let name)):
            json = .null  // Lets the dictionary be changed in place.
            try machine.produce(48)
            var member = members[name] ?? .null
            if !rest.isEmpty { members[name] = .null }
            try set(&member, rest, new, machine)
            members[name] = member
            json = .object(members)
        case (.array, .number(let number)) where Numbers.isNaN(number),
            (.null, .number(let number)) where Numbers.isNaN(number):
            throw .message("Cannot set array element at NaN index")
        case (.array(var elements), .number(let number)):
            json = .null
            let index = try place(number, in: elements, machine)
            var element = elements[safe: index] ?? .null
            if !rest.isEmpty, index < elements.count { elements[index] = .null }
            try set(&element, rest, new, machine)
            if index >= elements.count {
                elements.append(contentsOf: repeatElement(.null, count: index + 1 - elements.count))
            }
            elements[index] = element
            json = .array(elements)
        case (.array(var elements), .object(let bounds)):
            let range = try slice(bounds, count: elements.count)
            var part = JSON.array(Array(elements[range]))
            try machine.work(elements.count)
            try set(&part, rest, new, machine)
            guard case .array(let inserted) = part else {
                throw .message("A slice of an array can only be assigned another array")
            }
            try machine.produce(32 + 16 * inserted.count)
            elements.replaceSubrange(range, with: inserted)
            json = .array(elements)
        case (.string, .object):
            var part = try Access.get(json, key, machine)
            try set(&part, rest, new, machine)
            throw .message("Cannot update string slices")
        case (.array, .array): throw .message("Cannot update field at array index of array")
        default: throw .message(cannotIndex(json, key))
        }
    }

    private static func place(_ number: ExactNumber, in elements: [JSON], _ machine: Machine) throws(Fault) -> Int {
        var index = Numbers.truncatedInt(number)
        if index < 0 {
            index += elements.count
            if index < 0 { throw .message("Out of bounds negative array index") }
        }
        let added = index + 1 - elements.count
        if added > 0 {
            guard added < machine.limits.memory >> 4 else { throw .limit(.memory) }
            try machine.produce(16 * added)
        }
        return index
    }
}

extension Array {
    fileprivate subscript(safe index: Int) -> Element? { indices.contains(index) ? self[index] : nil }
}
