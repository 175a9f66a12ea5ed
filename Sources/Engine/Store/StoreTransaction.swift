package import Canonical
package import Contracts
package import ExactJSON
import Foundation
import GRDB

/// What can be done within one transaction of the store. Valid only inside the body that it was handed to.
package struct StoreTransaction {
    let db: Database
    let names: NameTable

    func statement(_ sql: String) throws -> Statement { try db.cachedStatement(sql: sql) }
}

/// The number of a journal entry: its lane and its place there, from 1, gap-free.
package struct JournalNumber: Sendable, Hashable, Comparable {
    static let laneShift: Int64 = 56

    package let lane: Lane
    package let number: Int64

    package init(lane: Lane, number: Int64) {
        self.lane = lane
        self.number = number
    }

    init(seq: Int64) {
        lane = Lane(rawValue: Int(seq >> Self.laneShift)) ?? .normal
        number = seq & ((1 << Self.laneShift) - 1)
    }

    var seq: Int64 { Int64(lane.rawValue) << Self.laneShift | number }

    /// Between which values of ``seq``, both left out, the entries of a lane lie.
    static func span(of lane: Lane) -> (base: Int64, end: Int64) {
        let base = JournalNumber(lane: lane, number: 0).seq
        return (base, base + (1 << laneShift))
    }

    package static func < (a: JournalNumber, b: JournalNumber) -> Bool { a.seq < b.seq }
}

/// An event of the journal.
package struct JournalEntry: Sendable {
    package let number: JournalNumber
    package let document: EventDocument
    /// When this node stored it.
    package let recorded: Instant
    /// The source that took it in; nil where nobody can tell.
    package let via: SourceName?

    package init(number: JournalNumber, document: EventDocument, recorded: Instant, via: SourceName? = nil) {
        self.number = number
        self.document = document
        self.recorded = recorded
        self.via = via
    }
}

// MARK: - Journal

extension StoreTransaction {
    /// Appends events to a lane; those whose (source, id) was stored before are handed to `known` and passed over. Returns
    /// how many are new. `via`: the source that took them in.
    package func append(
        _ documents: [EventDocument], lane: Lane, recorded: Instant, via: SourceName? = nil,
        known: (EventDocument) throws -> Void = { _ in }
    ) throws -> Int {
        guard !documents.isEmpty else { return 0 }
        let before =
            try Int64.fetchOne(statement("SELECT last FROM lane WHERE lane = ?"), arguments: [lane.rawValue]) ?? 0
        var last = before
        let insert = try EventInsert(db)
        let taker = try via.map { try names.id(of: $0.rawValue, db) } ?? 0
        let hasSeen = try Bool.fetchOne(statement("SELECT EXISTS(SELECT 1 FROM seen)")) ?? false
        for document in documents {
            let envelope = document.envelope
            let source = try names.id(of: envelope.source, db)
            if hasSeen, try wasSeen(source, envelope.id) {
                try known(document)
                continue
            }
            let seq = JournalNumber(lane: lane, number: last + 1).seq
            let type = try names.id(of: envelope.type, db)
            if try insert.write(document, seq: seq, source: source, type: type, recorded: recorded, via: taker, db) {
                last += 1
            } else {
                try known(document)
            }
        }
        if last > before {
            try statement("UPDATE lane SET last = ? WHERE lane = ?").execute(arguments: [last, lane.rawValue])
        }
        return Int(last - before)
    }

    private func wasSeen(_ source: Int64, _ id: String) throws -> Bool {
        try Bool.fetchOne(
            statement("SELECT EXISTS(SELECT 1 FROM seen WHERE source = ? AND id = ?)"), arguments: [source, id])
            ?? false
    }

    /// Whether an event with this identity was ever stored here.
    package func knows(source: String, id: String) throws -> Bool {
        guard let number = try names.known(source, db) else { return false }
        if try wasSeen(number, id) { return true }
        return try Bool.fetchOne(
            statement("SELECT EXISTS(SELECT 1 FROM event WHERE source = ? AND id = ?)"), arguments: [number, id])
            ?? false
    }

    /// The stored bytes of an event, or nil where it is trimmed or unknown.
    package func document(source: String, id: String) throws -> JournalEntry? {
        guard let number = try names.known(source, db) else { return nil }
        return try entries("SELECT * FROM event WHERE source = ? AND id = ?", [number, id]).first
    }

    /// The entries of a lane behind `number`, in order, at most `limit` of them and about `bytes` bytes (always one).
    package func journal(lane: Lane, after number: Int64, limit: Int, bytes: Int = .max) throws -> [JournalEntry] {
        var size = 0
        let from = JournalNumber(lane: lane, number: number).seq
        let end = JournalNumber.span(of: lane).end
        return try entries(
            "SELECT * FROM event WHERE seq > ? AND seq < ? ORDER BY seq LIMIT ?", [from, end, limit],
            while: { entry in
                size += entry.document.bytes.count
                return size <= bytes || size == entry.document.bytes.count
            })
    }

    /// One entry by its number.
    package func entry(_ number: JournalNumber) throws -> JournalEntry? {
        try entries("SELECT * FROM event WHERE seq = ?", [number.seq]).first
    }

    /// Nil where nobody can tell; and in a store that an older version still writes while it is looked at.
    private func taker(_ row: Row) throws -> SourceName? {
        guard row.count > 8, case let number = row[8] as Int64, number != 0 else { return nil }
        let name = try names.text(of: number, db)
        return name.isEmpty ? nil : SourceName(name)
    }

    func entries(
        _ sql: String, _ arguments: StatementArguments, while goOn: (JournalEntry) -> Bool = { _ in true }
    ) throws -> [JournalEntry] {
        var entries: [JournalEntry] = []
        let rows = try Row.fetchCursor(statement(sql), arguments: arguments)
        while let row = try rows.next() {
            let entry = try JournalEntry(
                number: JournalNumber(seq: row[0]),
                document: EventDocument(
                    envelope: Envelope(
                        id: row[2], source: names.text(of: row[1], db), type: names.text(of: row[3], db),
                        subject: row[4], time: Instant(microseconds: row[5])),
                    bytes: row.withUnsafeData(atIndex: 7) { [UInt8]($0 ?? Data()) }),
                recorded: Instant(microseconds: row[6]),
                via: taker(row))
            guard goOn(entry) else { break }
            entries.append(entry)
        }
        return entries
    }

    /// The number of the last entry of a lane; 0 where there never was one.
    package func lastNumber(_ lane: Lane) throws -> Int64 {
        try Int64.fetchOne(statement("SELECT last FROM lane WHERE lane = ?"), arguments: [lane.rawValue]) ?? 0
    }
}
