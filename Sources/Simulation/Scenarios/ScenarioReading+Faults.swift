import Canonical
import Contracts
import ExactJSON
import NodeSettings
import SimulatedWorld

// What goes wrong, of a scenario's file.
extension ScenarioReading {
    private typealias Keys = FaultFields
    /// How often one fault may happen in a run, by and large.
    private static let occasions = 10_000
    private static let whole = ExactNumber(0)...ExactNumber(1)
    /// A tenth of a percent either way.
    private static let drifts = ExactNumber(coefficient: -1, scale: 3)...ExactNumber(coefficient: 1, scale: 3)

    /// What an entry says goes wrong: one fault for each place.
    mutating func read(_ entry: Settings, within duration: Duration?) throws -> [PlantFault] {
        switch try entry(Keys.fault) {
        case .link: return [.link(try messages(entry))]
        case .odoo: return [.odoo(try messages(entry))]
        case .kill:
            let every = try every(entry, duration)
            return try places(entry).map { .kill($0, every: every) }
        case .powerLoss:
            let every = try every(entry, duration)
            return try places(entry).map { .powerLoss($0, every: every) }
        case .reload:
            let every = try every(entry, duration)
            return try places(entry).map { .reload($0, every: every) }
        case .diskFull:
            let (every, lasts) = (try every(entry, duration), try entry(Keys.lasts))
            return try places(entry).map { .diskFull($0, every: every, lasts: lasts) }
        case .odooDown: return [.odooDown(every: try every(entry, duration), lasts: try entry(Keys.lasts))]
        case .keyRefused: return [.keyRefused(every: try every(entry, duration), lasts: try entry(Keys.lasts))]
        case .cut: return [.cut(after: try moment(Keys.after, entry, duration), lasts: try entry(Keys.cutLasts))]
        case .clockJumps:
            let (every, most) = (try every(entry, duration), try entry(Keys.upTo))
            return try places(entry).map { .clockJumps($0, every: every, upTo: most) }
        case .clockDrift:
            let drift = try drift(entry)
            return try places(entry).map { .clockDrift($0, microsecondsASecond: drift) }
        case .upgrade:
            let after = try moment(Keys.about, entry, duration)
            return try places(entry).map { .upgrade($0, after: after) }
        case .diskLost:
            let after = try moment(Keys.after, entry, duration)
            return try places(entry).map { .diskLost($0, after: after) }
        case .restore: return try places(entry).map { .restore($0) }
        case .diskErrors:
            let kinds = try several(Keys.errors, entry)
            let share = try share(Keys.share, entry, in: Self.whole).doubleValue
            return try places(entry).map { .diskErrors($0, kinds, share: share) }
        case .silentErrors:
            let (kinds, most) = (try several(Keys.lies, entry), try entry(Keys.atMost))
            return try places(entry).map { .silentErrors($0, kinds, atMost: most) }
        case .bitRot:
            let most = try entry(Keys.atMost)
            return try places(entry).map { .bitRot($0, atMost: most) }
        case .odooRestored: return [.odooRestored]
        }
    }

    private func places(_ entry: Settings) throws -> [Side] { try several(Keys.place, entry) }

    /// One word at least. Of a list whose words are none, the spec has told.
    private func several<Word: Sendable>(_ field: Field<[Word]>, _ entry: Settings) throws -> [Word] {
        let words = try entry(field)
        guard words.isEmpty, !isMalformed else { return words }
        throw fault(SettingsFailures.range, field.spec, of: entry, "\(field.spec.name) is empty", nil)
    }

    /// Each time is kept in memory before a run begins, so their number is bounded.
    private func every(_ entry: Settings, _ duration: Duration?) throws -> Duration {
        let every = try entry(Keys.every)
        guard let duration, duration / every > Double(Self.occasions) else { return every }
        let least = Duration.milliseconds(duration.microseconds / 1_000 / Int64(Self.occasions) + 1)
        throw fault(
            SettingsFailures.range, Keys.every.spec, of: entry,
            "every is \(DurationText.format(every)), which is more than \(Self.occasions) times within "
                + DurationText.format(duration), "write every: \(DurationText.format(least))")
    }

    /// A time before the end.
    private func moment(_ field: Field<Duration>, _ entry: Settings, _ duration: Duration?) throws -> Duration {
        let moment = try entry(field)
        guard let duration, moment >= duration else { return moment }
        throw fault(
            SettingsFailures.contradiction, field.spec, of: entry,
            "\(field.spec.name) is \(DurationText.format(moment)), and all is over after "
                + DurationText.format(duration), "write a shorter time, or a longer duration")
    }

    private func share(
        _ field: Field<String>, _ entry: Settings, in range: ClosedRange<ExactNumber>
    ) throws -> ExactNumber {
        let text = try entry(field)
        do throws(ScalarRefusal) {
            return try ShareText.parse(text, in: range)
        } catch {
            throw fault(error.kind, field.spec, of: entry, "\(field.spec.name) \(error.reason)", error.suggestion)
        }
    }

    /// In microseconds a second, which are parts in a million.
    private func drift(_ entry: Settings) throws -> Int64 {
        let share = try share(Keys.drift, entry, in: Self.drifts)
        guard let parts = try ExactNumber.multiplying(share, ExactNumber(1_000_000)).intValue else {
            throw fault(
                SettingsFailures.type, Keys.drift.spec, of: entry, "drift is \(share) of the time, and no whole ppm",
                "write whole parts in a million, like 500ppm")
        }
        return Int64(parts)
    }

    // MARK: - Messages

    private mutating func messages(_ entry: Settings) throws -> SimulatedNetwork.Faults {
        guard entry.locations.count > 1 else {
            throw fault(
                SettingsFailures.missing, Keys.fault.spec, of: entry, "of the messages nothing is said to go wrong",
                "say how many of them, like answerLost: 5%")
        }
        var messages = SimulatedNetwork.Faults()
        for (field, path, _) in MessageFields.shares where entry.values[field.spec.name] != nil {
            let share = attempt { try $0.share(field, entry, in: Self.whole) }
            messages[keyPath: path] = share?.doubleValue ?? 0
        }
        if let held = try entry.optional(MessageFields.holdTime) {
            messages.holdTime = try range(held, MessageFields.heldFrom, MessageFields.heldTo)
        }
        if let late = try entry.optional(MessageFields.latency) {
            messages.latency = try range(late, MessageFields.lateFrom, MessageFields.lateTo)
        }
        return messages
    }

    private func range(
        _ settings: Settings, _ from: Field<Duration>, _ to: Field<Duration>
    ) throws -> ClosedRange<Duration> {
        let (low, high) = (try settings(from), try settings(to))
        guard low <= high else {
            throw fault(
                SettingsFailures.contradiction, to.spec, of: settings,
                "to is \(DurationText.format(high)), and from \(DurationText.format(low))",
                "write the shorter time as from")
        }
        return low...high
    }
}
