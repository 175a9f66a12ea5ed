import ExactJSON

extension Access {
    /// `value` without what the paths lead to. Places are those of the value before anything is deleted.
    static func delete(_ value: consuming Value, paths: [JSON], _ machine: Machine) throws(Fault) -> Value {
        let depth = value.depth
        var json = value.json
        value = .null
        var sorted: [ArraySlice<JSON>] = []
        for (path, _) in try Ordering.sorted(paths.map { ($0, $0) }, machine) {
            guard case .array(let keys) = path else {
                throw .message("Path must be specified as array, not \(path.typeName)")
            }
            sorted.append(keys[...])
        }
        if sorted.first?.isEmpty == true { return .null }
        try delete(&json, sorted[...], machine)
        return Value(json, depth: depth)
    }

    /// Takes the paths that begin with the same key together: the key itself goes, or parts of what it leads to.
    private static func delete(
        _ json: inout JSON, _ paths: ArraySlice<ArraySlice<JSON>>, _ machine: Machine
    ) throws(Fault) {
        var removed: [JSON] = []
        var paths = paths
        while let path = paths.first, let key = path.first {
            var end = paths.startIndex + 1
            while end < paths.endIndex, let other = paths[end].first, try Ordering.equal(key, other, machine) {
                end += 1
            }
            try machine.step()
            if path.count == 1 {
                // The shortest path comes first; what others would delete inside of it goes with it.
                removed.append(key)
            } else {
                let inner = ArraySlice(paths[paths.startIndex..<end].map { $0.dropFirst() })
                try change(&json, at: key, machine) { (part) throws(Fault) in try delete(&part, inner, machine) }
            }
            paths = paths[end...]
        }
        if !removed.isEmpty { try remove(removed, from: &json, machine) }
    }

    /// Changes what is at `key`, where there is something.
    private static func change(
        _ json: inout JSON, at key: JSON, _ machine: Machine, _ body: (inout JSON) throws(Fault) -> Void
    ) throws(Fault) {
        var part = try get(json, key, machine)
        if case .null = part { return }
        switch (json, key) {
        case (.object(var members), .string(let name)):
            json = .null  // Lets the dictionary be changed in place.
            members[name] = .null
            try body(&part)
            members[name] = part
            json = .object(members)
        case (.array(var elements), .number(let number)):
            json = .null
            var index = Numbers.truncatedInt(number)
            if index < 0 { index += elements.count }
            elements[index] = .null
            try body(&part)
            elements[index] = part
            json = .array(elements)
        case (.array(var elements), .object(let bounds)):
            let range = try slice(bounds, count: elements.count)
            try body(&part)
            guard case .array(let kept) = part else { return }
            try machine.work(elements.count)
            elements.replaceSubrange(range, with: kept)
            json = .array(elements)
        case (.string, _): throw .message("Cannot update string slices")
        default: throw .message("Cannot update field at \(key.typeName) index of \(json.typeName)")
        }
    }

    private static func remove(_ keys: [JSON], from json: inout JSON, _ machine: Machine) throws(Fault) {
        switch json {
        case .null: return
        case .object(var members):
            try machine.work(members.count + 4 * keys.count)
            json = .null
            var gone: Set<String> = []
            for key in keys {
                guard case .string(let name) = key else {
                    throw .message("Cannot delete \(key.typeName) field of object")
                }
                gone.insert(name)
            }
            if gone.count == 1, let name = gone.first {
                members.removeValue(forKey: name)
            } else {
                members.removeAll { gone.contains($0.key) }
            }
            json = .object(members)
        case .array(let elements):
            try machine.work(2 * elements.count + keys.count)
            json = .array(try without(keys, elements))
        default: throw .message("Cannot delete fields from \(json.typeName)")
        }
    }

    private static func without(_ keys: [JSON], _ elements: [JSON]) throws(Fault) -> [JSON] {
        var isRemoved = [Bool](repeating: false, count: elements.count)
        for key in keys {
            switch key {
            case .number(let number):
                var index = Numbers.truncatedInt(number)
                if index < 0 { index += elements.count }
                if isRemoved.indices.contains(index), !Numbers.isNaN(number) { isRemoved[index] = true }
            case .object(let bounds):
                let range = try slice(bounds, count: elements.count)
                for index in range { isRemoved[index] = true }
            default: throw .message("Cannot delete \(key.typeName) element of array")
            }
        }
        return zip(elements, isRemoved).filter { !$0.1 }.map(\.0)
    }
}
