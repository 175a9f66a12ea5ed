package import Canonical
package import Contracts
import ExactJSON
package import NodeSecurity
import Synchronization
package import World

/// A hub's way in for its edges: checks who sends before it looks at what, stores a batch whole or not at all, and
/// answers with how far it has the edge's stream.
package final class NodeIntakeSource: Source {
    package let name: SourceName
    private let inspector: BatchInspector
    private let enrolled: EnrolledNodes
    private let hub: NodeID
    private let plant: String
    private let world: World
    private let state = Mutex(State())

    private struct State {
        var intake: (any Intake)?
        var clocks = ClockWatch()
        var evidence = EvidenceBudget(burst: 20, interval: .seconds(60))
        var turns = BatchTurns()
        /// By node: only what an enrolled node has signed makes an entry, so that the list of those is their bound.
        var contacts: [NodeID: EdgeContact] = [:]
    }

    /// From settings checked by ``NodeSpec/intake``. `node` and `plant` are the hub's own: the source of what it
    /// reports itself.
    package convenience init(
        name: SourceName, settings: Settings, enrolled: EnrolledNodes, node: NodeID, plant: String, world: World,
        limits: Limits
    ) throws(SettingFault) {
        let plants = try settings.optional(NodeSpec.plants) ?? [:]
        self.init(
            name: name, enrolled: enrolled, node: node, plant: plant, tolerance: try settings(NodeSpec.clockTolerance),
            plants: Dictionary(plants.map { (NodeID($0.key), Set($0.value)) }, uniquingKeysWith: { $0.union($1) }),
            world: world, limits: limits)
    }

    /// By hand, for a simulation.
    package init(
        name: SourceName, enrolled: EnrolledNodes, node: NodeID, plant: String, tolerance: Duration = .seconds(86_400),
        plants: [NodeID: Set<String>] = [:], world: World, limits: Limits
    ) {
        self.name = name
        self.enrolled = enrolled
        hub = node
        self.plant = plant
        self.world = world
        inspector = BatchInspector(limits: limits, tolerance: tolerance, plants: plants, hub: node)
    }

    package var routes: [Route] {
        [
            Route(
                "POST", "/v1/nodes/{node}/batches", maximumBody: inspector.limits.requestBytes, about: Self.about
            ) {
                request, parameters in
                await self.take(request, from: NodeID(parameters["node"] ?? ""))
            }
        ]
    }

    private static let about = RouteAbout(
        "takeBatch", "nodes", "Takes a signed batch of an edge's stream; the connector's README has its shape.",
        access: .signature, path: [.init("node", "The edge's name.")],
        body: .init(["application/vnd.millwright.batch"]),
        answers: [
            .init(200, "How far the stream is stored.", .json(["type": "object"])),
            .problem(400, "It is no batch."), .problem(409, "The batch does not fit to what is stored."),
            .problem(503, "The hub takes nothing in now."),
        ])

    /// Whether batches are taken now: between the start and the end of ``run(_:)``.
    package var isOpen: Bool { state.withLock { $0.intake != nil } }

    /// Keeps the intake for the routes, which do the work, until cancelled.
    package func run(_ intake: any Intake) async throws {
        state.withLock { $0.intake = intake }
        defer { state.withLock { $0.intake = nil } }
        while true { try await world.clock.sleep(for: .seconds(3_600)) }
    }

    /// The edges that may send, in the order of their names, each with when it was last heard of since this node
    /// started: an edge asks now and then, also where nothing happens. Throws where the list cannot be read.
    package func edges() throws(Failure) -> [EdgeContact] {
        let names = Set(try enrolled.entries().filter { $0.revoked == nil }.map(\.node))
        let contacts = state.withLock { $0.contacts }
        return names.sorted().map { name in
            var edge = contacts[name] ?? EdgeContact(node: name)
            edge.plants = inspector.plants[name] ?? []
            return edge
        }
    }

    private func heard(_ node: NodeID, _ skew: Duration?, _ now: Instant) {
        state.withLock { state in
            state.contacts[node] = EdgeContact(node: node, last: now, skew: skew ?? state.contacts[node]?.skew)
        }
    }

    // MARK: - One batch

    private func take(_ request: HTTPRequest, from node: NodeID) async -> HTTPResponse {
        let now = world.clock.now()
        guard let intake = state.withLock({ $0.intake }) else {
            return busy(Failure(NodeFailures.busy, "the hub \(hub) is starting or stopping"), seconds: 1)
        }
        do throws(BatchInspector.Refusal) {
            let sealed = try inspector.authenticate(request, from: node, keys: enrolled, now: now)
            heard(node, sealed.skew, now)
            guard state.withLock({ $0.turns.begin(node, sealed.header.lane) }) else {
                return busy(
                    Failure(NodeFailures.busy, "the hub \(hub) works on as many batches as it can already"),
                    seconds: 1)
            }
            defer { state.withLock { $0.turns.end(node) } }
            let opened = try inspector.open(sealed, now: now)
            return await store(sealed, opened, intake)
        } catch {
            if error.isAuthentic { heard(node, error.skew, now) }
            return await refuse(error, request, node, intake, now)
        }
    }

    private func store(
        _ sealed: BatchInspector.Sealed, _ opened: BatchInspector.Opened, _ intake: any Intake
    ) async -> HTTPResponse {
        let header = sealed.header
        var segment = StreamSegment(
            node: sealed.node, epoch: header.epoch, lane: header.lane, first: header.first, count: header.count,
            digest: sealed.digest)
        segment.isOldest = header.isOldest
        let batch = SourceBatch(source: name, documents: opened.documents, faults: opened.faults, segment: segment)
        let stream: StreamAnswer
        do {
            guard let answer = try await intake.submit(batch).stream else {
                return busy(
                    Failure(NodeFailures.busy, "the intake said nothing of the stream of \(sealed.node)"), seconds: 5)
            }
            stream = answer
        } catch {
            return busy(
                error as? Failure ?? Failure(NodeFailures.busy, "the hub \(hub) cannot store now", detail: "\(error)"),
                seconds: 5)
        }
        await report(sealed.node, sealed.skew, intake)
        return answer(stream, segment, sealed)
    }

    private func answer(
        _ stream: StreamAnswer, _ segment: StreamSegment, _ sealed: BatchInspector.Sealed
    ) -> HTTPResponse {
        let now = world.clock.now()
        switch stream {
        case .stored(let position):
            return HubAnswer(.stored, position: position, hubTime: now, skew: sealed.skew).response(200)
        case .gap(let position):
            return HubAnswer(.gap, position: position, hubTime: now, skew: sealed.skew).response(200)
        case .conflict(let position):
            let failure = Failure(
                NodeFailures.conflict,
                """
                other events are stored under the numbers \(segment.first) to \(segment.last) of \(sealed.node)'s lane \
                \(segment.lane.name)
                """)
            return HubAnswer(.conflict, position: position, hubTime: now, skew: sealed.skew, failure: failure).response(
                409)
        }
    }

    private func busy(_ failure: Failure, seconds: Int) -> HTTPResponse {
        HubAnswer(.refused, hubTime: world.clock.now(), failure: failure).response(503, retryAfterSeconds: seconds)
    }

    // MARK: - Refusals

    private func refuse(
        _ refusal: BatchInspector.Refusal, _ request: HTTPRequest, _ node: NodeID, _ intake: any Intake, _ now: Instant
    ) async -> HTTPResponse {
        if let evidence = evidence(refusal, request, node, now) {
            do {
                _ = try await intake.submit(SourceBatch(source: name, faults: [evidence]))
            } catch {
                // What an enrolled node sent must not vanish: it is asked to send it again. A stranger's may.
                if refusal.isAuthentic {
                    return busy(
                        Failure(NodeFailures.busy, "the hub \(hub) cannot store now", detail: "\(error)"), seconds: 5)
                }
            }
        }
        return HubAnswer(.refused, hubTime: world.clock.now(), skew: refusal.skew, failure: refusal.failure)
            .response(refusal.status, retryAfterSeconds: refusal.status == 503 ? 5 : nil)
    }

    /// What is kept of a refused request; nil where nothing is.
    private func evidence(
        _ refusal: BatchInspector.Refusal, _ request: HTTPRequest, _ node: NodeID, _ now: Instant
    ) -> InputFault? {
        // Nothing is wrong with the batch where only the hub or a clock is not ready: it comes again.
        guard refusal.status != 503, refusal.failure.kind != NodeFailures.clock else { return nil }
        var message = "\(NodeLink.isName(node) ? node.rawValue : "a stranger"): \(refusal.failure.message)"
        if !refusal.isAuthentic {
            guard let passedOver = state.withLock({ $0.evidence.take(now: now) }) else { return nil }
            if passedOver > 0 { message += " (\(passedOver) more such requests were not kept)" }
        }
        return InputFault(
            failure: Failure(refusal.failure.kind, message, suggestion: refusal.failure.suggestion),
            origin: Origin("batch of \(NodeLink.isName(node) ? node.rawValue : "a stranger")"),
            original: Array(request.body.prefix(inspector.limits.originalBytes)), time: now,
            factID: "refused:\(refusal.failure.kind.code):\(node.rawValue.prefix(64)):\(Digest.hex(request.body))")
    }

    // MARK: - Clocks

    /// Stores the news of a node's clock, where there is any.
    private func report(_ node: NodeID, _ skew: Duration, _ intake: any Intake) async {
        guard let report = state.withLock({ $0.clocks.observe(node, skew: skew) }) else { return }
        let now = world.clock.now()
        let direction = skew < .zero ? "behind" : "ahead of"
        let detail =
            report.isWrong
            ? "the clock of \(node) is \(NodeLink.words(skew)) \(direction) this hub's"
            : "the clock of \(node) is right again"
        let shape = FactShape.named("node.clock-skewed")
        let event = Event(
            id: "clock:\(node):\(now)", source: "/\(plant)/\(hub)", type: "millwright.node.clock-skewed.v1",
            subject: node.rawValue, time: now,
            attributes: ["plant": plant, "recordedtime": now.description, "dataschema": shape?.dataSchema ?? ""],
            data: [
                "node": .string(node.rawValue), "skew": .number(Self.seconds(skew)), "detail": .string(detail),
            ])
        do {
            _ = try await intake.submit(SourceBatch(source: name, documents: [EventDocument(event)]))
        } catch {
            // The batch itself is stored; the news comes again with the next one.
            state.withLock { $0.clocks.undo(report) }
        }
    }

    /// Seconds to the millisecond.
    private static func seconds(_ duration: Duration) -> ExactNumber {
        ExactNumber(Double(duration.microseconds / 1_000) / 1_000) ?? ExactNumber(Int(duration.components.seconds))
    }
}
