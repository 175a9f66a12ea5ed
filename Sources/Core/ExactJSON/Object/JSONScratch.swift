/// Members that are read and not yet in an object: those of an inner object lie behind those of the objects around it.
///
/// So each object is made once it is known how many members it has, in two pieces of memory of the right size.
struct JSONScratch: ~Copyable {
    private var names: UnsafeMutablePointer<String>
    private var values: UnsafeMutablePointer<JSON>
    private(set) var count = 0
    private var capacity: Int

    init(capacity: Int) {
        names = .allocate(capacity: capacity)
        values = .allocate(capacity: capacity)
        self.capacity = capacity
    }

    deinit {
        names.deinitialize(count: count)
        values.deinitialize(count: count)
        names.deallocate()
        values.deallocate()
    }

    mutating func push(_ name: consuming String, _ value: consuming JSON) {
        if count == capacity { grow() }
        (names + count).initialize(to: name)
        (values + count).initialize(to: value)
        count += 1
    }

    private mutating func grow() {
        names = Self.moved(names, count, to: 2 * capacity)
        values = Self.moved(values, count, to: 2 * capacity)
        capacity *= 2
    }

    private static func moved<Item>(
        _ items: UnsafeMutablePointer<Item>, _ count: Int, to capacity: Int
    ) -> UnsafeMutablePointer<Item> {
        let moved = UnsafeMutablePointer<Item>.allocate(capacity: capacity)
        moved.moveInitialize(from: items, count: count)
        items.deallocate()
        return moved
    }

    /// Gives the member `name` another value where it is among those from `start` on; false where it is not.
    mutating func replace(_ name: String, by value: JSON, from start: Int) -> Bool {
        for place in start..<count where names[place] == name {
            values[place] = value
            return true
        }
        return false
    }

    /// An object of the members from `start` on, whose names all differ. They leave the scratch.
    mutating func object(from start: Int) -> JSONObject {
        let size = count - start
        let keys = JSONKeys.make(capacity: size)
        keys.moveIn(names + start, count: size)
        let members = JSONMembers.make(keys, capacity: size)
        members.values.moveInitialize(from: values + start, count: size)
        members.info.pointee.count = size
        count = start
        return JSONObject(members)
    }
}
