/// The names of an object's members, in their order. Objects that are made alike share one table.
///
/// A table is changed only by whoever holds the one reference to it (``JSONMembers`` sees to that), so a shared one is
/// as good as immutable. Few names are searched one by one; more of them have an index by hash, whose seed is the
/// process's own, so that no names can be chosen to collide.
@usableFromInline
final class JSONKeys: ManagedBuffer<JSONKeysHeader, String> {
    static func make(capacity: Int) -> JSONKeys {
        precondition(capacity < Int(UInt32.max), "an object has fewer members")
        return unsafeDowncast(
            create(minimumCapacity: capacity) { _ in JSONKeysHeader(capacity: capacity) }, to: JSONKeys.self)
    }

    deinit {
        names.deinitialize(count: info.pointee.count)
        info.pointee.slots?.deallocate()
    }

    /// The names. They stay where they are as long as the table lives.
    @usableFromInline var names: UnsafeMutablePointer<String> { withUnsafeMutablePointerToElements { $0 } }
    private var info: UnsafeMutablePointer<JSONKeysHeader> { withUnsafeMutablePointerToHeader { $0 } }

    /// How many names there are, and how many there can be.
    var count: Int { info.pointee.count }
    var room: Int { info.pointee.capacity }

    /// How long the names are together, in UTF-8.
    var bytes: Int { info.pointee.bytes }

    // MARK: Searching

    /// The place of `name`, nil where it is none of the names.
    @usableFromInline
    func place(of name: String) -> Int? {
        if let slots = info.pointee.slots { return found(name, slots, info.pointee.mask).map { Int(slots[$0]) - 1 } }
        let names = names
        for place in 0..<info.pointee.count where names[place] == name { return place }
        return nil
    }

    private func found(_ name: String, _ slots: UnsafeMutablePointer<UInt32>, _ mask: Int) -> Int? {
        let names = names
        var slot = Self.hash(name) & mask
        while slots[slot] != 0 {
            if names[Int(slots[slot]) - 1] == name { return slot }
            slot = (slot + 1) & mask
        }
        return nil
    }

    private static func hash(_ name: String) -> Int {
        var hasher = Hasher()
        hasher.combine(name)
        return hasher.finalize()
    }

    // MARK: Changing, by the one who holds it

    /// Adds a name that is none of the names yet; there is room for it.
    func append(_ name: consuming String) {
        precondition(count < room, "a table of names is not written beyond its end")
        info.pointee.bytes += name.utf8.count
        (names + info.pointee.count).initialize(to: name)
        info.pointee.count += 1
        if info.pointee.slots == nil {
            makeIndex()
        } else {
            note(info.pointee.count - 1)
        }
    }

    /// Takes `count` names, all different, from where they lie.
    func moveIn(_ from: UnsafeMutablePointer<String>, count: Int) {
        precondition(self.count == 0 && count <= room, "a table of names takes what it has room for")
        for place in 0..<count { info.pointee.bytes += from[place].utf8.count }
        names.moveInitialize(from: from, count: count)
        info.pointee.count = count
        makeIndex()
    }

    /// Takes the name at `place` out; those behind it move up.
    func remove(at place: Int) {
        let last = info.pointee.count - 1
        precondition(place >= 0 && place <= last, "only a name that is there is taken out")
        if let slots = info.pointee.slots { forget(place, slots, last) }
        info.pointee.bytes -= names[place].utf8.count
        (names + place).deinitialize(count: 1)
        (names + place).moveInitialize(from: names + place + 1, count: last - place)
        info.pointee.count = last
    }

    /// A table of the same names with room for `capacity`. The names are moved where this one `isGiven` up.
    func copy(capacity: Int, isGiven: Bool) -> JSONKeys {
        let copy = JSONKeys.make(capacity: max(capacity, info.pointee.count))
        let count = info.pointee.count
        if isGiven {
            copy.names.moveInitialize(from: names, count: count)
            info.pointee.count = 0
        } else {
            copy.names.initialize(from: names, count: count)
        }
        copy.info.pointee.count = count
        copy.info.pointee.bytes = info.pointee.bytes
        copy.makeIndex()
        return copy
    }

    // MARK: The index

    private func makeIndex() {
        guard info.pointee.count > JSONMembers.few else { return }
        // At most three slots of four are taken.
        var size = 32
        while size * 3 < info.pointee.capacity * 4 { size *= 2 }
        let slots = UnsafeMutablePointer<UInt32>.allocate(capacity: size)
        slots.initialize(repeating: 0, count: size)
        info.pointee.slots = slots
        info.pointee.mask = size - 1
        for place in 0..<info.pointee.count { note(place) }
    }

    private func note(_ place: Int) {
        guard let slots = info.pointee.slots else { return }
        let mask = info.pointee.mask
        var slot = Self.hash(names[place]) & mask
        while slots[slot] != 0 { slot = (slot + 1) & mask }
        slots[slot] = UInt32(place + 1)
    }

    /// Frees the slot of `place`; what was put further on because of it moves up, and later places become one less.
    private func forget(_ place: Int, _ slots: UnsafeMutablePointer<UInt32>, _ last: Int) {
        let mask = info.pointee.mask
        guard var hole = found(names[place], slots, mask) else { return }
        var next = (hole + 1) & mask
        while slots[next] != 0 {
            let wanted = Self.hash(names[Int(slots[next]) - 1]) & mask
            if (next - wanted) & mask >= (next - hole) & mask {
                slots[hole] = slots[next]
                hole = next
            }
            next = (next + 1) & mask
        }
        slots[hole] = 0
        guard place < last else { return }
        for slot in 0...mask where slots[slot] > UInt32(place + 1) { slots[slot] -= 1 }
    }
}

/// What lies before the names.
@usableFromInline
struct JSONKeysHeader {
    var count: Int
    let capacity: Int
    /// How long the names are together.
    var bytes: Int
    /// Places, from 1, where their names' hashes lead to; 0 is free. Nil while the names are few.
    var slots: UnsafeMutablePointer<UInt32>?
    var mask: Int

    init(capacity: Int) {
        count = 0
        self.capacity = capacity
        bytes = 0
        slots = nil
        mask = 0
    }
}
