import NodeSettings
import Synchronization
import Telemetry
import World

/// The node's log: lines on standard error and, where the settings want it, records for a collector.
final class NodeLog: Sendable {
    /// Records that wait for the collector at most.
    private static let maximumRecords = 2_048

    let records = BoundedBuffer<LogRecord>(capacity: NodeLog.maximumRecords)
    private let clock: any WorldClock
    private let settings = Mutex((level: NodeSection.LogLevel.info, isExported: false))

    init(clock: any WorldClock) { self.clock = clock }

    /// What holds from now on.
    func set(_ level: NodeSection.LogLevel, isExported: Bool) {
        settings.withLock { $0 = (level, isExported) }
    }

    /// Whether lines of this severity are said at all.
    func says(_ severity: NodeSection.LogLevel) -> Bool { settings.withLock { $0.level <= severity } }

    /// A line of its severity.
    func say(_ severity: NodeSection.LogLevel, _ text: String) {
        let (level, isExported) = settings.withLock { $0 }
        guard level <= severity else { return }
        let line = Output.shown(text, oneLine: true)
        Output.note("\(severity.rawValue.uppercased()) \(line)")
        if isExported { record(severity, line) }
    }

    /// A line that is said whatever the level is, as it stands.
    func note(_ text: String) {
        let line = Output.shown(text, oneLine: true)
        Output.note(line)
        if settings.withLock({ $0.isExported }) { record(.info, line) }
    }

    private func record(_ severity: NodeSection.LogLevel, _ line: String) {
        let weight: LogRecord.Severity =
            switch severity {
            case .debug: .debug
            case .info: .info
            case .warning: .warning
            }
        records.put([LogRecord(time: clock.now(), severity: weight, text: line)])
    }
}
