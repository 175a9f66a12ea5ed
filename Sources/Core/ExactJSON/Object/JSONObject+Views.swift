extension JSONObject: Sequence {
    /// A member: its name and its value.
    public typealias Element = (key: String, value: JSON)

    /// The members one after the other.
    public struct Iterator: IteratorProtocol {
        @usableFromInline let members: JSONMembers
        @usableFromInline var place = 0

        @inlinable
        init(_ members: JSONMembers) { self.members = members }

        /// The next member, nil behind the last one.
        @inlinable
        public mutating func next() -> Element? {
            guard place < members.info.pointee.count else { return nil }
            defer { place += 1 }
            return (members.info.pointee.names[place], members.values[place])
        }
    }

    /// An iterator that keeps what it goes through.
    @inlinable public func makeIterator() -> Iterator { Iterator(members) }
    @inlinable public var underestimatedCount: Int { count }

    /// The same names with what `transform` makes of the values.
    public func mapValues(_ transform: (JSON) throws -> JSON) rethrows -> JSONObject {
        let made = JSONMembers.make(members.info.pointee.keys, capacity: count)
        for place in 0..<count {
            (made.values + place).initialize(to: try transform(members.values[place]))
            made.info.pointee.count = place + 1
        }
        return JSONObject(made)
    }

    /// The members that `isIncluded` says, in their order.
    public func filter(_ isIncluded: (Element) throws -> Bool) rethrows -> JSONObject {
        var kept = JSONObject()
        for (key, value) in self where try isIncluded((key, value)) { kept.add(key, value) }
        return kept
    }
}

extension JSONObject {
    /// The names, in their order.
    public var keys: Keys { Keys(object: self) }

    /// The values, in the order of the members. Writing one changes the object.
    public var values: Values {
        get { Values(object: self) }
        _modify {
            var values = Values(object: self)
            self = JSONObject()  // lets the values be changed in place
            defer { self = values.object }
            yield &values
        }
    }

    /// The members as a collection.
    public var elements: Elements { Elements(object: self) }

    /// The names of an object, in their order.
    public struct Keys: RandomAccessCollection, Equatable, ExpressibleByArrayLiteral, Sendable {
        fileprivate let object: JSONObject

        public var startIndex: Int { 0 }
        public var endIndex: Int { object.count }

        public subscript(place: Int) -> String {
            precondition(place >= 0 && place < object.count, "no member stands there")
            return object.members.info.pointee.names[place]
        }

        /// Whether there is a member of this name; found by hash where there are many.
        public func contains(_ name: String) -> Bool { object.index(forKey: name) != nil }

        /// The place of a name, nil where it is none of the names.
        public func firstIndex(of name: String) -> Int? { object.index(forKey: name) }

        public static func == (a: Keys, b: Keys) -> Bool { a.elementsEqual(b) }
    }

    /// The values of an object, in the order of its members.
    public struct Values: RandomAccessCollection, MutableCollection, Sendable {
        fileprivate var object: JSONObject

        public var startIndex: Int { 0 }
        public var endIndex: Int { object.count }

        public subscript(place: Int) -> JSON {
            get {
                precondition(place >= 0 && place < object.count, "no member stands there")
                return object.members.values[place]
            }
            _modify {
                precondition(place >= 0 && place < object.count, "no member stands there")
                object.makeUnique()
                yield &object.members.values[place]
            }
        }

        /// The values as they lie in memory.
        public func withContiguousStorageIfAvailable<Result>(
            _ body: (UnsafeBufferPointer<JSON>) throws -> Result
        ) rethrows -> Result? {
            try withExtendedLifetime(object.members) {
                try body(UnsafeBufferPointer(start: object.members.values, count: object.count))
            }
        }
    }

    /// The members of an object as a collection.
    public struct Elements: RandomAccessCollection, Sendable {
        fileprivate let object: JSONObject

        public var startIndex: Int { 0 }
        public var endIndex: Int { object.count }

        public subscript(place: Int) -> JSONObject.Element {
            precondition(place >= 0 && place < object.count, "no member stands there")
            return (object.members.info.pointee.names[place], object.members.values[place])
        }
    }
}

extension JSONObject.Keys {
    /// The names given, each once.
    public init(arrayLiteral names: String...) {
        object = JSONObject(names.map { ($0, .null) }, uniquingKeysWith: { $1 })
    }
}
