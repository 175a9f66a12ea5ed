package import Canonical
package import ExactJSON

/// Which of a source's faults are kept: of each cause (its code) the first ones with what they are about; then one an
/// hour, which says how many there were meanwhile and from where to where. So nothing passes in silence, and whoever
/// sends or writes what nobody can read does not fill the store with it.
///
/// It is stored with the batches that it was asked about, as a position of its source: a count outlives the process.
package struct FaultTally: Sendable {
    /// The name of its position.
    package static let positionName = "faults"
    /// Kept at once, of each cause.
    package static let burst = 20
    /// Then one more after each of these.
    package static let interval = Duration.seconds(3_600)

    /// What is to be stored, and what it takes to undo that.
    package struct Kept: Sendable {
        package fileprivate(set) var faults: [InputFault] = []
        /// The facts of those that were only counted.
        package fileprivate(set) var counted: Set<String> = []
        fileprivate var facts: Set<String> = []
        fileprivate var taken: [String: Int] = [:]
        fileprivate var told: [String: MissedFaults] = [:]

        /// Nothing.
        package init() {}
    }

    private struct Cause: Sendable {
        let kind: FailureKind
        var budget: EvidenceBudget
        /// What was counted since the last one that was kept.
        var missed: MissedFaults?
        /// What was kept last: a sender that repeats it is not counted, as nothing new happened.
        var facts: [String] = []
    }

    private var causes: [String: Cause] = [:]

    package init() {}

    /// Those of `faults` that are kept. The others are counted, but for repeats of what was kept of late.
    package mutating func keep(_ faults: [InputFault], now: Instant) -> Kept {
        var kept = Kept()
        for fault in faults {
            let kind = fault.failure.kind
            var cause =
                causes[kind.code]
                ?? Cause(kind: kind, budget: EvidenceBudget(burst: Self.burst, interval: Self.interval))
            if let fact = fault.factID, cause.facts.contains(fact) { continue }
            if cause.budget.take(now: now) == nil {
                cause.missed = MissedFaults(fault.origin, now, behind: cause.missed)
                if let fact = fault.factID { kept.counted.insert(fact) }
            } else {
                kept.faults.append(cause.missed.map { Self.telling(fault, $0) } ?? fault)
                if let missed = cause.missed { kept.told[kind.code] = missed }
                kept.taken[kind.code, default: 0] += 1
                cause.missed = nil
                if let fact = fault.factID {
                    cause.facts = Array(cause.facts.suffix(Self.burst - 1)) + [fact]
                    kept.facts.insert(fact)
                }
            }
            causes[kind.code] = cause
        }
        return kept
    }

    /// The counts that nothing told for an interval, because nothing more of their cause came.
    package mutating func due(now: Instant) -> Kept {
        var kept = Kept()
        for (code, var cause) in causes.sorted(by: { $0.key < $1.key }) {
            guard let missed = cause.missed, cause.budget.take(now: now) != nil else { continue }
            kept.faults.append(
                InputFault(
                    failure: Failure(cause.kind, "\(cause.kind.title): \(missed)"), origin: missed.last, original: [],
                    time: now, factID: "more:\(code):\(missed.since)"))
            kept.told[code] = missed
            kept.taken[code] = 1
            cause.missed = nil
            causes[code] = cause
        }
        return kept
    }

    /// Undoes what was kept: it was not stored. What was counted beside it stays counted.
    package mutating func takeBack(_ kept: Kept) {
        for (code, count) in kept.taken {
            causes[code]?.budget.giveBack(count)
            causes[code]?.facts.removeAll { kept.facts.contains($0) }
        }
        for (code, earlier) in kept.told {
            let later = causes[code]?.missed
            causes[code]?.missed = earlier.joined(with: later)
        }
    }

    /// The fault with the count. Under a name of its own: where the fault is known already, the count is news.
    private static func telling(_ fault: InputFault, _ missed: MissedFaults) -> InputFault {
        let failure = fault.failure
        return InputFault(
            failure: Failure(
                failure.kind, "\(failure.message) (and \(missed))", suggestion: failure.suggestion,
                detail: failure.detail, subject: failure.subject),
            origin: fault.origin, original: fault.original, time: fault.time,
            factID: "\(fault.factID ?? failure.kind.code):more:\(missed.since)")
    }

    // MARK: - Stored

    /// Where it stands.
    package var position: SourcePosition {
        var members: JSON = [:]
        for (code, cause) in causes.sorted(by: { $0.key < $1.key }) {
            members[code] = [
                "title": .string(cause.kind.title), "remedy": .string(cause.kind.remedy),
                "budget": cause.budget.stored, "missed": cause.missed?.stored ?? .null,
            ]
        }
        return SourcePosition(name: Self.positionName, value: members)
    }

    /// Goes on from a ``position``; what cannot be read of it begins anew.
    package init(stored: JSON?) {
        for (code, json) in stored?.object ?? [:] {
            let kind = FailureKind(
                code, json["title"]?.string ?? code, remedy: json["remedy"]?.string ?? "Look at the source.")
            let budget = EvidenceBudget(
                burst: Self.burst, interval: Self.interval, stored: json["budget"] ?? .null)
            causes[code] = Cause(
                kind: kind, budget: budget, missed: json["missed"].flatMap { MissedFaults(stored: $0) })
        }
    }
}

extension SourceBatch {
    /// Puts into the batch what `tally` keeps of `faults`, and where it stands then.
    package mutating func add(_ faults: [InputFault], _ tally: inout FaultTally, now: Instant) {
        guard !faults.isEmpty else { return }
        self.faults += tally.keep(faults, now: now).faults
        positions.append(tally.position)
    }
}
