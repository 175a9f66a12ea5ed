import ExactJSON
import Foundation
import JSONSchema
import Testing

/// The official test suite of JSON Schema, draft 2020-12 (`Corpus/draft2020-12/ORIGIN.md` says where it comes from).
@Suite("The official test suite of JSON Schema 2020-12")
struct UpstreamTests {
    /// The optional cases that do not pass, each with the reason. Whatever leaves this list may not come back.
    static let differences: [String: String] = Dictionary(
        idna.map {
            (
                "optional/format/hostname.json / validation of A-label (punycode) host names / \($0)",
                "needs the tables and context rules of IDNA 2008: the label is decoded, and its letters are not judged"
            )
        }
    ) { $1 }

    private static let idna = [
        "contains illegal char U+302E Hangul single dot tone mark",
        "Exceptions that are DISALLOWED, right-to-left chars",
        "Exceptions that are DISALLOWED, left-to-right chars",
        "MIDDLE DOT with no preceding 'l'",
        "MIDDLE DOT with nothing preceding",
        "MIDDLE DOT with no following 'l'",
        "MIDDLE DOT with nothing following",
        "Greek KERAIA not followed by Greek",
        "Greek KERAIA not followed by anything",
        "Hebrew GERESH not preceded by Hebrew",
        "Hebrew GERESH not preceded by anything",
        "Hebrew GERSHAYIM not preceded by Hebrew",
        "Hebrew GERSHAYIM not preceded by anything",
        "KATAKANA MIDDLE DOT with no Hiragana, Katakana, or Han",
        "KATAKANA MIDDLE DOT with no other characters",
        "Arabic-Indic digits mixed with Extended Arabic-Indic digits",
        "ZERO WIDTH JOINER not preceded by Virama",
        "ZERO WIDTH JOINER not preceded by anything",
    ]

    /// Whole optional files that are not judged.
    static let unjudged: [String: String] = [
        "optional/format/idn-hostname.json": "needs the tables of IDNA 2008; the format refuses nothing",
        "optional/dependencies-compatibility.json":
            "the keyword of earlier drafts demands nothing, and is warned of at compilation",
    ]

    struct Case: Sendable {
        let name: String
        let schema: JSON
        let value: JSON
        let isValid: Bool
        let isFormat: Bool
    }

    private static let corpus = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .appending(path: "Corpus/draft2020-12")

    static let cases: [Case] = {
        let folder = corpus.appending(path: "tests")
        let files = FileManager.default.enumerator(atPath: folder.path)?.compactMap { $0 as? String } ?? []
        return files.filter { $0.hasSuffix(".json") }.sorted().flatMap { file -> [Case] in
            guard let data = try? Data(contentsOf: folder.appending(path: file)),
                let groups = try? JSONReader.read([UInt8](data), maximumDepth: 256).array
            else { return [] }
            return groups.flatMap { group in
                (group["tests"]?.array ?? []).map { test in
                    Case(
                        name: "\(file) / \(group["description"]?.string ?? "") / \(test["description"]?.string ?? "")",
                        schema: group["schema"] ?? .null, value: test["data"] ?? .null,
                        isValid: test["valid"]?.bool ?? false, isFormat: file.hasPrefix("optional/format/"))
                }
            }
        }
    }()

    static let registry: SchemaRegistry = {
        let folder = corpus.appending(path: "remotes")
        let files = FileManager.default.enumerator(atPath: folder.path)?.compactMap { $0 as? String } ?? []
        var documents: [String: JSON] = [:]
        for file in files where file.hasSuffix(".json") {
            guard let data = try? Data(contentsOf: folder.appending(path: file)) else { continue }
            documents["http://localhost:1234/\(file)"] = try? JSONReader.read([UInt8](data))
        }
        return SchemaRegistry(documents)
    }()

    /// What is wrong with the answer; nil where it is right.
    static func failure(_ item: Case) -> String? {
        do {
            let schema = try Schema.compile(
                item.schema, registry: registry, formats: item.isFormat ? .assertion : .annotation)
            let faults = schema.faults(in: item.value)
            if faults.isEmpty == item.isValid { return nil }
            return faults.isEmpty ? "\(item.value) was taken" : faults.map(\.message).joined(separator: "; ")
        } catch {
            return "does not compile: \(error)"
        }
    }

    @Test("every required case passes")
    func required() {
        let required = Self.cases.filter { !$0.name.hasPrefix("optional/") }
        #expect(required.count == 1299)
        for item in required {
            if let failure = Self.failure(item) { Issue.record("\(item.name): \(failure)") }
        }
    }

    @Test("every optional case passes, but for those that are listed with a reason")
    func optional() {
        let optional = Self.cases.filter { item in
            item.name.hasPrefix("optional/") && !Self.unjudged.keys.contains { item.name.hasPrefix($0) }
        }
        #expect(optional.count == 799)
        var failures: [String: String] = [:]
        for item in optional { failures[item.name] = Self.failure(item) }
        for (name, failure) in failures.sorted(by: { $0.key < $1.key }) where Self.differences[name] == nil {
            Issue.record("\(name): \(failure)")
        }
        for name in Self.differences.keys where failures[name] == nil {
            Issue.record("\(name) passes: take it off the list of differences")
        }
    }

    @Test("every schema of the suite fits the metaschema")
    func metaschema() throws {
        let metaschema = try Schema.compile(["$ref": "https://json-schema.org/draft/2020-12/schema"])
        for item in Self.cases {
            let faults = metaschema.faults(in: item.schema)
            #expect(faults.isEmpty, "\(item.name): \(faults.map(\.message))")
        }
    }
}
