import Canonical
import Contracts
package import ExactJSON
package import World

/// How to reach one Odoo database as one user.
package struct OdooAddress: Sendable {
    /// Scheme, host and port, without a trailing slash.
    package let endpoint: String
    package let database: String
    package let login: String
    /// Password or API key; never part of an error.
    package private(set) var secret: String
    package let trust: Trust
    package private(set) var timeout: Duration
    /// The company that every call works in, by its name or its database id; nil for the user's own.
    package var company: String?
    /// Reads the secret anew, where it may have been changed since.
    package var renew: (@Sendable () -> String?)?

    package init(
        endpoint: String, database: String, login: String, secret: String, trust: Trust = .system,
        timeout: Duration = .seconds(120), company: String? = nil
    ) {
        self.endpoint = String(endpoint.reversed().drop { $0 == "/" }.reversed())
        self.database = database
        self.login = login
        self.secret = secret
        self.trust = trust
        self.timeout = timeout
        self.company = company
    }
}

extension OdooAddress {
    /// The same with another key, which nothing renews.
    func with(secret: String) -> OdooAddress {
        var address = self
        address.secret = secret
        address.renew = nil
        return address
    }

    /// The same, with calls that may take at most so long.
    func waiting(_ duration: Duration) -> OdooAddress {
        var address = self
        address.timeout = min(timeout, duration)
        return address
    }
}

