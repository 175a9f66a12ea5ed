package import Canonical
package import Contracts
package import ExactJSON

/// One case of `tests/`: what comes in at which time, and what must come out.
package struct TestCase: Sendable {
    /// What comes in by one step.
    package enum Input: Sendable {
        /// Events as they were written; some of their attributes may be left to be filled in.
        case events([JSONObject])
        /// Events as they stand in a file.
        case documents([EventDocument])
        /// What a source reads; `file`: below the folder of a source of files.
        case bytes([UInt8], file: String?)
        case readings([GivenReading])
    }

    /// A reading as a case gives it.
    package struct GivenReading: Sendable {
        /// Nil: the source's own.
        package let asset: AssetID?
        package let name: String
        package let value: Reading.Value
        /// Nil: what the clock shows.
        package let time: Instant?
    }

    /// One step.
    package struct Step: Sendable {
        /// Nil: events as from an edge.
        package let source: SourceName?
        package let after: Duration?
        package let input: Input
        package let location: SettingLocation
    }

    /// What a case can say of what comes out.
    package enum Section: String, Sendable, CaseIterable { case events, commands, exceptions, context }

    package let name: String
    /// What the clock shows at its begin.
    package let start: Instant
    /// What is at hand on assets at its begin, by asset.
    package let context: JSONObject
    package let steps: [Step]
    /// How long the node goes on behind the last step.
    package let wait: Duration
    /// The sections that are given; empty where the case says nothing yet.
    package let expected: [Section: JSON]
    package let location: SettingLocation
    /// The case as it was written, for whoever changes its file.
    let node: SettingsNode
}

/// One file of `tests/` with the cases that could be read.
package struct TestFile: Sendable {
    /// Below the settings folder: `tests/press.yaml`.
    package let path: String
    package let source: SourceText
    package let cases: [TestCase]

    /// The file's name without its ending.
    package var name: String { FolderCheck.stem(path) }
}

/// What came of reading a folder's tests.
package struct TestReport: Sendable {
    package let files: [TestFile]
    package let faults: [CheckFault]
    /// The files' texts by path, to show the lines that are wrong.
    package let sources: [String: SourceText]

    package var hasErrors: Bool { faults.contains { $0.severity == .error } }

    /// The report with faults that only the whole program can find.
    package func adding(_ more: [CheckFault]) -> TestReport {
        TestReport(files: files, faults: (faults + more).sorted(), sources: sources)
    }

    /// The faults as a person reads them.
    package func printed() -> String { FaultPrinter(sources: sources).print(faults) }

    /// The events that the tests hand in ready-made, by type: samples of what the flows' maps get, for whoever wants
    /// to know what the types of an event's members are.
    package var sampledEvents: [String: [JSON]] {
        var samples: [String: [JSON]] = [:]
        for step in files.flatMap(\.cases).flatMap(\.steps) {
            let events: [JSON] =
                switch step.input {
                case .events(let given): given.map { .object($0) }
                case .documents(let documents): documents.compactMap { try? JSONReader.read($0.bytes) }
                case .bytes, .readings: []
                }
            for event in events { if let type = event["type"]?.string { samples[type, default: []].append(event) } }
        }
        return samples
    }
}
