import Canonical
import ExactJSON
import JSONSchema
import Testing

/// The schemas that are made of the canonical facts say the same as the facts themselves.
@Suite("Schemas of canonical facts")
struct CanonicalTests {
    static let shapes = FactShape.all

    private static func sample(_ kind: FactField.Kind) -> JSON {
        switch kind {
        case .text: "a"
        case .code(let words): .string(words.first ?? "")
        case .quantity: ["value": 1, "unit": "pcs"]
        case .instant: "2026-03-02T06:01:15Z"
        case .seconds, .number, .integer: 1
        case .boolean: true
        case .any: [:]
        case .list(let element): [sample(element)]
        case .object(let fields): sample(fields)
        }
    }

    private static func sample(_ fields: [FactField]) -> JSON {
        .object(fields.reduce(into: [:]) { $0[$1.name] = sample($1.kind) })
    }

    /// What is not of the kind; nil where everything is.
    private static func wrong(_ kind: FactField.Kind) -> JSON? {
        switch kind {
        case .any: nil
        case .text, .code, .instant, .quantity, .boolean, .list, .object: 1
        case .seconds: -1
        case .number: "1"
        case .integer: JSON.number(ExactNumber(coefficient: 15, scale: 1))
        }
    }

    @Test("each fits the metaschema and compiles without a warning")
    func compile() throws {
        let metaschema = try Schema.compile(["$ref": "https://json-schema.org/draft/2020-12/schema"])
        #expect(Self.shapes.count >= 40)
        for shape in Self.shapes {
            #expect(metaschema.faults(in: shape.jsonSchema).isEmpty, "\(shape.type)")
            let schema = try Schema.compile(shape.jsonSchema, formats: .assertion)
            #expect(schema.warnings.isEmpty, "\(shape.type)")
        }
    }

    @Test("what fits the fact fits its schema; what lacks a field or has a wrong one fits neither")
    func agreement() throws {
        for shape in Self.shapes {
            let schema = try Schema.compile(shape.jsonSchema, formats: .assertion)
            let right = Self.sample(shape.fields)
            #expect(
                shape.faults(in: right).isEmpty && schema.admits(right), "\(shape.type): \(schema.faults(in: right))")
            for field in shape.fields {
                var data = right
                data[field.name] = nil
                #expect(shape.faults(in: data).isEmpty == !field.isRequired, "\(shape.type) \(field.name)")
                #expect(schema.admits(data) == !field.isRequired, "\(shape.type) \(field.name)")
                guard let wrong = Self.wrong(field.kind) else { continue }
                data[field.name] = wrong
                #expect(!shape.faults(in: data).isEmpty, "\(shape.type) \(field.name)")
                let faults = schema.faults(in: data)
                #expect(faults.first?.pointer == "/\(field.name)", "\(shape.type) \(field.name): \(faults)")
            }
        }
    }
}
