/// One record: its values stand in the slots that the model gives its fields.
struct OdooRow: Sendable {
    let id: Int
    var values: [OdooValue]
}

/// The rows of one model, with the indexes that searches and one2many fields need.
struct OdooTable: Sendable {
    private(set) var rows: [Int: OdooRow] = [:]
    /// All ids, ascending.
    private(set) var ids: [Int] = []
    /// The slots that have an index, and per each of them: value to ascending ids.
    private let indexedSlots: [Int]
    private var indexes: [[OdooValue: [Int]]]
    private(set) var lastID = 0

    init(indexedSlots: [Int]) {
        self.indexedSlots = indexedSlots
        indexes = Array(repeating: [:], count: indexedSlots.count)
    }

    /// The next id of the sequence. Like PostgreSQL's, a sequence is not set back when the transaction is.
    mutating func takeID() -> Int {
        lastID += 1
        return lastID
    }

    /// Lets the sequence go on behind `id`.
    mutating func skip(to id: Int) { lastID = Swift.max(lastID, id) }

    /// The ids whose slot holds the value; nil where the slot has no index.
    func ids(where slot: Int, is value: OdooValue) -> [Int]? {
        guard let place = indexedSlots.firstIndex(of: slot) else { return nil }
        return indexes[place][value] ?? []
    }

    /// Puts a row in its place and returns what stood there.
    @discardableResult
    mutating func put(_ row: OdooRow) -> OdooRow? {
        let old = rows.updateValue(row, forKey: row.id)
        for (index, slot) in indexedSlots.enumerated() {
            let before = old?.values[slot], after = row.values[slot]
            if let before {
                if before == after { continue }
                drop(row.id, from: index, before)
            }
            if after != .empty { Self.insert(row.id, into: &indexes[index][after, default: []]) }
        }
        if old == nil { Self.insert(row.id, into: &ids) }
        return old
    }

    /// Takes a row away and returns it.
    @discardableResult
    mutating func remove(_ id: Int) -> OdooRow? {
        guard let old = rows.removeValue(forKey: id) else { return nil }
        for (index, slot) in indexedSlots.enumerated() { drop(id, from: index, old.values[slot]) }
        let place = Self.place(of: id, in: ids)
        if place < ids.count, ids[place] == id { ids.remove(at: place) }
        return old
    }

    /// Changes one slot of a row that is there.
    mutating func set(_ id: Int, slot: Int, _ value: OdooValue) {
        guard let before = rows[id]?.values[slot], before != value else { return }
        rows[id]?.values[slot] = value
        guard let index = indexedSlots.firstIndex(of: slot) else { return }
        drop(id, from: index, before)
        if value != .empty { Self.insert(id, into: &indexes[index][value, default: []]) }
    }

    private mutating func drop(_ id: Int, from index: Int, _ value: OdooValue) {
        guard value != .empty, var list = indexes[index].removeValue(forKey: value) else { return }
        let place = Self.place(of: id, in: list)
        if place < list.count, list[place] == id { list.remove(at: place) }
        if !list.isEmpty { indexes[index][value] = list }
    }

    private static func insert(_ id: Int, into list: inout [Int]) {
        guard let last = list.last, last >= id else { return list.append(id) }
        let place = place(of: id, in: list)
        if list[place] != id { list.insert(id, at: place) }
    }

    /// The first place whose id is not below `id`.
    private static func place(of id: Int, in list: [Int]) -> Int {
        var low = 0, high = list.count
        while low < high {
            let middle = (low + high) / 2
            if list[middle] < id { low = middle + 1 } else { high = middle }
        }
        return low
    }
}

/// All tables, with a journal by which a failed transaction is undone at the cost of what it changed.
struct OdooDatabase: Sendable {
    private(set) var tables: [OdooTable]
    /// What the rows of the running transaction were before; nil for a row that was not there.
    private var journal: [(table: Int, id: Int, before: OdooRow?)] = []
    /// Counters that are not rows: names of documents. Like PostgreSQL's sequences they are not set back.
    var sequences: [String: Int] = [:]
    /// The companion addon's record of committed changes.
    var outbox = OdooOutbox()

    init(registry: OdooRegistry) {
        tables = registry.emptyTables
    }

    /// A database without tables: what stands in while the real one is being worked on.
    static let none = OdooDatabase()
    private init() { tables = [] }

    mutating func takeID(_ table: Int) -> Int { tables[table].takeID() }
    mutating func skip(_ table: Int, to id: Int) { tables[table].skip(to: id) }

    mutating func put(_ table: Int, _ row: OdooRow) {
        let before = tables[table].put(row)
        journal.append((table, row.id, before))
    }

    mutating func set(_ table: Int, _ id: Int, slot: Int, _ value: OdooValue) {
        guard let row = tables[table].rows[id], row.values[slot] != value else { return }
        journal.append((table, id, row))
        tables[table].set(id, slot: slot, value)
    }

    mutating func remove(_ table: Int, _ id: Int) {
        if let before = tables[table].remove(id) { journal.append((table, id, before)) }
    }

    /// Where the transaction stands now, to come back to with ``rollback(to:)``.
    var savepoint: Int { journal.count }

    /// Undoes all that was changed since the savepoint, newest first.
    mutating func rollback(to savepoint: Int = 0) {
        while journal.count > savepoint, let change = journal.popLast() {
            if let before = change.before {
                tables[change.table].put(before)
            } else {
                tables[change.table].remove(change.id)
            }
        }
    }

    /// The records that the running transaction changed, in the order in which it first did, with what they were.
    var touched: [(table: Int, id: Int, before: OdooRow?)] {
        var seen: Set<[Int]> = []
        return journal.filter { seen.insert([$0.table, $0.id]).inserted }
    }

    /// Keeps what was changed.
    mutating func commit() { journal.removeAll(keepingCapacity: journal.capacity < 10_000) }
}
