import ExactJSON
import Testing

/// Strings are looked through eight bytes at a time.
@Suite("Special characters in a string")
struct PlainBytesTests {
    private static let spelt: [(character: Character, written: String)] = [
        ("\"", #"\""#), ("\\", #"\\"#), ("\n", #"\n"#), ("\u{0}", #"\u0000"#), ("\u{1F}", #"\u001f"#),
        ("\u{7F}", #"\u007f"#), (" ", " "), ("!", "!"), ("#", "#"), ("~", "~"), ("é", "é"), ("漢", "漢"), ("😀", "😀"),
    ]

    @Test("one is found wherever it stands, alone or next to another one, in a text of any length")
    func everywhere() throws {
        for length in 0..<27 {
            for place in 0...length {
                for (first, written) in Self.spelt {
                    for (second, alsoWritten) in Self.spelt {
                        let before = String(repeating: "a", count: place)
                        let behind = String(repeating: "z", count: length - place)
                        let text = before + String(first) + String(second) + behind
                        let expected = "\"\(before)\(written)\(alsoWritten)\(behind)\""
                        guard JSON.string(text).description == expected, try JSONReader.read(expected) == .string(text)
                        else {
                            Issue.record("\(expected) is \(JSON.string(text))")
                            return
                        }
                    }
                }
            }
        }
    }

    @Test("a text may end anywhere: what is no whole string is refused")
    func ends() {
        let whole = Array(#""abcdefgh\"ijklmnopé""#.utf8)
        for end in 0..<whole.count {
            #expect(throws: JSONSyntaxError.self) { try JSONReader.read(Array(whole[..<end])) }
        }
        for control in 0..<0x20 as Range<UInt8> {
            for place in 1..<12 {
                var bytes = Array("\"abcdefghijkl\"".utf8)
                bytes[place] = control
                #expect(throws: JSONSyntaxError.self) { try JSONReader.read(bytes) }
            }
        }
    }
}
