import Canonical
import ExactJSON

/// Faults of one cause that were counted and not kept: how many, since when, and from where to where.
struct MissedFaults: Sendable, CustomStringConvertible {
    /// Places that are named at most, and the length of each.
    private static let placesMaximum = 5
    private static let placeLength = 300

    private(set) var count: Int
    let since: Instant
    private let first: Origin
    private(set) var last: Origin
    /// The files or peers that they came from, the first ones.
    private var places: [String]
    private var hasMorePlaces = false

    /// One more, at `origin`, behind those of `before`.
    init(_ origin: Origin, _ now: Instant, behind before: MissedFaults?) {
        let spot = Self.spot(origin)
        count = (before?.count ?? 0) + 1
        since = before?.since ?? now
        first = before?.first ?? spot
        last = spot
        places = before?.places ?? []
        hasMorePlaces = before?.hasMorePlaces ?? false
        add([spot.place])
    }

    /// These and `later` ones.
    func joined(with later: MissedFaults?) -> MissedFaults {
        guard let later else { return self }
        var joined = self
        joined.count += later.count
        joined.last = later.last
        joined.hasMorePlaces = hasMorePlaces || later.hasMorePlaces
        joined.add(later.places)
        return joined
    }

    private mutating func add(_ more: [String]) {
        for place in more where !places.contains(place) {
            if places.count < Self.placesMaximum { places.append(place) } else { hasMorePlaces = true }
        }
    }

    private static func spot(_ origin: Origin) -> Origin {
        Origin(String(origin.place.prefix(placeLength)), line: origin.line)
    }

    /// `4311 more like it since 2026-03-02T06:00:00.000000Z, from a.csv line 12 to b.csv line 7`
    var description: String {
        let span = count == 1 ? "at \(first)" : "from \(first) to \(last)"
        guard places.count > 1 else { return "\(count) more like it since \(since), \(span)" }
        let named = places.joined(separator: ", ") + (hasMorePlaces ? " and others" : "")
        return "\(count) more like it since \(since), \(span); in \(named)"
    }

    // MARK: - Stored

    var stored: JSON {
        [
            "count": .int(count), "since": .int(Int(since.microseconds)), "first": Self.stored(first),
            "last": Self.stored(last), "places": .array(places.map { .string($0) }),
            "hasMorePlaces": .bool(hasMorePlaces),
        ]
    }

    /// Nil where it says no count.
    init?(stored: JSON) {
        guard let count = stored["count"]?.int, count > 0, let since = stored["since"]?.int,
            let first = Self.origin(stored["first"]), let last = Self.origin(stored["last"])
        else { return nil }
        (self.count, self.since) = (count, Instant(microseconds: Int64(since)))
        (self.first, self.last) = (first, last)
        places = stored["places"]?.array?.compactMap(\.string) ?? []
        hasMorePlaces = stored["hasMorePlaces"]?.bool ?? false
    }

    private static func stored(_ origin: Origin) -> JSON {
        ["place": .string(origin.place), "line": origin.line.map { .int($0) } ?? .null]
    }

    private static func origin(_ json: JSON?) -> Origin? {
        json?["place"]?.string.map { Origin($0, line: json?["line"]?.int) }
    }
}
