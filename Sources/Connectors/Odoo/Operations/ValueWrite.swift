import Canonical
import Contracts
import ExactJSON

/// The intent of an operation that sets values in one call: what stood there before, what will stand there after.
///
/// The values are absolute, so that the same write twice has the effect of one, and a look at the record tells which of
/// the two holds.
struct ValueWrite: Sendable {
    /// One number that the call changes.
    struct Change: Sendable, Hashable {
        let model: String
        let id: Int
        let field: String
        let before: ExactNumber
        let after: ExactNumber
        /// What Odoo rounds to.
        let step: ExactNumber
    }

    /// How old an intent may be to be written without looking again.
    static let freshness = Duration.seconds(30)

    let call: OdooCall
    /// Lots that the call's values refer to by ``LotNeed/placeholder(_:)``.
    var lots: [LotNeed] = []
    let changes: [Change]
    let acceptance: Acceptance

    /// Where the numbers stand, compared with the intent.
    enum Standing: Sendable, Hashable { case before, after, elsewhere(String) }

    /// Pure: compares what was read with what was intended.
    static func standing(_ changes: [Change], observed: [ExactNumber?]) throws(OdooError) -> Standing {
        var isBefore = true
        var isAfter = true
        var words: [String] = []
        for (change, value) in zip(changes, observed) {
            guard let value else { return .elsewhere("\(change.model) #\(change.id) is gone") }
            let now = try Exact.snap(value, to: change.step)
            isBefore = isBefore && now == change.before
            isAfter = isAfter && now == change.after
            words.append(
                "\(change.field) of \(change.model) #\(change.id) is \(now), was \(change.before), should become "
                    + "\(change.after)"
            )
        }
        if isAfter { return .after }
        return isBefore ? .before : .elsewhere(words.joined(separator: "; "))
    }

    /// Writes, after a second look where the intent is not fresh.
    func perform(started: Instant, in session: OdooSession) async throws(OdooError) -> Outcome {
        if session.clock.now().since(started) > Self.freshness {
            switch try await observe(in: session) {
            case .before: break
            case .after: return .accepted(acceptance)
            case .elsewhere(let words):
                throw OdooError(
                    .deferred(after: nil, isTargetDown: false), Failure(OdooFailures.changedMeanwhile, words))
            }
        }
        let ids = try await session.ensure(lots)
        _ = try await session.connection.call(call.filling(ids))
        return .accepted(acceptance)
    }

    func inquire(in session: OdooSession) async throws(OdooError) -> Inquiry {
        switch try await observe(in: session) {
        case .after: .happened(acceptance)
        case .before: .notFound
        case .elsewhere(let words): .cannotTell(Failure(OdooFailures.cannotTell, words))
        }
    }

    private func observe(in session: OdooSession) async throws(OdooError) -> Standing {
        var observed: [ExactNumber?] = []
        for change in changes {
            do {
                let rows = try await session.rows(.read(change.model, [change.id], [change.field]))
                observed.append(rows.first?.number(change.field))
            } catch {
                throw error.asRead
            }
        }
        return try Self.standing(changes, observed: observed)
    }
}

extension ValueWrite {
    var json: JSON {
        [
            "call": call.json,
            "lots": .array(lots.map(\.json)),
            "changes": .array(
                changes.map {
                    [
                        "model": .string($0.model), "id": .int($0.id), "field": .string($0.field),
                        "before": .number($0.before), "after": .number($0.after), "step": .number($0.step),
                    ]
                }),
            "acceptance": acceptance.json,
        ]
    }

    /// Reads what ``json`` wrote.
    init(json: JSON) throws(OdooError) {
        guard let call = json["call"].flatMap(OdooCall.init(json:)), let changes = json["changes"]?.array,
            let acceptance = json["acceptance"].flatMap(Acceptance.init(json:))
        else { throw .unreadable(json) }
        var read: [Change] = []
        for change in changes {
            guard let model = change["model"]?.string, let id = change["id"]?.int, let field = change["field"]?.string,
                let before = change["before"]?.number, let after = change["after"]?.number,
                let step = change["step"]?.number
            else { throw .unreadable(json) }
            read.append(Change(model: model, id: id, field: field, before: before, after: after, step: step))
        }
        self.init(
            call: call, lots: json["lots"]?.array?.compactMap(LotNeed.init) ?? [], changes: read, acceptance: acceptance
        )
    }
}

extension OdooError {
    /// An intent that this version did not write.
    static func unreadable(_ intent: JSON) -> OdooError {
        .reject(
            OdooFailures.arguments, "the stored intent cannot be read: \(intent.description.prefix(80))",
            suggestion: "Look in Odoo whether this was posted; discard if it was, else resubmit.")
    }
}

extension Acceptance {
    var json: JSON {
        [
            "reference": .string(reference), "summary": .string(summary),
            "ledger": .array(ledger.map { ["key": .string($0.key.text), "value": $0.value] }),
        ]
    }

    /// Reads what ``json`` wrote; nil for anything else.
    init?(json: JSON) {
        guard let reference = json["reference"]?.string, let summary = json["summary"]?.string,
            let entries = json["ledger"]?.array
        else { return nil }
        var ledger: [LedgerEntry] = []
        for entry in entries {
            guard let key = entry["key"]?.string, let value = entry["value"] else { return nil }
            ledger.append(LedgerEntry(key: LedgerKey(key), value: value))
        }
        self.init(reference: reference, summary: summary, ledger: ledger)
    }
}
