import Canonical

/// What a piece of equipment did over some time, one state after the other.
struct ShiftTimeline: Sendable, Hashable {
    /// A stretch of one state; nil: not known.
    struct Segment: Sendable, Hashable {
        var from: Instant
        var to: Instant
        var state: String?
        /// A stop so short that it counts as running.
        var isMicroStop = false

        var isStop: Bool { state != nil && state != "running" && state != "unavailable" }
    }

    /// What a voice of the state said; in the order of their times.
    struct Note: Sendable, Hashable {
        let time: Instant
        let voice: String
        let word: String?
    }

    private(set) var segments: [Segment] = []

    /// The states between `from` and `to`. `voices`: who speaks of the state, the strongest first; `before`: what each
    /// said last before `from`; `debounce`: as the state's own.
    ///
    /// It is the state machine of the signal itself that makes states of what was said, here in the order of the times
    /// at which it was said.
    init(
        _ notes: [Note], voices: [String], before: [String: String], from: Instant, to: Instant, debounce: Duration
    ) {
        var words = before
        var machine = EquipmentState()
        var changes: [(since: Instant, state: String)] = []
        func take(_ change: EquipmentState.Change?) {
            if let change { changes.append((change.to.since, change.to.state)) }
        }
        func settle(at time: Instant, minimum: Duration) {
            guard let strongest = voices.firstIndex(where: { words[$0] != nil }), let word = words[voices[strongest]]
            else {
                return
            }
            let phase = EquipmentState.Phase(
                state: word, since: time, code: nil, reason: nil, factID: nil, due: time + minimum)
            // Silence has lasted already when it is noted.
            take(machine.settle(phase, minimum: strongest == 0 ? .zero : minimum))
        }
        settle(at: from, minimum: .zero)
        for note in notes where note.time < to {
            take(machine.pass(to: note.time, minimum: debounce))
            words[note.voice] = note.word
            settle(at: note.time, minimum: debounce)
        }
        take(machine.pass(to: to, minimum: debounce))
        segments = [Segment(from: from, to: to, state: nil)]
        for change in changes {
            let since = max(from, change.since)
            segments[segments.count - 1].to = since
            segments.append(Segment(from: since, to: to, state: change.state))
        }
        segments.removeAll { $0.from >= $0.to }
    }

    /// Counts stops shorter than `limit` between two stretches of running as running.
    mutating func fold(shorterThan limit: Duration) {
        var stop: Int?
        for index in segments.indices {
            if segments[index].isStop {
                if stop == nil, index > 0, segments[index - 1].state == "running" { stop = index }
            } else {
                if let stop, segments[index].state == "running",
                    segments[index].from.since(segments[stop].from) < limit
                {
                    for part in stop..<index { segments[part].isMicroStop = true }
                }
                stop = nil
            }
        }
    }

    /// The begins of the micro-stops.
    var microStops: [Instant] {
        segments.indices
            .filter { segments[$0].isMicroStop && !(($0 > 0) && segments[$0 - 1].isMicroStop) }
            .map { segments[$0].from }
    }
}
