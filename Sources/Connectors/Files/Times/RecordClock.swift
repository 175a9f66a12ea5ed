import Canonical
import ExactJSON

/// Finds the time of each record of one file. What it remembers is the time of the record before.
///
/// Of the hour that comes twice in autumn it takes the first, until the file's times step back by more than
/// ``tolerance``: from there on it is the second. The hour that does not exist in spring is shifted on, with a note.
struct RecordClock: Sendable {
    /// Steps back of this size are a machine's disorder, not a clock that was set back.
    static let tolerance = Duration.seconds(60)

    /// How times stand in the records.
    struct Options: Sendable {
        enum Form: Sendable {
            case pattern(TimePattern)
            /// A number of these units since 1970-01-01T00:00:00Z: 1 for seconds, 1,000,000 for microseconds.
            case epoch(perSecond: Int)
            /// RFC 3339 with a zone.
            case standard
        }
        var form: Form
        /// Joined by a space where there are several; empty where records have no time.
        var fields: [String]
        var zone: PlantZone
    }

    private let options: Options
    /// The time of the last record that had one.
    private(set) var last: Instant?

    init(_ options: Options, last: Instant? = nil) {
        self.options = options
        self.last = last
    }

    /// A record's time, and what a person should know of it.
    struct Resolved: Sendable, Hashable {
        let time: Instant
        var note: String?
    }

    /// The time of a record; one without any gets the time of the record before it in the file, else `now`.
    mutating func time(of fields: JSONObject, now: Instant) throws(TimePattern.Mismatch) -> Resolved {
        guard let text = text(in: fields) else { return Resolved(time: last ?? now) }
        let resolved = try resolve(text)
        last = resolved.time
        return resolved
    }

    /// The time as it stands in the record; nil where all its fields are missing or empty.
    func text(in fields: JSONObject) -> String? {
        var parts: [String] = []
        for name in options.fields {
            let value = fields[name]
            let text = value?.string ?? value?.number?.description ?? ""
            if !text.trimmed.isEmpty { parts.append(String(text.trimmed)) }
        }
        return parts.isEmpty ? nil : parts.joined(separator: " ")
    }

    private func resolve(_ text: String) throws(TimePattern.Mismatch) -> Resolved {
        switch options.form {
        case .standard:
            guard let time = Instant(text: text) else {
                throw TimePattern.Mismatch(reason: "it is no RFC 3339 time with a zone")
            }
            return Resolved(time: time)
        case .epoch(let perSecond):
            return Resolved(time: try Self.epoch(text, perSecond: perSecond))
        case .pattern(let pattern):
            return try resolve(pattern.parse(text))
        }
    }

    private static func epoch(_ text: String, perSecond: Int) throws(TimePattern.Mismatch) -> Instant {
        // Beyond the year 9999 it is surely another unit.
        guard let number = ExactNumber(text: text), number.scale <= 18, number > ExactNumber(0),
            number < ExactNumber(253_402_300_800 * perSecond),
            let microseconds = try? ExactNumber.multiplying(number, ExactNumber(1_000_000 / perSecond)),
            let whole = try? microseconds.rounded(toMultipleOf: ExactNumber(1), .down).intValue
        else { throw TimePattern.Mismatch(reason: "it is no number of seconds, or parts of them, since 1970") }
        return Instant(microseconds: Int64(whole))
    }

    private func resolve(_ written: WrittenTime) throws(TimePattern.Mismatch) -> Resolved {
        func plus(_ instant: Instant) -> Instant { instant + .microseconds(written.microseconds) }
        if let offset = written.offset {
            return Resolved(time: plus(Instant(microseconds: (written.seconds - Int64(offset)) * 1_000_000)))
        }
        var zone = options.zone
        if let name = written.zone {
            guard let named = PlantZone(name) else {
                throw TimePattern.Mismatch(reason: "there is no time zone \(name)")
            }
            zone = named
        }
        switch zone.read(written.seconds) {
        case .once(let time): return Resolved(time: plus(time))
        case .twice(let first, let second):
            let isSecond = last.map { plus(first) + Self.tolerance < $0 } ?? false
            return Resolved(time: plus(isSecond ? second : first))
        case .never(let time, let shift):
            let minutes = shift.components.seconds / 60
            return Resolved(
                time: plus(time),
                note:
                    """
                    this time does not exist in \(zone.name): the clock was set on by \(minutes) minutes, and \
                    so was the time
                    """
            )
        }
    }
}
