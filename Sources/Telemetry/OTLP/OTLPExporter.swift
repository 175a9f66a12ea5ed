import Canonical
package import Contracts
import ExactJSON
import Synchronization
package import World

/// Sends what a node says of itself to an OpenTelemetry collector (OTLP over HTTP, JSON). Works beside the node and
/// never holds it up: what waits is bounded, and what finds no room is counted and lost.
package actor OTLPExporter {
    /// What is sent: the last part of the address as well.
    package enum Signal: String, Sendable, CaseIterable { case metrics, traces, logs }

    /// How requests to the collector ended.
    package enum Outcome: String, Sendable, CaseIterable { case delivered, retried, refused }

    /// How it is sent, and where to.
    package struct Settings: Sendable {
        /// The address before `/v1/metrics` and its like.
        package var endpoint: String
        /// Beside `Content-Type`; secrets among them, so they are shown nowhere.
        package var headers: [(name: String, value: String)]
        package var signals: Set<Signal>
        /// Between two requests with metrics.
        package var interval: Duration
        /// For each request.
        package var timeout: Duration
        package var trust: Trust

        package init(
            endpoint: String, headers: [(name: String, value: String)] = [], signals: Set<Signal>, interval: Duration,
            timeout: Duration, trust: Trust
        ) {
            self.endpoint = endpoint.hasSuffix("/") ? String(endpoint.dropLast()) : endpoint
            self.headers = headers
            self.signals = signals
            self.interval = interval
            self.timeout = timeout
            self.trust = trust
        }
    }

    /// What is known of the way to the collector.
    package struct Counts: Sendable {
        package var outcomes: [Signal: [Outcome: Int]] = [:]
        /// Items that the collector refused, or that nobody would wait for any longer.
        package var lost: [Signal: Int] = [:]
    }

    /// How often what waits is looked at.
    private static let look = Duration.seconds(1)
    /// How long the first of a few that wait may do so.
    private static let patience = Duration.seconds(5)
    private static let batch = 512
    /// After so long one batch is given up, so that what comes later has its turn.
    private static let endurance = Duration.seconds(300)
    private static let maximumAnswer = 64 << 10

    private let settings: Settings
    private let resource: OTLPResource
    private let world: World
    private let spans: BoundedBuffer<Span>
    private let logs: BoundedBuffer<LogRecord>
    private let say: @Sendable (Signal, Failure?) -> Void
    private let counted = Mutex(Counts())
    private var trouble: [Signal: Failure] = [:]

    /// `say` is told what keeps the collector from taking a signal, once, and nil when it is over.
    package init(
        _ settings: Settings, resource: OTLPResource, world: World, spans: BoundedBuffer<Span>,
        logs: BoundedBuffer<LogRecord>, say: @escaping @Sendable (Signal, Failure?) -> Void
    ) {
        self.settings = settings
        self.resource = resource
        self.world = world
        self.spans = spans
        self.logs = logs
        self.say = say
    }

    /// What was sent since the node started.
    package nonisolated var counts: Counts { counted.withLock { $0 } }

    /// Works until cancelled. `metrics`: what they say now.
    package func run(_ metrics: @escaping @Sendable () async -> MetricSet) async {
        await withDiscardingTaskGroup { group in
            if settings.signals.contains(.metrics) { group.addTask { await self.send(metrics) } }
            if settings.signals.contains(.traces) {
                group.addTask { await self.drain(.traces, self.spans) { self.resource.request($0) } }
            }
            if settings.signals.contains(.logs) {
                group.addTask { await self.drain(.logs, self.logs) { self.resource.request($0) } }
            }
        }
    }

    /// Sends what waits, each signal once and without another try: for a node that stops.
    package func flush(_ metrics: @Sendable () async -> MetricSet) async {
        if settings.signals.contains(.metrics) { _ = await post(.metrics, resource.request(await metrics()), items: 1) }
        let spans = spans.first(Self.batch)
        if settings.signals.contains(.traces), !spans.isEmpty {
            _ = await post(.traces, resource.request(spans), items: spans.count)
        }
        let logs = logs.first(Self.batch)
        if settings.signals.contains(.logs), !logs.isEmpty {
            _ = await post(.logs, resource.request(logs), items: logs.count)
        }
    }

    // MARK: - One signal

    private func send(_ metrics: @Sendable () async -> MetricSet) async {
        while !Task.isCancelled {
            try? await world.clock.sleep(for: settings.interval)
            guard !Task.isCancelled else { return }
            // Sums are of all time: what could not be sent is in the next ones, so none is worth waiting for longer.
            await persist(.metrics, resource.request(await metrics()), items: 1, within: settings.interval)
        }
    }

    private func drain<Element: Sendable>(
        _ signal: Signal, _ buffer: BoundedBuffer<Element>, _ request: @Sendable ([Element]) -> JSON
    ) async {
        var waited = Duration.zero
        while !Task.isCancelled {
            let waiting = buffer.counts.waiting
            guard waiting >= Self.batch || waiting > 0 && waited >= Self.patience else {
                waited = waiting > 0 ? waited + Self.look : .zero
                try? await world.clock.sleep(for: Self.look)
                continue
            }
            waited = .zero
            let batch = buffer.first(Self.batch)
            await persist(signal, request(batch), items: batch.count, within: Self.endurance)
            if !Task.isCancelled { buffer.remove(batch.count) }
        }
    }

    /// Sends until the collector has it or will never take it, but no longer than `limit`.
    private func persist(_ signal: Signal, _ body: JSON, items: Int, within limit: Duration) async {
        let end = world.clock.uptime() + limit
        var attempt = 0
        while !Task.isCancelled {
            guard case .again(let after, _) = await post(signal, body, items: items) else { return }
            attempt += 1
            let wait = after ?? OTLPVerdict.wait(attempt: attempt, random: world.entropy.next())
            guard world.clock.uptime() + wait < end else {
                if signal != .metrics { lose(signal, items) }
                return
            }
            try? await world.clock.sleep(for: wait)
        }
    }

    /// Sends once.
    private func post(_ signal: Signal, _ body: JSON, items: Int) async -> OTLPVerdict {
        let address = "\(settings.endpoint)/v1/\(signal.rawValue)"
        let request = HTTPRequest(
            method: "POST", target: address,
            headers: HTTPHeaders([("Content-Type", "application/json")] + settings.headers), body: body.bytes,
            trust: settings.trust)
        let verdict: OTLPVerdict
        do {
            let response = try await world.network.send(
                request, timeout: settings.timeout, maximumBody: Self.maximumAnswer)
            verdict = OTLPVerdict(response, from: address, hiding: settings.headers.map(\.value))
        } catch {
            verdict = .again(after: nil, Failure(TelemetryFailures.unreachable, "\(address): \(error)"))
        }
        note(signal, verdict, items)
        return verdict
    }

    private func note(_ signal: Signal, _ verdict: OTLPVerdict, _ items: Int) {
        var found: Failure?
        switch verdict {
        case .delivered(let rejected):
            count(signal, .delivered)
            if rejected > 0 { lose(signal, rejected) }
        case .again(_, let failure):
            count(signal, .retried)
            found = failure
        case .refused(let failure):
            count(signal, .refused)
            lose(signal, items)
            found = failure
        }
        // Whoever stops the node hears nothing of the requests that end with it.
        guard !Task.isCancelled, found?.kind != trouble[signal]?.kind else { return }
        trouble[signal] = found
        say(signal, found)
    }

    private func count(_ signal: Signal, _ outcome: Outcome) {
        counted.withLock { $0.outcomes[signal, default: [:]][outcome, default: 0] += 1 }
    }

    private func lose(_ signal: Signal, _ items: Int) { counted.withLock { $0.lost[signal, default: 0] += items } }
}
