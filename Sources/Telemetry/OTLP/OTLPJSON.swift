import Canonical
package import ExactJSON

/// The JSON encoding of OTLP (OpenTelemetry Protocol 1.x, "JSON Protobuf Encoding"): names in lower camel case, 64-bit
/// integers as text, enumerations as numbers, and ids of traces and spans in hexadecimal digits.
enum OTLPJSON {
    static func attributes(_ pairs: [(name: String, value: String)]) -> JSON {
        .array(pairs.map { ["key": .string($0.name), "value": ["stringValue": .string($0.value)]] })
    }

    static func nanoseconds(_ instant: Instant) -> JSON {
        // Before 1970 there is no such time, and behind 2262 it has no room.
        .string(String(min(max(0, instant.microseconds), Int64.max / 1_000) * 1_000))
    }

    static func seconds(_ microseconds: Int64) -> JSON {
        .number(ExactNumber(coefficient: microseconds, scale: 6).trimmed())
    }

    static func integer(_ value: Int) -> JSON { .string(String(value)) }
}

/// Who sends: the attributes of OpenTelemetry's resource, and the name of what measures.
package struct OTLPResource: Sendable {
    private let attributes: [(name: String, value: String)]
    private let version: String

    /// `node`: the node's name, unique in the company.
    package init(node: String, role: String, version: String) {
        attributes = [
            ("service.name", "millwright"), ("service.instance.id", node), ("service.version", version),
            ("millwright.node", node), ("millwright.role", role),
        ]
        self.version = version
    }

    private var resource: JSON { ["attributes": OTLPJSON.attributes(attributes)] }
    private var scope: JSON { ["name": "millwright", "version": .string(version)] }

    /// `ExportMetricsServiceRequest`
    package func request(_ set: MetricSet) -> JSON {
        let metrics = set.families.filter { !$0.series.isEmpty }.map { OTLPMetrics.metric($0, at: set.time) }
        return [
            "resourceMetrics": [
                ["resource": resource, "scopeMetrics": [["scope": scope, "metrics": .array(metrics)]]]
            ]
        ]
    }

    /// `ExportTraceServiceRequest`
    package func request(_ spans: [Span]) -> JSON {
        [
            "resourceSpans": [
                [
                    "resource": resource,
                    "scopeSpans": [["scope": scope, "spans": .array(spans.map(OTLPSpans.span))]],
                ]
            ]
        ]
    }

    /// `ExportLogsServiceRequest`
    package func request(_ records: [LogRecord]) -> JSON {
        let records = records.map { record -> JSON in
            [
                "timeUnixNano": OTLPJSON.nanoseconds(record.time),
                "observedTimeUnixNano": OTLPJSON.nanoseconds(record.time),
                "severityNumber": .int(record.severity.rawValue), "severityText": .string(record.severity.text),
                "body": ["stringValue": .string(record.text)],
            ]
        }
        return [
            "resourceLogs": [
                ["resource": resource, "scopeLogs": [["scope": scope, "logRecords": .array(records)]]]
            ]
        ]
    }
}
