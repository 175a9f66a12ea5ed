import ExactJSON
import JQ
import Testing

/// What holds for any program.
@Suite("properties")
struct PropertyTests {
    static let limits = JQLimits(steps: 3_000, depth: 100, outputs: 50, memory: 200_000, nesting: 30)

    /// What a run gives, as a text that two runs can be compared by; errors keep their message.
    private static func outcome(_ program: JQProgram, _ input: JSON, _ limits: JQLimits) -> String {
        do {
            return try program.run(input, limits: limits).map(\.description).joined(separator: "\n")
        } catch {
            if case .limit = error.kind { return "limit" }
            return "error: \(error.message)"
        }
    }

    @Test("random programs end within their limits and give the same each time", arguments: 0..<40)
    func randomPrograms(_ batch: Int) async throws {
        let seed = baseSeed &+ UInt64(batch)
        let failures = await onSmallStack { () -> [String] in
            var failures: [String] = []
            var random = RandomProgram(seed: seed)
            for _ in 0..<60 {
                let (plain, _) = random.program()
                let input = random.json(depth: 3)
                guard let program = try? JQProgram.compile(plain) else {
                    failures.append("does not compile: \(plain)")
                    continue
                }
                let first = Self.outcome(program, input, Self.limits)
                if first != Self.outcome(program, input, Self.limits) { failures.append("differs: \(plain)") }
                let outputs = (try? program.run(input, limits: Self.limits)) ?? []
                if outputs.count > 50 { failures.append("too many outputs: \(plain)") }
                if outputs.contains(where: { $0.description.utf8.count > 1_500_000 }) {
                    failures.append("too much output: \(plain)")
                }
            }
            return failures
        }
        #expect(failures.isEmpty, "seed \(seed): \(failures)")
    }

    @Test("direct evaluation and evaluation by choices agree", arguments: 0..<40)
    func directAndGeneral(_ batch: Int) throws {
        let seed = baseSeed &+ 1_000 &+ UInt64(batch)
        var random = RandomProgram(seed: seed)
        let limits = JQLimits(steps: 50_000, depth: 5_000, outputs: 500, memory: 4 << 20)
        for _ in 0..<60 {
            let (plain, general) = random.program()
            let input = random.json(depth: 3)
            let first = Self.outcome(try JQProgram.compile(plain), input, limits)
            let second = Self.outcome(try JQProgram.compile(general), input, limits)
            if first == "limit" || second == "limit" { continue }
            #expect(first == second, "seed \(seed): \(plain) on \(input)")
        }
    }

    @Test("mutated programs compile or say where they are wrong", arguments: 0..<40)
    func mutations(_ batch: Int) async throws {
        let seed = baseSeed &+ 2_000 &+ UInt64(batch)
        let upstream = UpstreamCase.all.map { CorpusFile.Case(program: $0.program, input: $0.input, expected: []) }
        let cases = CorpusFile.allCases + upstream
        try #require(cases.count > 1_400)
        let failures = await onSmallStack { () -> [String] in
            var generator = SeededGenerator(seed: seed)
            var failures: [String] = []
            for _ in 0..<60 {
                let item = cases[Int.random(in: cases.indices, using: &generator)]
                var bytes = Array(item.program.utf8)
                for _ in 0..<Int.random(in: 1...4, using: &generator) { mutate(&bytes, cases, &generator) }
                let text = String(decoding: bytes, as: UTF8.self)
                do throws(JQCompileError) {
                    let program = try JQProgram.compile(text)
                    guard let input = try? JSONReader.read(item.input) else { continue }
                    _ = Self.outcome(program, input, Self.limits)
                } catch {
                    if error.line < 1 || error.column < 1 || error.reason.isEmpty { failures.append(text) }
                    if error.reason.contains("internal error") { failures.append("\(text): \(error.reason)") }
                }
            }
            return failures
        }
        #expect(failures.isEmpty, "seed \(seed): \(failures)")
    }

