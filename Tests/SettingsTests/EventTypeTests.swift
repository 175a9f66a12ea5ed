import ExactJSON
import Testing

@testable import NodeSettings

/// Event types of the folder's own, beside what the corpus says of their faults.
@Suite("Event types of a folder")
struct EventTypeTests {
    @Test("a folder gives its types with their schemas compiled and the programs beside them")
    func types() throws {
        let good = try #require(FolderCase.all.first { $0.name == "schema-good" })
        let folder = try #require(good.report().folder)
        #expect(folder.eventTypes.map(\.type) == ["acme.torque.measured.v1", "acme.torque.measured.v2"])
        let (first, second) = (folder.eventTypes[0], folder.eventTypes[1])
        #expect(first.name.next == second.name)
        #expect(first.translation?.hasPrefix("{torque:") == true)
        #expect(second.translation == nil)
        #expect(first.schema.admits(["nm": 5]))
        #expect(
            first.schema.faults(in: ["nm": -5], prefix: "/data").map(\.message) == ["/data/nm is -5, which is below 0"])
        // By a reference to a neighbour that is no event type itself.
        #expect(!second.schema.admits(["torque": ["value": 1]]))
        #expect(folder.files.contains { $0.path == "schemas/acme.torque.measured.v1.jq" })
    }

    @Test(
        "format refuses what does not have it, unless the node's settings take it for an annotation",
        arguments: [
            ("", false), ("schemas: { formats: assertion }\n", false), ("schemas: { formats: annotation }\n", true),
        ])
    func formats(_ setting: String, admitsAll: Bool) throws {
        let schema = #"{"properties": {"at": {"type": "string", "format": "date-time"}}}"#
        let node = "=== millwright.yaml\nnode: lyon\nlisten: 0.0.0.0:8443\n\(setting)"
        let input = "@base\n\(node)=== schemas/acme.torque.measured.v1.json\n\(schema)\n"
        let report = FolderCase(name: "formats", url: FolderCase.corpus, input: input, expected: "").report()
        let folder = try #require(report.folder, "\(report.printed())")
        let type = try #require(folder.eventTypes.first)
        #expect(type.schema.admits(["at": "2026-03-02T09:00:00Z"]))
        #expect(type.schema.admits(["at": "this morning"]) == admitsAll)
        #expect(!type.schema.admits(["at": 5]))
    }

    @Test(
        "a type's name is company, family, fact and version",
        arguments: [
            ("acme.torque.measured.v1", "acme.torque.measured", 1), ("acme.a.b.c.v12", "acme.a.b.c", 12),
        ])
    func name(text: String, base: String, version: Int) throws {
        let name = try #require(EventTypeName(text))
        #expect(name.base == base && name.version == version && name.description == text)
        #expect(name.next.description == "\(base).v\(version + 1)")
    }

    @Test(
        "what is no type's name is none",
        arguments: [
            "", "acme", "acme.torque.v1", "acme.torque.measured", "acme.torque.measured.1", "acme.t.m.v0",
            "acme.t.m.v01", "acme.t.m.v", "acme..m.v1", ".t.m.v1", "acme.t.m.v99999999999", "acme.t.m.vx",
        ])
    func noName(_ text: String) { #expect(EventTypeName(text) == nil) }

    @Test("a place in JSON is found by its pointer, or the nearest above it")
    func places() {
        let text = #" {"a": [1, {"b/c": "x\"}", "d": {}}], "a": [ 2,{"b/c" :true } ]} "#
        let bytes = Array(text.utf8)
        func rest(_ pointer: String, isName: Bool = false) -> String {
            String(decoding: bytes[JSONPlaces.offset(of: pointer, isName: isName, in: bytes)...], as: UTF8.self)
        }
        #expect(rest("").hasPrefix(#"{"a": [1"#))
        // Of a member given twice the last one counts.
        #expect(rest("/a").hasPrefix("[ 2,"))
        #expect(rest("/a", isName: true).hasPrefix(#""a": [ 2"#))
        #expect(rest("/a/0").hasPrefix("2,"))
        #expect(rest("/a/1/b~1c").hasPrefix("true }"))
        #expect(rest("/a/1/b~1c", isName: true).hasPrefix(#""b/c" :true"#))
        #expect(rest("/a/1/nothing/more").hasPrefix(#"{"b/c" :true"#))
        #expect(rest("/a/7").hasPrefix("[ 2,"))
    }
}
