import ExactJSON
import Foundation
import JQ
import Testing

/// Cases kept as data under `Tests/Corpus/jq/*.case`.
///
/// A case is a line of program, a line of input, a line of dashes and the expected outputs, one a line; the last line
/// may be `error: …` or `compile error: line:column: …`. An empty line stands between cases; `#` begins a comment.
/// With `UPDATE_GOLDEN=1` the expected half is written anew.
struct CorpusFile: CustomTestStringConvertible, Sendable {
    struct Case: Sendable {
        let program: String
        let input: String
        var expected: [String]
    }

    let name: String
    let comments: [String]
    var cases: [Case]

    var testDescription: String { "\(name) (\(cases.count) cases)" }

    static let folder = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .appending(path: "Corpus/jq")

    static let all: [CorpusFile] = {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []
        return names.filter { $0.hasSuffix(".case") }.sorted().map { read($0) }
    }()

    /// Every program of the corpus with its input.
    static let allCases = all.flatMap(\.cases)

    private static func read(_ name: String) -> CorpusFile {
        let text = (try? String(contentsOf: folder.appending(path: name), encoding: .utf8)) ?? ""
        var comments: [String] = []
        var cases: [Case] = []
        for block in text.components(separatedBy: "\n\n") {
            let lines = block.split(separator: "\n", omittingEmptySubsequences: true).map(String.init)
            let content = lines.filter { !$0.hasPrefix("#") }
            comments += lines.filter { $0.hasPrefix("#") }
            guard content.count >= 3, content[2].allSatisfy({ $0 == "-" }) else { continue }
            cases.append(Case(program: content[0], input: content[1], expected: Array(content.dropFirst(3))))
        }
        return CorpusFile(name: name, comments: comments, cases: cases)
    }

    func write() throws {
        var text = comments.joined(separator: "\n") + "\n"
        for item in cases {
            text += "\n\(item.program)\n\(item.input)\n----------\n"
            text += item.expected.map { $0 + "\n" }.joined()
        }
        try text.write(to: Self.folder.appending(path: name), atomically: true, encoding: .utf8)
    }
}

extension CorpusFile.Case {
    /// What the program gives, as the lines of a case.
    func actual() throws -> [String] {
        let input = try JSONReader.read(self.input)
        do {
            return try JQProgram.compile(program).run(input).map(\.description)
        } catch let error as JQCompileError {
            let suggestion = error.suggestion.map { "; \($0)" } ?? ""
            return ["compile error: \(error.line):\(error.column): \(error.reason)\(suggestion)"]
        } catch let error as JQRuntimeError {
            return ["error: \(error.message)"]
        }
    }
}

@Suite("the corpus")
struct CorpusTests {
    @Test("every program of the corpus gives what is written there", arguments: CorpusFile.all)
    func corpus(file: CorpusFile) throws {
        var file = file
        for index in file.cases.indices {
            let actual = try file.cases[index].actual()
            if ProcessInfo.processInfo.environment["UPDATE_GOLDEN"] == "1" {
                file.cases[index].expected = actual
            } else {
                let item = file.cases[index]
                #expect(actual == item.expected, "\(file.name): \(item.program) on \(item.input)")
            }
        }
        if ProcessInfo.processInfo.environment["UPDATE_GOLDEN"] == "1" { try file.write() }
    }

    @Test("the corpus is there")
    func size() { #expect(CorpusFile.allCases.count >= 600) }
}
