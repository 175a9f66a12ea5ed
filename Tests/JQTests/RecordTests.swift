import ExactJSON
import JQ
import Testing

/// What a record takes out of its input by constant names is found together, guessing where it stood before; that must
/// not show.
@Suite("records of lookups")
struct RecordTests {
    private static let names = ["a", "b", "c", "d", "e", "f", "g", "h", "i", "j", "k", "a name that is no short one"]

    @Test("events of many shapes, one after the other, give what each lookup gives alone", arguments: 0..<40)
    func shapes(_ batch: Int) throws {
        let seed = baseSeed &+ 8_000 &+ UInt64(batch)
        var random = SeededGenerator(seed: seed)
        for _ in 0..<20 {
            let members = (0..<Int.random(in: 1...14, using: &random)).map { Self.member($0, &random) }
            // A key that is computed is found when the record is made: nothing is taken together.
            let together = try JQProgram.compile(
                "{\(members.map { "\"\($0.key)\": \($0.value)" }.joined(separator: ", "))}")
            let apart = try JQProgram.compile(
                "{\(members.map { "(\"\($0.key)\"): \($0.value)" }.joined(separator: ", "))}")
            for _ in 0..<12 {
                let input = Self.value(depth: 3, &random)
                let first = Self.outcome(together, input)
                #expect(first == Self.outcome(apart, input), "seed \(seed): \(members) on \(input)")
            }
        }
    }

    @Test("a record in a record, and one in what another computes, take from their own input")
    func nested() throws {
        let program = try JQProgram.compile(
            """
            {a: .x.y, b: {c: .x.y, d: (.x.z + .x.y), e: (.list | {f: .[0].x, g: (.[0] | {x, h: (.x + "!")})})},
             i: (.x.y + .x.z), j: [.x.y, {k: (.x.z * 2)}]}
            """)
        let input = try JSONReader.read(#"{"x": {"z": 2, "y": 1}, "list": [{"x": "t"}]}"#)
        let expected = try JSONReader.read(
            """
            {"a": 1, "b": {"c": 1, "d": 3, "e": {"f": "t", "g": {"x": "t", "h": "t!"}}}, "i": 3, "j": [1, {"k": 4}]}
            """)
        #expect(try program.run(input) == [expected])
    }

    @Test("what is no object is said where the first lookup of it stands")
    func faults() throws {
        let program = try JQProgram.compile("{a: .x.y,\n b: (.x.z + 1), c: .w}")
        #expect(try program.run(["w": 1]) == [["a": .null, "b": 1, "c": 1]])
        let error = #expect(throws: JQRuntimeError.self) { try program.run(["x": "text", "w": 1]) }
        #expect(error?.message == #"Cannot index string with string "y""#)
        #expect(error?.line == 1)
    }

    private static func member(_ index: Int, _ random: inout SeededGenerator) -> (key: String, value: String) {
        func path() -> String {
            (1...Int.random(in: 1...3, using: &random)).map { _ in ".\"\(names.randomElement(using: &random) ?? "a")\""
            }
            .joined()
        }
        let value =
            switch Int.random(in: 0...5, using: &random) {
            case 0: "(\(path()) + \(path()))"
            case 1: "(\(path()) == \(path()))"
            case 2: "(\(path()) | tojson)"
            case 3: "{in: \(path()), x: \(path())}"
            default: path()
            }
        return ("m\(index)", value)
    }

    /// Wide objects with few kinds of scalars, so that lookups meet objects, nothing, and what has no members.
    private static func value(depth: Int, _ random: inout SeededGenerator) -> JSON {
        guard depth > 0, Int.random(in: 0...9, using: &random) > 0 else {
            return [
                .null, .int(Int.random(in: 0...3, using: &random)), .string("a text longer than fifteen bytes"), [1],
            ]
            .randomElement(using: &random) ?? .null
        }
        var members: JSONObject = [:]
        for name in names.shuffled(using: &random).prefix(Int.random(in: 0...names.count, using: &random)) {
            members[name] = value(depth: depth - Int.random(in: 1...2, using: &random), &random)
        }
        return .object(members)
    }

    private static func outcome(_ program: JQProgram, _ input: JSON) -> String {
        do {
            return try program.run(input).map(\.description).joined(separator: "\n")
        } catch {
            return "error: \(error.message)"
        }
    }
}
