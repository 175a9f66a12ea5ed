import Canonical
import Contracts
import ExactJSON

/// The summary of each shift, from the counts and the state that other signals of the source tell.
///
/// A shift is summarised `grace` after its end: by the equipment's own times when they have come so far, else by the
/// node's clock, and then not before nothing that belongs before its end has come in for `grace`. What comes in later
/// is summed up anew, `grace` after it came, in a further revision of the summary; what is older than `amend` is
/// reported.
struct WindowSignal: WaitingRole {
    let name: String
    /// The signal that tells the states.
    let state: StateSignal?
    private let good: Set<String>
    private let scrap: Set<String>
    private let unit: String
    private let shifts: Set<String>?
    private let grace: Duration
    private let amend: Duration
    private let microStop: Duration
    private let runTime: Duration?
    private let plants: SignalPlants
    private let template: EventTemplate

    /// Ends of shifts that are summarised at one time; the others follow at once, in a transaction of their own.
    private static let maximumEnds = 64
    /// When a calendar without a further shift is looked at again.
    private static let retry = Duration.seconds(86_400)

    var tags: [String] { [] }
    var records: [String] { [] }
    private var voices: [String] { state?.voices ?? [] }
    private var debounce: Duration { state?.minimum ?? .zero }
    /// So much before and behind a shift decides about its first and last stop.
    private var margin: Duration { max(microStop, debounce) * 2 + .seconds(60) }

    /// `others`: the source's other signals.
    init(
        name: String, _ settings: Settings, plants: SignalPlants, others: [any SignalRole]
    ) throws(SettingFault) {
        typealias F = SignalFields
        self.name = name
        self.plants = plants
        let sources = try WindowSources(settings, others)
        (state, good, scrap, unit) = (sources.state, sources.good, sources.scrap, sources.unit)
        shifts = try settings.optional(F.shifts).map { Set($0) }
        grace = try settings.optional(F.grace) ?? .seconds(600)
        amend = try settings.optional(F.amend) ?? .seconds(86_400)
        microStop = try settings.optional(F.microStop) ?? .zero
        runTime = try settings.optional(F.runTimePerUnit)
        template = try EventTemplate(
            event: "shift.summarized", with: settings.optional(F.with) ?? [:], plants: plants, settings: settings)
        func fault(_ field: String, _ reason: String, _ suggestion: String) -> SettingFault {
            SettingFault(
                location: settings.locations[field] ?? settings.location, reason: reason, suggestion: suggestion)
        }
        guard !plants.calendars.isEmpty else {
            throw fault("role", "no plant has shifts", "describe them in plants.yaml, under `shifts:` of the plant")
        }
        let known = plants.calendars.values.reduce(into: Set<String>()) { $0.formUnion($1.names) }
        if let missing = shifts?.subtracting(known).sorted().first {
            throw fault(
                "shifts", "shifts: no plant has a shift \(missing)",
                "the shifts are \(known.sorted().joined(separator: ", "))")
        }
        guard max(microStop, debounce) <= grace else {
            throw fault(
                "grace", "grace: \(grace.components.seconds) s is shorter than microStop or the state's debounce",
                "how long a stop lasts that began in the last minute is known only when it is over: wait as long")
        }
        if let runTime, runTime <= .zero {
            throw fault(
                "runTimePerUnit", "runTimePerUnit: must be above 0", "give the planned time of one piece, as 30s")
        }
    }

    /// It takes no reading of its own: what other signals make of theirs is its input.
    func take(_ reading: Reading, _ pass: inout SignalPass) throws {}

    /// Takes what the signal `role` made: `notes` of its state, and `events`. `reading`: what it made them of.
    func watch(
        _ role: String, notes: [StateNote], events: [Event], of reading: Reading?, _ asset: AssetID,
        _ pass: inout SignalPass
    ) throws {
        let isOwn = role == state?.name || good.contains(role) || scrap.contains(role)
        guard isOwn, let calendar = plants.calendar(of: asset) else { return }
        let book = WindowBook(asset: asset, name: name)
        // The first value of a counter makes no event, and yet the equipment is there from then on.
        var hasChanged = try reading.map { try begin(at: $0.time, calendar, asset, &pass) } ?? false
        for note in notes where note.signal == state?.name {
            guard try see(note.time, calendar, asset, isState: true, reading, &pass) else { continue }
            try book.note(note, &pass)
            hasChanged = true
        }
        for event in events where role != state?.name {
            guard let amount = event.data["quantity"]?["value"]?.number else { continue }
            guard amount.isSummable else {
                if let reading {
                    pass.fault(
                        SignalFailures.tooManyDigits, "\(role) counts \(String(amount.description.prefix(60)))",
                        reading,
                        signal: name)
                }
                continue
            }
            guard try see(event.time, calendar, asset, isState: false, reading, &pass) else { continue }
            try book.count(amount, isScrap: scrap.contains(role), at: event.time, &pass)
            hasChanged = true
        }
        if hasChanged { try settle(asset, calendar, isDue: false, &pass) }
    }

