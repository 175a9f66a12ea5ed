package import Canonical
import GRDB

/// How full a store is, and what follows from it. Pure.
///
/// What is least needed goes first: history, then bulk events, then normal ones; the last tenth belongs to the critical
/// lane alone. What is still to be sent never goes.
package struct StoreFill: Sendable {
    /// Bytes in use, of 1,000 that are allowed.
    package let permille: Int

    package init(used: Int, ceiling: Int) { permille = Int(Double(used) / Double(max(1, ceiling)) * 1_000) }

    /// Where a lane takes nothing in any more (back-pressure).
    private static let closes: [Lane: Int] = [.bulk: 800, .normal: 900, .critical: 1_000]
    /// From where on a lane takes nothing in of those who sent most of late.
    private static let narrows: [Lane: Int] = [.bulk: 700, .normal: 800, .critical: 900]

    /// Whether a lane takes nothing in now.
    package func isClosed(_ lane: Lane) -> Bool { permille >= Self.closes[lane] ?? 1_000 }
    /// Whether a lane takes nothing in now of those who sent more than their share.
    package func isNarrow(_ lane: Lane) -> Bool { permille >= Self.narrows[lane] ?? 1_000 }

    /// Whether routing goes no further ahead than what targets need to be busy, as every delivery takes room too.
    package var isScarce: Bool { permille >= 950 }

    /// How long settled commands are kept where `wanted` is what the settings say.
    package func history(_ wanted: Duration) -> Duration {
        switch permille {
        case ..<600: wanted
        case ..<650: min(wanted, .seconds(86_400))
        case ..<700: min(wanted, .seconds(3_600))
        default: min(wanted, .seconds(60))
        }
    }

    /// How long identities of trimmed events are kept: longer than a source can repeat itself, however full it is.
    package func identities(_ wanted: Duration) -> Duration {
        permille < 650 ? wanted : min(wanted, .seconds(30 * 86_400))
    }

    /// How long events that every target has had are kept.
    package func events(_ wanted: Duration) -> Duration { permille < 600 ? wanted : .zero }
}

extension StoreTransaction {
    /// Bytes of the store that are in use.
    package func usedBytes() throws -> Int {
        let pages = try Int.fetchOne(db, sql: "PRAGMA page_count") ?? 0
        let free = try Int.fetchOne(db, sql: "PRAGMA freelist_count") ?? 0
        return (pages - free) * StoreConnection.pageBytes
    }
}
