import Contracts
import ExactJSON

/// What takes counts back that Odoo has forgotten: from a line of the ledger as it stands when they are posted again.
///
/// What was counted and posted with them goes; what was posted by others stays, and so does what waits below one step
/// of the unit. Where nothing was written since Odoo was set back, the line knows from then on what Odoo shows.
struct ForgottenLine: Sendable, Hashable {
    /// The line's own account of a value: which record, and what it held.
    struct Mark: Sendable, Hashable {
        let record: Int
        let value: ExactNumber
    }

    let amount: ExactNumber
    let posted: ExactNumber
    /// How many corrections by others the line had seen.
    let corrections: Int
    /// What the line last wrote, and what Odoo shows instead; nil where the line has gone on from what Odoo shows.
    let from: Mark?
    let to: Mark?

    init(_ forgotten: ForgottenCounts, listed: LedgerEntry) {
        let line = CountLine(listed.value)
        amount = forgotten.amount
        posted = forgotten.posted
        corrections = line?.corrections ?? 0
        if !forgotten.hasMovedOn, let record = line?.record, let written = line?.written {
            from = Mark(record: record, value: written)
            to = Mark(record: forgotten.record, value: forgotten.shown)
        } else {
            (from, to) = (nil, nil)
        }
    }

    /// The line without the forgotten counts; nil where something happened to it that the listing did not know of.
    func takingBack(from line: CountLine) throws(OdooError) -> CountLine? {
        var line = line
        if let from, let to {
            if line.corrections == corrections, line.record == from.record, line.written == from.value {
                line.corrected(from.value, to.value)
                (line.record, line.written) = (to.record, to.value)
            } else {
                // A count of now may have come first, and have found what Odoo shows: that alone.
                guard line.corrections == corrections + 1, line.record == to.record,
                    line.correction == CountLine.Correction(from: from.value, to: to.value)
                else { return nil }
            }
        } else {
            guard line.corrections == corrections else { return nil }
        }
        line.counted = try Exact.subtract(line.counted, amount).trimmed()
        line.posted = try Exact.subtract(line.posted, posted).trimmed()
        line.last = nil
        return line
    }

    var json: JSON {
        [
            "amount": .number(amount), "posted": .number(posted), "corrections": .int(corrections),
            "from": Self.json(from), "to": Self.json(to),
        ]
    }

    /// Reads what ``json`` wrote; nil for anything else.
    init?(_ json: JSON) {
        guard let amount = json["amount"]?.number, let posted = json["posted"]?.number,
            let corrections = json["corrections"]?.int
        else { return nil }
        self.amount = amount
        self.posted = posted
        self.corrections = corrections
        from = json["from"].flatMap(Self.mark)
        to = json["to"].flatMap(Self.mark)
    }

    private static func json(_ mark: Mark?) -> JSON {
        mark.map { ["record": .int($0.record), "value": .number($0.value)] } ?? .null
    }

    private static func mark(_ json: JSON) -> Mark? {
        guard let record = json["record"]?.int, let value = json["value"]?.number else { return nil }
        return Mark(record: record, value: value)
    }
}
