import Canonical
import ExactJSON
import Testing

@Suite("The quick look at a fact")
struct FactSkimTests {
    /// A value of a kind, right three times out of four.
    private func value(_ kind: FactField.Kind, _ dice: inout Dice, depth: Int = 0) -> JSON {
        if dice.below(4) == 0 {
            return [
                .null, .string("x"), .int(-1), .bool(true), ["value": 1], ["a", 2], .string("2026-02-30T00:00:00Z"),
            ][
                dice.below(7)]
        }
        switch kind {
        case .text: return .string(["MO-1", "", "Ümlaut", "\"quoted\"\n"][dice.below(4)])
        case .code(let words): return .string(words[dice.below(words.count)])
        case .quantity:
            return [
                "value": .int(dice.below(50) - 5), "unit": .string(["pcs", "kg", "furlong", "H87"][dice.below(4)]),
            ]
        case .instant: return .string("2026-03-02T08:00:00Z")
        case .seconds, .number: return .number(ExactNumber(coefficient: Int64(dice.below(9_999)), scale: 2))
        case .integer: return .int(dice.below(9_999) - 50)
        case .boolean: return .bool(dice.below(2) == 0)
        case .any: return ["raw": .int(dice.below(9))]
        case .list(let element):
            return .array((0..<dice.below(4)).map { _ in value(element, &dice, depth: depth + 1) })
        case .object(let fields): return .object(members(fields, &dice, depth: depth + 1))
        }
    }

    private func members(_ fields: [FactField], _ dice: inout Dice, depth: Int = 0) -> JSONObject {
        var members: JSONObject = [:]
        for field in fields where field.isRequired || dice.below(2) == 0 {
            if dice.below(12) > 0 { members[field.name] = value(field.kind, &dice, depth: depth) }
        }
        if dice.below(3) == 0 { members["own"] = .int(dice.below(100)) }
        return members
    }

    @Test(
        "it never passes what a closer look refuses, and passes what has nothing unusual",
        arguments: 0..<40 as Range<UInt64>)
    func agrees(seed: UInt64) {
        var dice = Dice(seed)
        for shape in FactShape.all {
            for _ in 0..<20 {
                let data = JSON.object(members(shape.fields, &dice))
                let event = Event(
                    id: "1", source: "/lyon/a", type: shape.type, time: Instant(microseconds: 0), attributes: [:],
                    data: data)
                let passes = shape.surelyFits(event.document)
                let faults = shape.faults(in: data)
                #expect(!passes || faults.isEmpty, "seed \(seed) \(shape.type): \(data) \(faults)")
                let isPlain = !event.document.contains(UInt8(ascii: "\\"))
                if faults.isEmpty, isPlain { #expect(passes, "seed \(seed) \(shape.type): \(data)") }
            }
        }
    }

    @Test(
        "what a closer look must decide is left to it",
        arguments: [
            #"{"data":{"order":"1","quantity":{"value":1,"unit":"pcs"}},"data":{}}"#,
            #"{"data":{"order":"1","order":2,"quantity":{"value":1,"unit":"pcs"}}}"#,
            #"{"data":{"ord\u0065r":"1","quantity":{"value":1,"unit":"pcs"}}}"#,
            #"{"data":{"order":"1","quantity":{"value":1e400000000,"unit":"pcs"}}}"#,
            #"{"data":{"order":"1","quantity":{"value":1,"value":2,"unit":"pcs"}}}"#, #"{"data":null}"#, #"{}"#, #"[]"#,
        ])
    func left(document: String) throws {
        let shape = try #require(FactShape.named("production.completed"))
        #expect(!shape.surelyFits(Array(document.utf8)))
    }
}