    func expire(_ asset: AssetID, _ pass: inout SignalPass) throws {
        guard let calendar = plants.calendar(of: asset) else {
            return try pass.setDeadline(StateKey(asset: asset, name: name), nil)
        }
        try settle(asset, calendar, isDue: true, &pass)
    }

    private func names(_ calendar: ShiftCalendar) -> Set<String> { shifts ?? calendar.names }

    // MARK: - What comes in

    /// Takes the first thing that is heard of an asset as its begin; tells whether it was.
    private func begin(
        at time: Instant, _ calendar: ShiftCalendar, _ asset: AssetID, _ pass: inout SignalPass
    ) throws -> Bool {
        let slot = try pass.memory.windows.slot(StateKey(asset: asset, name: name), load: pass.load)
        guard !pass.memory.windows[slot].hasBegun else { return false }
        let begin = min(time, pass.now)
        pass.memory.windows[slot].begin(at: begin, floor: begin - amend - .seconds(86_400))
        // A shift that is over may be followed by more of its own: the first reading of a backlog ends none.
        pass.memory.windows[slot].arrival = pass.now
        pass.memory.windows[slot].next = calendar.nextEnd(after: begin, in: names(calendar))
        pass.memory.windows.markDirty(slot)
        return true
    }

    /// Notes that something happened at `time`; false where that is too long ago to be kept.
    private func see(
        _ time: Instant, _ calendar: ShiftCalendar, _ asset: AssetID, isState: Bool, _ reading: Reading?,
        _ pass: inout SignalPass
    ) throws -> Bool {
        _ = try begin(at: time, calendar, asset, &pass)
        let slot = try pass.memory.windows.slot(StateKey(asset: asset, name: name), load: pass.load)
        var window = pass.memory.windows[slot]
        let before = pass.memory.windows[slot]
        defer {
            if window != before {
                pass.memory.windows[slot] = window
                pass.memory.windows.markDirty(slot)
            }
        }
        window.hear(at: min(time, pass.now))
        if let next = window.next, time < next, pass.now > next { window.arrival = max(window.arrival, pass.now) }
        guard time < window.closed else { return true }
        // Behind the summary: which shifts does it belong to, and can they still be told anew?
        let over = calendar.covering(time, in: names(calendar)).filter { $0.to <= window.closed }
        for shift in over where time < window.floor || shift.to <= window.closed - amend {
            tooLate(time, shift, asset, reading, &pass)
        }
        guard time >= window.floor else { return false }
        // A state reaches into the shifts behind it until another one comes.
        if isState || over.contains(where: { $0.to > window.closed - amend }), amend > .zero {
            window.late = min(window.late ?? time, time)
            window.lateDue = window.lateDue ?? pass.now + grace
        }
        return true
    }

    private func tooLate(
        _ time: Instant, _ shift: ShiftCalendar.Occurrence, _ asset: AssetID, _ reading: Reading?,
        _ pass: inout SignalPass
    ) {
        guard let reading else { return }
        pass.fault(
            SignalFailures.behindSummary,
            "what happened at \(time) is of the shift \(shift.shift) from \(shift.from) to \(shift.to), whose summary "
                + "does not change any more",
            reading, signal: name, factID: "\(name):\(asset):\(shift.shift):\(shift.from)")
    }

    // MARK: - What goes out

    /// Summarises what is over, and says when to look again.
    private func settle(
        _ asset: AssetID, _ calendar: ShiftCalendar, isDue: Bool, _ pass: inout SignalPass
    ) throws {
        let key = StateKey(asset: asset, name: name)
        let slot = try pass.memory.windows.slot(key, load: pass.load)
        let names = names(calendar)
        if isDue {
            // The calendar may have changed since.
            let next = calendar.nextEnd(after: pass.memory.windows[slot].closed, in: names)
            if next != pass.memory.windows[slot].next {
                pass.memory.windows[slot].next = next
                pass.memory.windows.markDirty(slot)
            }
        }
        var ends = 0
        while ends < Self.maximumEnds, let end = pass.memory.windows[slot].next {
            if pass.memory.windows[slot].skipQuiet() {
                pass.memory.windows[slot].next = calendar.nextEnd(after: pass.memory.windows[slot].closed, in: names)
                continue
            }
            let window = pass.memory.windows[slot]
            let over = end + grace
            guard end <= window.horizon, pass.now >= over,
                window.watermark >= over || pass.now >= max(end, window.arrival) + grace
            else {
                break
            }
            for shift in calendar.ending(after: window.closed, through: end, in: names) {
                try summarise(shift, asset, &pass)
            }
            try forget(window.closed, end, calendar, asset, &pass)
            pass.memory.windows[slot].closed = end
            pass.memory.windows[slot].next = calendar.nextEnd(after: end, in: names)
            pass.memory.windows.markDirty(slot)
            ends += 1
        }
        if let late = pass.memory.windows[slot].late, let due = pass.memory.windows[slot].lateDue, due <= pass.now {
            let closed = pass.memory.windows[slot].closed
            for shift in calendar.ending(after: closed - amend, through: closed, in: names) where shift.to > late {
                try summarise(shift, asset, &pass)
            }
            pass.memory.windows[slot].late = nil
            pass.memory.windows[slot].lateDue = nil
            pass.memory.windows.markDirty(slot)
        }
        if ends > 0 { try prune(asset, calendar, &pass) }
        let due = ends == Self.maximumEnds ? pass.now : self.due(pass.memory.windows[slot], pass.now)
        if let due, !isDue, ends == 0, pass.memory.windows[slot].lateDue == nil {
            try pass.setDeadline(key, atLatest: due)
        } else {
            try pass.setDeadline(key, due)
        }
    }

