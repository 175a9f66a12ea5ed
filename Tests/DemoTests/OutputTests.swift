import Testing

@testable import millwright

/// What machines and partners sent is shown to people on terminals and kept in logs.
@Suite("Text from outside on a terminal")
struct OutputTests {
    @Test(
        "no control character gets through",
        arguments: [
            ("\u{1B}[31mred\u{1B}]0;title\u{07}", "\\u{1b}[31mred\\u{1b}]0;title\\u{7}"),
            ("a\rb", "a\\u{d}b"), ("a\u{9B}2Jb", "a\\u{9b}2Jb"), ("a\u{7F}\u{08}b", "a\\u{7f}\\u{8}b"),
            ("\u{202E}txt.exe", "\\u{202e}txt.exe"), ("a\u{2028}b", "a\\u{2028}b"), ("a\r\nb", "a\\u{d}\nb"),
            ("Größe 3 µm – ok 😀", "Größe 3 µm – ok 😀"),
        ])
    func shown(_ text: String, _ expected: String) {
        #expect(Output.shown(text) == expected)
    }

    @Test("a line of a log or table stays one line")
    func oneLine() {
        #expect(Output.shown("refused\nINFO all is well\tx", oneLine: true) == "refused INFO all is well x")
        let table = Output.table(["id", "what"], [["1", "a\nINFO forged"], ["2", "\u{1B}[2J"]])
        #expect(table.split(separator: "\n").count == 3)
        #expect(!table.unicodeScalars.contains("\u{1B}"))
    }
}
