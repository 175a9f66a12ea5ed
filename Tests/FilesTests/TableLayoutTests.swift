import Contracts
import ExactJSON
import Foundation
import Testing

@testable import FilesConnector

/// How rows are written, and how somebody else's programs read them.
@Suite("rows of tables")
struct TableLayoutTests {
    static func layout(_ format: JSON, encoding: String = "utf-8") throws -> TableLayout {
        let settings: JSON = ["path": "/out/t.csv", "format": format, "encoding": .string(encoding)]
        return try TableLayout(SettingsMaker.settings(settings, FilesSpec.tables.fields))
    }

    private static func text(_ format: JSON, _ row: JSON) throws -> String {
        String(decoding: try layout(format).row(row), as: UTF8.self)
    }

    private static let columns: JSON = [["name": "Order", "from": "/order"], ["name": "good"]]

    @Test("CSV is quoted where it must be, has its header, its delimiter, its decimal mark and its line ends")
    func csv() throws {
        let cases: [(JSON, JSON, String)] = [
            ([:], ["order": "MO-1", "good": 17], "MO-1,17\r\n"), ([:], ["good": 1], ",1\r\n"),
            ([:], ["order": "a,b", "good": "x\"y"], "\"a,b\",\"x\"\"y\"\r\n"),
            ([:], ["order": "a\r\nb", "good": " x"], "\"a\r\nb\",\" x\"\r\n"),
            (
                ["delimiter": ";", "decimal": "comma"], ["order": "a,b", "good": .number(Self.number("1.50"))],
                "a,b;1,50\r\n"
            ),
            (["decimal": "comma"], ["good": .number(Self.number("-1.5"))], ",\"-1,5\"\r\n"),
            (["delimiter": "tab", "lineEnd": "lf"], ["order": "a\tb", "good": true], "\"a\tb\"\ttrue\n"),
            (["quotes": "always"], ["order": "", "good": 1], "\"\",\"1\"\r\n"),
            (["formulas": "escape"], ["order": "=1+1", "good": -5], "'=1+1,-5\r\n"),
            (["formulas": "escape"], ["order": "-5", "good": "@x"], "-5,'@x\r\n"),
            (["formulas": "keep"], ["order": "=1+1", "good": "+A1"], "=1+1,+A1\r\n"),
        ]
        for (more, row, expected) in cases {
            let format = JSON.object(["kind": "csv", "columns": Self.columns]).merging(more)
            #expect(try Self.text(format, row) == expected)
        }
        let layout = try Self.layout(["kind": "csv", "columns": Self.columns])
        #expect(String(decoding: try layout.header(), as: UTF8.self) == "Order,good\r\n")
        #expect(try Self.layout(["kind": "csv", "columns": Self.columns, "header": "none"]).header().isEmpty)
        #expect(try Self.text(["kind": "csv", "columns": [["name": "a"]]], [:]) == "\"\"\r\n")
    }

    @Test("JSON Lines have the row as it is, or its columns, one object a line, digit by digit")
    func jsonLines() throws {
        let row: JSON = [
            "order": "MO-1\n\"x\"", "quantity": ["value": .number(Self.number("1.50")), "unit": "pcs"],
            "lots": [["n": 1]], "note": .null, "zero": "a\0b", "formula": "=1+1",
        ]
        let whole = try Self.text(["kind": "jsonl"], row)
        #expect(whole.hasSuffix("}\n") && whole.filter { $0.isNewline }.count == 1, "\(whole)")
        #expect(whole.contains("1.50") && whole.contains("\"=1+1\""), "\(whole)")
        #expect(try JSONReader.read(whole) == row)
        #expect(try Self.layout(["kind": "jsonl"]).header().isEmpty)
        let columns: JSON = [
            ["name": "Order", "from": "/order"], ["name": "good", "from": "/quantity/value"], ["name": "lots"],
            ["name": "who"],
        ]
        #expect(
            try Self.text(["kind": "jsonl", "lineEnd": "crlf", "columns": columns], row)
                == #"{"Order":"MO-1\n\"x\"","good":1.50,"lots":[{"n":1}],"who":null}"# + "\r\n")
        let needed: JSON = ["kind": "jsonl", "columns": [["name": "who", "missing": "refuse"]]]
        let refusal = #expect(throws: RowRefusal.self) { try Self.layout(needed).row(row) }
        #expect(refusal?.column == "who")
        #expect(throws: RowRefusal.self) { try Self.layout(["kind": "jsonl"]).row("text") }
        let long: JSON = ["text": .string(String(repeating: "x", count: TableLayout.maximumRow))]
        #expect(throws: RowRefusal.self) { try Self.layout(["kind": "jsonl"]).row(long) }
        #expect(throws: SettingFault.self) { try Self.layout(["kind": "jsonl"], encoding: "windows-1252") }
    }

