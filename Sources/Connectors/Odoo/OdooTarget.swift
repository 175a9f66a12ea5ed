package import Canonical
package import Contracts
package import World

/// Posts commands to one Odoo database.
package struct OdooTarget: Target {
    package let name: TargetName
    package let settlingTime: Duration
    let session: OdooSession

    /// From checked settings and the secret that they point to. `timeZone`: the IANA zone of dates where the settings name
    /// none. Never connects.
    package init(
        name: TargetName, settings: Settings, secret: String, timeZone: String, world: World
    ) throws(SettingFault) {
        let certificates = try settings.optional(OdooSpec.certificates)
        let address = OdooAddress(
            endpoint: try settings(OdooSpec.endpoint), database: try settings(OdooSpec.database),
            login: try settings(OdooSpec.login), secret: secret,
            trust: certificates.map { .rootsFile($0) } ?? .system, timeout: try settings(OdooSpec.timeout))
        var options = try OdooOptions(settings)
        options.timeZone = try settings.optional(OdooSpec.timeZone) ?? timeZone
        self.init(name: name, address: address, options: options, world: world)
    }

    /// From values, for a demo or a test.
    package init(name: TargetName, address: OdooAddress, options: OdooOptions, world: World) {
        self.name = name
        settlingTime = options.settlingTime
        let connection = OdooConnection(address, network: world.network)
        session = OdooSession(
            connection: connection,
            directory: OdooDirectory(connection: connection, clock: world.clock, age: options.cacheAge),
            options: options, clock: world.clock)
    }

    package static var operations: [OperationSpec] { OdooSpec.target.operations }

    package func prepare(_ command: Command, ledger: [LedgerEntry]) async -> Preparation {
        guard let operation = OdooOperations.byName[command.operation] else {
            return .settled(.rejected(Self.unknown(command)))
        }
        do {
            return try await operation.prepare(command, ledger: ledger, in: session)
        } catch {
            return error.preparation
        }
    }

    package func perform(_ attempt: Attempt) async -> Outcome {
        guard let operation = OdooOperations.byName[attempt.command.operation] else {
            return .rejected(Self.unknown(attempt.command))
        }
        do {
            return try await operation.perform(attempt, in: session)
        } catch {
            return error.outcome
        }
    }

    package func inquire(_ attempt: Attempt) async -> Inquiry {
        guard let operation = OdooOperations.byName[attempt.command.operation] else {
            return .cannotTell(Self.unknown(attempt.command))
        }
        do {
            return try await operation.inquire(attempt, in: session)
        } catch {
            return error.inquiry
        }
    }

    private static func unknown(_ command: Command) -> Failure {
        let names = OdooOperations.all.map { $0.spec.name }.joined(separator: ", ")
        return Failure(
            OdooFailures.arguments, "an Odoo target has no operation \"\(command.operation)\"; it has: \(names)",
            suggestion: "Correct the flow's `operation`, then resubmit.")
    }
}
