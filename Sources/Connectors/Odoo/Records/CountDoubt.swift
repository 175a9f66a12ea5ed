import Canonical
import Contracts
import ExactJSON

extension CountLine {
    /// What is known of a command beside what it says.
    enum Standing: Sendable, Hashable {
        /// Nobody can have posted it.
        case new
        /// A store that is forgotten may have posted it.
        case doubted
        /// A person has sent it again.
        case decided(wasDoubted: Bool)
        /// It was posted, Odoo forgot it, and a person has it posted again.
        case repeated

        init(_ command: Command) {
            if command.isDecided {
                self = .decided(wasDoubted: command.isOfDoubt)
            } else if command.isRepeated {
                self = .repeated
            } else {
                self = command.isOfDoubt ? .doubted : .new
            }
        }
    }

    /// What the store has forgotten, whether or not a command is of that time.
    struct Forgotten: Sendable, Hashable {
        /// Until when; nil where nothing is forgotten, or nobody sends it again any more.
        var until: Instant?
        /// Whether this line may have counted what is sent again.
        var reachesLedger = false

        init() {}

        init(_ command: Command) {
            until = command.forgottenUntil
            reachesLedger = command.isLedgerDoubted
        }
    }

    /// What a record shows, and what else is known of it.
    struct Sight: Sendable {
        let record: Int
        let observed: ExactNumber
        /// What the record shows that this line wrote to before, where that is another one.
        var earlier: ExactNumber?
        /// Whether something stands in a record between the two.
        var isSplit = false
        /// The record in words: `qty_producing of mrp.production #812`.
        let words: String
    }

    /// Counts `amount` for a command that stands so, and answers what is to be added to the record, in its own unit.
    /// Notes what the record shows then. Throws what a person must decide.
    mutating func post(
        _ amount: ExactNumber, unit: UnitTable.Unit, _ sight: Sight, _ standing: Standing,
        _ corrections: OdooOptions.Corrections, _ forgotten: Forgotten = Forgotten()
    ) throws(OdooError) -> ExactNumber {
        try settle(sight, standing, corrections, forgotten, unit)
        let delta = try count(amount, unit: unit)
        let after = try Exact.add(sight.observed, delta).trimmed()
        guard !after.isNegative else {
            throw .reject(
                OdooFailures.belowZero,
                "\(sight.words) is \(sight.observed), and \(delta) \(unit.name) were counted")
        }
        wrote(after, to: sight.record, over: sight.observed)
        return delta
    }

    /// Settles what the record shows with what this line wrote there.
    private mutating func settle(
        _ sight: Sight, _ standing: Standing, _ corrections: OdooOptions.Corrections, _ forgotten: Forgotten,
        _ unit: UnitTable.Unit
    ) throws(OdooError) {
        let difference = unexplained(record: sight.record, observed: sight.observed)
        // What comes again cannot be told any more from what is counted on from.
        defer { if difference != nil { hasForeign = true } }
        switch standing {
        case .doubted: try compare(sight, forgotten, unit)
        case .decided(wasDoubted: true):
            do {
                try compare(sight, forgotten, unit)
            } catch {
                // A person has compared: it goes on from what stands there. What else comes of that time is compared
                // by a person too: facts of several machines need not come in the order of before.
                (record, written) = (sight.record, sight.observed)
                hasForeign = true
            }
        case .decided(wasDoubted: false): break
        case .repeated:
            if let (ours, theirs) = difference {
                throw .reject(
                    OdooFailures.changedSinceListed,
                    "\(sight.words) is \(theirs) \(unit.name), and was \(ours) when it was listed")
            }
        case .new:
            // Counted on from, what a store forgot would become this line's own.
            if !hasForeign, let (ours, theirs) = difference, let until = forgotten.until {
                throw .reject(
                    OdooFailures.mayBeDone,
                    "\(sight.words) is \(theirs) \(unit.name), and this store, which has forgotten what it posted "
                        + "until \(until), knows of \(ours)",
                    suggestion: "Compare the quantity in Odoo with what was made, and correct it there; then resubmit "
                        + "this, which counts on from what stands there.")
            }
        }
        if corrections == .ask, let (ours, theirs) = correction(record: sight.record, observed: sight.observed) {
            throw .reject(
                OdooFailures.correctedByHand,
                "\(sight.words) was left at \(ours) and is \(theirs) \(unit.name) now")
        }
    }

    /// Makes sure that the record stands as this line left it: then nothing was posted that the store forgot.
    private func compare(_ sight: Sight, _ forgotten: Forgotten, _ unit: UnitTable.Unit) throws(OdooError) {
        let known = written.map { "\($0)" } ?? "nothing there"
        func mayBeDone(_ reason: String) -> OdooError {
            .reject(
                OdooFailures.mayBeDone,
                "\(sight.words) is \(sight.observed) \(unit.name), and this store knows of \(known): \(reason)")
        }
        if hasForeign { throw mayBeDone("and some of it came from elsewhere, maybe this fact") }
        if sight.isSplit { throw mayBeDone("another part of the order shows something as well") }
        if let record, record != sight.record, sight.earlier == nil || sight.earlier != written {
            throw mayBeDone("that was another record, #\(record)")
        }
        if forgotten.reachesLedger, !sight.observed.isZero { throw mayBeDone("this fact may be a part of that") }
        guard let (ours, theirs) = unexplained(record: sight.record, observed: sight.observed) else { return }
        throw mayBeDone(theirs < ours ? "somebody took something away" : "this fact may be in it already")
    }
}
