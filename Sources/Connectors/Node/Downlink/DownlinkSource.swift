package import Canonical
package import Contracts
import ExactJSON
package import NodeSecurity
import Synchronization
package import World

/// An edge's ear for its hub: asks for commands over a connection that the edge opens, stores each as an event, and
/// only then says that it has it.
package final class DownlinkSource: Source {
    package let name: SourceName
    private let hub: HubAddress
    private let screen: CommandScreen
    private let timeout: Duration
    private let world: World
    private let limits: Limits
    private let skew = Mutex<Duration?>(nil)
    private let health = SourceHealth()

    /// The position that remembers which commands are stored.
    private static let position = "commands"
    private static let backoff: (base: Duration, cap: Duration) = (.milliseconds(500), .seconds(60))
    private static let maximumAnswer = 2 << 20

    /// From settings checked by ``NodeSpec/downlinkSource``. `node` and `key` are the edge's own.
    package convenience init(
        name: SourceName, settings: Settings, node: NodeID, key: NodeKey, trust: Trust, world: World, limits: Limits
    ) throws {
        let text = try settings(NodeSpec.hubKey)
        guard let hubKey = NodePublicKey(text) else {
            throw SettingFault(
                location: settings.locations["hubKey"] ?? settings.location,
                reason: "hubKey is no public key, which is written ed25519: and 44 characters",
                suggestion: "`millwright keygen --show FILE` on the hub prints it")
        }
        try self.init(
            name: name, hub: HubAddress(try settings(NodeSpec.hub), node: node, key: key, trust: trust), hubKey: hubKey,
            timeout: try settings(NodeSpec.timeout), world: world, limits: limits)
    }

    /// By hand, for a simulation.
    package init(
        name: SourceName, hub: HubAddress, hubKey: NodePublicKey, timeout: Duration = .seconds(30), world: World,
        limits: Limits
    ) {
        self.name = name
        self.hub = hub
        screen = CommandScreen(node: hub.node, hubKey: hubKey, limits: limits)
        self.timeout = timeout
        self.world = world
        self.limits = limits
    }

    /// How far this node's clock is ahead of the hub's; nil before the hub answered.
    package var clockSkew: Duration? { skew.withLock { $0 } }

    /// What one run knows.
    private struct Session {
        var ledger: CommandLedger
        var clock = HubClock()
        /// What the hub has not confirmed to have heard.
        var report = PollReport()
        var failures = 0
    }

    package var trouble: Failure? { health.trouble }

    /// Asks until cancelled. Throws ``Failure`` where a person is needed: not enrolled, or not the hub that was pinned.
    package func run(_ intake: any Intake) async throws {
        var session = Session(ledger: CommandLedger(try await intake.position(name, Self.position)))
        while !Task.isCancelled {
            do {
                let report = session.report.bounded
                let answer = try await ask(report, &session.clock, intake)
                session.report = session.report.without(report)
                try await take(answer, &session, intake)
                session.failures = 0
                health.report(nil)
            } catch let deferral as Deferral {
                session.failures += 1
                health.report(deferral.failure)
                try await world.clock.sleep(for: deferral.after ?? wait(session.failures))
            }
        }
    }

    /// Full jitter: anything up to a bound that doubles with each failure.
    private func wait(_ failures: Int) -> Duration {
        let bound = min(Self.backoff.cap, Self.backoff.base * (1 << min(failures, 10)))
        return .microseconds(Int64(world.entropy.next() % UInt64(bound.microseconds)) + 50_000)
    }

    // MARK: - Asking

    /// One question to the hub. Throws ``Deferral`` where it is to be asked again, ``Failure`` where a person is
    /// needed.
    private func ask(
        _ report: PollReport, _ clock: inout HubClock, _ intake: any Intake
    ) async throws -> PollAnswer {
        let nonce = Digest.hexadecimal(world.entropy.bytes(12))
        let response = try await send(report, nonce)
        guard response.status == 200 else { throw try refusal(response) }
        var broken: [JSON] = []
        guard let answer = PollAnswer(response.body, maximumDepth: limits.jsonDepth, broken: { broken.append($0) })
        else {
            throw Deferral(
                Failure(NodeFailures.answer, "\(hub.url) answered with no list of commands"), isTargetDown: true)
        }
        guard answer.isSigned(by: screen.hubKey, for: hub.node, nonce: nonce) else {
            throw Failure(
                NodeFailures.command,
                "the answer of \(hub.url) is not signed by the key \(screen.hubKey.keyID) (hubKey)")
        }
        clock.observe(answer.hubTime, uptime: world.clock.uptime())
        skew.withLock { $0 = world.clock.now().since(answer.hubTime) }
        guard broken.isEmpty else {
            try await keep(broken, intake)
            throw Deferral(
                Failure(NodeFailures.answer, "\(hub.url) sent \(broken.count) commands that cannot be read"),
                isTargetDown: true)
        }
        return answer
    }

    private func send(_ report: PollReport, _ nonce: String) async throws -> HTTPResponse {
        let now = world.clock.now()
        var request = HTTPRequest(
            method: "GET", target: hub.url + NodeLink.commandPath(hub.node) + report.query,
            headers: ["Accept": "application/json", NodeLink.timeField: now.description], trust: hub.trust)
        try NodeLink.pollSignature.sign(&request, key: hub.key, created: now, nonce: nonce)
        do {
            return try await world.network.send(
                request, timeout: DownlinkTarget.hold + timeout, maximumBody: Self.maximumAnswer)
        } catch {
            if error.reason == .cancelled { throw CancellationError() }
            throw Deferral(hub.failure(error), isTargetDown: true)
        }
    }

    /// Throws what a person must see, and answers with what is waited out.
    private func refusal(_ response: HTTPResponse) throws -> Deferral {
        let said = HubAnswer(response.body)?.problem
        let words = said.map { "\($0.code): \($0.message)" } ?? "status \(response.status)"
        switch response.status {
        case 401, 403:
            if said?.code == NodeFailures.clock.code {
                throw Failure(NodeFailures.clock, "\(hub.url) answered \(words)")
            }
            throw Failure(NodeFailures.refused, "\(hub.url) answered \(words)", suggestion: hub.enrolment)
        case 404:
            throw Failure(
                NodeFailures.answer, "\(hub.url) has no commands for \(hub.node)",
                suggestion:
                    "Check the address, and that the hub has a target with `protocol: edge` and `edge: \(hub.node)`.")
        default:
            return Deferral(
                Failure(NodeFailures.busy, "\(hub.url) answered \(words)"), after: UplinkVerdict.retryAfter(response),
                isTargetDown: true)
        }
    }

    // MARK: - Taking

    /// Stores what came, and then notes what the hub is to be told.
    private func take(_ answer: PollAnswer, _ session: inout Session, _ intake: any Intake) async throws {
        let now = world.clock.now()
        let hubNow = session.clock.now(uptime: world.clock.uptime()) ?? answer.hubTime
        var batch = SourceBatch(source: name)
        var ledger = session.ledger
        var report = PollReport()
        for command in answer.commands {
            if ledger.contains(command.token), command.isSigned(by: screen.hubKey, for: hub.node) {
                // It is here already: its word got lost, or it expired since.
                report.stored.insert(command.token)
            } else if let (reason, failure) = screen.objection(to: command, hubNow: hubNow) {
                report.refused[command.token] = reason
                batch.faults.append(fault(failure, command.json.bytes, now))
            } else {
                batch.documents.append(command.document)
                ledger.insert(command.token)
                report.stored.insert(command.token)
            }
        }
        for token in answer.asked {
            if ledger.contains(token) { report.stored.insert(token) } else { report.unknown.insert(token) }
        }
        if !batch.documents.isEmpty { batch.positions = [SourcePosition(name: Self.position, value: ledger.json)] }
        if !batch.documents.isEmpty || !batch.faults.isEmpty { try await store(batch, intake) }
        session.ledger = ledger
        session.report.stored.formUnion(report.stored)
        session.report.refused.merge(report.refused) { $1 }
        session.report.unknown.formUnion(report.unknown)
    }

    private func store(_ batch: SourceBatch, _ intake: any Intake) async throws {
        do {
            _ = try await intake.submit(batch)
        } catch let failure as Failure {
            // Nothing was said to the hub: it hands the commands out again.
            throw Deferral(failure, isTargetDown: false)
        }
    }

    private func keep(_ broken: [JSON], _ intake: any Intake) async throws {
        let now = world.clock.now()
        let failure = Failure(NodeFailures.answer, "\(hub.url) sent a command that cannot be read")
        try await store(SourceBatch(source: name, faults: broken.map { fault(failure, $0.bytes, now) }), intake)
    }

    private func fault(_ failure: Failure, _ original: [UInt8], _ now: Instant) -> InputFault {
        InputFault(
            failure: failure, origin: Origin("commands of \(hub.url)"),
            original: Array(original.prefix(limits.originalBytes)), time: now,
            factID: "refused:\(failure.kind.code):\(Digest.hex(original))")
    }
}
