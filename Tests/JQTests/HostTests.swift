import ExactJSON
import JQ
import Testing

@Suite("what the host adds")
struct HostTests {
    static let lookup = JQHostFunction(name: "lookup", arity: 2) { (arguments) throws(JQHostError) in
        guard let table = arguments[0].string, table == "items" else { throw .fatal("no table \(arguments[0])") }
        guard let key = arguments[1].string, key.hasPrefix("A") else {
            throw .catchable("table items has no key \(arguments[1])")
        }
        return .string("P-" + key)
    }

    private func run(_ program: String, _ input: JSON = .null) throws -> [JSON] {
        try JQProgram.compile(program, functions: [Self.lookup]).run(input)
    }

    @Test("a host function is called with the values of its arguments")
    func call() throws {
        #expect(try run(#"lookup("items"; .k)"#, ["k": "A1"]) == ["P-A1"])
        #expect(try run(#"[.[] | lookup("items"; .)]"#, ["A1", "A2"]) == [["P-A1", "P-A2"]])
        #expect(try run(#"[lookup("items"; "A1", "A2")]"#) == [["P-A1", "P-A2"]])
        #expect(try run(#"{item: lookup("items"; "A")}"#) == [["item": "P-A"]])
    }

    @Test("try catches a host function's error, and not a fatal one")
    func errors() throws {
        #expect(try run(#"try lookup("items"; "x") catch ."#) == [#"table items has no key "x""#])
        #expect(try run(#"(lookup("items"; "x")? // "none")"#) == ["none"])
        for program in [#"try lookup("other"; "x") catch ."#, #"lookup("other"; 1)? // 2"#, #"[.[]?, lookup(1; 2)]"#] {
            do {
                _ = try run(program)
                Issue.record("\(program) gave no error")
            } catch let error as JQRuntimeError {
                #expect(error.kind == .fatal)
                #expect(error.message.hasPrefix("no table"))
            }
        }
    }

    @Test("a host function is known by name and arity")
    func arity() throws {
        do {
            _ = try JQProgram.compile(#"lookup("items")"#, name: "m.jq", functions: [Self.lookup])
            Issue.record("compiled")
        } catch {
            #expect(error.reason == #""lookup" takes 2 argument(s), not 1"#)
        }
        #expect(try run("def lookup(a; b): 7; lookup(1; 2)") == [7])
    }

    @Test("calls and their constant arguments can be checked before anything runs")
    func calls() throws {
        let program = try JQProgram.compile(
            "{a: lookup(\"items\"; .x),\n b: lookup(.t; \"k\")}", functions: [Self.lookup])
        #expect(
            program.hostCalls == [
                JQHostCall(name: "lookup", arguments: ["items", nil], line: 1, column: 5),
                JQHostCall(name: "lookup", arguments: [nil, "k"], line: 2, column: 5),
            ])
    }

    @Test("variables get their values with each run")
    func variables() throws {
        let program = try JQProgram.compile("[$plant, .a, (1 as $plant | $plant)]", variables: ["$plant", "other"])
        #expect(try program.run(["a": 2], variables: ["lyon", .null]) == [["lyon", 2, 1]])
        #expect(try program.run(.null, variables: ["turin", .null]) == [["turin", .null, 1]])
        #expect(throws: JQRuntimeError.self) { try program.run(.null, variables: []) }
    }

    @Test("now is what the host says, or an error that nothing catches")
    func now() throws {
        let program = try JQProgram.compile("now | floor | todate")
        #expect(try program.run(.null, now: ExactNumber(text: "1425599621.5")) == ["2015-03-05T23:53:41Z"])
        do {
            _ = try JQProgram.compile("try now catch 0").run(.null)
            Issue.record("no error")
        } catch let error as JQRuntimeError {
            #expect(error.kind == .fatal)
        }
    }

    @Test("first asks for no more than one output")
    func first() throws {
        #expect(try JQProgram.compile("1, error(\"x\")").first(.null) == 1)
        #expect(try JQProgram.compile("empty").first(.null) == nil)
        #expect(try JQProgram.compile("repeat(1)").first(.null) == 1)
    }

    @Test("outputs can be taken one by one, and those before an error count")
    func streamed() throws {
        var outputs: [JSON] = []
        let program = try JQProgram.compile("1, 2, error(\"x\"), 3")
        #expect(throws: JQRuntimeError.self) {
            try program.run(.null) { output in
                outputs.append(output)
                return true
            }
        }
        #expect(outputs == [1, 2])
        outputs = []
        try JQProgram.compile("repeat(1)").run(.null) { output in
            outputs.append(output)
            return outputs.count < 3
        }
        #expect(outputs == [1, 1, 1])
    }

    @Test("local time is that of the zone that the host gives, and UTC without one")
    func zone() throws {
        // Central European time, whose summer of 2024 began at 1711846800.
        let zone = JQZone { seconds in
            let isSummer = (1_711_846_800..<1_729_990_800).contains(seconds)
            return JQZone.Offset(seconds: isSummer ? 7_200 : 3_600, abbreviation: isSummer ? "CEST" : "CET")
        }
        let program = try JQProgram.compile(
            #".[] | strflocaltime("%Y-%m-%dT%H:%M:%S %Z %z"), (localtime | strflocaltime("%H:%M %Z")), todate"#)
        let input: JSON = [1_711_846_799, 1_711_846_800]
        #expect(
            try program.run(input, zone: zone) == [
                "2024-03-31T01:59:59 CET +0100", "01:59 CET", "2024-03-31T00:59:59Z",
                "2024-03-31T03:00:00 CEST +0200", "03:00 CEST", "2024-03-31T01:00:00Z",
            ])
        #expect(try program.first(input) == "2024-03-31T00:59:59 UTC +0000")
    }

    @Test("halt ends a run, halt_error ends it with an error that nothing catches")
    func halt() throws {
        #expect(try run("1, halt, 2") == [1])
        #expect(try run("try (1, halt) catch 2, 3") == [1])
        for (program, message, code) in [
            (#"try ("bad part" | halt_error) catch 1"#, "halted: bad part", 5),
            (#"({a: 1} | halt_error(7))? // 1"#, #"halted: {"a":1}"#, 7),
        ] {
            do {
                _ = try run(program)
                Issue.record("\(program) gave no error")
            } catch let error as JQRuntimeError {
                #expect(error.message == message)
                guard case .halted(_, exitCode: code) = error.kind else {
                    Issue.record("\(error.kind)")
                    continue
                }
            }
        }
    }

    @Test("a compiled program runs on many threads at once")
    func threads() async throws {
        let program = try JQProgram.compile(
            #"[.[] | {k: "\(.)", l: lookup("items"; "A\(.)"), t: (tostring | test("^[0-9]+$"))}] | length"#,
            functions: [Self.lookup])
        let results = await withTaskGroup(of: [JSON]?.self) { group in
            for count in 1...50 {
                group.addTask { try? program.run(.array((0..<count).map { .int($0) })) }
            }
            return await group.reduce(into: [JSON?]()) { $0.append($1?.first) }
        }
        #expect(Set(results) == Set((1...50).map { JSON.int($0) }))
    }
}
