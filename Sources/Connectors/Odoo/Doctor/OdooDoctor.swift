import Canonical
package import Contracts
import ExactJSON
package import World

/// Looks at a target and its Odoo from end to end, and says what is missing. Reads only.
package struct OdooDoctor: Sendable {
    private let address: OdooAddress
    private let options: OdooOptions
    private let world: World

    /// Small calls that are timed.
    private static let timed = 5

    /// From checked settings and the secret that they point to. Never connects.
    package init(settings: Settings, secret: String, world: World) throws(SettingFault) {
        address = try OdooAddress(settings, secret: secret)
        options = try OdooOptions(settings)
        self.world = world
    }

    /// From values, for a test.
    package init(address: OdooAddress, options: OdooOptions, world: World) {
        self.address = address
        self.options = options
        self.world = world
    }

    /// What is found. `operations`: those that flows use. Where Odoo cannot be reached at all, that alone.
    package func examine(_ operations: [String]) async -> [OdooFinding] {
        let connection = OdooConnection(address, network: world.network)
        let host = address.endpoint.split(separator: "/").dropFirst().first.map(String.init) ?? ""
        let isLocal = ["localhost", "127.0.0.1", "[::1]"].contains { host.hasPrefix($0) }
        let diagnosis = OdooDiagnosis(
            login: address.login, options: options, timeout: address.timeout,
            isPlainOverNetwork: address.endpoint.hasPrefix("http://") && !isLocal, operations: operations)
        do {
            return diagnosis.findings(try await facts(connection, operations))
        } catch {
            return [
                OdooFinding(
                    .fault, error.failure.kind == OdooFailures.company ? "company" : "connection",
                    "\(error.failure.kind.code) \(error.failure.message)", mend: error.failure.suggestion)
            ]
        }
    }

    private func facts(
        _ connection: OdooConnection, _ operations: [String]
    ) async throws(OdooError) -> OdooFacts {
        var facts = OdooFacts()
        facts.interface = try await connection.described()
        facts.version = try await connection.dialect().version
        facts.now = world.clock.now()
        facts.ahead = await ahead()
        for _ in 0..<Self.timed {
            let began = world.clock.uptime()
            _ = try await connection.call(
                OdooCall("res.users", "search_count", ["domain": []], isWrite: false))
            facts.calls.append(world.clock.uptime() - began)
        }
        facts.user = try await ownLogin(connection)
        facts.isAdministrator = try await right("ir.module.module", "write", connection) == .granted
        facts.companies = try await connection.rows(.find("res.company", [], ["name"], limit: 50)).compactMap {
            $0.text("name")
        }
        facts.company = address.company == nil ? nil : facts.companies.first
        facts.hasEmail = try await hasEmail(connection)
        facts.keys = try await connection.endingKeys(of: address.login)
        facts.addon = try await addon(connection)
        if facts.addon == .there { facts.addonRelease = try await addonRelease(connection) }
        for name in operations {
            for model in OperationNeeds.of[name]?.models(facts.version) ?? [] where facts.rights[model] == nil {
                facts.rights[model] = try await right(model, "write", connection)
            }
            for model in MadeRecords.models(of: name, facts.version) where facts.creates[model] == nil {
                facts.creates[model] = try await right(model, "create", connection)
            }
        }
        try await details(operations, connection, &facts)
        return facts
    }

    private func details(
        _ operations: [String], _ connection: OdooConnection, _ facts: inout OdooFacts
    ) async throws(OdooError) {
        if facts.rights["mrp.workcenter.productivity"] == .granted {
            let rows = try await connection.rows(.find("mrp.workcenter.productivity.loss", [], ["name"], limit: 200))
            facts.hasLoss = rows.contains { $0.text("name") == options.loss }
        }
        if operations.contains("maintenance.request"), facts.rights["maintenance.request"] == .granted {
            facts.equipment = try await connection.rows(.find("maintenance.equipment", [], ["name"], limit: 1)).count
        }
        if facts.version >= 19, operations.contains("production.complete") {
            let right = try await right("account.move.line", "read", connection)
            facts.readsEntries = right == .noModel ? nil : right == .granted
        }
    }

    private func right(
        _ model: String, _ operation: String, _ connection: OdooConnection
    ) async throws(OdooError) -> OdooFacts.Right {
        do {
            let answer = try await connection.call(
                OdooCall(
                    model, "check_access_rights", ["operation": .string(operation), "raise_exception": false],
                    isWrite: false))
            return answer.bool == true ? .granted : .refused
        } catch {
            switch error.failure.kind {
            case OdooFailures.missingModel: return .noModel
            case OdooFailures.rights: return .refused
            default: throw error
            }
        }
    }

    /// Over JSON-2 the key alone says who it is, whatever the settings say.
    private func ownLogin(_ connection: OdooConnection) async throws(OdooError) -> String? {
        let context = try await connection.call(OdooCall("res.users", "context_get", [:], isWrite: false))
        guard let id = context["uid"]?.int else { return nil }
        do {
            return try await connection.rows(.find("res.users", [["id", "=", .int(id)]], ["login"], limit: 1)).first?
                .text("login")
        } catch {
            guard error.verdict == .rejected else { throw error }
            return nil
        }
    }

    /// Nil where the user may not read itself.
    private func hasEmail(_ connection: OdooConnection) async throws(OdooError) -> Bool? {
        do {
            let own = OdooCall.find("res.users", [["login", "=", .string(address.login)]], ["email"], limit: 1)
            return try await connection.rows(own).first.map { $0.text("email") != nil }
        } catch {
            guard error.verdict == .rejected else { throw error }
            return nil
        }
    }

    private func addon(_ connection: OdooConnection) async throws(OdooError) -> OdooFacts.Addon {
        let gateway = OdooGateway(connection: connection, clock: world.clock, age: options.cacheAge, source: "doctor")
        do {
            return try await gateway.isThere() ? .there : .absent
        } catch {
            guard error.failure.kind == OdooFailures.gatewayVersion else { throw error }
            return .wrong(error.failure)
        }
    }

    /// Odoo puts its series before an addon's own version: `19.0.1.0.0`.
    private func addonRelease(_ connection: OdooConnection) async throws(OdooError) -> String? {
        let health = try await connection.call(OdooCall("millwright.gateway", "health", isWrite: false))
        guard let whole = health["addon"]?.string, let series = health["series"]?.string else { return nil }
        return whole.hasPrefix(series + ".") ? String(whole.dropFirst(series.count + 1)) : whole
    }

    /// How far this clock is ahead, by the date of an answer, which has whole seconds.
    private func ahead() async -> Duration? {
        let request = HTTPRequest(method: "GET", target: address.endpoint + "/web/login", trust: address.trust)
        guard
            let response = try? await world.network.send(
                request, timeout: address.timeout, maximumBody: OdooConnection.maximumAnswer),
            let date = response.headers["Date"].flatMap(HTTPDate.instant)
        else { return nil }
        return world.clock.now().since(date)
    }
}
