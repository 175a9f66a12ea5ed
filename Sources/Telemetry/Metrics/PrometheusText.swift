import Canonical
import Contracts
import ExactJSON

/// A moment's metrics as text that is scraped.
package enum PrometheusText {
    /// How the text is written.
    package enum Format: Sendable {
        /// Prometheus text format 0.0.4
        case plain
        /// OpenMetrics 1.0.0
        case openMetrics

        /// What an `Accept` field asks for: OpenMetrics where it is named and not refused (`q=0`), else plain text.
        package init(accept: String?) {
            for range in (accept ?? "").split(separator: ",") {
                let parts = range.split(separator: ";").map { $0.filter { $0 != " " }.lowercased() }
                guard parts.first == "application/openmetrics-text" else { continue }
                let isRefused = parts.dropFirst().contains { $0.hasPrefix("q=") && Double($0.dropFirst(2)) == 0 }
                if !isRefused {
                    self = .openMetrics
                    return
                }
            }
            self = .plain
        }

        package var contentType: String {
            switch self {
            case .plain: "text/plain; version=0.0.4; charset=utf-8"
            case .openMetrics: "application/openmetrics-text; version=1.0.0; charset=utf-8"
            }
        }
    }

    /// The whole text.
    package static func write(_ set: MetricSet, as format: Format) -> [UInt8] {
        var text = ""
        for family in set.families where !family.series.isEmpty { text += write(family, format) }
        if format == .openMetrics { text += "# EOF\n" }
        return Array(text.utf8)
    }

    private static func write(_ family: MetricSet.Family, _ format: Format) -> String {
        let metric = family.metric
        let name = format == .openMetrics ? metric.family : metric.name
        var kind = metric.kind.rawValue
        if metric.kind == .info, format == .plain { kind = Metric.Kind.gauge.rawValue }
        var text = "# HELP \(name) \(escaped(metric.help, quotes: format == .openMetrics))\n# TYPE \(name) \(kind)\n"
        if format == .openMetrics, metric.unit != .none { text += "# UNIT \(name) \(metric.unit.rawValue)\n" }
        for series in family.series { text += write(series, metric) }
        return text
    }

    private static func write(_ series: MetricSet.Series, _ metric: Metric) -> String {
        let labels = zip(metric.labels, series.labels).map { "\($0)=\"\(escaped($1, quotes: true))\"" }
        switch series.value {
        case .count(let count): return line(metric.name, labels, String(count))
        case .time(let microseconds): return line(metric.name, labels, seconds(microseconds))
        case .histogram(let histogram):
            var text = ""
            var below = 0
            for (bound, count) in zip(histogram.bounds, histogram.counts) {
                below += count
                text += line(metric.name + "_bucket", labels + ["le=\"\(canonical(bound))\""], String(below))
            }
            text += line(metric.name + "_bucket", labels + ["le=\"+Inf\""], String(histogram.count))
            text += line(metric.name + "_sum", labels, seconds(histogram.sum))
            return text + line(metric.name + "_count", labels, String(histogram.count))
        }
    }

    private static func line(_ name: String, _ labels: [String], _ value: String) -> String {
        labels.isEmpty ? "\(name) \(value)\n" : "\(name){\(labels.joined(separator: ","))} \(value)\n"
    }

    /// Microseconds as exact seconds.
    static func seconds(_ microseconds: Int64) -> String {
        ExactNumber(coefficient: microseconds, scale: 6).trimmed().description
    }

    /// A bound as OpenMetrics wants it: with a decimal point always.
    private static func canonical(_ bound: Duration) -> String {
        let text = seconds(bound.microseconds)
        return text.contains(".") ? text : text + ".0"
    }

    /// Backslashes and line breaks; quotation marks too where the text stands between such, and everywhere in
    /// OpenMetrics.
    private static func escaped(_ text: String, quotes: Bool) -> String {
        var output = ""
        for character in text {
            switch character {
            case "\\": output += "\\\\"
            case "\n", "\r\n": output += "\\n"
            case "\"" where quotes: output += "\\\""
            default: output.append(character)
            }
        }
        return output
    }
}
