import ExactJSON

// Looks in Odoo for what a plan should have done. Reads only.
extension OdooSession {
    /// Where the evidence stands, and the record that it is about where that was made.
    func look(_ evidence: PlanEvidence) async throws(OdooError) -> (PlanEvidence.Standing, [String: Int]) {
        do {
            switch evidence.subject {
            case .repeatable: return (.notDone, [:])
            case .unknowable:
                return (.elsewhere("nothing in Odoo tells whether the call on \(evidence.model) was carried out"), [:])
            case .record, .externalID, .matching: break
            }
            guard evidence.mark != nil || evidence.changes.isEmpty else {
                return (try await lookAtValues(evidence.changes), [:])
            }
            var records: [String: Int] = [:]
            let id: Int?
            switch evidence.subject {
            case .record(let known): id = known
            case .externalID(let name):
                id = try await record(externalID: name)
                records[OdooPlan.made] = id
            case .matching(let domain):
                id = try await rows(.find(evidence.model, domain, ["id"], limit: 1, archived: true)).first?.id
                records[OdooPlan.made] = id
            case .repeatable, .unknowable: id = nil
            }
            guard let id else { return (try evidence.standing(nil), [:]) }
            if evidence.fields.isEmpty, evidence.subject != .record(id) { return (.done, records) }
            return (
                try evidence.standing(try await rows(.read(evidence.model, [id], evidence.fields)).first),
                records
            )
        } catch {
            throw error.asRead
        }
    }

    private func lookAtValues(_ changes: [ValueChange]) async throws(OdooError) -> PlanEvidence.Standing {
        var observed: [ExactNumber?] = []
        for change in changes {
            let rows = try await rows(.read(change.model, [change.id], [change.field]))
            observed.append(rows.first?.number(change.field))
        }
        return try ValueChange.standing(changes, observed: observed)
    }
}
