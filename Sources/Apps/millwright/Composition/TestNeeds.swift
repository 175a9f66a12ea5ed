import Contracts
import FilesConnector
import HTTPConnector
import MTConnectConnector
import NodeSettings

/// Finds what the steps of tests hand to sources that could not take it.
struct TestNeeds {
    private let folder: NodeFolder

    init(_ folder: NodeFolder) { self.folder = folder }

    func faults(in files: [TestFile]) -> [CheckFault] {
        files.flatMap(\.cases).flatMap(\.steps).compactMap { step in
            guard let source = folder.sources.first(where: { $0.name == step.source }) else { return nil }
            guard let reason = reason(step.input, source) else { return nil }
            return CheckFault(SettingsFailures.testInput, at: step.location, reason)
        }
    }

    /// Why a source does not take an input; nil where it does.
    private func reason(_ input: TestCase.Input, _ source: SourceSection) -> String? {
        let speaks = "source \(source.name) speaks \(source.protocolName)"
        let isFiles = source.protocolName == FilesSpec.source.name
        switch input {
        case .bytes(_, let file):
            guard isFiles else {
                if file != nil { return "\(speaks), and reads no files" }
                let readers = [HTTPSpec.source.name, MTConnectSpec.source.name]
                return readers.contains(source.protocolName)
                    ? nil : "\(speaks), and what it reads cannot be given as bytes: give events"
            }
            guard let file else { return "\(speaks): say with file: which one the text is appended to" }
            let reads = (try? FilesSpec.reads(file, source.settings)) ?? false
            return reads ? nil : "source \(source.name) reads no file called \(file): see its pattern"
        case .readings:
            return source.signals.isEmpty ? "source \(source.name) has no signals that would take readings" : nil
        case .events, .documents:
            let isRaw = source.protocolName == MTConnectSpec.source.name
            let makesThem = isRaw || isFiles && !FilesSpec.carriesEvents(source.settings)
            return makesThem ? "\(speaks), and no events come in by it: leave source: out" : nil
        }
    }
}
