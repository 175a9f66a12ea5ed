/// The members of a JSON object, in their own order: a dictionary that is one reference, and whose names are shared
/// with the objects that were made like it.
///
/// What an ordered dictionary does it does as fast: a member is found by hash where there are many, one is added in
/// constant time on average, one is taken out in linear time. Copies are independent, and cost something only when they
/// are changed. Two are equal when they have the same members in the same order; see ``JSON`` for any order.
///
/// Why this is no `OrderedDictionary`: docs/decisions/0012-objects-of-our-own.md.
public struct JSONObject {
    @usableFromInline var members: JSONMembers

    init(_ members: JSONMembers) { self.members = members }

    /// No members.
    public init() { members = .none }

    /// No members, and room for so many.
    public init(minimumCapacity: Int) {
        members = minimumCapacity > 0 ? .make(.make(capacity: minimumCapacity), capacity: minimumCapacity) : .none
    }

    /// How many members there are.
    @inlinable public var count: Int { members.info.pointee.count }
    @inlinable public var isEmpty: Bool { count == 0 }

    // MARK: Looking up

    /// The place of the member `key`, nil where there is none.
    @inlinable
    public func index(forKey key: String) -> Int? {
        // Short names, and shared ones, are found without looking at characters.
        if count <= JSONMembers.few, let place = members.placeOfSame(key) { return place }
        return place(key)
    }

    @usableFromInline
    func place(_ key: String) -> Int? { members.info.pointee.keys.place(of: key) }

    /// The value of the member `key`. Setting nil takes it out, setting a value to a new name puts it last.
    public subscript(key: String) -> JSON? {
        @inlinable
        get {
            guard let place = index(forKey: key) else { return nil }
            return members.values[place]
        }
        set {
            if let newValue {
                updateValue(newValue, forKey: key)
            } else {
                removeValue(forKey: key)
            }
        }
        _modify {
            let place = index(forKey: key)
            var value: JSON?
            if let place {
                makeUnique()
                value = (members.values + place).move()
                (members.values + place).initialize(to: .null)
            }
            defer { put(value, at: place, key) }
            yield &value
        }
    }

    /// What a change of the member `key`, found at `place`, has made of it.
    private mutating func put(_ value: consuming JSON?, at place: Int?, _ key: String) {
        switch (place, value) {
        case (let place?, let value?): members.values[place] = value
        case (let place?, nil): _ = members.remove(at: place)
        case (nil, let value?): add(key, value)
        case (nil, nil): break
        }
    }

    /// The value of the member `key`, or `value` where there is none; changing that adds the member.
    public subscript(key: String, default value: @autoclosure () -> JSON) -> JSON {
        get { self[key] ?? value() }
        _modify {
            let place = index(forKey: key) ?? count
            if place == count { add(key, value()) } else { makeUnique() }
            yield &members.values[place]
        }
    }

    // MARK: Changing

    /// Gives the member `key` this value and answers the one before; a new member comes last.
    @discardableResult
    public mutating func updateValue(_ value: consuming JSON, forKey key: String) -> JSON? {
        guard let place = index(forKey: key) else {
            add(key, value)
            return nil
        }
        makeUnique()
        let old = (members.values + place).move()
        (members.values + place).initialize(to: value)
        return old
    }

    /// Takes the member `key` out and answers its value, nil where there was none.
    @discardableResult
    public mutating func removeValue(forKey key: String) -> JSON? {
        guard let place = index(forKey: key) else { return nil }
        makeUnique()
        return members.remove(at: place)
    }

    /// Takes out the members that `isGone` says; the others keep their order.
    public mutating func removeAll(where isGone: (Element) throws -> Bool) rethrows {
        let kept = try filter { try !isGone($0) }
        if kept.count < count { self = kept }
    }

    /// Makes room for so many members in all.
    public mutating func reserveCapacity(_ capacity: Int) {
        makeUnique(capacity: capacity)
    }

    /// Adds a member whose name is none of the names yet.
    mutating func add(_ key: consuming String, _ value: consuming JSON) {
        // What is there may have room for far more than a copy of it needs.
        let isOwn = isKnownUniquelyReferenced(&members)
        if !isOwn || count == members.info.pointee.capacity {
            members = members.copy(capacity: Swift.max(4, isOwn ? 2 * count : count + 1), isGiven: isOwn)
        }
        members.append(key, value)
    }

    /// Nobody else sees what is changed from now on.
    mutating func makeUnique(capacity: Int = 0) {
        let isOwn = isKnownUniquelyReferenced(&members)
        if isOwn, capacity <= members.info.pointee.capacity { return }
        members = members.copy(capacity: capacity, isGiven: isOwn)
    }
}

// Safe: what a reference of it leads to is changed by the one who holds the only one.
extension JSONObject: @unchecked Sendable {}

extension JSONObject: Equatable, Hashable {
    public static func == (a: JSONObject, b: JSONObject) -> Bool {
        if a.members === b.members { return true }
        return a.count == b.count && a.elementsEqual(b) { $0.key == $1.key && $0.value == $1.value }
    }

    /// Whether both have the same members, in whatever order.
    func hasSameMembers(as other: JSONObject) -> Bool {
        if members === other.members { return true }
        return count == other.count && allSatisfy { other[$0.key] == $0.value }
    }

    public func hash(into hasher: inout Hasher) {
        hasher.combine(count)
        for (key, value) in self {
            hasher.combine(key)
            hasher.combine(value)
        }
    }
}

extension JSONObject: CustomStringConvertible {
    /// The compact JSON text.
    public var description: String { JSON.object(self).description }
}
