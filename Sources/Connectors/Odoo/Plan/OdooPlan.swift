import Contracts
import ExactJSON

/// All that is done in Odoo for one command, decided before anything is sent: a straight list of steps, without
/// branches and loops, and where a look tells afterwards whether they have had their effect.
///
/// Each step may be carried out again: a record is made under an external id, a written value is absolute, a method
/// that is not harmless twice is called on records alone that still need it.
struct OdooPlan: Sendable {
    /// The name of a record that a step makes and the acceptance refers to.
    static let made = "made"
    /// How an intent is carried out, where not by plain RPC.
    static let via = "via"
    static let gateway = "gateway"
    /// The company that an intent was made in, where the settings name one.
    static let company = "company"

    var steps: [PlanStep]
    var evidence: PlanEvidence
    /// What follows from success. Its reference and ledger may hold a ``PlanReference``.
    var acceptance: Acceptance
    /// Whether what was read is too old after a while, so that the command is prepared anew and not carried out.
    var isReadAnew = false
    /// Whether it was made to go through the companion addon: what its fate is, only the addon can tell then.
    var isForGateway = false
    /// What the command does behind these steps, where that is known only when they are done: the operation makes
    /// another plan of it.
    var rest: JSON?

    var json: JSON {
        var json: JSON = [
            "steps": .array(steps.map(\.json)), "evidence": evidence.json, "acceptance": acceptance.json,
        ]
        if isReadAnew { json["readAnew"] = true }
        if isForGateway { json[Self.via] = .string(Self.gateway) }
        if let rest { json["rest"] = rest }
        return json
    }

    init(
        steps: [PlanStep], evidence: PlanEvidence, acceptance: Acceptance, isReadAnew: Bool = false, rest: JSON? = nil
    ) {
        self.steps = steps
        self.evidence = evidence
        self.acceptance = acceptance
        self.isReadAnew = isReadAnew
        self.rest = rest
    }

    /// One absolute write to one record: twice is once.
    static func writing(_ model: String, _ id: Int, _ values: JSON, summary: String) -> OdooPlan {
        OdooPlan(
            steps: [.write(model: model, ids: [.int(id)], values: values, when: nil)],
            evidence: PlanEvidence(model: model, subject: .repeatable),
            acceptance: Acceptance(reference: "\(model),\(id)", summary: summary))
    }

    /// Reads what ``json`` wrote.
    init(json: JSON) throws(OdooError) {
        guard let list = json["steps"]?.array, let evidence = json["evidence"].flatMap(PlanEvidence.init),
            let acceptance = json["acceptance"].flatMap(Acceptance.init(json:))
        else { throw .unreadable(json) }
        let steps = list.compactMap(PlanStep.init)
        guard steps.count == list.count else { throw .unreadable(json) }
        self.init(
            steps: steps, evidence: evidence, acceptance: acceptance, isReadAnew: json["readAnew"]?.bool ?? false,
            rest: json["rest"])
        isForGateway = json[Self.via]?.string == Self.gateway
    }

    /// The acceptance with the records that the steps found or made.
    func accepted(_ records: [String: Int]) -> Acceptance {
        var filled = acceptance
        if let id = records[Self.made] { filled.reference += ",\(id)" }
        filled.ledger = acceptance.ledger.map {
            LedgerEntry(key: $0.key, value: PlanReference.fill($0.value, records))
        }
        return filled
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
