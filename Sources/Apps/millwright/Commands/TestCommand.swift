import ArgumentParser
import Contracts
import ExactJSON
import NodeSettings
import Routing
import WorldLive

struct TestCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "test",
        abstract:
            "Runs a settings folder's own tests: what comes in, and which events, commands and exceptions follow.",
        discussion: """
            The cases stand in tests/*.yaml. They run on the folder's sources, signals, flows, maps and crosswalks, \
            with a clock of their own, and reach neither a network nor a target. Exit code 0 where all pass, 1 \
            where one does not, 2 where the settings or the tests have faults.
            """)

    @OptionGroup var options: FolderOptions
    @Argument(help: "The files of tests/ or the cases to run, by name; all where none is named.")
    var names: [String] = []
    @Flag(help: "Write what came out into the expect: of the cases that are empty or differ; nothing else is changed.")
    var update = false
    @Flag(help: "One line of JSON.") var json = false

    func run() throws {
        let folder = try options.load()
        let root = options.absoluteFolder
        let disk = LiveDisk()
        let report = Composition.tests(root, of: folder, disk: disk)
        if !report.faults.isEmpty { Output.note(report.printed()) }
        guard !report.hasErrors else {
            if json { Output.json(["ok": false, "faults": .array(report.faults.map(\.json))]) }
            throw ExitCode(2)
        }
        let chosen = try chosen(report.files)
        let plans = try Composition.plans(folder)
        var results: [TestResult] = []
        let inColours = !json && Output.takesColours
        for (file, test) in chosen {
            let result = Self.result(of: test, in: file, folder, plans, disk)
            results.append(result)
            // Said at once: a long run is followed. What may be written yet is said when it is.
            if result.isPassed || !update { say(result, nil, inColours) }
        }
        let filler = TestUpdate(root: root, folder: folder, disk: disk)
        let written = try update ? filler.run(results) : TestUpdate.Report()
        var failed: [TestResult] = []
        for result in results where !result.isPassed {
            let sections = written.written.first { $0.test.location == result.test.location }?.sections
            if sections == nil { failed.append(result) }
            if update { say(result, sections, inColours) }
        }
        say(results, failed, written)
        if !failed.isEmpty { throw ExitCode(1) }
    }

    /// `written`: the parts of the case that now say what came out; nil where none was changed.
    private func say(_ result: TestResult, _ written: [TestCase.Section]?, _ inColours: Bool) {
        guard !json else { return }
        for line in result.lines(inColours: inColours, written: written) { Output.sayInked(line) }
    }

    private static func result(
        of test: TestCase, in file: TestFile, _ folder: NodeFolder, _ plans: [RoutingPlan], _ disk: LiveDisk
    ) -> TestResult {
        do {
            let got = try CaseRun.outcome(of: test, in: folder, plans: plans, disk: disk)
            let differences = TestComparison.differences(test.expected, got)
            return TestResult(file: file, test: test, got: got, error: nil, differences: differences)
        } catch {
            return TestResult(file: file, test: test, got: nil, error: "\(error)", differences: [])
        }
    }

    private func chosen(_ files: [TestFile]) throws -> [(TestFile, TestCase)] {
        let all = files.flatMap { file in file.cases.map { (file, $0) } }
        guard !names.isEmpty else { return all }
        func isMeant(_ name: String, _ file: TestFile, _ test: TestCase) -> Bool {
            [test.name, file.name, file.path].contains(name)
        }
        for name in names where !all.contains(where: { isMeant(name, $0, $1) }) {
            let near = NearestName.of(name, among: all.map(\.1.name) + files.map(\.name))
            throw CommandFailure(
                description: "there is no test \"\(name)\"" + (near.map { ": did you mean \"\($0)\"?" } ?? ""), code: 2)
        }
        return all.filter { file, test in names.contains { isMeant($0, file, test) } }
    }

    private func say(_ results: [TestResult], _ failed: [TestResult], _ report: TestUpdate.Report) {
        if json {
            return Output.json([
                "ok": .bool(failed.isEmpty), "cases": .int(results.count), "failed": .int(failed.count),
                "results": .array(results.map(\.json)),
                "written": .array(
                    report.written.map { test, sections in
                        [
                            "file": .string(test.location.file), "case": .string(test.name),
                            "sections": .array(sections.map { .string($0.rawValue) }),
                        ]
                    }),
                "refused": .array(report.refused.map { .string($0) }),
            ])
        }
        for reason in report.refused { Output.note("not written: \(reason)") }
        guard !results.isEmpty else { return Output.say("the folder has no tests: write some in tests/*.yaml") }
        let written = report.written.isEmpty ? "" : ", \(report.written.count) written"
        Output.say("\(Output.count(results.count, "case")), \(failed.count) failed\(written)")
    }
}
