import Canonical
import Contracts
import ExactJSON

/// The last answers of one target, as many as fit. Pure: time is an argument.
struct AnswerMemory: Sendable {
    struct Entry: Sendable {
        let content: JSON
        /// When the target was asked, on the wall's clock and on one that never jumps.
        let asOf: Instant
        let asked: Duration
    }

    private let maximumEntries: Int
    private let maximumBytes: Int
    private var entries: [Query: Entry] = [:]

    init(entries: Int, bytes: Int) {
        maximumEntries = max(1, entries)
        maximumBytes = bytes
    }

    var count: Int { entries.count }

    subscript(query: Query) -> Entry? { entries[query] }

    /// Keeps an answer in place of the one before. A longer one than fits is not kept, and neither is the one before.
    mutating func keep(_ entry: Entry, for query: Query) {
        guard entry.content.bytes.count <= maximumBytes else { return forget(query) }
        if entries[query] == nil, entries.count >= maximumEntries,
            let oldest = entries.min(by: { $0.value.asked < $1.value.asked })?.key
        {
            entries[oldest] = nil
        }
        entries[query] = entry
    }

    mutating func forget(_ query: Query) { entries[query] = nil }
}
