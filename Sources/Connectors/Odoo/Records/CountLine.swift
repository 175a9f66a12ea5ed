import Canonical
import Contracts
import ExactJSON

/// One line of the quantity ledger: what was counted, what of it was posted, and what was last written where.
///
/// `counted = posted + remainder` holds at all times, exactly; amounts are in the base of the record's unit (pieces,
/// kilograms…).
struct CountLine: Sendable, Hashable {
    /// What the amounts are of: a dimension of Rec 20 (`count`, `mass`…) or a unit that only Odoo knows.
    var base: String
    var counted: ExactNumber
    var posted: ExactNumber
    /// The record that was written last, and the value it then had, in its own unit.
    var record: Int?
    var written: ExactNumber?
    /// What the last count did: what it takes to take it back.
    var last: Last?
    /// How often the value was found changed by somebody else and counted on from, and what was found then.
    var corrections = 0
    var correction: Correction?
    /// Whether it was ever counted on from a value that this line does not explain: a planner's, or what a store that
    /// is forgotten had posted.
    var hasForeign = false

    /// What one count added to `counted` and `posted`, and the value that it found at the record.
    struct Last: Sendable, Hashable {
        var amount: ExactNumber
        var posted: ExactNumber
        var before: ExactNumber
    }

    struct Correction: Sendable, Hashable {
        let from: ExactNumber
        let to: ExactNumber
    }

    init(base: String) {
        self.base = base
        counted = ExactNumber(0)
        posted = ExactNumber(0)
    }

    /// What is counted and not yet posted: less than one step of the record's unit.
    var remainder: ExactNumber {
        get throws(OdooError) { try Exact.subtract(counted, posted) }
    }

    /// Counts `amount` (in the base) and posts as many whole steps as are due. Returns what to add to the record, in
    /// its own unit.
    mutating func count(_ amount: ExactNumber, unit: UnitTable.Unit) throws(OdooError) -> ExactNumber {
        guard base == unit.scale.base else {
            throw .reject(
                OdooFailures.unit,
                "this quantity was counted in \(base) so far, and \"\(unit.name)\" is a unit of \(unit.scale.base)",
                suggestion:
                    "The product's unit of measure was changed to another kind in Odoo; post the rest by hand and "
                    + "discard."
            )
        }
        counted = try Exact.add(counted, amount).trimmed()
        let step = try Exact.multiply(unit.step, unit.scale.ratio)
        let steps = try Exact.count(remainder, per: step, .towardZero)
        let due = try Exact.multiply(ExactNumber(steps), step).trimmed()
        posted = try Exact.add(posted, due).trimmed()
        last = Last(amount: amount.trimmed(), posted: due, before: ExactNumber(0))
        return try Exact.multiply(ExactNumber(steps), unit.step).trimmed()
    }

    /// Notes that the record is completed with `total`: what was not counted on it yet is counted and posted with that.
    mutating func complete(
        with total: ExactNumber, unit: UnitTable.Unit, in record: Int, over observed: ExactNumber? = nil
    ) throws(OdooError) {
        let before = (record == self.record ? written : nil) ?? ExactNumber(0)
        let rest = try Exact.multiply(Exact.subtract(total, before), unit.scale.ratio)
        counted = try Exact.add(counted, rest).trimmed()
        posted = try Exact.add(posted, rest).trimmed()
        last = Last(amount: rest, posted: rest, before: before)
        wrote(total, to: record, over: observed)
    }

    /// Notes what the record holds now, and what it held before where that was looked at.
    mutating func wrote(_ value: ExactNumber, to record: Int, over observed: ExactNumber? = nil) {
        if let observed {
            if let (ours, theirs) = correction(record: record, observed: observed) { corrected(ours, theirs) }
            last?.before = observed
        }
        self.record = record
        written = value
    }

    /// The value that somebody else put in place of ours; nil where the record is as it was left.
    func correction(record: Int, observed: ExactNumber) -> (ours: ExactNumber, theirs: ExactNumber)? {
        guard record == self.record, let written, written != observed else { return nil }
        return (written, observed)
    }

    /// Counts on from what somebody else put there.
    mutating func corrected(_ ours: ExactNumber, _ theirs: ExactNumber) {
        corrections += 1
        correction = Correction(from: ours, to: theirs)
    }

    /// The value there, where what this line knows of does not explain it; nil where nothing else was written.
    func unexplained(record: Int, observed: ExactNumber) -> (ours: ExactNumber, theirs: ExactNumber)? {
        let ours = (record == self.record ? written : nil) ?? ExactNumber(0)
        return observed == ours ? nil : (ours, observed)
    }

    var json: JSON {
        var json: JSON = [
            "base": .string(base), "counted": .number(counted), "posted": .number(posted),
            "remainder": .number((try? remainder) ?? ExactNumber(0)),
            "record": record.map { .int($0) } ?? .null, "written": written.map { .number($0) } ?? .null,
        ]
        if let last {
            json["last"] = [
                "amount": .number(last.amount), "posted": .number(last.posted), "before": .number(last.before),
            ]
        }
        if corrections > 0 { json["corrections"] = .int(corrections) }
        if let correction { json["correction"] = ["from": .number(correction.from), "to": .number(correction.to)] }
        if hasForeign { json["foreign"] = true }
        return json
    }

    /// Reads what ``json`` wrote; nil for anything else.
    init?(_ json: JSON) {
        guard let base = json["base"]?.string, let counted = json["counted"]?.number,
            let posted = json["posted"]?.number
        else { return nil }
        self.base = base
        self.counted = counted
        self.posted = posted
        record = json["record"]?.int
        written = json["written"]?.number
        if let last = json["last"], let amount = last["amount"]?.number, let posted = last["posted"]?.number,
            let before = last["before"]?.number
        {
            self.last = Last(amount: amount, posted: posted, before: before)
        }
        corrections = json["corrections"]?.int ?? 0
        if let correction = json["correction"], let from = correction["from"]?.number,
            let to = correction["to"]?.number
        {
            self.correction = Correction(from: from, to: to)
        }
        hasForeign = json["foreign"]?.bool ?? false
    }
}

extension [LedgerEntry] {
    /// The line of `key`, or a new one where nothing was counted yet.
    func line(_ key: LedgerKey, base: String) -> CountLine {
        first { $0.key == key }.flatMap { CountLine($0.value) } ?? CountLine(base: base)
    }
}
