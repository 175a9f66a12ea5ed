/// What the jq library's hottest nodes need: to look at members, and to make objects, without a reference counted for
/// each value.
extension JSONObject {
    /// Hands the names and the values to `body`, in the same order; they are valid until it returns.
    @inlinable
    @inline(__always)
    package func withUnsafeMembers<Result>(
        _ body: (_ names: UnsafePointer<String>, _ values: UnsafePointer<JSON>, _ count: Int) -> Result
    ) -> Result {
        withExtendedLifetime(members) {
            let info = members.info
            return body(UnsafePointer(info.pointee.names), UnsafePointer(members.values), info.pointee.count)
        }
    }

    /// How long all names are together, in UTF-8.
    package var nameBytes: Int { members.info.pointee.keys.bytes }

    /// An object with the names of `template`, whose values `fill` writes over nulls; nil where `fill` answers false.
    ///
    /// There are `places` to write to, at least as many as members; what is behind these is forgotten.
    @inlinable
    package init?(like template: JSONObject, places: Int, _ fill: (UnsafeMutablePointer<JSON>) -> Bool) {
        precondition(places >= template.count, "there is a place for each member")
        let made = JSONMembers.makeNulls(like: template.members, places)
        let values = made.values
        // What is thrown away is counted as long as it is there.
        guard fill(values) else { return nil }
        for place in template.count..<places { (values + place).deinitialize(count: 1) }
        made.info.pointee.count = template.count
        members = made
    }
}

extension JSONMembers {
    @usableFromInline
    static func makeNulls(like template: JSONMembers, _ count: Int) -> JSONMembers {
        let made = make(template.info.pointee.keys, capacity: count)
        let values = made.values
        for place in 0..<count { (values + place).initialize(to: .null) }
        made.info.pointee.count = count
        return made
    }
}

extension String {
    /// Whether both are the same text because they are the same bytes: short ones in themselves, longer ones as one
    /// reference. False says nothing.
    @inlinable
    @inline(__always)
    package static func areSame(_ a: UnsafePointer<String>, _ b: UnsafePointer<String>) -> Bool {
        guard MemoryLayout<String>.size == 16 else { return false }
        let (x, y) = (UnsafeRawPointer(a), UnsafeRawPointer(b))
        return x.load(as: UInt64.self) == y.load(as: UInt64.self)
            && x.load(fromByteOffset: 8, as: UInt64.self) == y.load(fromByteOffset: 8, as: UInt64.self)
    }
}

extension JSONMembers {
    /// So many names are compared one after the other.
    @inlinable static var few: Int { 12 }

    @inlinable
    func placeOfSame(_ name: String) -> Int? {
        withUnsafePointer(to: name) { name in
            let (names, count) = (info.pointee.names, info.pointee.count)
            for place in 0..<count where String.areSame(names + place, name) { return place }
            return nil
        }
    }
}
