package import Canonical
import Contracts
import ExactJSON
import Foundation

/// Looks for the events that a text names, a step at a time: others look and store between two steps.
///
/// First those whose id, subject or source's last segment it is. Where there is none, the newest events are looked
/// through for one that holds it as a value (a lot, a serial number), or that was read at the line of a file that it
/// names: `Job.sdc:14`.
package struct EntrySearch: Sendable {
    /// How much is looked through at most.
    package struct Bounds: Sendable {
        package var events = 200_000
        package var bytes = 256 << 20
        /// Events that may hold the text by their bytes, and are read for it. A word that stands in every event as a
        /// member's name must not have them all read.
        package var read = 20_000
        /// Events of one step.
        package var page = 5_000
        package var pageBytes = 16 << 20

        package init() {}
    }

    /// How far events were looked through.
    package struct Reach: Sendable, Hashable {
        package let events: Int
        /// No event that this node stored since then was left out; nil where all that are here were looked through, or
        /// a whole lane was not.
        package let since: Instant?
        /// Whether all that are here were.
        package let isWhole: Bool

        /// For people: `the newest 200000 events, back to 2026-03-02T06:00:00Z`.
        package var words: String {
            if isWhole { return "all \(events) events that are here" }
            return "the newest \(events) events" + (since.map { ", back to \($0)" } ?? "")
        }
    }

    /// How far down a lane was looked through.
    private struct Front {
        /// The `seq` above which all were.
        var seq: Int64
        /// When the lowest of them was stored; nil where the lane was not begun.
        var recorded: Instant?
        var isThrough = false
    }

    private let text: String
    private let line: OriginLine?
    private let clues: [Data]
    private let limit: Int
    private let bounds: Bounds
    private var found: [JournalEntry] = []
    private var fronts: [Lane: Front] = [:]
    private var (events, bytes, read) = (0, 0, 0)
    private var hasAskedNames = false
    private var hasLookedThrough = false
    /// Whether there is no further step.
    package private(set) var isOver = false

    /// `limit`: how many of the events are wanted, the newest.
    package init(_ text: String, limit: Int, bounds: Bounds = Bounds()) {
        self.text = text
        self.limit = limit
        self.bounds = bounds
        line = OriginLine(text)
        // As they stand in a document: quoted whole as a value, and as a part of one.
        let value = JSON.string(text).bytes
        clues = [Data(value)] + (line.map { [Data(JSON.string($0.clue).bytes.dropFirst().dropLast())] } ?? [])
    }

    /// What was found, the newest last.
    package var entries: [JournalEntry] { StoreTransaction.newest(found, limit) }

    /// How far what events hold was looked through; nil where what they are called was enough.
    package var reach: Reach? {
        guard hasLookedThrough else { return nil }
        let open = Lane.allCases.filter { fronts[$0]?.isThrough != true }
        let dates = open.compactMap { fronts[$0]?.recorded }
        return Reach(events: events, since: dates.count == open.count ? dates.max() : nil, isWhole: open.isEmpty)
    }

    /// Looks a little further.
    package mutating func step(_ transaction: StoreTransaction) throws {
        guard !isOver else { return }
        guard hasAskedNames else {
            hasAskedNames = true
            found = try transaction.namedEntries(text, limit: limit)
            isOver = !found.isEmpty
            return
        }
        hasLookedThrough = true
        guard let lane = nextLane else {
            isOver = true
            return
        }
        let front = fronts[lane] ?? Front(seq: JournalNumber.span(of: lane).end)
        let page = try transaction.page(
            of: lane, below: front.seq, clues: clues, limit: min(bounds.page, bounds.events - events),
            bytes: bounds.pageBytes)
        for seq in page.hits {
            guard read < bounds.read else {
                // Of this page too little was read to say how far.
                isOver = true
                return
            }
            read += 1
            guard let entry = try transaction.entry(JournalNumber(seq: seq)), holds(entry.document) else { continue }
            found.append(entry)
        }
        fronts[lane] = Front(
            seq: page.lowest ?? front.seq, recorded: page.recorded ?? front.recorded, isThrough: page.isLast)
        events += page.events
        bytes += page.bytes
        isOver = nextLane == nil || events >= bounds.events || bytes >= bounds.bytes || hasNewest
    }

    /// Where the newest event is that was not looked through, as far as one can tell.
    private var nextLane: Lane? {
        let open = Lane.allCases.filter { fronts[$0]?.isThrough != true }
        if let unbegun = open.first(where: { fronts[$0] == nil }) { return unbegun }
        return open.max { (fronts[$0]?.recorded ?? .distant) < (fronts[$1]?.recorded ?? .distant) }
    }

    /// Whether as many as are wanted were found, and whatever comes yet is older.
    private var hasNewest: Bool {
        guard found.count >= limit, let reach else { return false }
        guard let since = reach.since else { return reach.isWhole }
        return found.count(where: { $0.recorded >= since }) >= limit
    }

    private func holds(_ document: EventDocument) -> Bool {
        guard let event = try? JSONReader.read(document.bytes) else { return false }
        if let line, let origin = event[Origin.attribute]?.string, line.isNamed(in: origin) { return true }
        return Self.holds(event, text)
    }

    /// As a value: what a member is called does not count.
    private static func holds(_ value: JSON, _ text: String) -> Bool {
        switch value {
        case .string(let own): own == text
        case .array(let values): values.contains { holds($0, text) }
        case .object(let members): members.contains { holds($0.value, text) }
        case .null, .bool, .number: false
        }
    }
}

extension Instant {
    /// Before everything: of a lane that has nothing to tell the time by.
    fileprivate static let distant = Instant(microseconds: .min)
}

extension Store {
    /// The events that a text names.
    package nonisolated func find(_ text: String, limit: Int) async throws -> EntrySearch {
        var search = EntrySearch(text, limit: limit)
        while !search.isOver {
            try Task.checkCancellation()
            search = try await look { [search] transaction in
                var search = search
                try search.step(transaction)
                return search
            }
        }
        return search
    }
}

extension StoreReader {
    /// The events that a text names.
    package func find(_ text: String, limit: Int) throws -> EntrySearch {
        var search = EntrySearch(text, limit: limit)
        while !search.isOver { try read { try search.step($0) } }
        return search
    }
}
