package import Contracts
import ExactJSON

/// What `telemetry:` in `millwright.yaml` says: what the node tells others of itself.
package struct TelemetrySection: Sendable {
    /// An OpenTelemetry collector, and what it is sent.
    package struct Collector: Sendable {
        /// The address before `/v1/metrics` and its like.
        package let endpoint: String
        package let headers: [(name: String, secret: SecretReference, location: SettingLocation)]
        /// `metrics`, `traces`, `logs`
        package let signals: Set<String>
        package let interval: Duration
        package let timeout: Duration
        /// A file with certificates, in PEM; nil for what the node trusts elsewhere.
        package let roots: String?
    }

    /// Nil where nothing is sent.
    package let collector: Collector?
    /// The share of traces that is recorded, from 0 to 100.
    package let samplePercent: Double
}

/// The keys of `telemetry:`.
enum TelemetryFields {
    static let telemetry = Field<Settings>(
        group: "telemetry", [otlp.spec, traces.spec], "what the node tells others of itself, beside `/metrics`")
    static let otlp = Field<Settings>(
        "otlp",
        fields: [endpoint.spec, headers.spec, signals.spec, interval.spec, timeout.spec, roots.spec],
        "an OpenTelemetry collector that is sent metrics, traces and logs (OTLP over HTTP, JSON); without it nothing "
            + "is sent"
    )
    static let endpoint = Field<String>(
        "endpoint", .url(schemes: ["https", "http"]), required: true, example: "https://collector.example:4318",
        "its address, before `/v1/metrics`, `/v1/traces` and `/v1/logs`")
    static let headers = Field<[NamedSecret]>(
        secrets: "headers", example: "{ authorization: \"${file:/run/secrets/collector}\" }",
        "header fields of each request, each read from a file or a variable")
    static let signals = Field<[String]>(
        "signals",
        .list(
            .choice([
                FieldKind.Choice("metrics", "what `/metrics` shows"),
                FieldKind.Choice("traces", "the ways of events, as far as `traces.sample` has them recorded"),
                FieldKind.Choice("logs", "the lines of the node's log"),
            ])), default: "[metrics, traces, logs]", "what it is sent")
    static let interval = Field<Duration>(
        "interval", in: .seconds(1)...(.seconds(3_600)), default: "60s", example: "15s", "how often it is sent metrics")
    static let timeout = Field<Duration>(
        "timeout", in: .seconds(1)...(.seconds(120)), default: "10s", "how long it may take with an answer")
    static let roots = Field<String>(
        "roots", .path, example: "tls/collector-ca.pem",
        "certificates in PEM that it is trusted by; without them those of `security.roots`, or the system's")
    static let traces = Field<Settings>(group: "traces", [sample.spec], "which traces are recorded")
    static let sample = Field<ExactNumber>(
        "sample", default: "10", example: "1.5",
        "the share of traces that is recorded, in percent: 0 to 100; those that came in as sampled are recorded besides"
    )
}

extension TelemetrySection {
    init(_ settings: Settings) throws(SettingFault) {
        let traces = try settings(TelemetryFields.traces)
        let sample = try traces(TelemetryFields.sample).doubleValue
        guard (0...100).contains(sample) else {
            throw SettingFault(
                location: traces.locations["sample"] ?? traces.location, reason: "sample is no share in percent",
                suggestion: "write a number from 0 to 100")
        }
        samplePercent = sample
        guard let own = try settings.optional(TelemetryFields.otlp) else {
            collector = nil
            return
        }
        let place = own.locations["headers"] ?? own.location
        collector = Collector(
            endpoint: try own(TelemetryFields.endpoint),
            headers: try (own.optional(TelemetryFields.headers) ?? []).map { ($0.name, $0.secret, place) },
            signals: Set(try own(TelemetryFields.signals)), interval: try own(TelemetryFields.interval),
            timeout: try own(TelemetryFields.timeout), roots: try own.optional(TelemetryFields.roots))
        for header in collector?.headers ?? [] where !Self.isHeader(header.name) {
            throw SettingFault(
                location: place, reason: "\(header.name) is no name of a header field that can be set here",
                suggestion: "letters, digits and -, and neither content-type nor content-length")
        }
    }

    /// RFC 9110 section 5.1, as far as anybody uses it; what the exporter says itself is not for others to say.
    private static func isHeader(_ name: String) -> Bool {
        !["content-type", "content-length", "host"].contains(name.lowercased())
            && name.utf8.allSatisfy { byte in
                (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte)
                    || byte == 0x2D || byte == 0x5F
            }
    }
}

/// A secret under a free name.
struct NamedSecret: Sendable {
    let name: String
    let secret: SecretReference
}

extension Field where Value == [NamedSecret] {
    /// Secrets by free names.
    init(secrets name: String, example: String? = nil, _ summary: String) {
        self.init(FieldSpec(name, .map(.secret), example: example, summary)) {
            guard case .map(let pairs) = $0 else { return nil }
            return pairs.compactMap { pair in
                if case .secret(let secret) = pair.value { NamedSecret(name: pair.key, secret: secret) } else { nil }
            }
        }
    }
}
