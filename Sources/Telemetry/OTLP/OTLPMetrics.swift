import Canonical
import Contracts
import ExactJSON

/// Metrics as `opentelemetry.proto.metrics.v1` has them.
enum OTLPMetrics {
    /// `AGGREGATION_TEMPORALITY_CUMULATIVE`
    private static let cumulative: JSON = 2

    static func metric(_ family: MetricSet.Family, at time: Instant) -> JSON {
        let metric = family.metric
        let points: JSON = .array(family.series.map { point($0, family, time) })
        var document: JSONObject = [
            // Information keeps its name whole: here it is a gauge like others.
            "name": .string(metric.kind == .info ? metric.name : metric.family), "description": .string(metric.help),
            "unit": .string(metric.unit.ucum),
        ]
        switch metric.kind {
        case .counter:
            document["sum"] = ["dataPoints": points, "aggregationTemporality": cumulative, "isMonotonic": true]
        case .gauge, .info: document["gauge"] = ["dataPoints": points]
        case .histogram: document["histogram"] = ["dataPoints": points, "aggregationTemporality": cumulative]
        }
        return .object(document)
    }

    private static func point(_ series: MetricSet.Series, _ family: MetricSet.Family, _ time: Instant) -> JSON {
        let labels = zip(family.metric.labels, series.labels).map { (name: $0, value: $1) }
        var point: JSONObject = [
            "attributes": OTLPJSON.attributes(labels), "timeUnixNano": OTLPJSON.nanoseconds(time),
        ]
        if family.metric.kind == .counter || family.metric.kind == .histogram {
            point["startTimeUnixNano"] = OTLPJSON.nanoseconds(min(family.since, time))
        }
        switch series.value {
        case .count(let count): point["asInt"] = OTLPJSON.integer(count)
        case .time(let microseconds): point["asDouble"] = OTLPJSON.seconds(microseconds)
        case .histogram(let histogram):
            point["count"] = OTLPJSON.integer(histogram.count)
            point["sum"] = OTLPJSON.seconds(histogram.sum)
            point["bucketCounts"] = .array(histogram.counts.map(OTLPJSON.integer))
            point["explicitBounds"] = .array(histogram.bounds.map { OTLPJSON.seconds($0.microseconds) })
        }
        return .object(point)
    }
}

/// Spans as `opentelemetry.proto.trace.v1` has them.
enum OTLPSpans {
    /// `STATUS_CODE_ERROR`; a span without an error has no status.
    private static let failed: JSON = 2

    static func span(_ span: Span) -> JSON {
        var document: JSONObject = [
            "traceId": .string(span.trace), "spanId": .string(span.id), "name": .string(span.name),
            "kind": .int(span.kind.rawValue), "startTimeUnixNano": OTLPJSON.nanoseconds(span.start),
            "endTimeUnixNano": OTLPJSON.nanoseconds(span.end), "attributes": OTLPJSON.attributes(span.attributes),
        ]
        if let parent = span.parent { document["parentSpanId"] = .string(parent) }
        if let error = span.error { document["status"] = ["code": failed, "message": .string(error)] }
        if !span.links.isEmpty {
            document["links"] = .array(
                span.links.map { ["traceId": .string($0.trace), "spanId": .string($0.span)] })
        }
        return .object(document)
    }
}
