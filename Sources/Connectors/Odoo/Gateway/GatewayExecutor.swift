import Contracts
import ExactJSON

/// Carries plans out through the companion addon: in one transaction, once for each key.
struct GatewayExecutor: Sendable {
    let gateway: OdooGateway
    let session: OdooSession

    /// `rest`: makes the second plan of a command that needs one.
    func perform(
        _ plan: OdooPlan, of command: Command, rest: (OdooPlan) async throws(OdooError) -> OdooPlan
    ) async throws(OdooError) -> Outcome {
        .accepted(try await carryOut(plan, of: command, rest: rest))
    }

    /// Hands the same plan in again: what had its effect is answered as it was, and what had none has it now.
    func inquire(
        _ plan: OdooPlan, of command: Command, rest: (OdooPlan) async throws(OdooError) -> OdooPlan
    ) async throws(OdooError) -> Inquiry {
        do {
            return .happened(try await carryOut(plan, of: command, rest: rest))
        } catch {
            // Refused: nothing of it happened, and carrying it out again says so to a person.
            guard error.verdict == .rejected || error.failure.kind == OdooFailures.changedMeanwhile else { throw error }
            return .notFound
        }
    }

    private func carryOut(
        _ plan: OdooPlan, of command: Command, rest: (OdooPlan) async throws(OdooError) -> OdooPlan
    ) async throws(OdooError) -> Acceptance {
        guard plan.rest != nil else { return try await submit(plan, command.idempotencyKey, command) }
        _ = try await submit(plan, command.idempotencyKey + "/1", command)
        return try await submit(try await rest(plan), command.idempotencyKey, command)
    }

    private func submit(_ plan: OdooPlan, _ key: String, _ command: Command) async throws(OdooError) -> Acceptance {
        let answer = try await gateway.submit(
            GatewayOperation(key: key, name: command.operation, plan))
        guard answer.status == .done else { throw answer.error }
        guard !answer.isOfOtherSteps || plan.acceptance.ledger.isEmpty else {
            throw .reject(
                OdooFailures.mayBeDone,
                "Odoo has carried this out before, with other values: \(plan.acceptance.summary) was not")
        }
        guard answer.records.isEmpty, case .externalID = plan.evidence.subject else {
            return plan.accepted(answer.records)
        }
        // What another user's call found is not told; the record has its name all the same.
        return plan.accepted(try await RemoteExecutor(session: session).look(plan.evidence).1)
    }
}
