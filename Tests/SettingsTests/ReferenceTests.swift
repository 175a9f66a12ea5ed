import Contracts
import ExactJSON
import Foundation
import Testing

@testable import NodeSettings

@Suite("Reference, schema and lint of the specs")
struct ReferenceTests {
    private let lint = SpecLint(signals: SampleSpecs.signals, checkProgram: SampleSpecs.checkProgram)

    @Test("specs that are whole have no faults", arguments: SampleSpecs.all.map(\.name))
    func clean(_ name: String) throws {
        let spec = try #require(SampleSpecs.all.first { $0.name == name })
        #expect(lint.faults(in: spec) == [])
        #expect(lint.faults(in: SampleSpecs.signals, named: "signals") == [])
    }

    @Test("the keys of the node's own files are documented and have examples that fit")
    func houseFields() {
        for (name, fields) in [
            ("node", NodeFields.all), ("plants", PlantFields.file), ("flow", FlowFields.all),
            ("target", TargetFields.all),
            ("source", SourceFields.all(signals: SampleSpecs.signals)),
        ] {
            #expect(lint.faults(in: .object(fields), named: name) == [])
        }
    }

    @Test("the lint finds what is missing or untrue in a spec")
    func dirty() {
        let spec = ConnectorSpec(
            name: "bad name", role: .target, summary: "",
            fields: [
                FieldSpec("Wait", .duration(.zero ... .seconds(1)), default: "5s", ""),
                FieldSpec("mode", .choice([.init("a", ""), .init("a", "x")]), example: "b", "the mode"),
                FieldSpec("protocol", .text, required: true, "again"),
            ],
            operations: [
                OperationSpec(
                    name: "do", summary: "Does.", arguments: [OperationArgument("x", .text, required: true, "")],
                    merge: MergeRule(sums: ["y"]), promise: "", example: ["z": 1])
            ], example: "protocol: other\nwait: 1s\n", promises: [])
        let faults = lint.faults(in: spec).joined(separator: "\n")
        for part in [
            "the name \"bad name\" is malformed", "the summary is no sentence", "nothing is promised", "Wait is no key",
            "Wait is not documented", "the default of Wait does not fit: 5s", "the word a is not documented",
            "or one twice",
            "the example of mode does not fit: b", "protocol is a setting that every target has",
            "protocol is required and has no example", "do: nothing is promised", "the argument x is not documented",
            "the example has z, which is no argument", "the example lacks x", "the merge rule names y",
            "example.yaml:1:1: error: target is missing", "example.yaml:2:1: error: \"wait\" is not a known key",
            "the example is not of the protocol bad name",
        ] {
            #expect(faults.contains(part), "missing: \(part)\nin: \(faults)")
        }
    }

    @Test("a connector's page has every setting, operation, promise and the example")
    func markdown() {
        let page = Reference.markdown(for: SampleSpecs.odoo)
        for part in [
            "# `odoo` (target)",
            "| `secret` | a secret's place | **required** | the key's place, for example `${file:/run/secrets/odoo}` |",
            "| `concurrency` | a whole number from 1 to 16 | `2` | commands under way |",
            "| `breaker.failures` | a whole number from 1 to 1000 | `5` |", "### `production.progress`",
            "| `order` | text | **required** | the order |", "`quantity` add up", "- Never silently doubled or lost.",
            "```yaml\ntarget: odoo\n",
        ] {
            #expect(page.contains(part), "missing: \(part)\nin: \(page)")
        }
        #expect(
            page.components(separatedBy: "| `concurrency` |").count == 2, "a setting that both describe stands once")
        #expect(
            Reference.markdown(for: SampleSpecs.files).contains(
                "| `format.time` | a time pattern |  | how times are written"))
        for kind in SettingsFailures.all { #expect(Reference.faults().contains("`\(kind.code)`")) }
    }

    @Test("codes are unique, and every one has a title and a remedy")
    func catalogue() {
        #expect(Set(SettingsFailures.all.map(\.code)).count == SettingsFailures.all.count)
        for kind in SettingsFailures.all { #expect(!kind.title.isEmpty && !kind.remedy.isEmpty) }
    }

    @Test("a connector's schema describes its file to an editor")
    func schema() throws {
        let schema = SettingsSchema.schema(for: SampleSpecs.odoo, signals: SampleSpecs.signals)
        #expect(schema["$schema"]?.string == "https://json-schema.org/draft/2020-12/schema")
        #expect(schema["required"] == ["target", "protocol", "endpoint", "database", "login", "secret"])
        let properties = try #require(schema["properties"])
        #expect(properties["protocol"]?["const"] == "odoo")
        #expect(
            properties["concurrency"] == [
                "type": "integer", "minimum": 1, "maximum": 16, "description": "commands under way", "default": 2,
            ])
        #expect(properties["secret"]?["pattern"]?.string == #"^\$\{(file|env):.+\}$"#)
        #expect(properties["breaker"]?["additionalProperties"] == false)
        let source = SettingsSchema.schema(for: SampleSpecs.files, signals: SampleSpecs.signals)
        let variants = try #require(source["properties"]?["signals"]?["items"]?["oneOf"]?.array)
        #expect(variants.map { $0["properties"]?["role"]?["enum"] } == [["count"], ["state"]])
        #expect(variants[0]["required"] == ["role", "on", "event", "subject", "quantity"])
    }
}
