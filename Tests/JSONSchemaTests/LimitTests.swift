import ExactJSON
import Foundation
import JSONSchema
import Testing

/// Nothing that a schema or a value holds makes a look endless or takes the stack.
@Suite("Bounds of schemas")
struct LimitTests {
    private static func nested(_ depth: Int, _ value: JSON = 1) -> JSON {
        (0..<depth).reduce(value) { inner, _ in ["a": inner] }
    }

    @Test("a value that leads deeper than allowed is refused with its place, on a small stack")
    func depth() async throws {
        let schema = try Schema.compile([
            "$ref": "#/$defs/node",
            "$defs": [
                "node": [
                    "unevaluatedProperties": false,
                    "anyOf": [["type": "number"], ["properties": ["a": ["oneOf": [["$ref": "#/$defs/node"]]]]]],
                ]
            ],
        ])
        let deep = Self.nested(120)
        let faults = await onSmallStack { schema.faults(in: deep, prefix: "/data") }
        #expect(faults.count == 1)
        #expect(faults.first?.message.contains("leads more than 64 subschemas deep") == true)
        #expect(faults.first?.pointer.hasPrefix("/data/a/a/a") == true)
        #expect(schema.admits(Self.nested(10)))
    }

    @Test("a regular expression of exponential cost ends the look", arguments: ["^(a+)+$", "^(a|a)*$", "(?=(a*)*b)"])
    func pattern(_ pattern: String) throws {
        let schema = try Schema.compile(["pattern": .string(pattern)], limits: SchemaLimits(steps: 50_000))
        let faults = schema.faults(in: .string(String(repeating: "a", count: 60) + "!"))
        #expect(faults.first?.message.contains("takes more than 50000 steps to check") == true)
    }

    @Test("branches that double at each step end the look")
    func doubling() throws {
        // Each level asks the next one twice about the same value: 2^24 questions.
        var members: JSONObject = ["n24": ["type": "string"]]
        for level in 0..<24 {
            let next: JSON = ["$ref": .string("#/$defs/n\(level + 1)")]
            members["n\(level)"] = ["anyOf": [next, next]]
        }
        let schema = try Schema.compile(["$ref": "#/$defs/n0", "$defs": .object(members)])
        #expect(schema.faults(in: 1).last?.message.contains("takes more than") == true)
    }

    @Test("schemas that are too big are refused")
    func size() throws {
        let wide = JSON.array(Array(repeating: ["type": "null"], count: 200))
        let small = SchemaLimits(subschemas: 100)
        #expect(throws: InvalidSchema.self) { try Schema.compile(["anyOf": wide], limits: small) }
        let patterns = JSON.array((0..<20).map { _ in ["pattern": "^(a{1,900}){10}$"] })
        let failure = #expect(throws: InvalidSchema.self) { try Schema.compile(["allOf": patterns]) }
        #expect(failure?.errors.contains { $0.reason.contains("too big together") } == true)
    }

    @Test("a schema as deep as its reader allows compiles on a small stack")
    func deepSchema() async throws {
        let text = String(repeating: #"{"not":"#, count: 120) + "{}" + String(repeating: "}", count: 120)
        let schema = try JSONReader.read(text)
        let faults = await onSmallStack { (try? Schema.compile(schema))?.faults(in: 1) }
        #expect(faults?.count == 1)
        #expect(faults?.first?.message.contains("leads more than 64 subschemas deep") == true)
    }
}