/// Carries calls to Odoo: finds the version and the interface by itself, logs in once, and tells every error apart.
package actor OdooConnection {
    /// Bytes of an answer that are read at most.
    static let maximumAnswer = 32 << 20
    /// Companies of one user that are looked at.
    static let maximumCompanies = 1_000

    /// What was found out about the server at login.
    struct Login: Sendable {
        let dialect: OdooDialect
        let interface: Interface
        /// The company that the settings name.
        var company: Int?
    }

    enum Interface: Sendable, Hashable {
        /// `execute_kw` as the user with this id.
        case remote(user: Int)
        case json2
    }

    private let address: OdooAddress
    private let network: any Network
    private var login: Login?
    /// Password or API key, as it was read last.
    private var secret: String
    /// The company that was found first. Another one of that name later is not it.
    private var firstCompany: Int?

    package init(_ address: OdooAddress, network: any Network) {
        self.address = address
        self.network = network
        secret = address.secret
    }

    /// Whom Odoo knows this connection as.
    nonisolated var user: String { address.login }

    /// The version's table of names; connects where that has not happened yet.
    package func dialect() async throws(OdooError) -> OdooDialect { try await connected().dialect }

    /// The id of the company that every call works in; nil where the settings name none.
    func company() async throws(OdooError) -> Int? { try await connected().company }

    /// `19 over JSON-2`, for reports.
    package func described() async throws(OdooError) -> String {
        let login = try await connected()
        return "\(login.dialect.version) over \(login.interface == .json2 ? "JSON-2" : "JSON-RPC")"
    }

    /// The method's result.
    package func call(_ call: OdooCall) async throws(OdooError) -> JSON {
        let login = try await connected()
        let used = secret
        do {
            return try await send(call, as: login)
        } catch {
            // What Odoo refuses for its key was surely not done: with a new one it goes at once.
            if error.failure.kind == OdooFailures.credentials, hasNewSecret(instead: used) {
                return try await send(call, as: try await connected())
            }
            // A server that restarts may come back as another version, or with another key.
            if case .deferred(_, isTargetDown: true) = error.verdict { self.login = nil }
            // A user who has lost the company may do nothing any more: that is no fault of the command's.
            if error.failure.kind == OdooFailures.rights, login.company != nil {
                self.login = nil
                _ = try await connected()
            }
            throw error
        }
    }

    private func send(_ call: OdooCall, as login: Login) async throws(OdooError) -> JSON {
        switch login.interface {
        case .remote(let user):
            let (places, names) = call.remoteArguments(company: login.company)
            let response = try await post(
                "/jsonrpc",
                Self.envelope(
                    "object", "execute_kw",
                    [
                        .string(address.database), .int(user), .string(secret), .string(call.model),
                        .string(call.method), places, names,
                    ]), isWrite: call.isWrite, of: call)
            return try OdooAnswer.remote(response, of: call)
        case .json2:
            let response = try await post(
                "/json/2/\(call.model)/\(call.method)", call.json2Body(company: login.company),
                headers: [("Authorization", "bearer " + secret), ("X-Odoo-Database", address.database)],
                isWrite: call.isWrite, of: call)
            return try OdooAnswer.json2(response, of: call)
        }
    }

    private func connected() async throws(OdooError) -> Login {
        if let login { return login }
        let used = secret
        do {
            return try await connect()
        } catch {
            guard error.failure.kind == OdooFailures.credentials, hasNewSecret(instead: used) else { throw error }
            return try await connect()
        }
    }

    /// Whether there is another secret than the one that was refused: somebody changed the key.
    private func hasNewSecret(instead used: String) -> Bool {
        if secret == used, let fresh = address.renew?(), fresh != used {
            secret = fresh
            login = nil
        }
        return secret != used
    }

    private func connect() async throws(OdooError) -> Login {
        let dialect = try await version()
        var found = Login(dialect: dialect, interface: try await interface(for: dialect))
        found.company = try await company(as: found)
        login = found
        return found
    }

    /// The company that the settings name, and that this user may work in.
    private func company(as login: Login) async throws(OdooError) -> Int? {
        guard let name = address.company else { return nil }
        // Asked without a company, Odoo shows all that are this user's.
        let rows = try await send(.find("res.company", [], ["name"], limit: Self.maximumCompanies), as: login)
        let choice = CompanyChoice(
            name: name, login: address.login, companies: rows.array?.map(OdooRow.init) ?? [], before: firstCompany)
        let id = try choice.id()
        var inside = login
        inside.company = id
        do {
            // Administrators see companies that are not theirs; a call in such a one is refused.
            _ = try await send(OdooCall("res.company", "search_count", ["domain": []], isWrite: false), as: inside)
        } catch {
            guard error.failure.kind == OdooFailures.rights else { throw error }
            throw choice.refusal("the user \(address.login) may not work in the company \"\(name)\"")
        }
        firstCompany = id
        return id
    }

    /// JSON-2 where it exists and the secret is an API key; JSON-RPC otherwise.
    private func interface(for dialect: OdooDialect) async throws(OdooError) -> Interface {
        if dialect.hasJSON2 {
            let probe = OdooCall("uom.uom", "search_count", ["domain": []], isWrite: false)
            do {
                _ = try await send(probe, as: Login(dialect: dialect, interface: .json2))
                return .json2
            } catch {
                // Whatever Odoo refuses to a user, it knows the user by the key.
                if error.verdict == .rejected { return .json2 }
                guard error.failure.kind == OdooFailures.credentials else { throw error }
            }
        }
        let call = OdooCall("common", "authenticate", isWrite: false)
        let response = try await post(
            "/jsonrpc",
            Self.envelope(
                "common", "authenticate",
                [.string(address.database), .string(address.login), .string(secret), [:]]), isWrite: false)
        guard let user = try OdooAnswer.remote(response, of: call).int else {
            throw OdooError(
                .deferred(after: nil, isTargetDown: true),
                Failure(
                    OdooFailures.credentials,
                    "Odoo refuses the login \(address.login) at database \(address.database)"))
        }
        return .remote(user: user)
    }

    /// The server's major version, asked without a login.
    private func version() async throws(OdooError) -> OdooDialect {
        let call = OdooCall("web", "version_info", isWrite: false)
        let response = try await post(
            "/web/webclient/version_info", ["jsonrpc": "2.0", "method": "call", "id": 1, "params": [:]], isWrite: false)
        let answer = try OdooAnswer.remote(response, of: call)
        let text = answer["server_version"]?.string ?? ""
        // `saas~18.3` is an 18 for our purposes.
        let digits = text.drop { !$0.isNumber }.prefix { $0.isNumber }
        guard let major = Int(digits), let dialect = OdooDialect(version: major) else {
            throw OdooError(
                .deferred(after: nil, isTargetDown: true),
                Failure(
                    OdooFailures.version,
                    "the server at \(address.endpoint) says that it is version \"\(text.prefix(40))\""))
        }
        return dialect
    }

    private static func envelope(_ service: String, _ method: String, _ arguments: [JSON]) -> JSON {
        [
            "jsonrpc": "2.0", "method": "call", "id": 1,
            "params": ["service": .string(service), "method": .string(method), "args": .array(arguments)],
        ]
    }

    private func post(
        _ path: String, _ body: JSON, headers: [(name: String, value: String)] = [], isWrite: Bool,
        of call: OdooCall? = nil
    ) async throws(OdooError) -> HTTPResponse {
        // What stands before Odoo, or within it, can put its own part beside the command's (W3C Trace Context).
        var fields: [(name: String, value: String)] = [("Content-Type", "application/json")] + headers
        if let trace = Traceparent.current { fields.append(("traceparent", trace.description)) }
        let request = HTTPRequest(
            method: "POST", target: address.endpoint + path,
            headers: HTTPHeaders(fields), body: body.bytes, trust: address.trust)
        do {
            return try await network.send(request, timeout: address.timeout, maximumBody: Self.maximumAnswer)
        } catch {
            let trouble = OdooAnswer.network(error, isWrite: isWrite, of: call)
            throw trouble
        }
    }
}
