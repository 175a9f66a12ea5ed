import ExactJSON
import Foundation
import JQ

/// One test of jq's own suite, kept unchanged under `Corpus/jq-1.7/*.test`.
///
/// A case is a line of program, a line of input and the expected outputs, up to an empty line or a comment. `%%FAIL`
/// stands before a program that must not compile; the line behind that is jq's message, which is not compared: ours
/// name line, column and a remedy.
struct UpstreamCase: Sendable {
    let file: String
    /// The line of the program in its file, from 1.
    let line: Int
    let program: String
    let input: String
    let expected: [String]
    let mustNotCompile: Bool

    var name: String { "\(file):\(line)" }

    static let folder = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Corpus/jq-1.7")

    static let all: [UpstreamCase] = {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []
        return names.filter { $0.hasSuffix(".test") }.sorted().flatMap { read($0) }
    }()

    private static func read(_ name: String) -> [UpstreamCase] {
        let text = (try? String(contentsOf: folder.appending(path: name), encoding: .utf8)) ?? ""
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        var cases: [UpstreamCase] = []
        var index = 0
        while index < lines.count {
            let start = index
            index += 1
            if isSkipped(lines[start]) { continue }
            if lines[start].hasPrefix("%%FAIL") {
                cases.append(
                    UpstreamCase(
                        file: name, line: start + 2, program: lines[start + 1], input: "null", expected: [],
                        mustNotCompile: true))
                index = start + 3
                continue
            }
            var expected: [String] = []
            index = start + 2
            while index < lines.count, !isSkipped(lines[index]) {
                expected.append(lines[index])
                index += 1
            }
            cases.append(
                UpstreamCase(
                    file: name, line: start + 1, program: lines[start], input: lines[start + 1], expected: expected,
                    mustNotCompile: false))
        }
        return cases
    }

    private static func isSkipped(_ line: String) -> Bool {
        line.hasPrefix("#") || line.allSatisfy { $0 == " " || $0 == "\t" || $0 == "\r" }
    }

    // MARK: What programs here cannot have

    /// The names by which the refused features of jq are called, as words of a program.
    private static let refusedWords: Set<String> = [
        "import", "include", "module", "modulemeta", "input", "inputs", "debug", "stderr", "env", "$ENV",
        "input_line_number", "get_search_list",
    ]

    /// The refused feature that the program uses, as it is called there; nil where it uses none.
    var refusedFeature: String? {
        var word = ""
        var isText = false
        for character in program + " " {
            if character == "\"" { isText.toggle() }
            if character.isLetter || character == "_" || character == "$" {
                word.append(character)
            } else {
                if !isText, Self.refusedWords.contains(word), !isKey(word, before: character) { return word }
                word = ""
            }
        }
        return program.contains("::") ? "::" : nil
    }

    /// `{import: 1}` names a member.
    private func isKey(_ word: String, before next: Character) -> Bool { next == ":" && !program.contains("::") }

    // MARK: Running

    /// What is wrong, or nil where the case passes.
    func failure() -> String? {
        let compiled: JQProgram
        do throws(JQCompileError) {
            compiled = try JQProgram.compile(program)
        } catch {
            return mustNotCompile ? nil : "\(error.line):\(error.column): \(error.reason)"
        }
        if mustNotCompile { return "compiled" }
        guard let wanted = try? expected.map({ try Self.value(of: $0) }) else {
            return "expected outputs cannot be read"
        }
        let (outputs, error) = outputs(of: compiled)
        if outputs.count < wanted.count, let error { return error }
        guard outputs.count == wanted.count else { return "\(outputs.count) outputs instead of \(wanted.count)" }
        for (output, value) in zip(outputs, wanted) where !Self.same(output, value) {
            return "\(output) instead of \(value)"
        }
        return nil
    }

    /// All outputs up to the end or the first error, as jq's own runner takes them.
    private func outputs(of program: JQProgram) -> ([JSON], error: String?) {
        var program = program
        var json = JSON.null
        let text = input.hasPrefix("\u{FEFF}") ? String(input.unicodeScalars.dropFirst()) : input
        if let read = try? JSONReader.read(text) {
            json = read
        } else if let wrapped = try? JQProgram.compile("\(JSON.string(text)) | fromjson | (\(self.program))") {
            // NaN and the infinities exist inside of a run only.
            program = wrapped
        }
        var outputs: [JSON] = []
        let limits = JQLimits(steps: 50_000_000, depth: 100_000, outputs: 1_000_000, memory: 1 << 30)
        do throws(JQRuntimeError) {
            try program.run(json, limits: limits) { output in
                outputs.append(output)
                return true
            }
        } catch { return (outputs, error.message) }
        return (outputs, nil)
    }

    private static func value(of text: String) throws -> JSON { try JSONReader.read(text) }

    /// Equal as jq compares: objects whatever their order, numbers as doubles.
    private static func same(_ a: JSON, _ b: JSON) -> Bool {
        switch (a, b) {
        case (.number(let x), .number(let y)): x == y || x.doubleValue == y.doubleValue
        case (.array(let x), .array(let y)): x.count == y.count && zip(x, y).allSatisfy { same($0, $1) }
        case (.object(let x), .object(let y)):
            x.count == y.count && x.allSatisfy { key, value in y[key].map { same(value, $0) } ?? false }
        default: a == b
        }
    }
}
