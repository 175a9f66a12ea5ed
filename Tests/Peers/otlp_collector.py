#!/usr/bin/env python3
"""A collector made of OpenTelemetry's own messages: takes OTLP over HTTP with JSON, reads each request into the generated
protocol buffer, which refuses any name or type that is not in it, and writes what it understood as a line of JSON.

    otlp_collector.py FILE [TIMES]

The first TIMES requests for each address are answered 503 with Retry-After, as a collector does that is busy. Requests
without the header field `x-tenant: lyon` are answered 401.
"""
import base64
import collections
import http.server
import json
import sys
import threading

from google.protobuf import json_format
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceRequest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

REQUESTS = {
    "/v1/metrics": ExportMetricsServiceRequest, "/v1/traces": ExportTraceServiceRequest, "/v1/logs": ExportLogsServiceRequest,
}
IDS = {"traceId": 16, "spanId": 8, "parentSpanId": 8}


def to_base64(value):
    """OTLP's JSON has ids in hexadecimal digits where the JSON of protocol buffers has base64."""
    if isinstance(value, list):
        return [to_base64(item) for item in value]
    if not isinstance(value, dict):
        return value
    found = {}
    for name, item in value.items():
        if name in IDS:
            octets = bytes.fromhex(item)
            assert len(octets) == IDS[name] and item == item.lower(), f"{name} is {item}"
            item = base64.b64encode(octets).decode()
        found[name] = to_base64(item)
    return found


def value_of(any_value):
    return getattr(any_value, any_value.WhichOneof("value"))


def pairs(attributes):
    return {pair.key: value_of(pair.value) for pair in attributes}


def point(kind, found):
    common = {"attributes": pairs(found.attributes), "start": found.start_time_unix_nano, "time": found.time_unix_nano}
    if kind == "histogram":
        return common | {
            "count": found.count, "sum": found.sum, "buckets": list(found.bucket_counts), "bounds": list(found.explicit_bounds)}
    return common | {"value": getattr(found, found.WhichOneof("value"))}


def metrics(request):
    for resource in request.resource_metrics:
        for scope in resource.scope_metrics:
            for metric in scope.metrics:
                kind = metric.WhichOneof("data")
                data = getattr(metric, kind)
                yield {
                    "signal": "metrics", "resource": pairs(resource.resource.attributes), "scope": scope.scope.name,
                    "name": metric.name, "unit": metric.unit, "help": metric.description, "kind": kind,
                    "temporality": getattr(data, "aggregation_temporality", 0),
                    "monotonic": getattr(data, "is_monotonic", False), "points": [point(kind, one) for one in data.data_points],
                }


def traces(request):
    for resource in request.resource_spans:
        for scope in resource.scope_spans:
            for span in scope.spans:
                yield {
                    "signal": "traces", "resource": pairs(resource.resource.attributes), "scope": scope.scope.name,
                    "trace": span.trace_id.hex(), "span": span.span_id.hex(), "parent": span.parent_span_id.hex(),
                    "name": span.name, "kind": span.kind, "start": span.start_time_unix_nano, "end": span.end_time_unix_nano,
                    "attributes": pairs(span.attributes), "status": span.status.code, "links": len(span.links),
                }


def logs(request):
    for resource in request.resource_logs:
        for scope in resource.scope_logs:
            for record in scope.log_records:
                yield {
                    "signal": "logs", "resource": pairs(resource.resource.attributes), "time": record.time_unix_nano,
                    "severity": record.severity_number, "text": value_of(record.body),
                }


READ = {"/v1/metrics": metrics, "/v1/traces": traces, "/v1/logs": logs}


class Collector(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    lock = threading.Lock()
    asked = collections.Counter()
    path_of_file, times = sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else 0

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        with self.lock:
            self.asked[self.path] += 1
            status, words, headers = self.judge(body)
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(words)))
        self.end_headers()
        self.wfile.write(words)

    def judge(self, body):
        if self.headers.get("x-tenant") != "lyon":
            return 401, b"{}", {}
        if self.headers.get("Content-Type") != "application/json":
            return 415, b"{}", {}
        if self.asked[self.path] <= self.times:
            return 503, b"{}", {"Retry-After": "1"}
        try:
            request = json_format.ParseDict(to_base64(json.loads(body)), REQUESTS[self.path]())
            found = list(READ[self.path](request))
        except Exception as error:
            found = [{"signal": "fault", "path": self.path, "error": repr(error)}]
        with open(self.path_of_file, "a") as file:
            file.write("".join(json.dumps(line) + "\n" for line in found))
        if found and found[0]["signal"] == "fault":
            return 400, b"{}", {}
        return 200, b'{"partialSuccess":{}}', {}

    def log_message(self, *_):
        pass


server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Collector)
print(f"collector at http://127.0.0.1:{server.server_port}/", flush=True)
server.serve_forever()
