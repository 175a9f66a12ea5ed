import ExactJSON
import JSONSchema
import Testing

/// What is wrong with a schema is said at its place, with the nearest mend.
@Suite("Schemas that do not compile")
struct SchemaErrorTests {
    struct Mistake: Sendable, CustomTestStringConvertible {
        let schema: String
        let pointer: String
        let reason: String
        var suggestion: String?
        var testDescription: String { schema }
    }

    static let mistakes: [Mistake] = [
        Mistake(
            schema: ##"{"properties": {"a": {"type": "strng"}}}"##, pointer: "/properties/a/type",
            reason: #""strng" is no type"#, suggestion: #"did you mean "string"?"#),
        Mistake(schema: ##"{"type": 7}"##, pointer: "/type", reason: "7 is no type"),
        Mistake(schema: ##"{"type": ["null", "null"]}"##, pointer: "/type/1", reason: #"type names "null" twice"#),
        Mistake(schema: ##"{"required": "a"}"##, pointer: "/required", reason: "required must be a list of names"),
        Mistake(schema: ##"{"required": ["a", "a"]}"##, pointer: "/required", reason: "required names one twice"),
        Mistake(schema: ##"{"minLength": -1}"##, pointer: "/minLength", reason: "must be a whole number from 0"),
        Mistake(schema: ##"{"minLength": 1.5}"##, pointer: "/minLength", reason: "must be a whole number from 0"),
        Mistake(schema: ##"{"multipleOf": 0}"##, pointer: "/multipleOf", reason: "multipleOf must be above 0"),
        Mistake(schema: ##"{"pattern": "(a"}"##, pointer: "/pattern", reason: "a group that is not closed"),
        Mistake(schema: ##"{"pattern": "\\Z"}"##, pointer: "/pattern", reason: "\\Z is no escape of ECMA-262"),
        Mistake(schema: ##"{"pattern": "\\p{Script=Greek}"}"##, pointer: "/pattern", reason: "only general categories"),
        Mistake(
            schema: ##"{"patternProperties": {"[a": {}}}"##, pointer: "/patternProperties/[a",
            reason: "a [ that is not closed"),
        Mistake(
            schema: ##"{"items": [{}]}"##, pointer: "/items", reason: "items must be one schema",
            suggestion: "say prefixItems for a schema of each place"),
        Mistake(schema: ##"{"allOf": []}"##, pointer: "/allOf", reason: "allOf must be a list of at least one schema"),
        Mistake(schema: ##"{"properties": []}"##, pointer: "/properties", reason: "must be an object of schemas"),
        Mistake(schema: ##"{"not": 3}"##, pointer: "/not", reason: "a schema must be an object, true or false"),
        Mistake(schema: ##"[]"##, pointer: "", reason: "a schema must be an object, true or false"),
        Mistake(
            schema: ##"{"$ref": "#/$defs/quantty", "$defs": {"quantity": {}}}"##, pointer: "/$ref",
            reason: "nothing stands at #/$defs/quantty", suggestion: "did you mean #/$defs/quantity?"),
        Mistake(
            schema: ##"{"$ref": "#quantity", "$defs": {"quantity": {}}}"##, pointer: "/$ref",
            reason: "there is no anchor #quantity", suggestion: "write the place as #/$defs/quantity"),
        Mistake(
            schema: ##"{"$ref": "https://example.com/other"}"##, pointer: "/$ref",
            reason: "there is no schema https://example.com/other",
            suggestion: "nothing is fetched: put it among the schemas, with this $id"),
        Mistake(
            schema: ##"{"$schema": "http://json-schema.org/draft-07/schema#"}"##, pointer: "/$schema",
            reason: "is not known; schemas are of 2020-12"),
        Mistake(schema: ##"{"$id": "a#b"}"##, pointer: "/$id", reason: "$id must not have a fragment"),
        Mistake(
            schema: ##"{"$defs": {"a": {"$id": "urn:x"}, "b": {"$id": "urn:x"}}}"##, pointer: "/$defs/a/$id",
            reason: "urn:x is the $id of another schema, too"),
        Mistake(schema: ##"{"$anchor": "1"}"##, pointer: "/$anchor", reason: "$anchor must be a name"),
        Mistake(schema: ##"{"$ref": "#"}"##, pointer: "", reason: "so it never ends"),
        Mistake(
            schema: ##"{"$ref": "#/$defs/a", "$defs": {"a": {"allOf": [{"$ref": "#/$defs/a"}]}}}"##,
            pointer: "/$defs/a/allOf/0", reason: "so it never ends"),
        Mistake(schema: ##"{"title": 4}"##, pointer: "/title", reason: "title must be a text"),
    ]

    @Test("a mistake is named at its place", arguments: mistakes)
    func mistake(_ mistake: Mistake) throws {
        let schema = try JSONReader.read(mistake.schema)
        let failure = #expect(throws: InvalidSchema.self) { try Schema.compile(schema) }
        let error = try #require(failure?.errors.first)
        #expect(error.pointer == mistake.pointer)
        #expect(error.reason.contains(mistake.reason), "\(error.reason)")
        if let suggestion = mistake.suggestion { #expect(error.suggestion == suggestion) }
    }

    @Test("all mistakes are named, as far as the limit goes")
    func all() throws {
        let schema = try JSONReader.read(##"{"minimum": "a", "maximum": "b", "properties": {"x": {"type": "y"}}}"##)
        let all = #expect(throws: InvalidSchema.self) { try Schema.compile(schema) }
        #expect(all?.errors.count == 3)
        let limits = SchemaLimits(errors: 2)
        let few = #expect(throws: InvalidSchema.self) { try Schema.compile(schema, limits: limits) }
        #expect(few?.errors.count == 2)
    }

    @Test("a keyword that is nearly one is warned of, and one of an earlier draft")
    func warnings() throws {
        let schema = try Schema.compile(["minLenght": 2, "definitions": [:], "x-unit": "mm"])
        #expect(schema.warnings.map(\.pointer).sorted() == ["/definitions", "/minLenght"])
        #expect(schema.warnings.allSatisfy { $0.isAboutName })
        #expect(schema.warnings.contains { $0.suggestion == "did you mean \"minLength\"?" })
        #expect(schema.warnings.contains { $0.suggestion == "say $defs" })
    }
}
