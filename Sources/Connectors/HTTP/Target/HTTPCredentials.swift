import Contracts
import NodeSecurity
import World

/// Shows a receiver who sends: a fixed header field, or an access token that is renewed.
actor HTTPCredentials {
    /// What one request was sent with.
    struct Stamp: Sendable {
        let name: String
        let value: String
        /// What must not be shown.
        let secrets: [String]
    }

    /// How requests show who sends them.
    enum Kind: Sendable {
        case basic(user: String)
        case bearer
        case header(String)
        case token(TokenRequest)
    }

    private let kind: Kind
    private let reference: SecretReference
    private let secrets: SecretReader
    private let tokens: TokenKeeper?
    private var secret: Secret

    /// Reads the secret; connects to nobody. Throws ``SettingFault``, or the ``Failure`` of a secret that cannot be
    /// read.
    init(_ settings: Settings, secrets: SecretReader, trust: Trust, world: World) throws {
        kind = try Kind(settings)
        reference = try settings(HTTPTargetFields.secret)
        self.secrets = secrets
        secret = try secrets.read(reference)
        if case .token(let request) = kind {
            tokens = TokenKeeper(request, trust: trust, network: world.network, clock: world.clock)
        } else {
            tokens = nil
        }
    }

    /// What the next request is sent with. Throws where there is no access token to be had.
    func stamp() async throws(Deferral) -> Stamp {
        let text = secret.reveal
        switch kind {
        case .basic(let user):
            let coded = Base64.encode(Array("\(user):\(text)".utf8))
            return Stamp(name: "Authorization", value: "Basic " + coded, secrets: [text, coded])
        case .bearer: return Stamp(name: "Authorization", value: "Bearer " + text, secrets: [text])
        case .header(let name): return Stamp(name: name, value: text, secrets: [text])
        case .token:
            guard let tokens else { return Stamp(name: "Authorization", value: "", secrets: []) }
            let token = try await tokens.token(secret: text)
            return Stamp(name: "Authorization", value: "Bearer " + token, secrets: [text, token])
        }
    }

    /// The receiver refused a request with `stamp`: whether another try would be sent with something else. A token is
    /// dropped; a secret is read anew, as somebody may have changed it.
    func renew(after stamp: Stamp) async -> Bool {
        if let fresh = try? secrets.read(reference), fresh != secret { secret = fresh }
        if let tokens {
            await tokens.drop(stamp.value)
            return true
        }
        guard let next = try? await self.stamp() else { return false }
        return next.value != stamp.value
    }
}

extension HTTPCredentials.Kind {
    /// From the settings of `auth`.
    init(_ settings: Settings) throws(SettingFault) {
        func fault(_ name: String, _ reason: String, _ suggestion: String) -> SettingFault {
            SettingFault(
                location: settings.locations[name] ?? settings.location, reason: "auth.\(name): \(reason)",
                suggestion: suggestion)
        }
        switch try settings(HTTPTargetFields.kind) {
        case "basic":
            let user = try settings(HTTPTargetFields.user)
            guard !user.contains(":") else {
                throw fault("user", "a colon ends a user's name (RFC 7617)", "use a user without one")
            }
            self = .basic(user: user)
        case "header":
            let name = try settings(HTTPTargetFields.header)
            if let reason = HeaderRules.refusal(name, "key", taken: []) {
                throw fault("header", reason, "name it like X-API-Key; for Authorization use kind: bearer or basic")
            }
            self = .header(name)
        case "oauth2": self = .token(try TokenRequest(settings))
        default: self = .bearer
        }
    }

    /// The header fields that nobody else may set.
    var taken: [String] { if case .header(let name) = self { [name] } else { [] } }
}
