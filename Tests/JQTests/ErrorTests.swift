import ExactJSON
import JQ
import Testing

@Suite("errors")
struct ErrorTests {
    struct Wrong: CustomTestStringConvertible, Sendable {
        let program: String
        let place: String
        let reason: String
        var suggestion: String?
        var testDescription: String { program }
    }

    static let wrong: [Wrong] = [
        Wrong(program: ".a |", place: "1:5", reason: "the end of the program is unexpected here; expected an expression"),
        Wrong(program: ".a\n| slect(.b)", place: "2:3", reason: "the function \"slect/1\" is not defined", suggestion: "did you mean \"select\"?"),
        Wrong(program: "1 + $plnt", place: "1:5", reason: "\"$plnt\" is not defined", suggestion: "did you mean \"$plant\"?"),
        Wrong(program: "select(1; 2)", place: "1:1", reason: "\"select\" takes 1 argument(s), not 2", suggestion: "arguments are separated by \";\""),
        Wrong(program: "input", place: "1:1", reason: "\"input\" is not available: a program gets one input, which is \".\""),
        Wrong(program: "[inputs]", place: "1:2", reason: "\"inputs\" is not available: a program gets one input, which is \".\""),
        Wrong(program: ".a | env", place: "1:6", reason: "\"env\" is not available: programs cannot read the environment"),
        Wrong(program: "$ENV.PATH", place: "1:1", reason: "\"$ENV\" is not available: programs cannot read the environment"),
        Wrong(program: "halt", place: "1:1", reason: "\"halt\" is not available: programs cannot end the host"),
        Wrong(program: "debug", place: "1:1", reason: "\"debug\" is not available: programs have no way out"),
        Wrong(program: "import \"a\" as a; .", place: "1:1", reason: "\"import\" is not supported: a program here is one text without modules", suggestion: "put the definitions into this program"),
        Wrong(program: "include \"a\"; .", place: "1:1", reason: "\"include\" is not supported: a program here is one text without modules", suggestion: "put the definitions into this program"),
        Wrong(program: "a::b", place: "1:1", reason: "\"a::b\" names a module, and modules are not supported"),
        Wrong(program: "@cvs", place: "1:1", reason: "\"@cvs\" is not a format", suggestion: "did you mean \"@csv\"?"),
        Wrong(program: "break $x", place: "1:1", reason: "\"break $x\" is in no \"label $x\""),
        Wrong(program: "{1: 2}", place: "1:2", reason: "an object's keys are strings, and 1 is a number", suggestion: "write \"1\" in quotes"),
        Wrong(program: "\"abc", place: "1:2", reason: "the program ends inside a string that begins here"),
        Wrong(program: "\"a\\(1", place: "1:6", reason: "the program ends inside a string's \\( … )"),
        Wrong(program: "\"\\q\"", place: "1:2", reason: "a string knows no escape \"\\q\"", suggestion: "write \\\\ for a backslash"),
        Wrong(program: ". as [$a", place: "1:9", reason: "the end of the program is unexpected here; expected \"]\" to close the pattern"),
        Wrong(program: "if . then 1", place: "1:12", reason: "the end of the program is unexpected here; expected \"end\" to close \"if\""),
        Wrong(program: "1 == 1 == 1", place: "1:8", reason: "\"==\" is unexpected here; expected parentheses: \"==\" cannot follow its like"),
        Wrong(program: ".a ~ 1", place: "1:4", reason: "the character \"~\" begins nothing in jq"),
        Wrong(program: "test(\"[\")", place: "1:1", reason: "[ (at offset 0) is not a valid regex: premature end of char-class"),
        Wrong(program: "def f: 1", place: "1:9", reason: "the end of the program is unexpected here; expected \";\" to end the definition of \"f\""),
        Wrong(program: "\"é\" | foo", place: "1:7", reason: "the function \"foo/0\" is not defined"),
        Wrong(program: "def f: bar; 1", place: "1:8", reason: "the function \"bar/0\" is not defined"),
        Wrong(program: "localtime", place: "1:1", reason: "\"localtime\" is not available: programs know no local time zone; use gmtime or strftime, which are in UTC"),
    ]

    @Test("a program that is wrong says where, what and what to do", arguments: wrong)
    func compile(_ wrong: Wrong) {
        do {
            _ = try JQProgram.compile(wrong.program, name: "m.jq", variables: ["plant"])
            Issue.record("compiled")
        } catch {
            #expect("\(error.line):\(error.column)" == wrong.place)
            #expect(error.reason == wrong.reason)
            #expect(error.suggestion == wrong.suggestion)
            #expect(error.description.hasPrefix("m.jq:\(wrong.place): "))
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
