import Contracts
import ExactJSON

/// Carries plans out through the companion addon: each in one transaction, once for each key. A command of two plans
/// is two transactions.
struct GatewayExecutor: Sendable {
    let gateway: OdooGateway
    let session: OdooSession

    /// `rest`: makes the second plan of a command that needs one.
    func perform(
        _ plan: OdooPlan, of command: Command, rest: (OdooPlan) async throws(OdooError) -> OdooPlan
    ) async throws(OdooError) -> Outcome {
        let key = Self.key(of: command)
        guard plan.rest != nil else { return .accepted(try await submit(plan, key, command)) }
        // Its own effect is the record's, not the command's: another order of the same name is confirmed by itself.
        let first = try await gateway.submit(
            GatewayOperation(key: "\(key)/confirm/\(plan.acceptance.reference)", name: command.operation, plan))
        guard first.status == .done else { throw first.error }
        do throws(OdooError) {
            return .accepted(try await submit(try await rest(plan), key, command))
        } catch {
            // The first half is a transaction of its own, and is not taken back.
            throw error.over(StandingSteps(plan.steps, first.records))
        }
    }

    /// Asks under the command's key and changes nothing: the addon answers what it recorded, or refuses the question.
    func inquire(_ plan: OdooPlan, of command: Command) async throws(OdooError) -> Inquiry {
        let answer = try await gateway.submit(.question(key: Self.key(of: command), name: command.operation))
        guard answer.status == .done else {
            guard answer.status == .refused else { throw answer.error }
            return .notFound
        }
        return .happened(try await accepted(plan, answer))
    }

    /// What a person sent again, or what Odoo forgot, is meant to be carried out once more.
    private static func key(of command: Command) -> String {
        command.isRepeated || command.isDecided
            ? "\(command.idempotencyKey)/again/\(command.id)" : command.idempotencyKey
    }

    private func submit(_ plan: OdooPlan, _ key: String, _ command: Command) async throws(OdooError) -> Acceptance {
        let answer = try await gateway.submit(GatewayOperation(key: key, name: command.operation, plan))
        guard answer.status == .done else { throw answer.error }
        guard answer.isOfOtherSteps else { return try await accepted(plan, answer) }
        // Carried out before, by a plan of before. Where that had this one's effect, it is done.
        let (standing, records) = try await session.look(plan.evidence)
        guard standing == .done else {
            throw .reject(
                OdooFailures.mayBeDone,
                "Odoo has carried this out before, with other values than: \(plan.acceptance.summary)")
        }
        return plan.accepted(records)
    }

    /// What another user's call found is not told; a record that was made has its name all the same.
    private func accepted(_ plan: OdooPlan, _ answer: GatewayAnswer) async throws(OdooError) -> Acceptance {
        guard answer.records.isEmpty, case .externalID = plan.evidence.subject else {
            return plan.accepted(answer.records)
        }
        return plan.accepted(try await session.look(plan.evidence).1)
    }
}

extension OdooSession {
    /// What the companion addon recorded of a command under its own key; nil where it has no such key, or is not there.
    func recorded(_ plan: OdooPlan, of command: Command) async throws(OdooError) -> Acceptance? {
        guard options.gateway != .off else { return nil }
        // So seldom asked that what it learns need not be kept.
        let gateway = OdooGateway(
            connection: connection, clock: clock, age: options.cacheAge, source: "millwright/\(command.target)")
        if options.gateway == .auto {
            guard try await gateway.isThere() else { return nil }
        }
        let executor = GatewayExecutor(gateway: gateway, session: self)
        guard case .happened(let acceptance) = try await executor.inquire(plan, of: command) else { return nil }
        return acceptance
    }
}
