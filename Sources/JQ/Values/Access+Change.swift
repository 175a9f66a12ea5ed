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
            case .number, .object: json = .array([])
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
        case (.string, .object): throw .message("Cannot update string slices")
        case (_, .object): throw .message("Cannot update field at object index of \(json.typeName)")
        case (.array, .array): throw .message("Cannot update field at array index of array")
        default: throw .message(cannotIndex(json, key))
        }
    }

    private static func place(_ number: ExactNumber, in elements: [JSON], _ machine: Machine) throws(Fault) -> Int {
        var index = Numbers.floorInt(number)
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

    /// `value` without what the paths lead to. The last paths go first, so that the places of the others hold.
    static func delete(_ value: consuming Value, paths: [JSON], _ machine: Machine) throws(Fault) -> Value {
        let depth = value.depth
        var json = value.json
        value = .null
        let sorted = try Ordering.sorted(paths.map { ($0, $0) }, machine)
        for (path, _) in sorted.reversed() {
            guard case .array(let keys) = path else { throw .message("Path must be specified as an array") }
            try machine.step()
            if keys.isEmpty { return .null }
            try delete(&json, keys[...], machine)
        }
        return Value(json, depth: depth)
    }

    private static func delete(_ json: inout JSON, _ path: ArraySlice<JSON>, _ machine: Machine) throws(Fault) {
        guard let key = path.first else { return }
        let rest = path.dropFirst()
        if case .null = json { return }
        if rest.isEmpty { return try remove(key, from: &json, machine) }
        switch (json, key) {
        case (.object(var members), .string(let name)):
            guard var member = members[name] else { return }
            json = .null
            members[name] = .null
            try delete(&member, rest, machine)
            members[name] = member
            json = .object(members)
        case (.array(var elements), .number(let number)):
            var index = Numbers.floorInt(number)
            if index < 0 { index += elements.count }
            guard elements.indices.contains(index) else { return }
            json = .null
            var element = elements[index]
            elements[index] = .null
            try delete(&element, rest, machine)
            elements[index] = element
            json = .array(elements)
        case (.array(var elements), .object(let bounds)):
            let range = try slice(bounds, count: elements.count)
            var part = JSON.array(Array(elements[range]))
            try delete(&part, rest, machine)
            guard case .array(let kept) = part else { return }
            elements.replaceSubrange(range, with: kept)
            json = .array(elements)
        default: throw .message(cannotIndex(json, key))
        }
    }

    private static func remove(_ key: JSON, from json: inout JSON, _ machine: Machine) throws(Fault) {
        switch (json, key) {
        case (.object(var members), .string(let name)):
            try machine.work(members.count)
            json = .null
            members.removeValue(forKey: name)
            json = .object(members)
        case (.array(var elements), .number(let number)):
            var index = Numbers.floorInt(number)
            if index < 0 { index += elements.count }
            try machine.work(elements.count)
            guard elements.indices.contains(index) else { return }
            json = .null
            elements.remove(at: index)
            json = .array(elements)
        case (.array(var elements), .object(let bounds)):
            let range = try slice(bounds, count: elements.count)
            try machine.work(elements.count)
            json = .null
            elements.removeSubrange(range)
            json = .array(elements)
        case (.object, _): throw .message("Cannot delete \(key.typeName) field of object")
        case (.array, _): throw .message("Cannot delete \(key.typeName) element of array")
        default: throw .message("Cannot delete fields from \(json.typeName)")
        }
    }
}

extension Array {
    fileprivate subscript(safe index: Int) -> Element? { indices.contains(index) ? self[index] : nil }
}
