import Contracts
import ExactJSON

extension OdooPlan {
    /// Makes one record under the external id `name`, and is done with it.
    static func makeOnce(_ model: String, name: String, _ cells: [PlanCell], summary: String) -> OdooPlan {
        OdooPlan(
            steps: [.load(model, name: name, cells, as: made)],
            evidence: PlanEvidence(model: model, subject: .externalID(name)),
            acceptance: Acceptance(reference: model, summary: summary))
    }
}

extension OdooSession {
    /// Nothing is sent where the plan has had its effect before.
    func unlessDone(_ plan: OdooPlan) async throws(OdooError) -> Preparation {
        let (standing, records) = try await look(plan.evidence)
        guard standing == .done else { return .ready(intent: plan.json) }
        return .settled(.accepted(plan.accepted(records)))
    }

    /// The acceptance of a command that has had its effect before; nil where it has not.
    func doneBefore(_ evidence: PlanEvidence, _ words: String) async throws(OdooError) -> Preparation? {
        let (standing, records) = try await look(evidence)
        guard standing == .done else { return nil }
        let reference = "\(evidence.model),\(records[OdooPlan.made] ?? 0)"
        return .settled(.accepted(Acceptance(reference: reference, summary: words)))
    }
}
