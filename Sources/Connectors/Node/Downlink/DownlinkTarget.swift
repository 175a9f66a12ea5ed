package import Canonical
package import Contracts
import ExactJSON
package import NodeSecurity
import Synchronization
package import World

/// A hub's way down to one edge: keeps signed commands until the edge asks for them, and counts one as done only when
/// the edge has said that it is durable there.
package final class DownlinkTarget: Target {
    package let name: TargetName
    /// The edge says one thing after the other, so that its "not here" is true as soon as it is heard; this is for
    /// its clock.
    package let settlingTime = Duration.seconds(5)

    /// Whom it leads to.
    package let edge: NodeID
    private let plant: String
    private let validity: Duration
    private let timeout: Duration
    private let tolerance: Duration
    private let hub: NodeID
    private let key: NodeKey
    private let enrolled: EnrolledNodes
    private let world: World
    private let mailbox = Mutex(CommandMailbox())
    private let bell = Bell()
    private let isClosed = Mutex(false)

    /// How long a question of the edge's is kept open while there is nothing to answer.
    package static let hold = Duration.seconds(25)

    /// From settings checked by ``NodeSpec/downlinkTarget``. `node` and `key` are the hub's own.
    package convenience init(
        name: TargetName, settings: Settings, node: NodeID, key: NodeKey, enrolled: EnrolledNodes, world: World,
        limits: Limits
    ) throws(SettingFault) {
        self.init(
            name: name, edge: NodeID(try settings(NodeSpec.edge)), plant: try settings(NodeSpec.edgePlant),
            validity: try settings(NodeSpec.validity), timeout: try settings(NodeSpec.timeout),
            tolerance: try settings(NodeSpec.clockTolerance), hub: node, key: key, enrolled: enrolled, world: world)
    }

    /// By hand, for a simulation.
    package init(
        name: TargetName, edge: NodeID, plant: String, validity: Duration = .seconds(86_400),
        timeout: Duration = .seconds(30), tolerance: Duration = .seconds(86_400), hub: NodeID, key: NodeKey,
        enrolled: EnrolledNodes, world: World
    ) {
        self.name = name
        self.edge = edge
        self.plant = plant
        self.validity = validity
        self.timeout = timeout
        self.tolerance = tolerance
        self.hub = hub
        self.key = key
        self.enrolled = enrolled
        self.world = world
    }

    /// Where the edge asks: one path for each edge, so that several such targets share a listener.
    package var routes: [Route] {
        [
            Route("GET", NodeLink.commandPath(edge), maximumBody: 0, about: about) { request, _ in
                await self.answer(request)
            }
        ]
    }

    private var about: RouteAbout {
        // Who asks is a node, which reads what a hub says, and no problem document, also where it is refused.
        let refusals = [
            (400, "The question cannot be read."), (401, "It is not signed by a key of this edge."),
            (403, "The edge is not enrolled here, or its clock is far off."), (409, "The question came before."),
            (503, "The hub cannot look up the edge's key, or sign."),
        ]
        let commands = RouteAbout.Answer(200, "Commands; none where none came in time.", .json(["type": "object"]))
        return RouteAbout(
            "takeCommands-\(edge)", "nodes", "Commands for the edge \(edge), held open until there are some.",
            access: .signature,
            answers: [commands] + refusals.map { RouteAbout.Answer($0.0, $0.1, .json(["type": "object"])) })
    }

    /// Answers questions that are held open: a node that stops must not wait for them.
    package func close() async {
        isClosed.withLock { $0 = true }
        bell.ring()
    }

    /// When the edge last asked for commands; nil since this node started.
    package var lastPoll: Instant? { mailbox.withLock { $0.lastPoll } }

    // MARK: - Commands

    /// Refuses what is no order for an asset, and what is too old already.
    package func prepare(_ command: Command, ledger: [LedgerEntry]) async -> Preparation {
        let now = world.clock.now()
        let expires = command.time + validity
        guard expires > now else { return .settled(.rejected(expired(command, expires))) }
        do {
            _ = try DownlinkDocument.make(command, hub: hub, plant: plant)
        } catch {
            return .settled(.rejected(error))
        }
        return .ready(intent: ["issued": .string(now.description), "expires": .string(expires.description)])
    }

    /// Hands the command to the edge's question, and waits for the edge's word on it, at most the target's `timeout`.
    package func perform(_ attempt: Attempt) async -> Outcome {
        let command: DownlinkCommand
        do {
            command = try sign(attempt)
        } catch {
            return .rejected(error)
        }
        let now = world.clock.now()
        guard command.expires > now else { return .rejected(expired(attempt.command, command.expires)) }
        guard mailbox.withLock({ $0.offer(command, now: now) }) else {
            let failure = Failure(
                NodeFailures.busy, "\(CommandMailbox.maximumEntries) commands for \(edge) wait or are in doubt already")
            return .deferred(Deferral(failure, isTargetDown: true))
        }
        bell.ring()
        await wait(atMost: min(timeout, command.expires.since(now))) { mailbox in
            switch mailbox.fate(command.token) {
            case .stored, .refused, nil: true
            case .waiting, .handedOut: false
            }
        }
        switch mailbox.withLock({ $0.withdraw(command.token) }) {
        case .stored: return .accepted(acceptance(attempt.command))
        case .refused(let reason): return .rejected(refusal(attempt.command, reason))
        case .waiting: return .deferred(Deferral(notConnected(), isTargetDown: true))
        case .handedOut:
            return .unknown(
                Failure(
                    NodeFailures.unconfirmed,
                    "\(command.document.envelope.type) went to \(edge), which did not confirm it in \(NodeLink.words(timeout))"
                ))
        }
    }

    /// Asks the edge itself, which remembers durably what it has stored.
    package func inquire(_ attempt: Attempt) async -> Inquiry {
        let token = CommandToken(sequence: attempt.command.id, documentID: attempt.command.idempotencyKey)
        mailbox.withLock { $0.ask(token) }
        bell.ring()
        await wait(atMost: timeout) { $0.answer(to: token) != nil }
        let answer = mailbox.withLock { mailbox in
            defer { mailbox.stopAsking(token) }
            return mailbox.answer(to: token)
        }
        switch answer {
        case true?: return .happened(acceptance(attempt.command))
        case false?: return .notFound
        case nil: return .deferred(Deferral(notConnected(), isTargetDown: true))
        }
    }

    private func sign(_ attempt: Attempt) throws(Failure) -> DownlinkCommand {
        guard let issued = attempt.intent["issued"]?.string.flatMap({ Instant(text: $0) }),
            let expires = attempt.intent["expires"]?.string.flatMap({ Instant(text: $0) })
        else { throw Failure(NodeFailures.arguments, "the intent \(attempt.intent) is not this target's") }
        return try DownlinkCommand(
            sequence: attempt.command.id, issued: issued, expires: expires,
            document: DownlinkDocument.make(attempt.command, hub: hub, plant: plant), for: edge, key: key)
    }

    private func acceptance(_ command: Command) -> Acceptance {
        Acceptance(
            reference: command.idempotencyKey,
            summary: "\(edge) has stored \(command.operation) of \(command.arguments["order"]?.string ?? "an order")")
    }

    private func expired(_ command: Command, _ expires: Instant) -> Failure {
        Failure(
            NodeFailures.expired,
            "\(command.operation) is of \(command.time) and held until \(expires); \(edge) did not get it in time"
        )
    }

    private func refusal(_ command: Command, _ reason: PollReport.Reason) -> Failure {
        Failure(
            reason == .expired ? NodeFailures.expired : NodeFailures.refusedByEdge,
            "\(edge) refused \(command.operation): \(reason.words)")
    }

    private func notConnected() -> Failure {
        let since = lastPoll.map { "since \($0)" } ?? "since this node started"
        return Failure(NodeFailures.notConnected, "\(edge) has not asked for commands \(since)")
    }

    // MARK: - The edge's questions

    private func answer(_ request: HTTPRequest) async -> HTTPResponse {
        let now = world.clock.now()
        let parameters: SignatureParameters
        do throws(Failure) {
            parameters = try NodeLink.pollSignature.verify(request, now: now) { id throws(Failure) in
                try enrolled.key(of: edge, id: id)
            }
        } catch {
            let status =
                error.kind == SecurityFailures.notEnrolled ? 403 : error.kind == SecurityFailures.enrolment ? 503 : 401
            return refuse(status, error)
        }
        guard ((.zero - tolerance)...tolerance).contains(parameters.created.since(now)) else {
            return refuse(
                403,
                Failure(NodeFailures.clock, "\(edge) asked at \(parameters.created) by its clock; here it is \(now)"))
        }
        guard let nonce = parameters.nonce, (8...64).contains(nonce.utf8.count), let report = PollReport(request.query)
        else {
            return refuse(400, Failure(NodeFailures.batch, "the question of \(edge) cannot be read: nonce or report"))
        }
        guard let number = mailbox.withLock({ $0.begin(report, nonce: nonce, now: now) }) else {
            return refuse(409, Failure(NodeFailures.batch, "the question \(nonce) of \(edge) came before"))
        }
        bell.ring()
        return await hold(number, nonce)
    }

    /// Answers as soon as there is something to say, a newer question came, or the time is up.
    private func hold(_ number: Int, _ nonce: String) async -> HTTPResponse {
        let end = world.clock.uptime() + Self.hold
        while true {
            let rings = bell.rings
            let now = world.clock.now()
            let (isCurrent, commands, asked) = mailbox.withLock { mailbox in
                guard mailbox.isCurrent(number) else { return (false, [DownlinkCommand](), [CommandToken]()) }
                let (commands, asked) = mailbox.handOut(now: now)
                return (true, commands, asked)
            }
            let left = end - world.clock.uptime()
            let isOver = !isCurrent || left <= .zero || Task.isCancelled || isClosed.withLock { $0 }
            if isOver || !commands.isEmpty || !asked.isEmpty {
                bell.ring()
                return respond(commands, asked, nonce)
            }
            await bell.wait(beyond: rings, atMost: left, world.clock)
        }
    }

    private func respond(_ commands: [DownlinkCommand], _ asked: [CommandToken], _ nonce: String) -> HTTPResponse {
        do {
            let answer = try PollAnswer(
                hubTime: world.clock.now(), commands: commands, asked: asked, node: edge, nonce: nonce, key: key)
            return HTTPResponse(
                status: 200, headers: ["Content-Type": "application/json", "Cache-Control": "no-store"],
                body: answer.json.bytes)
        } catch {
            return refuse(503, error)
        }
    }

    private func refuse(_ status: Int, _ failure: Failure) -> HTTPResponse {
        HubAnswer(.refused, hubTime: world.clock.now(), failure: failure)
            .response(status, retryAfterSeconds: status == 503 ? 5 : nil)
    }

    // MARK: - Waiting

    /// Returns when `isDone` says so, or the time is up.
    private func wait(atMost limit: Duration, _ isDone: (CommandMailbox) -> Bool) async {
        let end = world.clock.uptime() + limit
        while !Task.isCancelled {
            let rings = bell.rings
            let left = end - world.clock.uptime()
            if mailbox.withLock({ isDone($0) }) || left <= .zero { return }
            await bell.wait(beyond: rings, atMost: left, world.clock)
        }
    }
}
