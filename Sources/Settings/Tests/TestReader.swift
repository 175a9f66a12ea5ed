import Canonical
import Contracts
import ExactJSON
package import World

/// Reads the tests of a settings folder: `tests/*.yaml`, within bounds, with every fault in its place.
package struct TestReader: Sendable {
    /// The folder of the tests, below the settings folder.
    package static let folder = "tests"

    private let disk: any Disk
    private let limits: SettingsLimits
    private let checkProgram: ProgramCheck

    /// A reader of tests on this disk.
    package init(disk: any Disk, limits: SettingsLimits = SettingsLimits(), checkProgram: @escaping ProgramCheck) {
        self.disk = disk
        self.limits = limits
        self.checkProgram = checkProgram
    }

    /// The tests of the folder at `root`, whose settings are `folder`. A folder without tests gives none.
    package func read(_ root: String, of folder: NodeFolder) -> TestReport {
        var files: [TestFile] = []
        var faults: [CheckFault] = []
        var sources: [String: SourceText] = [:]
        let names: [String]
        do {
            names = try disk.list("\(root)/\(Self.folder)").filter { !$0.isDirectory && $0.name.hasSuffix(".yaml") }
                .map(\.name).filter { !$0.hasPrefix(".") }.sorted()
        } catch {
            guard error.reason != .notFound else { return TestReport(files: [], faults: [], sources: [:]) }
            let place = SettingLocation(file: Self.folder, line: 0, column: 0)
            let fault = CheckFault(
                SettingsFailures.unreadable, at: place, "the folder cannot be read: \(error.detail)")
            return TestReport(files: [], faults: [fault], sources: [:])
        }
        var seen: [String: SettingLocation] = [:]
        for name in names.prefix(limits.files) {
            let path = "\(Self.folder)/\(name)"
            let place = SettingLocation(file: path, line: 0, column: 0)
            do throws(ScalarRefusal) {
                let source = try disk.text(of: "\(root)/\(path)", as: path, upTo: limits.fileBytes)
                sources[path] = source
                let (file, found, texts) = read(source, root: root, of: folder)
                faults += found
                sources.merge(texts) { first, _ in first }
                guard let file else { continue }
                for test in file.cases {
                    if let first = seen[test.name] {
                        faults.append(
                            CheckFault(
                                SettingsFailures.duplicateName, at: test.location,
                                "a case is called \(test.name.quotedBriefly) already, at \(first)"))
                    }
                    seen[test.name] = test.location
                }
                files.append(file)
            } catch {
                faults.append(
                    CheckFault(error.kind, at: place, "the file \(error.reason)", suggestion: error.suggestion))
            }
        }
        return TestReport(files: files, faults: Array(Set(faults)).sorted(), sources: sources)
    }

    /// One file of tests by its text; nil where its form is broken. `texts`: of further files in which something is
    /// wrong.
    package func read(
        _ source: SourceText, root: String, of folder: NodeFolder
    ) -> (file: TestFile?, faults: [CheckFault], texts: [String: SourceText]) {
        let read = YAMLReader(limits: limits).read(source)
        guard let node = read.root else { return (nil, read.faults, [:]) }
        var reading = TestFileReading(root: root, source: source, folder: folder, limits: limits)
        reading.read(node, checkProgram: checkProgram) { path, limit throws(ScalarRefusal) in
            try self.disk.bytes(of: path, upTo: limit)
        }
        let file = TestFile(path: source.path, source: source, cases: reading.cases)
        return (file, read.faults + reading.faults, reading.dataTexts)
    }
}
