package import Canonical
package import Contracts
import ExactJSON
package import World

/// Tells what changes in Odoo: from the companion addon's outbox where it is there, else by polling.
package struct OdooChangesSource: Source {
    package let name: SourceName
    private let plant: String
    private let node: NodeID
    private let options: ChangesOptions
    let world: World
    let connection: OdooConnection
    private let gateway: OdooGateway
    private let lookup: ChangeLookup
    private let facts: ChangeFacts
    private let health = SourceHealth()
    /// Where the settings let others say that something changed.
    private let hints: ChangeHints?

    /// The longest wait before trouble is met again.
    private static let longestWait = Duration.seconds(60)
    /// How long a changed history is shown as trouble; the event about it stays.
    private static let shown = Duration.seconds(3_600)

    /// From checked settings and the secret that they point to; `renew` reads it anew. `hints`: the secret of the
    /// setting of that name, resolved; nil where none is set. `plant` and `node` name where events come from. Never
    /// connects.
    package init(
        name: SourceName, settings: Settings, secret: String,
        renew: (@Sendable () -> String?)? = nil, hints: String? = nil, plant: String, node: NodeID, world: World
    ) throws(SettingFault) {
        let certificates = try settings.optional(OdooSpec.certificates)
        var address = OdooAddress(
            endpoint: try settings(OdooSpec.endpoint), database: try settings(OdooSpec.database),
            login: try settings(OdooSpec.readLogin), secret: secret,
            trust: certificates.map { .rootsFile($0) } ?? .system, timeout: try settings(OdooSpec.timeout),
            company: try settings.optional(OdooSpec.readCompany))
        address.renew = renew
        let token = try hints.map { text throws(SettingFault) in
            try BearerToken(text, of: "hints", in: settings)
        }
        self.init(
            name: name, address: address, options: try ChangesOptions(settings), hints: token, plant: plant, node: node,
            world: world)
    }

    init(
        name: SourceName, address: OdooAddress, options: ChangesOptions, hints: BearerToken? = nil, plant: String,
        node: NodeID, world: World
    ) {
        self.name = name
        self.plant = plant
        self.node = node
        self.options = options
        self.world = world
        connection = OdooConnection(address, network: world.network)
        gateway = OdooGateway(
            connection: connection, clock: world.clock, age: options.cacheAge, source: "millwright/\(name)")
        lookup = ChangeLookup(connection: connection, clock: world.clock, age: options.cacheAge)
        facts = ChangeFacts(source: "/\(plant)/\(name)", plant: plant, database: address.database)
        self.hints = hints.map { ChangeHints(name, token: $0, clock: world.clock) }
    }

    package var trouble: Failure? { health.trouble }

    package var routes: [Route] { hints.map { [$0.route] } ?? [] }

    /// Works until cancelled; throws nothing else. Trouble with Odoo is shown and waited out.
    package func run(_ intake: any Intake) async throws {
        var wait = options.every
        while true {
            try Task.checkCancellation()
            do {
                try await work(intake) { wait = options.every }
            } catch let error as OdooError {
                health.report(error.failure)
            }
            try await world.clock.sleep(for: wait)
            wait = min(wait * 2, Self.longestWait)
        }
    }

    /// Works until there is trouble; says each time that all is well.
    private func work(_ intake: any Intake, isWell: () -> Void) async throws {
        let stored = try await intake.position(name, OutboxPosition.name).flatMap(OutboxPosition.init)
        if try await hasOutbox(stored) {
            try await readOutbox(intake, stored, isWell: isWell)
        } else {
            try await poll(intake, isWell: isWell)
        }
    }

    /// Whether to read the outbox. Who has read it does not fall back to polling by itself: that would begin anew.
    private func hasOutbox(_ stored: OutboxPosition?) async throws(OdooError) -> Bool {
        guard options.gateway != .off else { return false }
        if try await gateway.isThere() { return true }
        guard options.gateway == .auto, stored == nil else {
            throw OdooError(
                .deferred(after: nil, isTargetDown: true),
                Failure(
                    OdooFailures.noGateway, "the addon is not there, or this user does not have its group",
                    suggestion: """
                        Install the addon `millwright_gateway` in Odoo and give the source's user the group \
                        "Millwright: service", or set the source's `gateway` to `off` to poll.
                        """))
        }
        return false
    }

    // MARK: - The outbox

    private func readOutbox(_ intake: any Intake, _ stored: OutboxPosition?, isWell: () -> Void) async throws {
        let reader = OutboxReader(connection: connection, name: "millwright/\(node)/\(name)")
        var position: OutboxPosition
        if let stored {
            position = stored
        } else {
            position = try await firstPosition(reader)
            // Who polled until now looks once more: what came before the outbox is read is not in what is read of it.
            if try await hasPolled(intake) {
                var poller = try await poller(intake)
                try await poller.look()
            }
            try await submit([], [position.stored], to: intake)
        }
        var changed: (failure: Failure, until: Duration)?
        let company = try await connection.company()
        while true {
            hints?.look()
            let page = try await reader.pull(after: position.cursor)
            guard page.code == .ok else {
                position = position.restarting(page)
                changed = (
                    Failure(OdooFailures.historyChanged, Self.words(page.code)), world.clock.uptime() + Self.shown
                )
                try await submit([], [position.stored], documents: [missed(page.code, position)], to: intake)
                try await reader.acknowledge(position.cursor)
                continue
            }
            let (next, news) = position.taking(page)
            if next != position {
                let told = news.filter {
                    options.tells($0.model) && !(options.skipsEcho && $0.isOwn) && $0.isOf(company)
                }
                try await submit(told, [next.stored], to: intake)
                // Only now: what is not stored here must come again.
                try await reader.acknowledge(next.cursor)
                position = next
            }
            if let until = changed?.until, until <= world.clock.uptime() { changed = nil }
            health.report(changed?.failure)
            isWell()
            if !page.more { try await rest() }
        }
    }

    private func hasPolled(_ intake: any Intake) async throws -> Bool {
        let company = try await connection.company()
        for model in options.polled {
            if try await intake.position(name, PollMemory.name(model.name, company: company)) != nil { return true }
        }
        return false
    }

    /// Looks at the outbox's end so often at most: rows that nobody has read yet get their places 10,000 at a time.
    private static let maximumLooks = 1_000

    private func firstPosition(_ reader: OutboxReader) async throws(OdooError) -> OutboxPosition {
        var page = try await reader.pull(after: nil, limit: 1)
        guard options.start == .now else { return OutboxPosition(cursor: page.oldest) }
        for _ in 0..<Self.maximumLooks {
            let next = try await reader.pull(after: nil, limit: 1)
            defer { page = next }
            if next.head == page.head { break }
        }
        return OutboxPosition(cursor: page.head, started: world.clock.now())
    }

    private static func words(_ code: OutboxPage.Code) -> String {
        switch code {
        case .ok: "nothing is wrong"
        case .epochChanged: "Odoo's database was restored, copied, or moved to another server"
        case .forked: "Odoo's record of changes is another one than the one that was read"
        case .trimmed: "Odoo dropped changes before they were read"
        }
    }

    private func missed(_ code: OutboxPage.Code, _ position: OutboxPosition) -> EventDocument {
        let now = world.clock.now()
        var data: JSONObject = [
            "node": .string(node.rawValue), "to": .string(now.description), "reason": .string(code.rawValue),
            "detail": .string(
                "\(Self.words(code)); going on from \(position.cursor). Compare the documents that matter."),
        ]
        data["from"] = position.latest.map { .string($0.description) }
        return EventDocument(
            Event(
                id: "missed:\(now):\(position.cursor)", source: facts.source, type: "millwright.node.data-missed.v1",
                time: now, attributes: ["plant": plant], data: .object(data)))
    }

    // MARK: - Polling

    private func poll(_ intake: any Intake, isWell: () -> Void) async throws {
        var poller = try await poller(intake)
        while true {
            hints?.look()
            try await poller.look()
            health.report(nil)
            isWell()
            try await rest()
            if options.gateway == .auto, try await gateway.isThere() { return }
        }
    }

    private func poller(_ intake: any Intake) async throws -> ChangePoller {
        var poller = ChangePoller(connection: connection, options: options, clock: world.clock) { changes, positions in
            try await submit(changes, positions, to: intake)
        }
        try await poller.prepare { name in try await intake.position(self.name, name) }
        return poller
    }

    /// Until the next look.
    private func rest() async throws {
        guard let hints else { return try await world.clock.sleep(for: options.every) }
        try await hints.wait(every: options.every)
    }

    // MARK: - Handing in

    /// Hands changes in with the positions behind them, again and again until they are stored.
    private func submit(
        _ changes: [OdooChange], _ positions: [SourcePosition], documents: [EventDocument] = [], to intake: any Intake
    ) async throws {
        let codes = changes.isEmpty ? ChangeCodes() : try await lookup.codes(for: changes)
        let batch = SourceBatch(
            source: name, documents: documents + changes.map { EventDocument(facts.event($0, codes)) },
            positions: positions)
        let wait = PatientIntake.doubling(from: .seconds(1), upTo: Self.longestWait)
        try await PatientIntake(intake, clock: world.clock, wait: wait).submit(batch)
    }
}

extension OutboxPosition {
    fileprivate var stored: SourcePosition { SourcePosition(name: Self.name, value: json) }
}
