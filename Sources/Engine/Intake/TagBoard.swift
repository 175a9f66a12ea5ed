package import Canonical
package import Contracts

/// What a source's tags said last, for people who look at a machine that runs. Since the node started; bounded.
package struct TagBoard: Sendable {
    /// One tag of an asset, or one kind of its records.
    package struct Name: Sendable, Hashable, Comparable {
        package let asset: AssetID
        package let tag: String

        package static func < (a: Name, b: Name) -> Bool {
            (a.asset.rawValue, a.tag) < (b.asset.rawValue, b.tag)
        }
    }

    /// What it said last.
    package struct Line: Sendable, Hashable {
        package fileprivate(set) var value: Reading.Value
        /// By the machine's clock.
        package fileprivate(set) var time: Instant
        /// How often it said something.
        package fileprivate(set) var count: Int
    }

    /// Tags of one source that are remembered; what further ones say is not.
    package static let maximum = 500
    package private(set) var lines: [Name: Line] = [:]
    /// Whether the source has more tags than are remembered.
    package private(set) var isCut = false

    mutating func note(_ readings: [Reading]) {
        for reading in readings {
            let name = Name(asset: reading.asset, tag: reading.name)
            if let place = lines.index(forKey: name) {
                lines.values[place].value = reading.value
                lines.values[place].time = reading.time
                lines.values[place].count += 1
            } else if lines.count < Self.maximum {
                lines[name] = Line(value: reading.value, time: reading.time, count: 1)
            } else {
                isCut = true
            }
        }
    }
}
