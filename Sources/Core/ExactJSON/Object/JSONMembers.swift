/// What a ``JSONObject`` refers to: the table of its names, and the values behind it in the same piece of memory.
///
/// It is changed only by whoever holds the one reference to it.
@usableFromInline
final class JSONMembers: ManagedBuffer<JSONMembersHeader, JSON> {
    /// Members of no object in particular: all that are empty begin with them.
    // Safe: this constant is a reference of its own, so whoever has another never holds the only one and changes it.
    nonisolated(unsafe) static let none = make(.make(capacity: 0), capacity: 0)

    static func make(_ keys: JSONKeys, capacity: Int) -> JSONMembers {
        let made = create(minimumCapacity: capacity) { _ in JSONMembersHeader(keys, capacity: capacity) }
        return unsafeDowncast(made, to: JSONMembers.self)
    }

    /// One by one: that is compiled for this type, while to destroy them all is left to a slower general function.
    deinit {
        let values = values
        for place in 0..<info.pointee.count { _ = (values + place).move() }
    }

    /// The values. They stay where they are as long as this object lives.
    @inlinable var values: UnsafeMutablePointer<JSON> { withUnsafeMutablePointerToElements { $0 } }

    @inlinable var info: UnsafeMutablePointer<JSONMembersHeader> { withUnsafeMutablePointerToHeader { $0 } }

    /// Adds a member whose name is none of the names yet; there is room for its value.
    func append(_ name: consuming String, _ value: consuming JSON) {
        let count = info.pointee.count
        precondition(count < info.pointee.capacity, "an object is not written beyond its end")
        keysToChange(room: 1).append(name)
        (values + count).initialize(to: value)
        info.pointee.count = count + 1
    }

    /// Takes the member at `place` out; those behind it move up.
    func remove(at place: Int) -> JSON {
        let last = info.pointee.count - 1
        precondition(place >= 0 && place <= last, "only a member that is there is taken out")
        keysToChange(room: 0).remove(at: place)
        let value = (values + place).move()
        (values + place).moveInitialize(from: values + place + 1, count: last - place)
        info.pointee.count = last
        return value
    }

    /// The table of names for changing it: a copy where others have it too, a larger one where it has no room.
    private func keysToChange(room: Int) -> JSONKeys {
        let isOwn = isKnownUniquelyReferenced(&info.pointee.keys)
        let keys = info.pointee.keys
        let wanted = keys.count + room
        if isOwn, wanted <= keys.room { return keys }
        let copy = keys.copy(capacity: max(wanted, isOwn ? 2 * keys.room : info.pointee.capacity), isGiven: isOwn)
        info.pointee.keys = copy
        info.pointee.names = copy.names
        return copy
    }

    /// The same members with room for `capacity`. The values are moved where these are `isGiven` up.
    func copy(capacity: Int, isGiven: Bool) -> JSONMembers {
        let count = info.pointee.count
        let copy = JSONMembers.make(info.pointee.keys, capacity: max(capacity, count))
        if isGiven {
            copy.values.moveInitialize(from: values, count: count)
            info.pointee.count = 0
        } else {
            let (from, to) = (values, copy.values)
            for place in 0..<count { (to + place).initialize(to: from[place]) }
        }
        copy.info.pointee.count = count
        return copy
    }
}

/// What lies before the values.
@usableFromInline
struct JSONMembersHeader {
    /// Replaced only together with ``names``.
    fileprivate(set) var keys: JSONKeys
    /// The names of ``keys``: read without counting a reference to them.
    @usableFromInline fileprivate(set) var names: UnsafeMutablePointer<String>
    @usableFromInline var count: Int
    let capacity: Int

    init(_ keys: JSONKeys, capacity: Int) {
        self.keys = keys
        names = keys.names
        count = 0
        self.capacity = capacity
    }
}
