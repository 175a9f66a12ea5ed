import Contracts
import ExactJSON

/// What stands in Odoo of a command that is refused at a later step, in words for the person who decides about it.
/// Pure.
struct StandingSteps: Sendable, Hashable {
    /// Steps that are named; of more the number is told.
    static let maximumNamed = 5
    /// Fields and records of one step that are named.
    private static let maximumParts = 6

    private var named: [String] = []
    private var more = 0

    init() {}

    /// Those of a plan that was carried out as a whole; `records`: what its steps found or made.
    init(_ steps: [PlanStep], _ records: [String: Int]) {
        for step in steps {
            switch step {
            case .guarded, .create, .ensure: break
            case .write(_, let ids, _, _): add(step, on: Self.numbers(ids, records))
            case .call(_, _, let ids, _, _, _, let alias):
                let made = [alias.flatMap { records[$0] }].compactMap { $0 }
                add(step, on: ids.map { Self.numbers($0, records) } ?? made)
            }
        }
    }

    private static func numbers(_ ids: JSON, _ records: [String: Int]) -> [Int] {
        PlanReference.fill(ids, records).array?.compactMap(\.int) ?? []
    }

    /// Notes a step that was carried out on those records, or that made them.
    mutating func add(_ step: PlanStep, on ids: [Int]) {
        guard let words = Self.words(step, ids) else { return }
        if named.count < Self.maximumNamed { named.append(words) } else { more += 1 }
    }

    /// All of it in a sentence; nil where nothing stands.
    var words: String? {
        guard !named.isEmpty else { return nil }
        return named.joined(separator: ", ") + (more > 0 ? " and \(more) more" : "")
    }

    private static func words(_ step: PlanStep, _ ids: [Int]) -> String? {
        switch step {
        // A record that is made for this plan alone is nobody's afterwards.
        case .guarded, .create: return nil
        case .ensure(let model, _, _, _, _): return "\(records(model, ids)) made"
        case .write(let model, _, let values, _):
            let fields = (values.object ?? [:]).keys.prefix(maximumParts).joined(separator: " and ")
            return "\(fields) written in \(records(model, ids))"
        case .call(let model, "load", _, _, _, _, _): return "\(records(model, ids)) made"
        case .call(let model, let method, _, _, _, _, _): return "\(method) carried out on \(records(model, ids))"
        }
    }

    private static func records(_ model: String, _ ids: [Int]) -> String {
        let numbers = ids.prefix(maximumParts).map { "#\($0)" } + (ids.count > maximumParts ? ["…"] : [])
        return ([model] + numbers).joined(separator: " ")
    }
}

extension OdooError {
    /// A refusal that says what of the same command was done before it and stands. What is tried again or asked about
    /// says nothing of it.
    func over(_ steps: StandingSteps) -> OdooError {
        guard verdict == .rejected, let words = steps.words else { return self }
        return OdooError(
            verdict,
            Failure(
                failure.kind, "\(failure.message); what was done before that stands in Odoo: \(words)",
                suggestion: failure.suggestion
                    + " Resubmitting doubles nothing of what stands; where you discard this, take it back in Odoo.",
                detail: failure.detail, subject: failure.subject),
            exception: exception, record: record)
    }
}
