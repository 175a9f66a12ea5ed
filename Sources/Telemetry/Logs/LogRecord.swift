package import Canonical

/// One line of the node's log.
package struct LogRecord: Sendable, Hashable {
    /// Raw values as in `opentelemetry.proto.logs.v1.SeverityNumber`.
    package enum Severity: Int, Sendable {
        case debug = 5
        case info = 9
        case warning = 13

        var text: String {
            switch self {
            case .debug: "DEBUG"
            case .info: "INFO"
            case .warning: "WARN"
            }
        }
    }

    package let time: Instant
    package let severity: Severity
    package let text: String

    package init(time: Instant, severity: Severity, text: String) {
        self.time = time
        self.severity = severity
        self.text = text
    }
}
