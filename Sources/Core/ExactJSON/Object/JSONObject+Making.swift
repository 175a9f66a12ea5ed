extension JSONObject: ExpressibleByDictionaryLiteral {
    /// The members given, whose names differ.
    public init(dictionaryLiteral elements: (String, JSON)...) {
        self.init(uniqueKeysWithValues: elements)
    }
}

extension JSONObject {
    /// The members given, whose names differ.
    public init(uniqueKeysWithValues members: some Sequence<(key: String, value: JSON)>) {
        self.init(minimumCapacity: members.underestimatedCount)
        for (key, value) in members {
            precondition(index(forKey: key) == nil, "a name stands twice in an object")
            add(key, value)
        }
    }

    /// The members given, whose names differ.
    @_disfavoredOverload  // or else a call with a literal could mean both
    public init(uniqueKeysWithValues members: some Sequence<(String, JSON)>) {
        self.init(uniqueKeysWithValues: members.lazy.map { (key: $0.0, value: $0.1) })
    }

    /// The members given; where a name comes again, `combine` makes one value of the one before and the new one.
    public init(
        _ members: some Sequence<(key: String, value: JSON)>, uniquingKeysWith combine: (JSON, JSON) throws -> JSON
    ) rethrows {
        self.init(minimumCapacity: members.underestimatedCount)
        try merge(members, uniquingKeysWith: combine)
    }

    /// The members given; where a name comes again, `combine` makes one value of the one before and the new one.
    @_disfavoredOverload
    public init(
        _ members: some Sequence<(String, JSON)>, uniquingKeysWith combine: (JSON, JSON) throws -> JSON
    ) rethrows {
        try self.init(members.lazy.map { (key: $0.0, value: $0.1) }, uniquingKeysWith: combine)
    }

    /// Adds members; where a name is there, `combine` makes one value of the one before and the new one.
    public mutating func merge(
        _ others: some Sequence<(key: String, value: JSON)>, uniquingKeysWith combine: (JSON, JSON) throws -> JSON
    ) rethrows {
        for (key, value) in others {
            if let place = index(forKey: key) {
                let combined = try combine(members.values[place], value)
                makeUnique()
                members.values[place] = combined
            } else {
                add(key, value)
            }
        }
    }

    /// Adds members; where a name is there, `combine` makes one value of the one before and the new one.
    @_disfavoredOverload
    public mutating func merge(
        _ others: some Sequence<(String, JSON)>, uniquingKeysWith combine: (JSON, JSON) throws -> JSON
    ) rethrows {
        try merge(others.lazy.map { (key: $0.0, value: $0.1) }, uniquingKeysWith: combine)
    }
}