    /// When to look again; never in the past, or the loop that waits for it would not rest.
    private func due(_ window: WindowState, _ now: Instant) -> Instant? {
        guard let next = window.next else { return min(now + Self.retry, window.lateDue ?? now + Self.retry) }
        // Where nothing was heard for very long, the next thing that is heard wakes it.
        guard next <= window.horizon else { return window.lateDue }
        let due = max(next, window.arrival) + grace
        return min(due, window.lateDue ?? due)
    }

    private func summarise(
        _ shift: ShiftCalendar.Occurrence, _ asset: AssetID, _ pass: inout SignalPass
    ) throws {
        let book = WindowBook(asset: asset, name: name)
        let (from, to) = (shift.from - margin, shift.to + margin)
        let said = try book.notes(from: from, to: to, of: voices, &pass)
        var timeline = ShiftTimeline(
            said.notes, voices: voices, before: said.before, from: from, to: to, debounce: debounce)
        timeline.fold(shorterThan: microStop)
        let counts = try book.counts(from: shift.from, to: shift.to, &pass)
        let summary = ShiftSummary(shift, timeline, good: counts.good, scrap: counts.scrap, runTime: runTime)
        var own = try summary.members(unit: unit)
        if !said.isWhole { own.append(("incomplete", true)) }
        var data = template.members(asset: asset, context: ContextState(), own: own)
        let slot = try pass.memory.windowsSent.slot(
            StateKey(asset: asset, name: name, detail: Self.detail(shift)), load: pass.load)
        let sent = pass.memory.windowsSent[slot]
        guard sent.data != .object(data) else { return }
        let revision = sent.revision + 1
        if amend > .zero {
            pass.memory.windowsSent[slot].revision = revision
            pass.memory.windowsSent[slot].data = .object(data)
            pass.memory.windowsSent.markDirty(slot)
        }
        data["revision"] = .int(revision)
        let id = EventIdentity.timed(name, time: shift.to, ordinal: Int64(revision)) + ":" + Self.detail(shift)
        pass.output.events.append(template.event(id: id, asset: asset, time: shift.to, data: data))
    }

    private static func detail(_ shift: ShiftCalendar.Occurrence) -> String {
        "\(shift.shift)@\(shift.from.microseconds / 1_000_000)"
    }

    /// Forgets the summaries that cannot change any more once shifts up to `end` are told.
    private func forget(
        _ closed: Instant, _ end: Instant, _ calendar: ShiftCalendar, _ asset: AssetID, _ pass: inout SignalPass
    ) throws {
        guard amend > .zero else { return }
        for shift in calendar.ending(after: closed - amend, through: end - amend, in: names(calendar)) {
            let slot = try pass.memory.windowsSent.slot(
                StateKey(asset: asset, name: name, detail: Self.detail(shift)), load: pass.load)
            pass.memory.windowsSent[slot] = WindowSent()
            pass.memory.windowsSent.markDirty(slot)
        }
    }

    /// Gives up what no summary needs any more.
    private func prune(_ asset: AssetID, _ calendar: ShiftCalendar, _ pass: inout SignalPass) throws {
        let slot = try pass.memory.windows.slot(StateKey(asset: asset, name: name), load: pass.load)
        let (closed, names) = (pass.memory.windows[slot].closed, names(calendar))
        let open =
            calendar.ending(after: closed - amend, through: closed, in: names).map(\.from)
            + calendar.covering(closed, in: names).map(\.from)
        let floor = (open.min().map { min($0, closed) } ?? closed) - margin
        if floor > pass.memory.windows[slot].floor {
            pass.memory.windows[slot].floor = floor
            pass.memory.windows.markDirty(slot)
        }
        try WindowBook(asset: asset, name: name).prune(before: floor, of: voices, &pass)
    }
}
