import ExactJSON
import JSONSchema
import Testing

/// What keeps a value from fitting, in words.
@Suite("Values that do not fit")
struct FaultTests {
    struct Misfit: Sendable, CustomTestStringConvertible {
        let schema: String
        let value: String
        let pointer: String
        let keyword: String
        let message: String
        var testDescription: String { "\(schema) \(value)" }
    }

    static let misfits: [Misfit] = [
        Misfit(
            schema: #"{"properties": {"quantity": {"properties": {"value": {"multipleOf": 1}}}}}"#,
            value: #"{"quantity": {"value": 12.5}}"#, pointer: "/data/quantity/value",
            keyword: "/properties/quantity/properties/value/multipleOf",
            message: "/data/quantity/value is 12.5, which is not a multiple of 1"),
        Misfit(
            schema: #"{"type": ["number", "null"]}"#, value: #""12""#, pointer: "/data", keyword: "/type",
            message: #"/data is "12", which is not null or a number"#),
        Misfit(
            schema: #"{"required": ["a", "b", "c"]}"#, value: #"{"b": 1}"#, pointer: "/data", keyword: "/required",
            message: #"/data lacks "a" and "c""#),
        Misfit(
            schema: #"{"properties": {"colour": {}}, "additionalProperties": false}"#, value: #"{"color": 1}"#,
            pointer: "/data", keyword: "/additionalProperties",
            message: #"/data has "color", which the schema does not allow (did you mean "colour"?)"#),
        Misfit(
            schema: #"{"items": {"minimum": 0.1}}"#, value: "[1, 0.10, 0.09]", pointer: "/data/2",
            keyword: "/items/minimum", message: "/data/2 is 0.09, which is below 0.1"),
        Misfit(
            schema: #"{"properties": {"a/b~c": {"maxLength": 2}}}"#, value: #"{"a/b~c": "été"}"#,
            pointer: "/data/a~1b~0c", keyword: "/properties/a~1b~0c/maxLength",
            message: "/data/a~1b~0c has 3 characters, and may have at most 2"),
        Misfit(
            schema: #"{"enum": ["left", "right"]}"#, value: #""up""#, pointer: "/data", keyword: "/enum",
            message: #"/data is "up", which is not "left" or "right""#),
        Misfit(
            schema: #"{"format": "date-time"}"#, value: #""2026-02-30T00:00:00Z""#, pointer: "/data",
            keyword: "/format",
            message: #"/data is "2026-02-30T00:00:00Z", which is not a time with date and zone (2026-03-02T06:01:15Z)"#),
        Misfit(
            schema: #"{"anyOf": [{"type": "object"}, {"type": "string", "pattern": "^[A-Z]+$"}]}"#, value: #""ab""#,
            pointer: "/data", keyword: "/anyOf",
            message: """
                /data fits none of the 2 forms of anyOf; the nearest refuses it because /data is "ab", which is not an object
                """),
        Misfit(
            schema: #"{"oneOf": [{"minimum": 1}, {"maximum": 9}]}"#, value: "5", pointer: "/data", keyword: "/oneOf",
            message: "/data fits number 1 and number 2 of oneOf, and must fit only one"),
        Misfit(
            schema: #"{"contains": {"const": 1}, "minContains": 2}"#, value: "[1, 2]", pointer: "/data",
            keyword: "/minContains", message: "/data has 1 element that contains asks for, and needs at least 2"),
        Misfit(
            schema: #"{"uniqueItems": true}"#, value: "[1, 2, 1.0]", pointer: "/data", keyword: "/uniqueItems",
            message: "/data has the same element at 0 and at 2"),
        Misfit(
            schema: #"{"properties": {"a": true}, "unevaluatedProperties": false}"#, value: #"{"a": 1, "b": 2}"#,
            pointer: "/data", keyword: "/unevaluatedProperties",
            message: #"/data has "b", which the schema does not allow"#),
    ]

    @Test("a fault names its place, its keyword and the value", arguments: misfits)
    func misfit(_ misfit: Misfit) throws {
        let schema = try Schema.compile(try JSONReader.read(misfit.schema), uri: "urn:test", formats: .assertion)
        let faults = schema.faults(in: try JSONReader.read(misfit.value), prefix: "/data")
        #expect(faults.map(\.message) == [misfit.message])
        #expect(faults.map(\.pointer) == [misfit.pointer])
        #expect(faults.map(\.keyword) == ["urn:test#\(misfit.keyword)"])
    }

    private static func number(_ text: String) -> JSON { .number(ExactNumber(text: text)!) }

    @Test("numbers are compared by all their digits")
    func exact() throws {
        let schema = try Schema.compile(["multipleOf": Self.number("0.01")])
        for (text, fits) in [
            ("0.07", true), ("19.99", true), ("123456789012345678901234567890.12", true), ("0.075", false),
            ("1e9000", true), ("1e-9000", false), ("0", true), ("-4.20", true),
        ] {
            #expect(schema.admits(Self.number(text)) == fits, "\(text)")
        }
        let large = try Schema.compile(["multipleOf": Self.number("3e9000")])
        #expect(large.admits(Self.number("9e9000")))
        #expect(!large.admits(Self.number("1e9000")))
        #expect(!large.admits(3))
        let whole = try Schema.compile(["type": "integer"])
        #expect(whole.admits(Self.number("1.000")))
        #expect(whole.admits(Self.number("1E400")))
        #expect(!whole.admits(Self.number("1.001")))
    }

    @Test("texts that look alike and are of other code points are not equal")
    func codePoints() throws {
        let schema = try Schema.compile(["const": "\u{E9}"])
        #expect(schema.admits("\u{E9}"))
        #expect(!schema.admits("e\u{301}"))
        let unique = try Schema.compile(["uniqueItems": true])
        #expect(unique.admits(["\u{E9}", "e\u{301}"]))
    }

    @Test("faults end at their limit")
    func many() throws {
        let schema = try Schema.compile(["items": ["type": "string"]], limits: SchemaLimits(faults: 3))
        #expect(schema.faults(in: .array(Array(repeating: 1, count: 50))).count == 3)
    }
}
