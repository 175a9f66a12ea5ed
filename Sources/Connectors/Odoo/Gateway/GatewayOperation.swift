import Contracts
import ExactJSON

/// A plan as the companion addon's inbox takes it: under a key, in one transaction with its guards.
struct GatewayOperation: Sendable {
    /// What has its effect once, whoever hands it in how often.
    let key: String
    let json: JSON

    /// Characters of a key that the addon takes.
    static let maximumKey = 200

    init(key: String, name: String, _ plan: OdooPlan) {
        self.init(key: key, name: name, steps: plan.guards.map(\.json) + plan.steps.map(\.json))
    }

    private init(key: String, name: String, steps: [JSON]) {
        // A key of the addon's is short and printable.
        let isPlain = key.utf8.count <= Self.maximumKey && key.utf8.allSatisfy { (0x21...0x7E).contains($0) }
        let key = isPlain ? key : ExternalID.name("key", key)
        self.key = key
        json = [
            "key": .string(key), "name": .string(name),
            "steps": .array(steps),
        ]
    }
}

extension GatewayOperation {
    /// Hands a key in with a step that finds nothing: refused where the key has had no effect, else answered as it was.
    static func question(key: String, name: String) -> GatewayOperation {
        GatewayOperation(
            key: key, name: name,
            steps: [["find": "res.company", "where": [["id", "=", 0]], "count": 1, "as": "question"]])
    }
}

extension OdooPlan {
    /// That what the values were computed from still stands there. Only a transaction can ask that and write.
    var guards: [PlanStep] {
        guard evidence.mark == nil else { return [] }
        return evidence.changes.map { change in
            .guarded(
                model: change.model, ids: [.int(change.id)], domain: [[.string(change.field), "=", change.seen]],
                refusal: .code(OdooFailures.changedMeanwhile.code))
        }
    }
}

/// What the companion addon answers to one operation. Pure.
struct GatewayAnswer: Sendable {
    enum Status: String, Sendable {
        /// It has had its effect, now or before.
        case done
        /// Nothing of it happened, for a reason of its own.
        case refused
        /// Not tried, as one before it of the same lane was not carried out.
        case held
        /// Not tried, as the time was used up.
        case deferred
    }

    let status: Status
    let code: String?
    let message: String
    /// Whether the effect is one of before, and of other steps.
    let isOfOtherSteps: Bool
    /// The records that steps found or made.
    let records: [String: Int]

    /// Reads the answer at `index` of a batch; nil where there is none.
    init?(_ batch: JSON, at index: Int, key: String) {
        guard let answer = batch["answers"]?[index], answer["key"]?.string == key,
            let status = answer["status"]?.string.flatMap(Status.init)
        else { return nil }
        self.status = status
        code = answer["code"]?.string
        message = answer["message"]?.string ?? ""
        // Another user's steps are not compared.
        isOfOtherSteps = status == .done && (code == "steps_differ" || code == "other_user")
        var records: [String: Int] = [:]
        for (alias, result) in answer["results"]?.object ?? [:] { records[alias] = result[0]?.int }
        self.records = records
    }

    /// Why it has had no effect.
    var error: OdooError {
        switch status {
        case .held, .deferred, .done:
            return OdooError(
                .deferred(after: nil, isTargetDown: false), Failure(OdooFailures.busy, "not tried yet: \(message)"))
        case .refused:
            let words = OdooAnswer.plain(message)
            guard let kind = Self.kinds[code ?? ""] else { return .refused(code ?? "", words) }
            return .reject(kind, words)
        }
    }

    private static let kinds: [String: FailureKind] = [
        "gone": OdooFailures.gone, "not_found": OdooFailures.gone, "ambiguous": OdooFailures.badRequest,
        "rights": OdooFailures.rights, "not_allowed": OdooFailures.notAllowed,
        "business_rule": OdooFailures.businessRule, "constraint": OdooFailures.constraint,
        "missing_model": OdooFailures.missingModel, "bad_request": OdooFailures.badRequest,
        "server_error": OdooFailures.serverError,
    ]
}
