import ExactJSON
import NodeSettings

/// What came of one case.
struct TestResult {
    let file: TestFile
    let test: TestCase
    /// What came out; nil where it cannot be told.
    let got: [TestCase.Section: JSON]?
    /// Why it cannot be told.
    let error: String?
    let differences: [TestDifference]

    var isPassed: Bool { error == nil && differences.isEmpty }

    var json: JSON {
        var result: JSON = [
            "file": .string(file.path), "case": .string(test.name), "line": .int(test.location.line),
            "ok": .bool(isPassed),
            "differences": .array(
                differences.map { difference in
                    [
                        "path": .string(difference.path), "expected": difference.expected ?? .null,
                        "got": difference.got ?? .null,
                    ]
                }),
        ]
        if let error { result["error"] = .string(error) }
        return result
    }

    /// Differences that are shown of a case; what is wrong shows by these, and the rest in the JSON.
    private static let shownDifferences = 20
    /// Characters that are shown of a value.
    private static let shownCharacters = 2_000

    /// The lines for a person, in colours where the terminal takes them. `written`: the parts of the case that were
    /// made to say what came out.
    func lines(inColours: Bool, written: [TestCase.Section]? = nil) -> [String] {
        func ink(_ text: String, _ ink: Output.Ink) -> String { Output.inked(text, inColours ? ink : nil) }
        guard !isPassed else {
            return [ink("ok    ", .green) + Output.shown("\(file.path)  \(test.name)", oneLine: true)]
        }
        let place = Output.shown("\(file.path):\(test.location.line)  \(test.name)", oneLine: true)
        var lines: [String] = []
        if let written {
            let parts = written.map(\.rawValue).joined(separator: ", ")
            lines.append(ink("differs, written  ", .green) + "\(place): \(parts)")
        } else {
            lines.append(ink("FAIL  ", .red) + place)
        }
        if let error { lines.append("      " + Output.shown(error, oneLine: true)) }
        for difference in differences.prefix(Self.shownDifferences) {
            lines.append("      " + Output.shown(difference.path, oneLine: true))
            lines.append("        expected  " + ink(Self.shown(difference.expected), .green))
            lines.append("        got       " + ink(Self.shown(difference.got), .red))
        }
        if differences.count > Self.shownDifferences {
            lines.append("      and \(differences.count - Self.shownDifferences) further differences")
        }
        return lines
    }

    private static func shown(_ value: JSON?) -> String {
        guard let value else { return "nothing" }
        let text = value.description
        return text.count <= shownCharacters ? text : String(text.prefix(shownCharacters)) + "…"
    }
}
