import ExactJSON
import JQ
import Testing

/// Programs that would hang, crash or fill the memory of an implementation without bounds.
@Suite("limits")
struct LimitTests {
    struct Bomb: CustomTestStringConvertible, Sendable {
        let program: String
        let limit: JQLimits.Name
        var input: JSON = .null
        var testDescription: String { program }

        init(_ program: String, _ limit: JQLimits.Name, _ input: JSON = .null) {
            self.program = program
            self.limit = limit
            self.input = input
        }
    }

    static let bombs: [Bomb] = [
        Bomb("def f: f; f", .steps),
        Bomb("def f: def g: f; g; f", .steps),
        Bomb("def f(x): f(x); f(1)", .steps),
        Bomb("[limit(1e9; repeat(1))]", .steps),
        Bomb("last(repeat(1))", .steps),
        Bomb("until(false; .)", .steps),
        Bomb("[recurse(.)] | length", .steps),
        Bomb("reduce range(1e9) as $i (0; . + 1)", .steps),
        Bomb("first(range(1e9) | select(. < 0))", .steps),
        Bomb("range(0; 1; 1e-9) | empty", .steps),
        Bomb("def f: f, 1; first(f)", .steps),
        Bomb("def f: 1, f; [f]", .steps),
        Bomb(
            "def a: not|not; def b: a|a; def c: b|b; def d: c|c; def e: d|d; def f: e|e|e|e; def g: f|f|f|f;"
                + " def h: g|g|g|g; def i: h|h|h|h; def j: i|i|i|i; 1|j|j|j|j|j|j|j|j", .steps),
        Bomb(#""aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!" | test("(a+)+$")"#, .steps),
        Bomb(#"("a" * 100000) | test("(a*)*b")"#, .steps),
        Bomb(#"("a" * 40) | test("(a|a)*$b")"#, .steps),
        Bomb(#"("a" * 40) | test("(a|aa)+c")"#, .steps),
        Bomb(#"("a" * 60) | test("(.*)(.*)(.*)(.*)(.*)(.*)(.*)[^a]")"#, .steps),
        Bomb(#"("a" * 40) | test("((a+)+)+\\1c")"#, .steps),
        Bomb(#"("a" * 5000) | [match("(?<=(a+)+)b"; "g")]"#, .steps),
        Bomb(#"("x" * 100000) | gsub("(?=(x+x+)+y)"; "")"#, .steps),
        Bomb(#"("ab" * 50000) | gsub("(?<a>.)"; "\(.a)\(.a)")"#, .memory),
        Bomb(#"("a" * 100000) | [scan("."; "g")] | length"#, .memory),
        Bomb(#"[range(100)] | combinations(20)"#, .outputs),
        Bomb("[recurse(. + 1; true)] | length", .steps, 0),
        Bomb("0 | until(false; . + 1)", .steps),
        Bomb("[range(1e5) | [.]] | transpose | length", .steps),
        Bomb("fromstream(repeat([[0], 1]))", .steps),
        Bomb(#"strftime("%100Y" * 200000)"#, .memory, 0),
        Bomb(#"[range(300)] | [.[] as $a | .[] as $b | .[] as $c | $a] | length"#, .steps),
        Bomb("reduce range(30) as $i (1; [., .]) | . == (reduce range(30) as $i (1; [., .]))", .steps),
        Bomb("reduce range(30) as $i (1; [., .]) | [..] | length", .steps),
        Bomb("reduce range(30) as $i (1; [., .]) | flatten | length", .steps),
        Bomb("[range(50000)] | sort | group_by(.) | map(length) | add | [limit(.; repeat(1))] | length", .steps),
        Bomb("def f: 1 + f; f", .depth),
        Bomb("def f: [f]; f", .depth),
        Bomb("def f: {a: f}; f", .depth),
        Bomb("def f: try f catch .; f | f", .depth),
        Bomb("def f(g): f(g + 1); f(1)", .depth),
        Bomb("def f(g): def h: g; f(h | .); f(1)", .depth),
        Bomb("def f: \"\\(f)\"; f", .depth),
        Bomb("def f: reduce f as $x (0; .); f", .depth),
        Bomb("def f: (f | .a) = 1; f", .depth),
        Bomb("def f: if f then 1 else 2 end; f", .depth),
        Bomb("def f: f as $x | $x; f", .depth),
        Bomb("def f: path(f); f", .depth),
        Bomb("def g: (g // 1) + 1; g", .depth),
        Bomb("range(1e9)", .outputs),
        Bomb("repeat(1)", .outputs),
        Bomb("[range(1001)][]", .outputs),
        Bomb(#""x" * 1e9"#, .memory),
        Bomb(#""x" * 1e18"#, .memory),
        Bomb(#"reduce range(60) as $i ("x"; . + .) | length"#, .memory),
        Bomb("[range(1e9)]", .steps),
        Bomb(".[1e9] = 1", .memory),
        Bomb(".[1e18] = 1", .memory),
        Bomb("setpath([9007199254740993]; 1)", .memory),
        Bomb("[limit(40; repeat(\"y\" * 1000000))] | length", .memory),
        Bomb("reduce range(60) as $i ([1]; . + .) | length", .memory),
        Bomb("reduce range(40) as $i (1; [., .])", .memory),
        Bomb("reduce range(40) as $i (1; {a: ., b: .}) | tojson", .memory),
        Bomb("[range(5000)] | map(tostring * 1000) | length", .memory),
        Bomb("[range(2000) | [range(1)]] | [.[0][5000000]] | .[0:1][0] = 1 | .[9000000] = 1", .memory),
        Bomb(#"("ab" * 500000) | [match(""; "g")] | length"#, .memory),
        Bomb("reduce range(100000) as $i (null; [.])", .nesting),
        Bomb("reduce range(100000) as $i (null; {a: .})", .nesting),
        Bomb("def f: [.] | f; f", .nesting),
        Bomb("def f: path(.a | f); def g: .a | g; path(g)", .nesting),
        Bomb("setpath([range(300) | \"a\"]; 1)", .nesting),
        Bomb("reduce range(1000) as $i (.; .a |= [.])", .nesting),
        Bomb("reduce range(1000) as $i ([]; [{key: \"a\", value: .}] | from_entries)", .nesting),
        Bomb("reduce range(1000) as $i ([1]; group_by(.))", .nesting),
        Bomb("last(foreach range(1000) as $i (1; [.]; .))", .nesting),
    ]

    @Test("a program without end stops at its limit", arguments: bombs)
    func bomb(_ bomb: Bomb) async throws {
        let program = try JQProgram.compile(bomb.program)
        let failure = await onSmallStack { () -> JQRuntimeError? in
            do throws(JQRuntimeError) {
                _ = try program.run(bomb.input)
                return nil
            } catch { return error }
        }
        #expect(failure?.kind == .limit(bomb.limit), "\(failure.map(String.init(describing:)) ?? "no error")")
    }

    @Test("try, // and ? do not catch a limit", arguments: ["try %", "(%)?", "(%) // 1", "isvalid(%)", "first(%)?"])
    func notCaught(_ frame: String) throws {
        let parts = frame.split(separator: "%", omittingEmptySubsequences: false)
        let text = "def f: 1 + f; \(parts[0])(f)\(parts[1])"
        let program = try JQProgram.compile(text)
        #expect(throws: JQRuntimeError.self) { try program.run(.null) }
        do {
            _ = try program.run(.null)
        } catch {
            #expect(error.kind == .limit(.depth))
        }
    }

    @Test("every limit can be set")
    func settable() throws {
        let outputs = try JQProgram.compile("range(10)")
        #expect(try outputs.run(.null, limits: JQLimits(outputs: 10)).count == 10)
        #expect(throws: JQRuntimeError.self) { try outputs.run(.null, limits: JQLimits(outputs: 9)) }
        let deep = try JQProgram.compile("def f: if . < 5000 then (. + 1 | f) + 1 else 0 end; 0 | f")
        #expect(throws: JQRuntimeError.self) { try deep.run(.null) }
        #expect(try deep.run(.null, limits: JQLimits(depth: 20_000)) == [5_000])
        let long = try JQProgram.compile("reduce range(100000) as $i (0; . + $i)")
        #expect(try long.run(.null, limits: JQLimits(steps: 1_000_000)) == [4_999_950_000])
        let large = try JQProgram.compile(#""x" * 20000000 | length"#)
        #expect(try large.run(.null, limits: JQLimits(memory: 64 << 20)) == [20_000_000])
    }

    @Test("recursion of a thousand levels needs no stack of its own")
    func deepRecursion() async throws {
        let program = try JQProgram.compile(
            "def f: if . == 0 then [] else (. - 1 | f) | length + 1 | [range(.)] end; 400 | f | length")
        let result = await onSmallStack { try? program.run(.null) }
        #expect(result == [400])
    }

    @Test("tail calls take no depth")
    func tailCalls() throws {
        let program = try JQProgram.compile("def f: if . == 0 then \"done\" else . - 1 | f end; 9000 | f")
        #expect(try program.run(.null) == ["done"])
        #expect(try JQProgram.compile("0 | until(. >= 5000; . + 1)").run(.null) == [5_000])
        #expect(try JQProgram.compile("last(0 | recurse(if . < 5000 then . + 1 else empty end))").run(.null) == [5_000])
    }

    @Test("a limit reached names its limit, its value and the place")
    func message() throws {
        do {
            _ = try JQProgram.compile(".a |\n  def f: f; f", name: "maps/x.jq").run(.null, limits: JQLimits(steps: 500))
            Issue.record("no error")
        } catch let error as JQRuntimeError {
            #expect(error.message == "the limit of 500 steps was reached")
            #expect(error.line == 2)
            #expect(error.description.hasPrefix("maps/x.jq:2:"))
        }
    }

    @Test("an accumulator that does not wrap is not taken for endless nesting")
    func accumulators() throws {
        let rows = JSON.array((0..<2_000).map { ["k": .string("k\($0 % 7)"), "v": .int($0)] })
        let program = try JQProgram.compile(
            "reduce .[] as $r ({}; .[$r.k] += [{v: $r.v, w: [$r.k]}]) | map_values(length) | add")
        #expect(try program.run(rows) == [2_000])
        let wrapped = try JQProgram.compile("reduce range(3000) as $i ({a: [1]}; {a: .a}) | .a")
        #expect(try wrapped.run(.null) == [[1]])
    }
}
