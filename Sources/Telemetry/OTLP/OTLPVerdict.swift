import Canonical
package import Contracts
import ExactJSON
import NodeSecurity
package import World

/// What a collector's answer means for what was sent. Pure. (OTLP 1.x, "OTLP/HTTP Response" and "Failures".)
package enum OTLPVerdict: Sendable, Hashable {
    /// It has it, but for `rejected` of the items.
    case delivered(rejected: Int)
    /// It may take it later: not before `after`, where it says so.
    case again(after: Duration?, Failure)
    /// It will never take it.
    case refused(Failure)

    private static let retryable: Set<Int> = [429, 502, 503, 504]
    /// The longest wait that a collector may ask for.
    private static let longest = Duration.seconds(600)

    /// `address`: where it was sent, for the words. `secrets`: what was sent that must not be shown where the collector
    /// repeats it.
    package init(_ response: HTTPResponse, from address: String, hiding secrets: [String] = []) {
        if (200..<300).contains(response.status) {
            self = .delivered(rejected: Self.rejected(response.body))
        } else if Self.retryable.contains(response.status) {
            let seconds = response.headers["retry-after"].flatMap { Int64($0) }
            self = .again(
                after: seconds.map { min(.seconds(max(0, $0)), Self.longest) },
                Failure(TelemetryFailures.unreachable, "\(address) answered \(response.status)"))
        } else {
            // Hidden before anything is cut, or the beginning of a secret could be left.
            let text = String(decoding: response.body.prefix(16 << 10), as: UTF8.self)
            let words = String(SecretMask.hide(secrets, in: text).unicodeScalars.prefix(200))
            self = .refused(Failure(TelemetryFailures.refused, "\(address) answered \(response.status): \(words)"))
        }
    }

    /// `ExportTracePartialSuccess` and its like: how many items the collector set aside.
    private static func rejected(_ body: [UInt8]) -> Int {
        guard !body.isEmpty, let partial = try? JSONReader.read(body)["partialSuccess"]?.object else { return 0 }
        for (name, value) in partial where name.hasPrefix("rejected") {
            return max(0, value.int ?? value.string.flatMap { Int($0) } ?? 0)
        }
        return 0
    }

    /// The wait before the next try: twice as long each time, up to a minute, and not for all nodes the same.
    /// `attempt`: from 1; `random`: any number.
    package static func wait(attempt: Int, random: UInt64) -> Duration {
        let full = min(60_000, 1_000 << min(max(0, attempt - 1), 10))
        return .milliseconds(full / 2 + Int(random % UInt64(full / 2 + 1)))
    }
}

/// What can go wrong with what a node says of itself.
package enum TelemetryFailures {
    package static let unreachable = FailureKind(
        "TEL-001", "the telemetry collector cannot be reached",
        remedy: "It is tried again; what finds no room meanwhile is lost and counted. Check telemetry.otlp.endpoint.")
    package static let refused = FailureKind(
        "TEL-002", "the telemetry collector refused what was sent",
        remedy: "Check telemetry.otlp.endpoint and telemetry.otlp.headers, and the collector's log.")
    package static let all = [unreachable, refused]
}
