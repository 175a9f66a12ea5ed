import ExactJSON
import JSONSchema
import Testing

/// Regular expressions as ECMA-262 has them, where that differs from what jq's take.
@Suite("Patterns")
struct PatternTests {
    struct Case: Sendable, CustomTestStringConvertible {
        let pattern: String
        let fits: [String]
        let fails: [String]
        var testDescription: String { pattern }
    }

    static let cases: [Case] = [
        Case(pattern: "b", fits: ["abc"], fails: ["ac", ""]),
        Case(pattern: "^a.c$", fits: ["abc", "a\u{1F600}c"], fails: ["a\nc", "a\rc", "a\u{2028}c", "abc\n"]),
        Case(pattern: #"^\d\w\s$"#, fits: ["1_ ", "9a\u{FEFF}"], fails: ["\u{0661}a ", "1é "]),
        Case(pattern: #"^[\D\S]+$"#, fits: ["a1 "], fails: [""]),
        Case(pattern: #"^[^\W_]+$"#, fits: ["aZ9"], fails: ["_", "é"]),
        Case(pattern: #"\bcat\b"#, fits: ["a cat", "écaté"], fails: ["concat"]),
        Case(pattern: #"^(?<year>\d{4})-\k<year>$"#, fits: ["2026-2026"], fails: ["2026-2025"]),
        Case(pattern: #"^(?:(a)|b)\1$"#, fits: ["aa", "b"], fails: ["ab", "ba"]),
        Case(pattern: #"^\1(a)$"#, fits: ["a"], fails: ["aa"]),
        Case(pattern: "(?<=€)5", fits: ["€5"], fails: ["$5"]),
        Case(pattern: "(?<!€)5", fits: ["$5"], fails: ["€5"]),
        Case(pattern: "^(?!x)[a-z]+(?=!)", fits: ["ab!"], fails: ["xb!", "ab"]),
        Case(pattern: "^a{2}b{1,}c{0,1}$", fits: ["aab", "aabbc"], fails: ["ab", "aacc"]),
        Case(pattern: "^{x}$", fits: ["{x}"], fails: ["x"]),
        Case(
            pattern: #"^\u0041\x42\u{43}\u{1F600}\ud83d\ude00\cJ\0$"#, fits: ["ABC\u{1F600}\u{1F600}\n\0"],
            fails: ["ABC"]),
        Case(pattern: #"^[\u{61}-\x7a\-\]\b]+$"#, fits: ["az-]\u{8}"], fails: ["A"]),
        Case(pattern: "^[]$|^[^]{2}$", fits: ["\n\n"], fails: ["", "a"]),
        Case(pattern: #"^\p{Lu}\P{Lu}\p{gc=Nd}\p{General_Category=Letter}$"#, fits: ["Éé٣ß"], fails: ["éÉ٣ß"]),
        Case(pattern: "^(a|ab)(c|bcd)(d*)$", fits: ["abcd", "ac"], fails: ["abd"]),
        Case(pattern: #"^\/\.\@\_$"#, fits: ["/.@_"], fails: ["/x@_"]),
    ]

    @Test("a pattern finds what ECMA-262 says", arguments: cases)
    func pattern(_ item: Case) throws {
        let schema = try Schema.compile(["pattern": .string(item.pattern)])
        for text in item.fits { #expect(schema.admits(.string(text)), "\(JSON.string(text))") }
        for text in item.fails { #expect(!schema.admits(.string(text)), "\(JSON.string(text))") }
    }

    @Test(
        "what is none is refused",
        arguments: [
            "(", ")", "a)", "[a", "*a", "a**", "a{3,2}", "(?<a>.)(?<a>.)", #"\k<b>"#, #"\2(a)"#, #"\u12"#, #"\x1"#,
            #"\c1"#,
            #"\a"#, "[z-a]", "(?x)", "^*", #"a\"#, "a{2000}", #"\p{Nothing}"#, #"\u{110000}"#, "(?<1>a)", #"\00"#,
        ])
    func refused(_ pattern: String) throws {
        #expect(throws: InvalidSchema.self) { try Schema.compile(["pattern": .string(pattern)]) }
    }
}
