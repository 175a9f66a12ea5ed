import Contracts
import Foundation
import NodeSettings
import Testing

@testable import Scenarios

/// What the documentation says of scenarios, held against the program.
@Suite("Documented scenarios")
struct ScenarioDocumentTests {
    private static let docs = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().appendingPathComponent("docs")

    private static func text(_ name: String) throws -> String {
        try String(contentsOf: docs.appendingPathComponent(name), encoding: .utf8)
    }

    private static func scenario(_ text: String) throws -> PlantScenario {
        let report = ScenarioReader.read(SourceText(path: "documented.yaml", text: text))
        return try #require(report.scenario, "\(report.printed())")
    }

    @Test("every example is read, and has a name that no built-in scenario has")
    func examples() throws {
        let names = try FileManager.default.contentsOfDirectory(
            atPath: Self.docs.appendingPathComponent("scenarios").path)
        #expect(names.contains("two-shifts.yaml"))
        for name in names {
            let scenario = try Self.scenario(try Self.text("scenarios/\(name)"))
            #expect("\(scenario.name).yaml" == name)
            #expect(PlantScenario.named(scenario.name) == nil)
        }
    }

    @Test("the example on the page is the one in its file")
    func page() throws {
        let page = try Self.text("simulation.md")
        let blocks = page.components(separatedBy: "```yaml\n").dropFirst().map { $0.components(separatedBy: "```")[0] }
        let block = try #require(blocks.first)
        #expect(blocks.count == 1)
        let shown = try Self.scenario(block)
        let kept = try Self.scenario(try Self.text("scenarios/two-shifts.yaml"))
        #expect(shown == kept)
    }

    @Test("the page names every key and every word of a scenario's file")
    func words() throws {
        let page = try Self.text("simulation.md")
        let words = Self.words(of: .object(ScenarioFields.all))
        #expect(words.count > 80)
        for word in words {
            #expect(page.contains("`\(word)`") || page.contains("\(word):"), "\(word)")
        }
    }

    private static func words(of kind: FieldKind) -> Set<String> {
        switch kind {
        case .object(let fields):
            return fields.reduce(into: []) { $0.formUnion(words(of: $1.kind).union([$1.name])) }
        case .list(let element), .oneOrMany(let element), .map(let element): return words(of: element)
        case .choice(let choices): return Set(choices.map(\.word))
        case .variants(let key, let variants):
            return variants.reduce(into: [key]) { $0.formUnion(words(of: .object($1.fields)).union([$1.word])) }
        default: return []
        }
    }

    @Test("the example runs from a seed, everything that it names goes wrong, and nothing is lost or doubled")
    func runs() throws {
        let scenario = try Self.scenario(try Self.text("scenarios/two-shifts.yaml"))
        let report = try PlantRun(scenario, seed: 1).run()
        #expect(report.violations == [])
        #expect(report.scenario == "two-shifts")
        #expect(report.duration >= scenario.plant.duration)
        for fault in ["link.requestLost", "link.answerLost", "link.cut", "odoo.answerLost", "edge.kill", "hub.kill"] {
            #expect(report.faults[fault, default: 0] > 0, "\(fault) of \(report.faults)")
        }
    }
}
