import Canonical
import Contracts
import ExactJSON

extension CountLine {
    /// What a record shows beyond what the ledger wrote there, found after the store was restored: what the store of
    /// before posted since its backup, as far as anybody knows.
    ///
    /// The facts that are sent again use it up, one after the other, and nothing is written for them. Each of them must
    /// fit into what is left as a whole: posts were made fact by fact in the same order, so that anything else was done
    /// by somebody else.
    struct Credit: Sendable, Hashable {
        /// Until when the store has forgotten what it posted.
        let doubt: Instant
        /// What is not used up, in the record's unit.
        var left: ExactNumber
        /// Whether a person has been told of what is left and went on: what may be done is not decided here any more.
        var isTold = false

        init(doubt: Instant, left: ExactNumber) {
            self.doubt = doubt
            self.left = left
        }

        var json: JSON { ["doubt": .string(doubt.description), "left": .number(left), "told": .bool(isTold)] }

        /// Reads what ``json`` wrote; nil for anything else.
        init?(_ json: JSON) {
            guard let doubt = json["doubt"]?.string.flatMap({ Instant(text: $0) }), let left = json["left"]?.number
            else { return nil }
            self.init(doubt: doubt, left: left)
            isTold = json["told"]?.bool ?? false
        }
    }

    /// What is known of a command beside what it says.
    enum Standing: Sendable, Hashable {
        /// Nobody can have posted it.
        case new
        /// A store that is forgotten since then may have posted it.
        case doubted(Instant)
        /// A person has sent it again; also one that was doubted.
        case decided(Instant?)
        /// It was posted, Odoo forgot it, and a person has it posted again.
        case repeated

        init(_ command: Command) {
            if command.isDecided {
                self = .decided(command.doubt)
            } else if command.isRepeated {
                self = .repeated
            } else {
                self = command.doubt.map { .doubted($0) } ?? .new
            }
        }

        var doubt: Instant? {
            switch self {
            case .doubted(let doubt): doubt
            case .decided(let doubt): doubt
            case .new, .repeated: nil
            }
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

    /// Counts `amount` for a command that stands so, and answers what is to be added to the record, in its own unit: 0
    /// for what is there already. Notes what the record shows then. Throws what a person must decide.
    mutating func post(
        _ amount: ExactNumber, unit: UnitTable.Unit, _ sight: Sight, _ standing: Standing,
        _ corrections: OdooOptions.Corrections
    ) throws(OdooError) -> ExactNumber {
        try settle(sight, standing, corrections, unit)
        let delta = try unpaid(count(amount, unit: unit), sight, standing, unit)
        let after = try Exact.add(sight.observed, delta).trimmed()
        guard !after.isNegative else {
            throw .reject(
                OdooFailures.belowZero,
                "\(sight.words) is \(sight.observed), and \(delta) \(unit.name) were counted")
        }
        wrote(after, to: sight.record, over: sight.observed)
        return delta
    }

    /// What of a doubted `delta` is not there already.
    private mutating func unpaid(
        _ delta: ExactNumber, _ sight: Sight, _ standing: Standing, _ unit: UnitTable.Unit
    ) throws(OdooError) -> ExactNumber {
        guard standing.doubt != nil, let left = credit?.left, !left.isZero, !delta.isZero else { return delta }
        if !delta.isNegative, delta <= left {
            credit?.left = try Exact.subtract(left, delta).trimmed()
            return ExactNumber(0)
        }
        guard case .decided = standing, !delta.isNegative else {
            let rest = try Exact.subtract(delta, left).trimmed()
            throw .reject(
                OdooFailures.mayBeDone,
                "\(sight.words) shows \(left) \(unit.name) more than this store knows of, and the next fact is "
                    + "\(delta) \(unit.name)",
                suggestion: "Either the facts come in another order than before the store was restored, or somebody "
                    + "changed the quantity by hand in the meantime. Resubmit this to add the \(rest) \(unit.name) "
                    + "that are missing then; where the change is to stay, correct the quantity in Odoo afterwards.")
        }
        credit?.left = ExactNumber(0)
        return try Exact.subtract(delta, left).trimmed()
    }

    /// Settles what the record shows with what this line wrote there.
    private mutating func settle(
        _ sight: Sight, _ standing: Standing, _ corrections: OdooOptions.Corrections, _ unit: UnitTable.Unit
    ) throws(OdooError) {
        switch standing {
        case .doubted(let doubt): try find(sight, doubt, corrections, unit)
        case .decided(let doubt?):
            do {
                try find(sight, doubt, corrections, unit)
            } catch {
                // A person has compared: it goes on from what stands there.
                credit = Credit(doubt: doubt, left: ExactNumber(0))
                (record, written) = (sight.record, sight.observed)
            }
        case .decided(nil): credit?.isTold = true
        case .repeated:
            if let (ours, theirs) = unexplained(record: sight.record, observed: sight.observed) {
                throw .reject(
                    OdooFailures.changedSinceListed,
                    "\(sight.words) is \(theirs) \(unit.name), and was \(ours) when it was listed")
            }
        case .new:
            if let credit, !credit.left.isZero, !credit.isTold {
                throw .reject(
                    OdooFailures.mayBeDone,
                    "\(sight.words) shows \(credit.left) \(unit.name) more than the facts that were sent again since "
                        + "the store was restored (\(credit.doubt)): somebody added it by hand, or its facts are lost "
                        + "or still to come",
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

    /// Finds out what the forgotten store can have posted, the first time; after that nobody else may change it until
    /// all is settled.
    private mutating func find(
        _ sight: Sight, _ doubt: Instant, _ corrections: OdooOptions.Corrections, _ unit: UnitTable.Unit
    ) throws(OdooError) {
        let isKnown = credit?.doubt == doubt
        let known = written.map { "\($0)" } ?? "nothing there"
        func mayBeDone(_ reason: String) -> OdooError {
            .reject(
                OdooFailures.mayBeDone,
                "\(sight.words) is \(sight.observed) \(unit.name), and this store knows of \(known): \(reason)")
        }
        if isKnown, credit?.isTold == true { throw mayBeDone("a person has decided about what it shows beyond") }
        if sight.isSplit { throw mayBeDone("another part of the order shows something as well") }
        if let record, record != sight.record, sight.earlier == nil || sight.earlier != written {
            throw mayBeDone("that was another record, #\(record)")
        }
        guard let (ours, theirs) = unexplained(record: sight.record, observed: sight.observed) else { return }
        guard corrections == .accept else { throw mayBeDone("`corrections` is `ask`") }
        guard !isKnown else { throw mayBeDone("it was changed again since that was settled") }
        let surplus = try Exact.subtract(theirs, ours).trimmed()
        guard !surplus.isNegative else { throw mayBeDone("somebody took something away") }
        credit = Credit(doubt: doubt, left: surplus)
        (record, written) = (sight.record, sight.observed)
    }
}
