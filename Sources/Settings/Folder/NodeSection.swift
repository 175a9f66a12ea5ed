package import Canonical
package import Contracts

/// What `millwright.yaml` says: the node itself.
package struct NodeSection: Sendable {
    /// The least severity that is logged.
    package enum LogLevel: String, Sendable, CaseIterable, Comparable {
        case debug, info, warning

        package static func < (a: LogLevel, b: LogLevel) -> Bool { a.rank < b.rank }
        private var rank: Int { Self.allCases.firstIndex(of: self) ?? 0 }
    }

    /// Where events are kept, how many and how long.
    package struct Store: Sendable, Hashable {
        /// The folder that holds the node's database.
        package let path: String
        /// Bytes that the store may take on disk; reaching it stops intake before anything is lost.
        package let ceilingBytes: Int
        /// How long events are kept after every target has them.
        package let retention: Duration
        /// How long settled commands and exceptions are kept.
        package let history: Duration
        /// How long the identities of trimmed events are known.
        package let identities: Duration
    }

    /// The node's key and certificate, and whom it trusts.
    package struct Security: Sendable, Hashable {
        /// The file with the node's Ed25519 key; nil where the node signs nothing.
        package let key: String?
        /// The files of the certificate chain and its key, in PEM; nil where the listener is plain.
        package let tls: TLS?
        /// Files with certificates, in PEM, that peers are trusted by; empty for the system's own.
        package let trustedRoots: [String]
    }

    /// The files of a certificate chain and its key, in PEM.
    package struct TLS: Sendable, Hashable {
        package let certificate: String
        package let key: String
    }

    /// Who may use the console.
    package struct Console: Sendable {
        /// Somebody, and what proves it.
        package struct Token: Sendable {
            package let name: String
            /// `viewer`, `operator`, `integrator`
            package let scope: String
            package let secret: SecretReference
        }

        package let tokens: [Token]
        /// Whether the pages can be read without a token.
        package let isOpen: Bool
    }

    package let node: NodeID
    /// Where the node's HTTP listener is; nil where it has none.
    package let listen: Address?
    package let store: Store
    package let security: Security
    package let logLevel: LogLevel
    package let console: Console
    package let telemetry: TelemetrySection
    package let location: SettingLocation
    /// Where the values stand that are given, by their keys' path: `security.tls.key`.
    package let places: [String: SettingLocation]
}

/// A host and a port to listen at.
package struct Address: Sendable, Hashable, CustomStringConvertible {
    package let host: String
    /// 0 for any free port.
    package let port: Int

    /// Reads `host:port`; nil for anything else.
    package init?(_ text: String) {
        guard let (host, port) = try? AddressText.hostAndPort(text, toListen: true) else { return nil }
        self.host = host
        self.port = port
    }

    package var description: String { host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)" }
}

