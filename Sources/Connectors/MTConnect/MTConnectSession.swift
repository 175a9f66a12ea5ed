import Canonical
import Contracts
import World

/// One connection to an adapter: reads, keeps the heartbeat, and hands in what was said.
struct MTConnectSession {
    private let source: MTConnectSource
    private let stream: any ByteStream
    private var parser: SHDRParser
    private var heartbeat: SHDRHeartbeat
    private(set) var heardSomething = false

    init(source: MTConnectSource, stream: any ByteStream, rules: SHDRRules) {
        self.source = source
        self.stream = stream
        parser = SHDRParser(rules, place: source.place)
        heartbeat = SHDRHeartbeat(silence: source.options.silence, now: source.world.clock.uptime())
    }

    /// Works until the connection ends; everything known is unavailable then. Returns why it ended.
    mutating func run(_ submitter: inout Submitter) async throws -> String {
        try await submitter.connected()
        let reason: String
        do throws(NetworkFailure) {
            reason = try await read(&submitter)
        } catch {
            guard error.reason != .cancelled else { throw CancellationError() }
            reason = "the connection broke: \(error)"
        }
        if let failure = submitter.takeFailure() { throw failure }
        submitter.add(parser.end(now: source.world.clock.now()))
        try await submitter.flush(known: parser)
        return reason
    }

    private mutating func read(_ submitter: inout Submitter) async throws(NetworkFailure) -> String {
        let clock = source.world.clock
        while true {
            if submitter.isDue(at: clock.uptime()) {
                guard await submitter.tryFlush(known: parser) else { return "cancelled" }
                // While the node made us wait nobody listened; that is no silence of the adapter's.
                heartbeat.heard(at: clock.uptime())
            }
            let wait: Duration
            switch heartbeat.decide(at: clock.uptime()) {
            case .wait(let duration): wait = duration
            case .ping:
                try await stream.write(Array("* PING\n".utf8))
                continue
            case .giveUp(let silence): return "nothing came for \(silence)"
            }
            let timeout = submitter.dueAfter(clock.uptime()).map { min($0, wait) } ?? wait
            guard let bytes = try await bytes(within: max(timeout, .milliseconds(1))) else {
                return "the adapter closed the connection"
            }
            guard !bytes.isEmpty else { continue }
            heardSomething = true
            heartbeat.heard(at: clock.uptime())
            let output = parser.take(bytes, now: clock.now())
            if let interval = output.heartbeat { heartbeat.agreed(interval, at: clock.uptime()) }
            submitter.add(output)
        }
    }

    /// The next bytes; none when nothing came in time; nil at the end.
    private func bytes(within timeout: Duration) async throws(NetworkFailure) -> [UInt8]? {
        do throws(NetworkFailure) {
            return try await stream.read(timeout: timeout)
        } catch {
            if error.reason == .timeout { return [] }
            throw error
        }
    }
}
