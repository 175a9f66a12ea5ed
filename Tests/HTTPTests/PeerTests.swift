import Canonical
import ExactJSON
import Foundation
import Testing
import World

/// Senders that others wrote.
@Suite("peers of the HTTP source", .timeLimit(.minutes(2)))
struct PeerTests {
    @Test("curl sends the README's event", .enabled(if: FileManager.default.isExecutableFile(atPath: "/usr/bin/curl")))
    func curl() async throws {
        try await withSource { port, intake in
            let (_, output) = try await run([
                "curl", "-s", "-w", " %{http_code}", "-H", "Content-Type: application/cloudevents+json", "-d",
                Sample.event("curl", data: #"{"order":"MO/00042","quantity":{"value":42,"unit":"pcs"}}"#),
                "http://127.0.0.1:\(port)/v1/events",
            ])
            #expect(output == #"{"stored":1,"duplicates":0,"refused":[]} 202"#)
            #expect(intake.documents.map(\.envelope.id) == ["curl"])
        }
    }

    /// Sends one event in binary and one in structured mode through the SDK of the CloudEvents project.
    static let script = """
        import sys, urllib.request
        from datetime import datetime, timezone
        from cloudevents.core.bindings.http import to_binary, to_structured
        from cloudevents.core.formats.json import JSONFormat
        from cloudevents.core.v1.event import CloudEvent
        data = {"order": "MO/é", "quantity": {"value": 2.5, "unit": "kg"}}
        for number, convert in enumerate([to_binary, to_structured]):
            event = CloudEvent({"specversion": "1.0", "id": f"sdk {number} ü%", "source": "/lyon/cnc01",
                "type": "millwright.production.completed.v1", "time": datetime(2026, 11, 21, 9, 0, 0, 123456, tzinfo=timezone.utc),
                "subject": "MO/é", "plant": "lyon", "datacontenttype": "application/json"}, data)
            message = convert(event, JSONFormat())
            request = urllib.request.Request(sys.argv[1], data=message.body, headers=message.headers, method="POST")
            with urllib.request.urlopen(request) as answer:
                print(answer.status, answer.read().decode())
        """

    @Test("the CloudEvents project's Python SDK sends binary and structured events")
    func pythonSDK() async throws {
        let python = ProcessInfo.processInfo.environment["CLOUDEVENTS_PYTHON"] ?? "python3"
        guard try await run([python, "-c", "import cloudevents.core.bindings.http"]).status == 0 else {
            print("skipped: python3 has no cloudevents package 2 or newer (pip install cloudevents)")
            return
        }
        try await withSource { port, intake in
            let (status, output) = try await run([python, "-c", Self.script, "http://127.0.0.1:\(port)/v1/events"])
            #expect(status == 0, "\(output)")
            #expect(
                output.components(separatedBy: #"202 {"stored":1,"duplicates":0,"refused":[]}"#).count == 3, "\(output)"
            )
            #expect(intake.documents.count == 2)
            for document in intake.documents {
                let event = try Event(document: JSONReader.read(document.bytes))
                #expect(event.subject == "MO/é")
                #expect(event.time == Instant(text: "2026-11-21T09:00:00.123456Z"))
                #expect(event.attributes["plant"] == "lyon")
                #expect(event.data["quantity"]?["value"]?.number == ExactNumber(text: "2.5"))
            }
            #expect(intake.documents.map(\.envelope.id) == ["sdk 0 ü%", "sdk 1 ü%"])
        }
    }
}