/// The keys of `millwright.yaml`.
package enum NodeFields {
    static let node = Field<String>(
        "node", .name, required: true, example: "lyon-edge", "the node's name, unique among all nodes of the company")
    static let listen = Field<String>(
        "listen", .hostAndPort, example: "0.0.0.0:8443", "where HTTP is served; without it the node has no listener")
    static let store = Field<Settings>(
        group: "store", [storePath.spec, ceiling.spec, retention.spec, history.spec, identities.spec],
        "the durable store")
    static let storePath = Field<String>(
        "path", .path, default: "store", example: "/var/lib/millwright", "the store's folder")
    static let ceiling = Field<Int>(
        "ceiling", .bytes((1 << 20)...(1 << 50)), default: "10GiB", example: "20GiB",
        "how much disk the store may take; bulk events are taken in up to 80 % of it, normal ones up to 90 %, "
            + "critical ones up to all of it")
    static let retention = Field<Duration>(
        "retention", in: .seconds(60)...(.seconds(86_400 * 3_650)), default: "30d", example: "90d",
        "how long events are kept after every target has them")
    static let history = Field<Duration>(
        "history", in: .seconds(3_600)...(.seconds(86_400 * 3_650)), default: "90d", example: "30d",
        "how long settled commands and exceptions are kept; a store that fills up keeps a day of them")
    static let identities = Field<Duration>(
        "identities", in: .seconds(3_600)...(.seconds(86_400 * 3_650)), default: "730d", example: "365d",
        "how long an event is known again after it was trimmed: longer than any source can repeat itself")
    static let security = Field<Settings>(
        group: "security", [key.spec, tls.spec, roots.spec], "the node's key, its certificate, and whom it trusts")
    static let key = Field<String>(
        "key", .path, example: "keys/node.key", "the node's Ed25519 key, made by `millwright keygen`")
    static let tls = Field<Settings>(
        "tls", fields: [certificate.spec, certificateKey.spec], "the listener's certificate")
    static let certificate = Field<String>(
        "certificate", .path, required: true, example: "tls/node.pem", "the certificate chain in PEM")
    static let certificateKey = Field<String>(
        "key", .path, required: true, example: "tls/node.key", "the certificate's key in PEM")
    static let roots = Field<[String]>(
        "roots", .oneOrMany(.path), example: "tls/ca.pem",
        "certificates in PEM that peers are trusted by; without them the system's")
    static let observability = Field<Settings>(group: "observability", [log.spec], "what the node says of itself")
    static let log = Field<String>(
        "log", .choice(NodeSection.LogLevel.allCases.map { FieldKind.Choice($0.rawValue, "\($0.rawValue) and worse") }),
        default: "info", "the least severity that is logged")

    static let console = Field<Settings>(
        group: "console", [tokens.spec, read.spec], "who may look at the node's pages, and act there")
    static let tokens = Field<[NamedSettings]>(
        named: "tokens", [scope.spec, secret.spec],
        example: "{ anna: { scope: operator, secret: \"${file:/run/secrets/anna}\" } }",
        "people and programs by name, as the audit trail names them; without any nobody acts, and the desk is shown at "
            + "loopback addresses alone")
    static let scope = Field<String>(
        "scope",
        .choice([
            FieldKind.Choice("viewer", "looks"),
            FieldKind.Choice("operator", "decides about exceptions, pauses, resumes and replays too"),
            FieldKind.Choice(
                "integrator", "has the settings folder read again and fetches what ran, for those who set the node up"),
        ]), required: true, example: "operator", "what they may do")
    static let secret = Field<SecretReference>(
        "secret", required: true, example: "${file:/run/secrets/anna}", "the token, at least 16 characters")
    static let read = Field<String>(
        "read",
        .choice([
            FieldKind.Choice("token", "who has a token"), FieldKind.Choice("anybody", "who reaches the listener"),
        ]), default: "token", "who may look at the pages where there are tokens")

    static let schemas = Field<Settings>(
        group: "schemas", [formats.spec], "how the schemas of the folder's own event types are read")
    static let formats = Field<String>(
        "formats",
        .choice([
            FieldKind.Choice("assertion", "an event whose text does not have the format is refused"),
            FieldKind.Choice(
                "annotation", "the format says what is meant and refuses nothing, as JSON Schema 2020-12 has it"),
        ]), default: "assertion",
        "what `format` in a schema does; a metaschema that demands assertion is followed either way")

    /// All keys of the file.
    package static let all: [FieldSpec] = [
        node.spec, listen.spec, store.spec, security.spec, observability.spec, console.spec, schemas.spec,
        TelemetryFields.telemetry.spec,
    ]
}

extension NodeSection {
    init(_ settings: Settings) throws(SettingFault) {
        node = NodeID(try settings(NodeFields.node))
        listen = try settings.optional(NodeFields.listen).flatMap { Address($0) }
        let store = try settings(NodeFields.store)
        self.store = Store(
            path: try store(NodeFields.storePath), ceilingBytes: try store(NodeFields.ceiling),
            retention: try store(NodeFields.retention), history: try store(NodeFields.history),
            identities: try store(NodeFields.identities))
        let security = try settings(NodeFields.security)
        var tls: TLS?
        if let given = try security.optional(NodeFields.tls) {
            tls = TLS(certificate: try given(NodeFields.certificate), key: try given(NodeFields.certificateKey))
        }
        self.security = Security(
            key: try security.optional(NodeFields.key), tls: tls,
            trustedRoots: try security.optional(NodeFields.roots) ?? [])
        let observability = try settings(NodeFields.observability)
        logLevel = LogLevel(rawValue: try observability(NodeFields.log)) ?? .info
        let console = try settings(NodeFields.console)
        var tokens: [Console.Token] = []
        for named in try console.optional(NodeFields.tokens) ?? [] {
            tokens.append(
                Console.Token(
                    name: named.name, scope: try named.settings(NodeFields.scope),
                    secret: try named.settings(NodeFields.secret)))
        }
        self.console = Console(tokens: tokens, isOpen: try console(NodeFields.read) == "anybody")
        telemetry = try TelemetrySection(settings(TelemetryFields.telemetry))
        location = settings.location
        var places = settings.locations
        for (name, place) in store.locations { places["store.\(name)"] = place }
        for (name, place) in security.locations { places["security.\(name)"] = place }
        for named in try console.optional(NodeFields.tokens) ?? [] {
            for (name, place) in named.settings.locations { places["console.tokens.\(named.name).\(name)"] = place }
        }
        for (name, place) in try security.optional(NodeFields.tls)?.locations ?? [:] {
            places["security.tls.\(name)"] = place
        }
        self.places = places
    }
}

extension Field where Value == Settings {
    /// A group of settings that is there with its own defaults even where the file does not name it.
    package init(group name: String, _ fields: [FieldSpec], _ summary: String) {
        self.init(FieldSpec(name, .object(fields), default: "{}", summary)) {
            if case .object(let settings) = $0 { settings } else { nil }
        }
    }
}
