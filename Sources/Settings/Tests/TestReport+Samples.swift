package import Contracts
package import ExactJSON

/// An event of a test that nothing is expected to be wrong with.
package struct SampleEvent: Sendable {
    package let event: JSON
    /// The case that hands it in.
    package let name: String
    package let location: SettingLocation
}

extension TestReport {
    /// The events that tests hand in ready-made, but for those of cases that expect an exception: what flows must take.
    package var flawlessEvents: [SampleEvent] {
        files.flatMap(\.cases).filter { ($0.expected[.exceptions]?.array ?? []).isEmpty }.flatMap { test in
            test.steps.flatMap { step -> [SampleEvent] in
                let events: [JSON] =
                    switch step.input {
                    case .events(let given): given.map { .object($0) }
                    case .documents(let documents): documents.compactMap { try? JSONReader.read($0.bytes) }
                    case .bytes, .readings: []
                    }
                return events.map { SampleEvent(event: $0, name: test.name, location: step.location) }
            }
        }
    }
}