    private static func number(_ text: String) -> ExactNumber { ExactNumber(text: text) ?? ExactNumber(0) }

    @Test("columns of fixed width are filled up on their side, with what they say, where they begin")
    func fixed() throws {
        let format: JSON = [
            "kind": "fixed", "lineEnd": "lf",
            "columns": [
                ["name": "order", "width": 6], ["name": "good", "width": 5, "align": "right", "pad": "0"],
                ["name": "unit", "start": 15, "width": 3, "align": "right"],
            ],
        ]
        #expect(try Self.text(format, ["order": "MO-1", "good": 17, "unit": "é"]) == "MO-1  00017     é\n")
        #expect(try Self.text(format, ["order": "123456", "good": -17, "unit": "pcs"]) == "123456-0017   pcs\n")
        #expect(try Self.text(format, [:]) == "      00000      \n")
        #expect(try Self.layout(format).header().isEmpty)
    }

    @Test(
        "what cannot be written whole is refused, with the column",
        arguments: [
            ("csv", ["missing": "refuse"], [:], "has no value"),
            ("csv", ["missing": "refuse"], ["v": .null], "has no value"),
            ("csv", [:], ["v": ["a": 1]], "list or an object"), ("csv", [:], ["v": [1]], "list or an object"),
            ("csv", [:], ["v": "a\0b"], "zero"), ("fixed", ["width": 3], ["v": "abcd"], "4 characters"),
            ("fixed", ["width": 3], ["v": "a\nb"], "line end"), ("fixed", ["width": 2], ["v": 100], "3 characters"),
            ("csv", [:], ["v": "=cmd"], "formula"), ("csv", [:], ["v": "漢"], "U+6F22"),
            ("csv", [:], ["v": "\u{81}"], "U+0081"),
        ] as [(String, JSON, JSON, String)])
    func refused(_ kind: String, _ column: JSON, _ row: JSON, _ word: String) throws {
        let format: JSON = [
            "kind": .string(kind), "formulas": "refuse", "columns": [JSON.object(["name": "v"]).merging(column)],
        ]
        let layout = try Self.layout(format, encoding: "windows-1252")
        let refusal = #expect(throws: RowRefusal.self) { try layout.row(row) }
        #expect(refusal?.column == "v" && refusal?.reason.contains(word) == true, "\(String(describing: refusal))")
    }

    @Test("nested values are JSON where the column says so, and pointers lead into them")
    func nested() throws {
        let format: JSON = [
            "kind": "csv", "lineEnd": "lf",
            "columns": [
                ["name": "all", "from": "/lots", "nested": "json"], ["name": "second", "from": "/lots/1/a~1b"],
                ["name": "none", "from": "/lots/01"],
            ],
        ]
        let row: JSON = ["lots": [["n": 1], ["a/b": 2]]]
        #expect(try Self.text(format, row) == "\"[{\"\"n\"\":1},{\"\"a/b\"\":2}]\",2,\n")
    }

