package import Canonical
import Contracts

/// What came in from a source since the node started.
package struct SourceActivity: Sendable {
    package private(set) var readings = 0
    /// Events that came ready-made.
    package private(set) var documents = 0
    /// Events that are stored for the first time, derived ones among them.
    package private(set) var events = 0
    /// Events that were stored before.
    package private(set) var duplicates = 0
    /// What was set aside as an exception.
    package private(set) var exceptions = 0
    /// When the last readings, documents or faults were stored.
    package private(set) var last: Instant?

    /// What its tags said last.
    package private(set) var tags = TagBoard()
    /// Whom it was about.
    package private(set) var assets = AssetBoard()

    package init() {}

    /// Readings and documents.
    package var count: Int { readings + documents }

    /// Counts one batch that was stored. One without content (a position, time for signals that wait) is no word from
    /// the source, though an event may have come of it.
    mutating func note(_ batch: SourceBatch, _ receipt: IntakeReceipt, _ now: Instant) {
        readings += batch.readings.count
        tags.note(batch.readings)
        assets.note(batch, now)
        documents += batch.documents.count
        events += receipt.stored
        duplicates += receipt.duplicates
        exceptions += receipt.exceptions
        if !batch.readings.isEmpty || !batch.documents.isEmpty || !batch.faults.isEmpty { last = now }
    }
}
