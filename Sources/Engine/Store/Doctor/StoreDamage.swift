package import Canonical
import GRDB

/// Tells damage, which waiting does not mend, from everything else that a database may say.
enum StoreDamage {
    /// SQLITE_IOERR_DATA: what was read is not what was written.
    private static let checksum: Int32 = 10 | 32 << 8

    static func isDamage(_ error: any Error) -> Bool {
        guard let error = error as? DatabaseError else { return false }
        return error.extendedResultCode.rawValue == checksum
            || [.SQLITE_CORRUPT, .SQLITE_NOTADB].contains(error.resultCode)
    }

    /// What `body` reads; nil where damage lies there. A disk that fails for a moment damages nothing, and is thrown.
    static func readable<Value>(_ body: () throws -> Value) throws -> Value? {
        do {
            return try body()
        } catch  where isDamage(error) {
            return nil
        }
    }
}

/// What was kept of a damaged store and what could not be.
package struct SalvageReport: Sendable, Hashable {
    /// Rows of one table that could not be read.
    package struct Loss: Sendable, Hashable, CustomStringConvertible {
        package let table: String
        /// The rows' numbers, as far as they have any: all that is lost lies within. Nil where only keys could tell.
        package let rows: ClosedRange<Int64>?
        /// Of events: the lane, within which ``rows`` are numbered.
        package let lane: Lane?

        package var description: String {
            let place = lane.map { "events of lane \($0.name)" } ?? (table == "event" ? "events" : "\(table) rows")
            guard let rows else { return "\(place) (which ones cannot be told)" }
            return rows.upperBound == .max
                ? "\(place) from \(rows.lowerBound) on" : "\(place) \(rows.lowerBound)…\(rows.upperBound)"
        }

        /// What to do about it; nil where sources can send it again, which is what
        /// ``StoreFailures/lostRows`` says itself.
        var advice: String? {
            switch table {
            // Of a store that is lost as a whole, events are what can be had again.
            case "event", "all": nil
            case "delivery":
                "No source can send these again. `millwright replay` shows for a flow and a time which commands are "
                    + "missing, and sends them; then discard this."
            default: "Nothing of this can be sent again, and the node goes on without it: discard this."
            }
        }
    }

    /// Where the damaged store lies now.
    package var setAside = ""
    package var pages = 0
    package var damagedPages = 0
    package var damagedFrames = 0
    /// Commits at the log's end that were acknowledged and are gone, in pages of the log.
    package var missingFrames = 0
    /// Whether some page is an old one, because what replaced it is gone: rows may stand as they stood before.
    package var hasStalePages = false
    /// Rows that were kept, by table.
    package var kept: [String: Int] = [:]
    package var losses: [Loss] = []

    package init() {}

    /// One line for a person.
    package var summary: String {
        let found =
            "\(damagedPages) of \(pages) pages and \(damagedFrames) of the log's are damaged, \(missingFrames) are gone"
        let lost = losses.isEmpty ? "no row is lost" : "lost: " + losses.map(\.description).joined(separator: ", ")
        return "\(found); \(kept.values.reduce(0, +)) rows are kept, \(lost)"
    }
}