    @Test(
        "settings that cannot be are refused",
        arguments: [
            ["kind": "csv"], ["kind": "fixed"], ["kind": "jsonl", "header": "first-line"],
            ["kind": "jsonl", "columns": [["name": "a"], ["name": "a", "from": "/b"]]],
            ["kind": "csv", "columns": []], ["kind": "csv", "columns": [["name": "a"]], "delimiter": "ab"],
            ["kind": "csv", "columns": [["name": "a"]], "delimiter": "\""],
            ["kind": "csv", "columns": [["name": "a", "from": "a"]]], ["kind": "csv", "columns": [["name": ""]]],
            ["kind": "fixed", "columns": [["name": "a"]]],
            ["kind": "fixed", "columns": [["name": "a", "width": 2, "pad": "ab"]]],
            ["kind": "fixed", "columns": [["name": "a", "width": 5], ["name": "b", "start": 3, "width": 2]]],
            ["kind": "fixed", "header": "first-line", "columns": [["name": "longer", "width": 3]]],
        ] as [JSON])
    func settings(_ format: JSON) {
        #expect(throws: SettingFault.self) { try Self.layout(format) }
    }

    @Test("single bytes are those that reading gives back", arguments: ["iso-8859-1", "windows-1252"])
    func encodings(_ name: String) throws {
        let encoding = try #require(TextEncoding(rawValue: name))
        var count = 0
        for byte in UInt8(1)...UInt8(255) {
            guard let text = try? encoding.decode([byte]) else { continue }
            #expect(try encoding.encode(text) == [byte])
            count += 1
        }
        #expect(count == (name == "iso-8859-1" ? 255 : 250))
    }

    /// Python's csv module, which others wrote, reads what is written.
    private static let reader = """
        import csv, json, sys
        path, encoding, delimiter = sys.argv[1:4]
        with open(path, encoding=encoding, newline="") as file:
            print(json.dumps(list(csv.reader(file, delimiter=delimiter, strict=True))))
        """

    static func python(_ arguments: [String]) throws -> JSON {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = ["python3"] + arguments
        let output = Pipe()
        process.standardOutput = output
        try process.run()
        let bytes = output.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        try #require(process.terminationStatus == 0)
        return try JSONReader.read(Array(bytes))
    }

    @Test("Python's csv module reads back what was written, whatever it holds", arguments: 0..<12)
    func peer(_ seed: UInt64) throws {
        var random = SeededRandom(seed)
        let encoding = ["utf-8", "iso-8859-1", "windows-1252"].randomElement(using: &random) ?? "utf-8"
        let delimiter = [",", ";", "tab", "|"].randomElement(using: &random) ?? ","
        let format: JSON = [
            "kind": "csv", "delimiter": .string(delimiter),
            "quotes": Bool.random(using: &random) ? "always" : "needed",
            "lineEnd": Bool.random(using: &random) ? "lf" : "crlf",
            "columns": [["name": "a, \"b\""], ["name": "b"], ["name": "c"]],
        ]
        let layout = try Self.layout(format, encoding: encoding)
        let pieces = [",", ";", "\t", "|", "\"", "\"\"", "\n", "\r\n", "\r", " ", "ü", "=1", "'", "x", "0", "", "\\"]
        var bytes = try layout.header()
        var rows: [JSON] = [["a, \"b\"", "b", "c"]]
        for _ in 0..<200 {
            let cells = (0..<3).map { _ in
                (0..<Int.random(in: 0...4, using: &random)).map { _ in pieces.randomElement(using: &random) ?? "" }
                    .joined()
            }
            bytes += try layout.row(["a, \"b\"": .string(cells[0]), "b": .string(cells[1]), "c": .string(cells[2])])
            rows.append(.array(cells.map { .string($0) }))
        }
        let path = NSTemporaryDirectory() + "millwright-table-" + UUID().uuidString
        defer { try? FileManager.default.removeItem(atPath: path) }
        try Data(bytes).write(to: URL(fileURLWithPath: path))
        let read = try Self.python(["-c", Self.reader, path, encoding, delimiter == "tab" ? "\t" : delimiter])
        #expect(read == .array(rows), "seed \(seed)")
    }
}
