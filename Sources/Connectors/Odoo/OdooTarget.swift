package import Canonical
package import Contracts
package import World

/// Posts commands to one Odoo database.
package struct OdooTarget: Target {
    package let name: TargetName
    package let settlingTime: Duration
    let session: OdooSession
    /// A connection and look-ups of their own for questions, so that they never stand in the way of commands.
    let inquiries: OdooSession
    private let gateway: OdooGateway
    /// Where records are shown that a failure is about.
    private let endpoint: String

    /// From checked settings and the secret that they point to; `renew` reads it anew. `timeZone`: the IANA zone of
    /// dates where the settings name none. Never connects.
    package init(
        name: TargetName, settings: Settings, secret: String, renew: (@Sendable () -> String?)? = nil,
        timeZone: String, world: World
    ) throws(SettingFault) {
        var address = try OdooAddress(settings, secret: secret)
        address.renew = renew
        var options = try OdooOptions(settings)
        options.timeZone = try settings.optional(OdooSpec.timeZone) ?? timeZone
        self.init(name: name, address: address, options: options, world: world)
    }

    /// From values, for a demo or a test.
    package init(name: TargetName, address: OdooAddress, options: OdooOptions, world: World) {
        self.name = name
        endpoint = address.endpoint
        settlingTime = options.settlingTime
        var session = OdooSession(address, options, world: world)
        if options.writers == .one {
            session.lease = WriterLease(
                connection: session.connection, clock: world.clock, entropy: world.entropy, login: address.login,
                settlingTime: options.settlingTime)
        }
        self.session = session
        inquiries = OdooSession(address.waiting(options.answers.timeout), options, world: world)
        gateway = OdooGateway(
            connection: session.connection, clock: world.clock, age: options.cacheAge, source: "millwright/\(name)")
    }

    package static var operations: [OperationSpec] { OdooSpec.target.operations }
    package static var looksBeforehand: Bool { true }

    package func prepare(_ command: Command, ledger: [LedgerEntry]) async -> Preparation {
        guard let operation = OdooOperations.byName[command.operation] else {
            return .settled(.rejected(Self.unknown(command)))
        }
        do {
            let preparation = try await operation.prepare(command, ledger: ledger, in: session)
            guard case .ready(var intent) = preparation else { return preparation }
            intent[OdooPlan.company] = try await session.connection.company().map { .int($0) }
            if try await goesThroughGateway() { intent[OdooPlan.via] = .string(OdooPlan.gateway) }
            return .ready(intent: intent)
        } catch {
            return error.preparation.about(await subject(of: command, error: error))
        }
    }

    package func perform(_ attempt: Attempt) async -> Outcome {
        guard let operation = OdooOperations.byName[attempt.command.operation] else {
            return .rejected(Self.unknown(attempt.command))
        }
        let plan: OdooPlan
        do {
            plan = try OdooPlan(json: attempt.intent)
        } catch {
            return error.outcome.about(await subject(of: attempt.command, error: error))
        }
        do {
            try await session.checkCompany(of: attempt.intent)
            let rest = { (plan) async throws(OdooError) in try await operation.rest(of: plan, in: session) }
            guard plan.isForGateway else {
                return try await RemoteExecutor(session: session, writer: attempt.writer)
                    .perform(plan, started: attempt.started, rest: rest)
            }
            return try await GatewayExecutor(gateway: gateway, session: session).perform(
                plan, of: attempt.command, rest: rest)
        } catch {
            return error.outcome.about(await subject(of: attempt.command, plan, error: error))
        }
    }

    package func inquire(_ attempt: Attempt) async -> Inquiry {
        let plan: OdooPlan
        do {
            plan = try OdooPlan(json: attempt.intent)
        } catch {
            return error.inquiry.about(await subject(of: attempt.command, error: error))
        }
        do {
            try await session.checkCompany(of: attempt.intent)
            // Without the addon, which somebody took away, the evidence tells.
            guard plan.isForGateway, try await gateway.isThere() else {
                let inquiry = try await RemoteExecutor.inquire(plan, in: session)
                guard case .cannotTell = inquiry else { return inquiry }
                return inquiry.about(await subject(of: attempt.command, plan))
            }
            return try await GatewayExecutor(gateway: gateway, session: session).inquire(plan, of: attempt.command)
        } catch {
            return error.inquiry.about(await subject(of: attempt.command, plan, error: error))
        }
    }

    /// Another node need not wait for this one any more.
    package func leave() async { await session.lease?.release() }

    private func goesThroughGateway() async throws(OdooError) -> Bool {
        switch session.options.gateway {
        case .off: return false
        case .auto: return try await gateway.isThere()
        case .required:
            guard try await gateway.isThere() else {
                throw OdooError(
                    .deferred(after: nil, isTargetDown: true),
                    Failure(OdooFailures.noGateway, "the addon is not there, or this user does not have its group"))
            }
            return true
        }
    }

    /// The record that trouble with a command is about, for whoever decides: the one that was refused, else the plan's,
    /// else the order that the command names. Nil where none is known.
    private func subject(
        of command: Command, _ plan: OdooPlan? = nil, error: OdooError? = nil
    ) async -> FailureSubject? {
        if let error, case .deferred(_, isTargetDown: true) = error.verdict { return nil }
        if let record = error?.record ?? plan?.record { return record.subject(at: endpoint) }
        return await order(of: command)?.subject(at: endpoint)
    }

    /// The manufacturing order that a command names, where it was found not long ago.
    private func order(of command: Command) async -> OdooRecord? {
        guard let reference = command.arguments["order"]?.string else { return nil }
        if let id = await session.knownOrder(reference, product: nil) { return OdooRecord(Self.orders, id) }
        guard let item = command.arguments["item"]?.string,
            let product = try? await session.directory.product(code: item),
            let id = await session.knownOrder(reference, product: product.id)
        else { return nil }
        return OdooRecord(Self.orders, id)
    }

    private static let orders = "mrp.production"

    private static func unknown(_ command: Command) -> Failure {
        let names = OdooOperations.all.map { $0.spec.name }.joined(separator: ", ")
        return Failure(
            OdooFailures.arguments, "an Odoo target has no operation \"\(command.operation)\"; it has: \(names)",
            suggestion: "Correct the flow's `operation`, then resubmit.")
    }
}
