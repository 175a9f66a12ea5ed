package import Canonical
import Contracts

/// When a source last brought something of each asset, for people who look at a plant. Since the node started; bounded.
package struct AssetBoard: Sendable {
    /// Whom something was about, as it came.
    package enum Name: Sendable, Hashable {
        /// A reading's asset.
        case asset(AssetID)
        /// The `source` of an event that came ready-made: `/{plant}/{asset}`.
        case origin(String)
    }

    /// Assets of one source that are remembered; what comes of further ones is not.
    package static let maximum = 2_000
    /// When something of each was last stored.
    package private(set) var last: [Name: Instant] = [:]

    mutating func note(_ batch: SourceBatch, _ now: Instant) {
        var known: AssetID?
        for reading in batch.readings where reading.asset != known {
            known = reading.asset
            note(.asset(reading.asset), now)
        }
        var origin: String?
        for document in batch.documents where document.envelope.source != origin {
            origin = document.envelope.source
            note(.origin(document.envelope.source), now)
        }
    }

    private mutating func note(_ name: Name, _ now: Instant) {
        if last.count < Self.maximum || last[name] != nil { last[name] = now }
    }
}
