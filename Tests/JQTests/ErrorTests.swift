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
