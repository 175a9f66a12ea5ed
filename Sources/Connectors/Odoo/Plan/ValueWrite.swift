import Contracts
import ExactJSON

/// What an operation decides that sets numbers in one call: what stood there before, what will stand there after.
///
/// The values are absolute, so that the same write twice has the effect of one, and a look at the records tells which
/// of the two holds.
struct ValueWrite: Sendable {
    let model: String
    let id: Int
    /// With ``place`` where the id of a lot belongs.
    let values: JSON
    /// A lot that the values refer to.
    var lot: LotNeed?
    let changes: [ValueChange]
    let acceptance: Acceptance

    /// Stands in the values for the lot.
    static let place = PlannedLots.reference(0)

    func plan(in session: OdooSession) async throws(OdooError) -> OdooPlan {
        let lots = try await session.lots(lot.map { [$0] } ?? [])
        return OdooPlan(
            steps: lots.steps + [
                .write(model: model, ids: [.int(id)], values: PlanReference.fill(values, lots.known), when: nil)
            ], evidence: PlanEvidence(model: model, subject: .record(id), changes: changes), acceptance: acceptance)
    }
}
