import ExactJSON
import Foundation
import Testing

@testable import Telemetry

/// The dashboard and the alert rules, held against the catalogue of metrics and against Prometheus' own tool.
@Suite("The dashboard and the alert rules")
struct WatchFilesTests {
    private static func text(_ path: String) throws -> String { try String(contentsOfFile: path, encoding: .utf8) }

    /// The names under which a metric's series are found.
    private static var series: Set<String> {
        var names: Set<String> = ["up"]
        for metric in MetricCatalog.all {
            names.insert(metric.name)
            if metric.kind == .histogram {
                for suffix in ["_bucket", "_sum", "_count"] { names.insert(metric.name + suffix) }
            }
        }
        return names
    }

    /// The labels that an expression may name: those of the catalogue, and those that a scrape adds.
    private static var labels: Set<String> {
        Set(MetricCatalog.all.flatMap(\.labels)).union(["instance", "job", "le"])
    }

    /// What an expression names that no node has.
    private static func strangers(in expression: String) -> [String] {
        var found = expression.matches(of: /(?:millwright|process)_\w+/).map { String($0.output) }
            .filter { !series.contains($0) }
        let groups = expression.matches(of: /(?:by|on|group_left) ?\(([\w, ]+)\)/).flatMap {
            $0.output.1.split(whereSeparator: { ", ".contains($0) }).map(String.init)
        }
        let matchers = expression.matches(of: /(\w+)(?:=~|!~|!=|=)"/).map { String($0.output.1) }
        found += (groups + matchers).filter { !labels.contains($0) }
        return found
    }

    private static func expressions(in document: JSON) -> [String] {
        switch document {
        case .object(let members):
            members.flatMap { $0.key == "expr" ? [$0.value.string ?? ""] : expressions(in: $0.value) }
        case .array(let elements): elements.flatMap(expressions)
        default: []
        }
    }

    @Test("what a test takes for a stranger is one")
    func strangers() {
        #expect(Self.strangers(in: "millwright_store_writable == 0").isEmpty)
        #expect(Self.strangers(in: "millwright_store_commit_seconds_bucket").isEmpty)
        #expect(Self.strangers(in: "millwright_store_used_bytes_bucket") == ["millwright_store_used_bytes_bucket"])
        #expect(Self.strangers(in: #"sum by (flw) (millwright_source_up{sorce="a"})"#) == ["flw", "sorce"])
    }

    @Test("every panel of the dashboard asks for metrics and labels that there are")
    func dashboard() throws {
        let document = try JSONReader.read(Array(try Self.text("docs/telemetry/grafana-dashboard.json").utf8))
        let expressions = Self.expressions(in: document)
        #expect(expressions.count > 30)
        for expression in expressions { #expect(Self.strangers(in: expression) == [], "\(expression)") }
        let panels = document["panels"]?.array ?? []
        #expect(Set(panels.compactMap { $0["id"]?.int }).count == panels.count)
        // Prometheus' own tool reads each of them, once the dashboard's variables have values.
        let rules = expressions.enumerated().map { index, expression in
            let text = expression.replacing("$__rate_interval", with: "5m").replacing("$instance", with: ".*")
            return "      - { record: 'panel:\(index)', expr: '\(text.replacing("'", with: "''"))' }"
        }
        let file = NSTemporaryDirectory() + "millwright-panels-\(UUID().uuidString).yaml"
        defer { try? FileManager.default.removeItem(atPath: file) }
        try ("groups:\n  - name: panels\n    rules:\n" + rules.joined(separator: "\n") + "\n")
            .write(toFile: file, atomically: true, encoding: .utf8)
        let (code, words) = try Peer.run("promtool", ["check", "rules", file])
        #expect(code == 0 && words.contains("\(expressions.count) rules found"), "\(words)")
    }

    @Test("every alert asks for metrics and labels that there are, and its runbook is there")
    func alerts() throws {
        let rules = try Self.text("docs/telemetry/alerts.yaml")
        let runbook = try Self.text("docs/operations/alerts.md")
        let headings = Set(runbook.matches(of: /(?m)^## (\w+)$/).map { String($0.output.1) })
        let alerts = rules.matches(of: /alert: (\w+)\n\s+expr: >-\n\s+(.+)\n/)
        #expect(alerts.count > 20)
        for alert in alerts {
            let name = String(alert.output.1)
            #expect(Self.strangers(in: String(alert.output.2)) == [], "\(name)")
            #expect(rules.contains("runbook_url: docs/operations/alerts.md#\(name.lowercased())\n"), "\(name)")
        }
        // No alert without a runbook, and no runbook of an alert that is not there.
        #expect(headings == Set(alerts.map { String($0.output.1) }))
        for section in runbook.components(separatedBy: "\n## ").dropFirst() {
            for part in ["**What it means.**", "**How to see it.**", "**What to do.**"] {
                #expect(section.contains(part), "\(section.prefix(40)) has no \(part)")
            }
        }
        let (code, words) = try Peer.run("promtool", ["check", "rules", "docs/telemetry/alerts.yaml"])
        #expect(code == 0, "\(words)")
    }

    @Test("the alerts fire when they are meant to, as Prometheus' own tool has it")
    func firing() throws {
        let (code, words) = try Peer.run("promtool", ["test", "rules", "Tests/Peers/alerts.test.yaml"])
        #expect(code == 0, "\(words)")
    }
}
