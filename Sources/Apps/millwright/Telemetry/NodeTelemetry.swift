import Canonical
import Contracts
import NodeSecurity
import NodeSettings
import Telemetry
import World

/// What a node sends to a collector, as its settings want it: the tracer, and who sends.
struct NodeTelemetry: Sendable {
    let tracer: Tracer
    /// Nil where the settings name no collector.
    let exporter: OTLPExporter?
    /// Whether the log's lines are sent.
    let sendsLogs: Bool
    private let front: NodeFront

    /// Throws ``Failure`` where a header's secret cannot be read.
    init(
        _ folder: NodeFolder, role: String, front: NodeFront, world: World, environment: [String: String]
    ) throws {
        self.front = front
        let settings = try Self.settings(folder, world, environment)
        sendsLogs = settings?.signals.contains(.logs) ?? false
        let isTraced = settings?.signals.contains(.traces) ?? false
        let node = folder.node.node.rawValue
        tracer = Tracer(
            node: node, share: TraceShare(percent: folder.node.telemetry.samplePercent),
            spans: isTraced ? front.spans : nil)
        let log = front.log
        exporter = settings.map { settings in
            OTLPExporter(
                settings, resource: OTLPResource(node: node, role: role, version: Version.text), world: world,
                spans: front.spans, logs: front.log.records
            ) { signal, failure in
                if let failure {
                    log.say(.warning, "telemetry, \(signal.rawValue): \(failure)")
                } else {
                    log.say(.info, "telemetry: the collector takes \(signal.rawValue) again")
                }
            }
        }
    }

    /// Checks what can be checked without sending: whether the headers' secrets are there.
    static func settings(
        _ folder: NodeFolder, _ world: World, _ environment: [String: String]
    ) throws -> OTLPExporter.Settings? {
        guard let collector = folder.node.telemetry.collector else { return nil }
        let reader = SecretReader(disk: world.disk, environment: environment)
        let headers = try collector.headers.map { (name: $0.name, value: try reader.read($0.secret).reveal) }
        let roots = collector.roots ?? folder.node.security.trustedRoots.first
        return OTLPExporter.Settings(
            endpoint: collector.endpoint, headers: headers,
            signals: Set(collector.signals.compactMap { OTLPExporter.Signal(rawValue: $0) }),
            interval: collector.interval, timeout: collector.timeout, trust: roots.map { .rootsFile($0) } ?? .system)
    }

    /// What waits for the collector.
    var buffers: [(signal: String, counts: (waiting: Int, taken: Int, dropped: Int))] {
        [("traces", front.spans.counts), ("logs", front.log.records.counts)]
    }
}
