import ExactJSON
import JQ
import Testing

@Suite("errors")
struct ErrorTests {
    @Test("a program that is wrong says where, what and what to do")
    func compile() {
        do {
            _ = try JQProgram.compile(".a\n| slect(.b)", name: "m.jq")
            Issue.record("compiled")
        } catch {
            #expect(error.line == 2 && error.column == 3)
            #expect(error.reason == "the function \"slect/1\" is not defined")
            #expect(error.suggestion == "did you mean \"select\"?")
            #expect("\(error)" == "m.jq:2:3: \(error.reason); did you mean \"select\"?")
        }
        do {
            _ = try JQProgram.compile("1 + $plnt", variables: ["plant"])
            Issue.record("compiled")
        } catch {
            #expect(error.suggestion == "did you mean \"$plant\"?")
        }
    }

    @Test("a run that fails says where, what and on which value")
    func runtime() throws {
        do {
            _ = try JQProgram.compile("{a: 1,\n b: (.x | .y + 1)}", name: "maps/p.jq").run(["x": ["y": "text"]])
            Issue.record("no error")
        } catch let error as JQRuntimeError {
            #expect(error.message == #"string ("text") and number (1) cannot be added"#)
            #expect(error.line == 2 && error.column == 14)
            #expect(error.input == #"{"y":"text"}"#)
            #expect(error.description.hasPrefix("maps/p.jq:2:14: string"))
            #expect(error.kind == .raised(#"string ("text") and number (1) cannot be added"#))
        }
    }

    @Test(
        "a sum of three says which plus is wrong, in a record and outside of one",
        arguments: [
            (".a + 1\n+ \"z\"", 1, 4), (".a + \"y\"\n  + 1", 2, 3), ("{k: (.a + \"y\"\n  + 1)}", 2, 3),
            (".a + (\"y\", 1)\n + \"z\"", 1, 4),
        ])
    func sums(_ program: String, _ line: Int, _ column: Int) throws {
        let error = #expect(throws: JQRuntimeError.self) { try JQProgram.compile(program).run(["a": "x"]) }
        #expect(error?.line == line && error?.column == column, "\(String(describing: error))")
    }

    @Test("a sum of three texts is their text, whatever their lengths and letters")
    func texts() throws {
        let program = try JQProgram.compile(
            #"{all: (.a + .b + .c), inside: "\(.a)\(.b)\(.c)", direct: (.a + .b + .c == .d)}"#)
        for texts in [
            ["", "", ""], ["é", "ß", "字"], ["12345678", "1234567", "1"], [String(repeating: "🏭", count: 99), "/", ""],
        ] {
            let output = try program.run(
                ["a": .string(texts[0]), "b": .string(texts[1]), "c": .string(texts[2]), "d": .string(texts.joined())])
            #expect(output == [["all": .string(texts.joined()), "inside": .string(texts.joined()), "direct": true]])
        }
        let numbers = try JQProgram.compile("{n: (.a + .b + .c), m: (.x + .a + .x + 2 + 3)}")
        let input = try JSONReader.read(#"{"a": 1, "b": 2, "c": 3.5}"#)
        #expect(try numbers.run(input) == [JSONReader.read(#"{"n": 6.5, "m": 6}"#)])
    }

    @Test("an error inside a built-in is reported at its call")
    func insideBuiltin() throws {
        do {
            _ = try JQProgram.compile(".a |\n   map(. + 1)").run(["a": ["x"]])
            Issue.record("no error")
        } catch let error as JQRuntimeError {
            #expect(error.line == 2)
        }
        do {
            _ = try JQProgram.compile("1 |\n  with_entries(.)").run(.null)
            Issue.record("no error")
        } catch let error as JQRuntimeError {
            #expect(error.line == 2 && error.column == 3)
        }
    }

    @Test("the dump of a large value is cut")
    func largeInput() throws {
        let large = JSON.array(Array(repeating: .string(String(repeating: "é", count: 500)), count: 500))
        do {
            _ = try JQProgram.compile(".a").run(large)
            Issue.record("no error")
        } catch let error as JQRuntimeError {
            #expect(error.input.utf8.count <= 80)
            #expect(error.input.hasSuffix("..."))
        }
    }
}