    @Test("random bytes are no program, and no crash", arguments: 0..<10)
    func randomBytes(_ batch: Int) async {
        let seed = baseSeed &+ 3_000 &+ UInt64(batch)
        await onSmallStack {
            var generator = SeededGenerator(seed: seed)
            let symbols = Array(#".[]{}()|,:;"\$@?/=+-*%<>_#a1 e"#.utf8)
            for _ in 0..<300 {
                let count = Int.random(in: 0...60, using: &generator)
                let bytes = (0..<count).map { _ in
                    Bool.random(using: &generator)
                        ? symbols[Int.random(in: symbols.indices, using: &generator)]
                        : UInt8.random(in: 0...255, using: &generator)
                }
                if let program = try? JQProgram.compile(String(decoding: bytes, as: UTF8.self)) {
                    _ = Self.outcome(program, ["a": [1]], Self.limits)
                }
            }
        }
    }

    @Test("random regular expressions and formats of dates end within the limits", arguments: 0..<20)
    func randomPatterns(_ batch: Int) async throws {
        let seed = baseSeed &+ 5_000 &+ UInt64(batch)
        let texts: [JSON] = ["", "aab", "ab12 c\n\u{E9}\u{1F600}", "2024-05-06T07:08:09Z", .int(1_425_599_621)]
        let programs = try [
            "[match($p; \"g\")] | length", "[scan($p; \"i\")] | length", "gsub($p; \"<\\(.)>\") | length",
            "test($p; \"xn\")", "[splits($p; \"l\")] | length", "strftime($p) | length", "strptime($p) | length",
            "strftime($p) as $t | $t | strptime($p) | mktime",
        ].map { try JQProgram.compile($0, variables: ["p"]) }
        let failures = await onSmallStack { () -> [String] in
            var generator = SeededGenerator(seed: seed)
            var failures: [String] = []
            for _ in 0..<80 {
                let pattern = randomPattern(&generator)
                for program in programs {
                    for text in texts {
                        do throws(JQRuntimeError) {
                            _ = try program.run(text, variables: [.string(pattern)], limits: Self.limits)
                        } catch {
                            if error.message.contains("internal") { failures.append("\(pattern): \(error)") }
                        }
                    }
                }
            }
            return failures
        }
        #expect(failures.isEmpty, "seed \(seed): \(failures)")
    }

    @Test("random bytes are no JSON or the same JSON that the strict reader finds", arguments: 0..<10)
    func looseJSON(_ batch: Int) async throws {
        let seed = baseSeed &+ 6_000 &+ UInt64(batch)
        let program = try JQProgram.compile("fromjson")
        let failures = await onSmallStack { () -> [String] in
            var random = RandomProgram(seed: seed)
            var generator = SeededGenerator(seed: seed)
            var failures: [String] = []
            for _ in 0..<300 {
                var bytes = Array(random.json(depth: 4).description.utf8)
                let symbols = Array(#"[]{},:"\ truefalsn0.-+e1"#.utf8)
                for _ in 0..<Int.random(in: 0...3, using: &generator) where !bytes.isEmpty {
                    let place = Int.random(in: bytes.indices, using: &generator)
                    bytes[place] = symbols[Int.random(in: symbols.indices, using: &generator)]
                }
                let text = String(decoding: bytes, as: UTF8.self)
                let outputs = try? program.run(.string(text))
                if let strict = try? JSONReader.read(text), outputs != [strict] { failures.append(text) }
            }
            let tower = String(repeating: "[", count: 100_000) + "nan"
            if (try? program.run(.string(tower))) != nil { failures.append("tower") }
            return failures
        }
        #expect(failures.isEmpty, "seed \(seed): \(failures)")
    }

    static let towers: [(open: String, middle: String, close: String)] = [
        ("(", ".", ")"), ("[", ".", "]"), ("{a:", ".", "}"), ("\"\\(", ".", ")\""), ("if . then ", ".", " end"),
        ("-", "1", ""), (". as [", "$a", "] | $a"), (". as $a | ", ".", ""), ("def f: ", ".", "; f"),
        ("try ", ".", ""), ("reduce . as $x (0; ", ".", ")"), ("label $a | ", ".", ""), ("f(", ".", ")"),
        (".[", ".", "]"), ("1 + ", "1", ""), (". // ", ".", ""), ("", ".", "[0]"), ("", ".", "?"),
        ("", ".", " | ."), ("", ".", ", ."), (".a = ", ".", ""), ("map(", ".", ")"), ("[limit(1; ", ".", ")]"),
        ("def f(g): g; f(", ".", ")"), ("\"", "", "\" + \"\""), ("def f: 1; ", "f", ""), ("elif ", ".", ""),
    ]

    @Test("towers of constructs compile or are refused, on a small stack", arguments: towers.indices)
    func highTower(_ index: Int) async {
        let tower = Self.towers[index]
        await onSmallStack {
            for height in [10, 50, 63, 100, 127, 160, 200, 1_000, 20_000] {
                let text =
                    String(repeating: tower.open, count: height) + tower.middle
                    + String(repeating: tower.close, count: height)
                if let program = try? JQProgram.compile(text) { _ = Self.outcome(program, .null, .default) }
            }
        }
    }

    @Test("paths of a value lead to its parts, and setting what is there changes nothing", arguments: 0..<20)
    func paths(_ batch: Int) throws {
        let seed = baseSeed &+ 4_000 &+ UInt64(batch)
        var random = RandomProgram(seed: seed)
        let rebuilt = try JQProgram.compile(
            ". as $in | reduce paths(scalars) as $p (.; setpath($p; $in | getpath($p)))")
        let streamed = try JQProgram.compile("fromstream(tostream)")
        let entries = try JQProgram.compile("if type == \"object\" then with_entries(.) else . end")
        let text = try JQProgram.compile("tojson | fromjson")
        let sorted = try JQProgram.compile(
            "[.[]?] | sort as $s | ($s | sort) == $s and ($s | unique | length) <= length")
        for _ in 0..<30 {
            let input = random.json(depth: 4)
            for program in [rebuilt, streamed, entries, text] {
                #expect(try program.run(input) == [input], "seed \(seed): \(input)")
            }
            #expect(try sorted.run(input) == [true], "seed \(seed): \(input)")
        }
    }
}

private func randomPattern(_ generator: inout SeededGenerator) -> String {
    let parts = [
        "a", "b", ".", "\\d", "\\w", "\\s", "\\b", "\\B", "^", "$", "(", ")", "(?:", "(?=", "(?!", "(?<=", "(?<!",
        "(?>",
        "(?<n>", "(?i)", "(?(1)", "|", "*", "+", "?", "*?", "+?", "{2}", "{1,3}", "{,2}", "[", "]", "[^", "-", "a-z",
        "[:alpha:]", "\\1", "\\k<n>", "\\p{L}", "\\p{^Nd}", "\\x41", "\\x{1F600}", "\\012", "\\K", "\\X", "\\R", "\\Q",
        "\\E",
        "\\A", "\\z", "\\Z", "\\G", "#", " ", "\u{E9}", "\\", "%Y", "%m", "%d", "%H:%M:%S", "%j", "%a", "%B", "%e",
        "%s",
        "%z", "%Z", "%-d", "%05Y", "%^b", "%", "%T", "%F", "T", "Z",
    ]
    return (0..<Int.random(in: 0...9, using: &generator)).map { _ in
        parts[Int.random(in: parts.indices, using: &generator)]
    }.joined()
}

private func mutate(_ bytes: inout [UInt8], _ cases: [CorpusFile.Case], _ generator: inout SeededGenerator) {
    let place = Int.random(in: 0...bytes.count, using: &generator)
    switch Int.random(in: 0..<5, using: &generator) {
    case 0: if place < bytes.count { bytes.remove(at: place) }
    case 1: bytes.insert(UInt8.random(in: 32...126, using: &generator), at: place)
    case 2: if place < bytes.count { bytes[place] = UInt8.random(in: 0...255, using: &generator) }
    case 3:
        let other = Array(cases[Int.random(in: cases.indices, using: &generator)].program.utf8)
        bytes.insert(contentsOf: other.prefix(Int.random(in: 0...other.count, using: &generator)), at: place)
    default: bytes.removeSubrange(place..<min(bytes.count, place + 3))
    }
}
