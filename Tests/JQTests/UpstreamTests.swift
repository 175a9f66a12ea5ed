import ExactJSON
import Foundation
import JQ
import Testing

/// jq's own tests of version 1.7 (`Corpus/jq-1.7/ORIGIN.md` says where they come from).
@Suite("jq's own tests")
struct UpstreamTests {
    /// The cases that do not pass, each with the reason. Whatever leaves this list may not come back.
    static let differences: [String: String] = [
        "jq.test:559": "an exponent beyond 9,999 is refused at compilation, where jq keeps it unless it computes",
        "jq.test:566": "an exponent beyond 9,999 is refused at compilation, where jq compares it",
        "jq.test:572": "an exponent beyond 9,999 is refused at compilation, where jq compares it",
        "jq.test:1854": "subtraction is exact: 13911860366432393 - 10 is 13911860366432383, not the next double",
        "jq.test:1858": "subtraction is exact: 13911860366432393 - 10 is 13911860366432383, not the next double",
        "jq.test:1862": "subtraction is exact: 13911860366432393 - 10 is 13911860366432383, not the next double",
        "jq.test:1871": "addition is exact: adding 0 to 9007199254740993 does not make a double of it",
        "man.test:21":
            "addition is exact: 10000000000000000000000000000001 + 1 is above 10000000000000000000000000000000",
        "man.test:733": "addition is exact: 4 + 1e-20 is not 4",
        "jq.test:1584": "modules are refused: a program is one text",
        "jq.test:1588": "modules are refused: a program is one text",
        "jq.test:1592": "modules are refused: a program is one text",
        "jq.test:1596": "modules are refused: data files are none of a program's inputs",
        "jq.test:1601": "modules are refused: data files are none of a program's inputs",
        "jq.test:1605": "modules are refused: a program is one text",
        "jq.test:1609": "modules are refused: a program is one text",
        "jq.test:1613": "modules are refused: a program is one text",
        "jq.test:1641": "modulemeta is refused: a program is one text",
        "jq.test:1645": "modulemeta is refused: a program is one text",
        "jq.test:1649": "modulemeta is refused: a program is one text",
        "jq.test:1661": "modules are refused: a program is one text",
        "jq.test:1949": "input is refused: a program gets one input",
        "jq.test:1953": "debug is refused: a program writes to no standard error",
        "man.test:661": "$ENV is refused: a program cannot read the environment",
        "man.test:665": "env is refused: a program cannot read the environment",
    ]

    @Test("every case passes but for the listed differences, those that use a refused feature among them")
    func cases() {
        let all = UpstreamCase.all
        #expect(all.count == 738)
        var failures: [String: String] = [:]
        for item in all { failures[item.name] = item.failure() }
        for (name, failure) in failures where Self.differences[name] == nil {
            Issue.record("\(name): \(failure.prefix(500))")
        }
        for name in Self.differences.keys where failures[name] == nil {
            Issue.record("\(name) passes: take it off the list of differences")
        }
        let judged = all.filter { $0.refusedFeature == nil }
        #expect(judged.count >= 714)
        let failed = judged.filter { failures[$0.name] != nil }
        let share = Double(judged.count - failed.count) / Double(judged.count)
        #expect(share >= 0.98, "\(judged.count - failed.count) of \(judged.count) cases pass")
    }

    static let refused = UpstreamCase.all.filter { $0.refusedFeature != nil && !$0.mustNotCompile }

    @Test("what is refused is refused at compilation, by its name", arguments: refused)
    func refusal(_ item: UpstreamCase) throws {
        let feature = try #require(item.refusedFeature)
        let failure = try #require(item.failure(), "\(item.program) was not refused")
        let isNamed = failure.contains("\"\(feature)") || (feature == "::" && failure.contains("modules"))
        #expect(isNamed, "\(item.program): \(failure)")
        #expect(failure.contains("not available") || failure.contains("not supported"), "\(item.program): \(failure)")
    }

    @Test("no more cases differ for being refused than use modules, inputs, the environment or debug")
    func refusedCount() {
        #expect(Self.refused.count == 16)
        for item in Self.refused { #expect(Self.differences[item.name]?.contains("refused") == true, "\(item.name)") }
    }
}

extension UpstreamCase: CustomTestStringConvertible {
    var testDescription: String { "\(name) \(program)" }
}
