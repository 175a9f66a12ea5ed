import Canonical
import Contracts

/// The settings of one adapter source, read and checked.
struct MTConnectOptions: Sendable {
    let host: String
    let port: Int
    let model: String?
    let connectTimeout: Duration
    let silence: Duration
    let linger: Duration
    let backoff: Backoff
    /// The rules of reading, without what the device model adds.
    var rules: SHDRRules

    init(_ settings: Settings, asset: AssetID, limits: Limits) throws(SettingFault) {
        typealias S = MTConnectSpec
        let endpoint = try settings(S.endpoint)
        guard let colon = endpoint.lastIndex(of: ":"), let port = Int(endpoint[endpoint.index(after: colon)...]),
            (1...65_535).contains(port), colon != endpoint.startIndex
        else {
            throw SettingFault(
                location: settings.locations["endpoint"] ?? settings.location,
                reason: "endpoint: \(endpoint) is no host and port", suggestion: "write it as 10.0.4.17:7878")
        }
        // An IPv6 address stands in brackets: [fe80::1]:7878.
        host = endpoint[..<colon].trimmingBrackets
        self.port = port
        model = try settings.optional(S.model)
        connectTimeout = try settings.optional(S.connectTimeout) ?? .seconds(10)
        silence = try settings.optional(S.silence) ?? .seconds(600)
        linger = try settings.optional(S.linger) ?? .milliseconds(50)
        let retry = try settings.optional(S.retry)
        backoff = Backoff(
            base: try retry?.optional(S.base) ?? .milliseconds(500), cap: try retry?.optional(S.cap) ?? .seconds(30))
        var rules = SHDRRules(asset: asset)
        rules.limits = limits
        for (device, name) in try settings.optional(S.devices) ?? [:] { rules.devices[device] = AssetID(name) }
        rules.isLatin1 = try settings.optional(S.encoding) == "latin-1"
        rules.ignoresTimes = try settings.optional(S.time) == "arrival"
        rules.dropsRepeats = try settings.optional(S.repeats) == "drop"
        for (field, kind) in Self.lists {
            for key in try settings.optional(field) ?? [] { rules.model[key] = kind }
        }
        self.rules = rules
    }

    /// The settings that name keys by kind.
    private static let lists: [(Field<[String]>, SHDRKind)] = [
        (MTConnectSpec.conditions, .condition), (MTConnectSpec.messages, .message),
        (MTConnectSpec.timeSeries, .timeSeries), (MTConnectSpec.dataSets, .dataSet), (MTConnectSpec.tables, .table),
    ]

    /// The rules with the kinds of a device model; kinds that the settings name win.
    func rules(withModel bytes: [UInt8]) -> (rules: SHDRRules, items: Int) {
        var rules = rules
        var model = SHDRModel()
        let items = DevicesFile.read(bytes, into: &model)
        model.merge(rules.model)
        rules.model = model
        return (rules, items)
    }
}

/// Waits between tries: a random part of a span that doubles from `base` to `cap` ("full jitter"), so that many nodes
/// do not come back at the same moment.
struct Backoff: Sendable, Hashable {
    let base: Duration
    let cap: Duration

    /// The wait before try `attempt` (from 0); `random` is any 64 bits.
    func wait(attempt: Int, random: UInt64) -> Duration {
        let span = min(cap, base * (1 << min(max(0, attempt), 20)))
        return .microseconds(Int64(random % UInt64(max(1, span.microseconds + 1))))
    }
}

extension Substring {
    fileprivate var trimmingBrackets: String {
        hasPrefix("[") && hasSuffix("]") ? String(dropFirst().dropLast()) : String(self)
    }
}
