import Canonical
import Contracts
import ExactJSON
import Store

/// Reads events out of a node's journal, beside the node, in small steps that hold nobody up.
struct JournalTap {
    /// Events that one look reads of a lane.
    private static let step = 500

    private let reader: StoreReader
    /// How far each lane was read.
    private var cursors: [Lane: Int64] = [:]

    init(_ reader: StoreReader) { self.reader = reader }

    /// The newest events that are meant, oldest first, at most `limit`.
    mutating func newest(_ limit: Int, _ selector: inout EventSelector) throws -> [JournalEntry] {
        var found: [JournalEntry] = []
        for lane in Lane.allCases {
            let (first, last) = try reader.read { transaction in
                let oldest = try transaction.journal(lane: lane, after: 0, limit: 1).first?.number.number
                return (oldest, try transaction.lastNumber(lane))
            }
            var end = last
            var ofLane: [JournalEntry] = []
            while let first, end >= first, ofLane.count < limit {
                let begin = max(first - 1, end - Int64(Self.step))
                let entries = try reader.read { transaction in
                    try transaction.journal(lane: lane, after: begin, limit: Int(end - begin))
                }
                ofLane = entries.filter { $0.number.number <= end && selector.takes($0) } + ofLane
                end = begin
            }
            found += ofLane.suffix(limit)
        }
        return Array(found.sorted { ($0.recorded, $0.number) < ($1.recorded, $1.number) }.suffix(limit))
    }

    /// Begins behind everything that is stored now.
    mutating func skipToEnd() throws {
        cursors = try reader.read { transaction in
            try Dictionary(uniqueKeysWithValues: Lane.allCases.map { ($0, try transaction.lastNumber($0)) })
        }
    }

    /// The events that were stored since the last look, at most a step of each lane.
    mutating func next() throws -> [JournalEntry] {
        let before = cursors
        let (starts, entries) = try reader.read { transaction in
            var starts: [Lane: Int64] = [:]
            // A store that was restored may end before where this one was read.
            for lane in Lane.allCases { starts[lane] = min(before[lane] ?? 0, try transaction.lastNumber(lane)) }
            let found = try Lane.allCases.flatMap { lane in
                try transaction.journal(lane: lane, after: starts[lane] ?? 0, limit: Self.step)
            }
            return (starts, found)
        }
        cursors = starts
        for entry in entries {
            cursors[entry.number.lane] = max(entry.number.number, cursors[entry.number.lane] ?? 0)
        }
        return entries.sorted { ($0.recorded, $0.number) < ($1.recorded, $1.number) }
    }

    /// An event in one line, as it came; one that came in several lines is written anew, its numbers digit by digit.
    static func line(_ entry: JournalEntry) throws -> [UInt8] {
        let bytes = entry.document.bytes
        guard bytes.contains(UInt8(ascii: "\n")) || bytes.contains(UInt8(ascii: "\r")) else { return bytes }
        return try JSONReader.read(bytes).bytes
    }
}
