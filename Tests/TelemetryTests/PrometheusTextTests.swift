import Canonical
import Contracts
import Foundation
import Testing

@testable import Telemetry

@Suite("Metrics as text")
struct PrometheusTextTests {
    private static let now = Instant(microseconds: 1_772_000_000_123_456)

    /// One series of each kind and unit, with labels that need escaping.
    private static func sample() -> MetricSet {
        var set = MetricSet(time: now)
        var histogram = Histogram([.milliseconds(5), .seconds(1)])
        for milliseconds in [3, 5, 700, 9_000] { histogram.note(.milliseconds(milliseconds)) }
        set.add(MetricCatalog.buildInfo, ["1.2"], .count(1), since: now)
        set.add(MetricCatalog.sourceEvents, ["press \"1\"\\\nleft"], .count(17), since: now)
        set.add(MetricCatalog.sourceEvents, ["press-2"], .count(0), since: now)
        set.add(MetricCatalog.sourceLastHeard, ["press-2"], .time(now.microseconds), since: now)
        set.add(MetricCatalog.processorTime, [], .time(1_500_000), since: now)
        set.add(MetricCatalog.requestTime, ["/v1/status"], .histogram(histogram), since: now)
        return set
    }

    @Test("the text is what Prometheus' format 0.0.4 says")
    func plain() {
        let text = String(decoding: PrometheusText.write(Self.sample(), as: .plain), as: UTF8.self)
        #expect(
            text == """
                # HELP millwright_build_info The version of Millwright that runs.
                # TYPE millwright_build_info gauge
                millwright_build_info{version="1.2"} 1
                # HELP millwright_source_events_total Events that were stored for the first time, those among them that \
                signals made of readings.
                # TYPE millwright_source_events_total counter
                millwright_source_events_total{source="press \\"1\\"\\\\\\nleft"} 17
                millwright_source_events_total{source="press-2"} 0
                # HELP millwright_source_last_heard_timestamp_seconds When the source last brought something that was \
                stored, in seconds since 1970; missing before the first time.
                # TYPE millwright_source_last_heard_timestamp_seconds gauge
                millwright_source_last_heard_timestamp_seconds{source="press-2"} 1772000000.123456
                # HELP process_cpu_seconds_total Processor time that the process has used.
                # TYPE process_cpu_seconds_total counter
                process_cpu_seconds_total 1.5
                # HELP millwright_http_request_seconds How long such a request took, from its head to the end of its \
                answer; open streams are not among them.
                # TYPE millwright_http_request_seconds histogram
                millwright_http_request_seconds_bucket{route="/v1/status",le="0.005"} 2
                millwright_http_request_seconds_bucket{route="/v1/status",le="1.0"} 3
                millwright_http_request_seconds_bucket{route="/v1/status",le="+Inf"} 4
                millwright_http_request_seconds_sum{route="/v1/status"} 9.708
                millwright_http_request_seconds_count{route="/v1/status"} 4

                """, "\(text)")
    }

    @Test(
        "the parsers of Prometheus' own client read both formats, and find every value again",
        arguments: [PrometheusText.Format.plain, .openMetrics])
    func parsers(_ format: PrometheusText.Format) throws {
        let module = format == .plain ? "prometheus_client.parser" : "prometheus_client.openmetrics.parser"
        let program = """
            import sys
            from \(module) import text_string_to_metric_families as families
            for family in families(sys.stdin.read()):
                for sample in family.samples:
                    print(family.type, sample.name, sorted(sample.labels.items()), repr(float(sample.value)))
            """
        let (code, words) = try Peer.run(
            "python", ["-c", program], input: PrometheusText.write(Self.sample(), as: format))
        #expect(code == 0, "\(words)")
        let lines = Set(words.split(separator: "\n").map(String.init))
        #expect(
            lines.contains(
                #"counter millwright_source_events_total [('source', 'press "1"\\\nleft')] 17.0"#), "\(words)")
        #expect(lines.contains("counter process_cpu_seconds_total [] 1.5"), "\(words)")
        #expect(
            lines.contains(
                "gauge millwright_source_last_heard_timestamp_seconds [('source', 'press-2')] 1772000000.123456"),
            "\(words)")
        #expect(
            lines.contains(
                "histogram millwright_http_request_seconds_bucket [('le', '1.0'), ('route', '/v1/status')] 3.0"),
            "\(words)")
        #expect(lines.count == 10, "\(words)")
    }

    @Test("promtool has nothing to say of any metric's name, kind, unit or help")
    func promtool() throws {
        var set = MetricSet(time: Self.now)
        for metric in MetricCatalog.all {
            let value: MetricSet.Value = metric.kind == .histogram ? .histogram(.ofCalls) : .count(1)
            set.add(metric, metric.labels, value, since: Self.now)
        }
        let (code, words) = try Peer.run(
            "promtool", ["check", "metrics"], input: PrometheusText.write(set, as: .plain))
        #expect(code == 0 && words.isEmpty, "\(words)")
    }

    @Test("what a client accepts decides on the format")
    func negotiation() {
        let prometheus = "application/openmetrics-text;version=1.0.0,text/plain;version=0.0.4;q=0.5,*/*;q=0.1"
        #expect(PrometheusText.Format(accept: prometheus) == .openMetrics)
        for plain in [nil, "*/*", "text/plain", "text/html", "application/openmetrics-text;q=0", "application/json"] {
            #expect(PrometheusText.Format(accept: plain) == .plain, "\(plain ?? "nil")")
        }
    }

    @Test("a metric has at most so many series, a label at most so many bytes, and what is beyond is counted")
    func bounds() {
        var set = MetricSet(time: Self.now)
        for number in 0..<(MetricSet.maximumSeries + 7) {
            set.add(MetricCatalog.sourceEvents, ["s\(number)"], .count(number), since: Self.now)
        }
        #expect(set.families.first?.series.count == MetricSet.maximumSeries)
        #expect(set.dropped == 7)
        set.add(
            MetricCatalog.sourceUp, [String(repeating: "ü", count: 100)], .count(1), since: Self.now)
        #expect(set.families.last?.series.first?.labels == [String(repeating: "ü", count: 64)])
        // Neither twice the same series nor another number of labels makes the text one that no parser takes.
        set.add(MetricCatalog.targetUp, ["a"], .count(1), since: Self.now)
        set.add(MetricCatalog.targetUp, ["a"], .count(0), since: Self.now)
        set.add(MetricCatalog.targetUp, [], .count(0), since: Self.now)
        #expect(set.families.last?.series.map(\.value) == [.count(1)])
    }

    @Test("a metric's name is unique, ends as its kind and unit want it, and its words are whole")
    func catalogue() {
        let names = MetricCatalog.all.map(\.name)
        #expect(Set(names).count == names.count)
        for metric in MetricCatalog.all {
            #expect(metric.name.hasSuffix("_total") == (metric.kind == .counter), "\(metric.name)")
            #expect(metric.name.hasSuffix("_info") == (metric.kind == .info), "\(metric.name)")
            if metric.unit != .none { #expect(metric.family.hasSuffix("_" + metric.unit.rawValue), "\(metric.name)") }
            #expect(metric.name.hasPrefix("millwright_") || metric.name.hasPrefix("process_"), "\(metric.name)")
            #expect(!metric.help.isEmpty && metric.help.last == "." && !metric.help.contains("|"), "\(metric.name)")
            #expect(metric.labels.allSatisfy { $0 != "le" && !$0.isEmpty }, "\(metric.name)")
        }
    }
}

@Suite("Histograms")
struct HistogramTests {
    @Test("a duration counts at the first bound that it does not exceed, and a negative one as none")
    func bounds() {
        var histogram = Histogram([.milliseconds(1), .milliseconds(10)])
        for microseconds in [0, 1_000, 1_001, 10_000, 10_001, -5] { histogram.note(.microseconds(microseconds)) }
        #expect(histogram.counts == [3, 2, 1])
        #expect(histogram.count == 6 && histogram.sum == 22_002)
    }
}
