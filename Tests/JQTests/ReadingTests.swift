import ExactJSON
import JQ
import Testing

@Suite("What is told of a program without running it")
struct ReadingTests {
    private static func members(_ source: String) throws -> [String] {
        try #require(JQReading(source)).members.map { ".\($0.path.joined(separator: ".")):\($0.place.column)" }
    }

    @Test(
        "members are told where the dot is surely the input",
        arguments: [
            (".data.order", [".data.order:6", ".data:1"]), ("{a: .x, b: .y?}", [".x:5", ".y:12"]),
            ("select(.a) | .b", [".a:8", ".b:14"]), (".a | .b", [".a:1"]), ("map(.x)", []),
            (".a as $x | .b", [".a:1", ".b:12"]), ("reduce .a[] as $x (0; . + .b)", [".a:8"]),
            ("if .a then .b else .c end", [".a:4", ".b:12", ".c:20"]), ("def f: .x; .y", [".y:12"]),
            ("lookup(\"t\"; .data.asset)", [".data.asset:18", ".data:13"]), ("\"\\(.a)\"", [".a:4"]),
            ("try .a catch .b", [".a:5"]), (".[\"a b\"]", [".a b:3"]), (".a |= .b", [".a:1"]),
            ("[.a[] | .b]", [".a:2"]), (". | .a", [".a:5"]),
        ] as [(String, [String])])
    func members(_ source: String, _ expected: [String]) throws {
        #expect(try Self.members(source).sorted() == expected.sorted())
    }

    @Test("calls are told with the arguments that are written out")
    func calls() throws {
        let reading = try #require(
            JQReading("{a: lookup(\"t\"; .data.asset), b: lookup(\"u\"; [\"x\", 1]), c: lookup(.t; \"k\")}"))
        let lookups = reading.calls.filter { $0.name == "lookup" }
        #expect(
            lookups.map(\.arguments) == [
                [.literal("t"), .member(["data", "asset"])], [.literal("u"), .literal(["x", 1])],
                [.member(["t"]), .literal("k")],
            ])
        #expect(lookups[0].places[1].column == 22)
        #expect(reading.keys.map(\.name) == ["a", "b", "c"])
    }

    @Test(
        "a condition that never holds is told, and one that may is not",
        arguments: [
            ("false", .never), ("true", .always), (".x", .unknown), (".x > 0 and false", .never),
            ("false and .x", .never), (".x or true", .always), ("1 > 2", .never), ("2 >= 2", .always),
            (".state == \"stopped\"", .never), (".state == \"idle\"", .unknown), (".state != \"gone\"", .always),
            ("(.state == \"gone\") | not", .always), (".state | startswith(\"x\")", .never),
            ("select(.state == \"gone\")", .never), ("select(.x)", .unknown), (".state == .x", .unknown),
            ("\"idle\" == .state", .unknown), ("null", .never), ("empty", .never), (".state > 1", .unknown),
            (".state == \"gone\" or .x", .unknown), ("not", .unknown), ("[] == []", .always),
        ] as [(String, JQReading.Verdict)])
    func verdicts(_ source: String, _ expected: JQReading.Verdict) throws {
        let verdict = try #require(JQReading(source)).verdict { $0 == ["state"] ? ["running", "idle"] : nil }
        #expect(verdict == expected)
        // What it says is so for each input that is possible.
        let program = try JQProgram.compile(source)
        for state in ["running", "idle"] as [JSON] {
            for x in [.null, 1, "t", false] as [JSON] {
                guard let outputs = try? program.run(["state": state, "x": x]) else { continue }
                let holds = outputs.first.map { $0 != .null && $0 != .bool(false) } ?? false
                #expect(verdict == .unknown || holds == (verdict == .always), "\(state) \(x)")
            }
        }
    }

    @Test("what is no program is told nothing of", arguments: [".a |", "{", "\"\\(", ")"])
    func none(_ source: String) {
        #expect(JQReading(source) == nil)
    }
}
