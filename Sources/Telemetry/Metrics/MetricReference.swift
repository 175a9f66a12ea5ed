/// The page of the reference about metrics, made of the catalogue.
package enum MetricReference {
    package static var markdown: String {
        var page = """
            # Metrics

            `GET /metrics` serves these in the text format of Prometheus (0.0.4), or as OpenMetrics 1.0.0 to who asks
            for it; `telemetry.otlp` sends the same to an OpenTelemetry collector, with the names as they stand here,
            less the `_total` of counters. Counters begin at zero when the node starts, and those of sources, flows and
            targets when its settings change; those that count "since the store was made" do not.

            A metric has at most \(MetricSet.maximumSeries) series, a label at most \(MetricSet.maximumLabelBytes)
            bytes. Labels are names that the settings give, nodes that are enrolled, codes of the error reference and
            paths of routes: never what a machine, a partner or a client wrote. What is beyond is left out, and
            `millwright_telemetry_series_dropped` says so.


            """
        for (title, metrics) in MetricCatalog.parts {
            page += "## \(title)\n\n| metric | kind | labels | what it says | what to do |\n"
            page += "| --- | --- | --- | --- | --- |\n"
            for metric in metrics {
                let labels = metric.labels.map { "`\($0)`" }.joined(separator: ", ")
                let cells = ["`\(metric.name)`", metric.kind.rawValue, labels, metric.help, metric.action]
                page += "| \(cells.joined(separator: " | ")) |\n"
            }
            page += "\n"
        }
        page.removeLast()
        return page
    }
}
