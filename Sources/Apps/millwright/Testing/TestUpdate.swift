import ExactJSON
import NodeSettings
import World

/// Takes what came out of failed cases into their files: only into `expect:`, and only where the file then says exactly
/// that.
struct TestUpdate {
    /// What was written, or why not.
    struct Report {
        var written: [(test: TestCase, sections: [TestCase.Section])] = []
        var refused: [String] = []
    }

    let root: String
    let folder: NodeFolder
    let disk: any Disk

    /// Fills the files of these results.
    func run(_ results: [TestResult]) throws -> Report {
        var report = Report()
        let failed = results.filter { !$0.isPassed && $0.got != nil }
        for path in Set(failed.map(\.file.path)).sorted() {
            let here = failed.filter { $0.file.path == path }
            guard let file = here.first?.file else { continue }
            try fill(file, here, &report)
        }
        return report
    }

    private func fill(_ file: TestFile, _ results: [TestResult], _ report: inout Report) throws {
        var editor = TestFileEditor(file)
        var filled: [(test: TestCase, got: [TestCase.Section: JSON])] = []
        for result in results {
            guard let got = result.got else { continue }
            do throws(TestFileEditor.Refusal) {
                try editor.fill(result.test, with: got)
                filled.append((result.test, got))
            } catch {
                report.refused.append("\(error)")
            }
        }
        guard !filled.isEmpty else { return }
        let text = editor.text()
        let read = Composition.testReader(disk: disk).read(
            SourceText(path: file.path, text: text), root: root, of: folder)
        for (test, got) in filled {
            let now = read.file?.cases.first { $0.name == test.name }
            guard read.faults.isEmpty, let now, TestComparison.differences(now.expected, got).isEmpty else {
                let reason = "the file is written in a way that cannot be changed safely: change it by hand"
                report.refused.append("\(test.location): \(reason)")
                return
            }
        }
        try disk.replace("\(root)/\(file.path)", with: Array(text.utf8), mode: 0o644)
        report.written += filled.map { ($0.test, TestComparison.differing($0.test.expected, $0.got)) }
    }
}
