import Contracts
package import NodeSettings
package import World

/// What came of reading a scenario's file.
package struct ScenarioReport: Sendable {
    /// The scenario; nil where anything is wrong with the file.
    package let scenario: PlantScenario?
    /// Everything that is wrong, in the order of the lines.
    package let faults: [CheckFault]
    /// The file's text; nil where it cannot be read.
    let source: SourceText?

    /// The faults as a person reads them.
    package func printed() -> String {
        FaultPrinter(sources: source.map { [$0.path: $0] } ?? [:]).print(faults)
    }
}

/// Reads a scenario's file within bounds, and says everything that is wrong with it in its place.
package enum ScenarioReader {
    private static let limits = {
        var limits = SettingsLimits()
        limits.fileBytes = 64 << 10
        limits.nodes = 10_000
        limits.depth = 8
        return limits
    }()

    /// Reads the file at `path`.
    package static func read(_ path: String, on disk: any Disk) -> ScenarioReport {
        do {
            return try read(disk.text(of: path, as: path, upTo: limits.fileBytes))
        } catch {
            let place = SettingLocation(file: path, line: 0, column: 0)
            let fault = CheckFault(error.kind, at: place, "the file \(error.reason)", suggestion: error.suggestion)
            return ScenarioReport(scenario: nil, faults: [fault], source: nil)
        }
    }

    /// Reads a file by its text.
    package static func read(_ source: SourceText) -> ScenarioReport {
        let read = YAMLReader(limits: limits).read(source)
        var faults = read.faults
        var scenario: PlantScenario?
        if let root = read.root {
            var reading = ScenarioReading(source)
            scenario = reading.read(root)
            faults += reading.faults
        }
        return ScenarioReport(
            scenario: faults.isEmpty ? scenario : nil, faults: Array(Set(faults)).sorted(), source: source)
    }
}
