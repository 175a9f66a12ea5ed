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
    ]

    @Test("every case passes that uses no refused feature, but for the documented differences")
    func cases() {
        let judged = UpstreamCase.all.filter { $0.refusedFeature == nil }
        #expect(judged.count >= 700)
        var failures: [String: String] = [:]
        for item in judged { failures[item.name] = item.failure() }
        for (name, failure) in failures where Self.differences[name] == nil {
            Issue.record("\(name): \(failure.prefix(500))")
        }
        for name in Self.differences.keys where failures[name] == nil {
            Issue.record("\(name) passes: take it off the list of differences")
        }
        let share = Double(judged.count - failures.count) / Double(judged.count)
        #expect(share >= 0.98, "\(judged.count - failures.count) of \(judged.count) cases pass")
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

    @Test("no more cases are left out than use modules, inputs, the environment or debug")
    func refusedCount() { #expect(UpstreamCase.all.filter { $0.refusedFeature != nil }.count == 24) }
}

extension UpstreamCase: CustomTestStringConvertible {
    var testDescription: String { "\(name) \(program)" }
}
