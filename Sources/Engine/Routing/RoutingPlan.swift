package import Canonical
package import Contracts
package import ExactJSON
package import JQ
package import NodeSettings
package import Store

/// What follows from an event for one target. Pure: journal entry in, deliveries and failures out.
package struct RoutingPlan: Sendable {
    package let target: TargetName
    package let rules: [FlowRule]
    let operations: [String: OperationSpec]
    /// Who has the last word about what; nil where the folder does not say.
    let ownership: Ownership?
    private let translations: EventTranslations
    private let limits: JQLimits

    package init(
        target: TargetName, rules: [FlowRule], operations: [OperationSpec],
        translations: EventTranslations = EventTranslations(), ownership: Ownership? = nil,
        limits: JQLimits = .default
    ) {
        self.ownership = ownership
        self.target = target
        self.rules = rules
        self.operations = Dictionary(operations.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
        self.translations = translations
        self.limits = limits
    }

    /// The same for one flow alone.
    package func only(_ flow: FlowName) -> RoutingPlan {
        RoutingPlan(
            target: target, rules: rules.filter { $0.name == flow }, operations: Array(operations.values),
            translations: translations, ownership: ownership, limits: limits)
    }

    /// One flow's answer to one event.
    package enum Result: Sendable {
        case delivery(Delivery)
        /// The map failed: a delivery that keeps the place in its key's order, and why.
        case failed(Delivery, Failure, holds: Bool)

        /// The same with the settings that it is of.
        func stamped(_ settings: Int64?) -> Result { changed { $0.settings = settings } }

        /// The same with the trace that it belongs to.
        func bearing(_ traceparent: (FlowName) -> String) -> Result {
            changed { $0.traceparent = traceparent($0.flow) }
        }

        private func changed(_ change: (inout Delivery) -> Void) -> Result {
            switch self {
            case .delivery(var delivery):
                change(&delivery)
                return .delivery(delivery)
            case .failed(var delivery, let failure, let holds):
                change(&delivery)
                return .failed(delivery, failure, holds: holds)
            }
        }
    }

    /// What a flow whose trigger admits an event made of it; nil where its condition or its map passed it over.
    package typealias Answer = (flow: FlowName, result: Result?)

    /// Every flow's answer to `entry`; empty where none is concerned. `now` becomes the deliveries' creation time.
    ///
    /// A flow takes the event in the newest version that its types name. What is stored stays as it came.
    /// `settings`: the version of the settings that the plan is of.
    package func route(_ entry: JournalEntry, now: Instant, settings: Int64? = nil) -> [Result] {
        answers(to: entry, now: now, settings: settings).compactMap { $0.result }
    }

    /// The same with the flows that passed it over.
    package func answers(to entry: JournalEntry, now: Instant, settings: Int64?) -> [Answer] {
        answers(to: entry, now: now).map { ($0.flow, $0.result?.stamped(settings)) }
    }

    private func answers(to entry: JournalEntry, now: Instant) -> [Answer] {
        let envelope = entry.document.envelope
        if translations.step(from: envelope.type) != nil { return routeTranslated(entry, now) }
        let concerned = rules.filter { $0.admits(envelope) }
        guard !concerned.isEmpty else { return [] }
        let event: JSON
        do {
            event = try JSONReader.read(entry.document.bytes)
        } catch {
            let failure = RoutingFailures.unreadable.failure("event \(entry.document.envelope.id): \(error)")
            return concerned.map { ($0.name, .failed(placeholder($0, entry, now), failure, holds: $0.holdsOnReject)) }
        }
        return concerned.map { ($0.name, route(event, entry, $0, now)) }
    }

    /// The same for an event of which there are newer versions.
    private func routeTranslated(_ entry: JournalEntry, _ now: Instant) -> [Answer] {
        let envelope = entry.document.envelope
        let types = translations.versions(from: envelope.type)
        let concerned = rules.compactMap { rule in
            types.lastIndex { rule.admits(envelope, as: $0) }.map { (rule: rule, version: $0) }
        }
        guard !concerned.isEmpty else { return [] }
        var versions: [Swift.Result<JSON, Failure>] = []
        do {
            versions.append(.success(try JSONReader.read(entry.document.bytes)))
        } catch {
            versions.append(.failure(RoutingFailures.unreadable.failure("event \(envelope.id): \(error)")))
        }
        for type in types.dropLast() {
            versions.append(versions[versions.count - 1].flatMap { translations.translated($0, from: type, limits) })
        }
        return concerned.map { rule, version -> Answer in
            switch versions[version] {
            case .success(let event): (rule.name, route(event, entry, rule, now))
            case .failure(let failure):
                (rule.name, .failed(placeholder(rule, entry, now), failure, holds: rule.holdsOnReject))
            }
        }
    }

    private func route(_ event: JSON, _ entry: JournalEntry, _ rule: FlowRule, _ now: Instant) -> Result? {
        var delivery = placeholder(rule, entry, now)
        do {
            if let predicate = rule.predicate {
                let verdict = try run(predicate, event, RoutingFailures.predicate).first ?? .null
                if verdict == .null || verdict == .bool(false) { return nil }
            }
            if let program = rule.key {
                let value = try run(program, event, RoutingFailures.key).first ?? .null
                guard let text = value.string ?? value.number?.description, !text.isEmpty else {
                    throw RoutingFailures.key.failure("the key of flow \(rule.name) is \(value), not a text")
                }
                delivery.key = rule.orderingKey(text)
            }
            if let program = rule.conflicts {
                let value = try run(program, event, RoutingFailures.key).first ?? .null
                delivery.conflicts = (value.array ?? [value]).compactMap(\.string)
            }
            guard let arguments = try arguments(event, rule) else { return nil }
            delivery.arguments = arguments
            if let refusal = foreignWrite(arguments, by: rule, toldBy: entry.via) {
                // The owner's own word does not wait for what should not have been said.
                return .failed(delivery, refusal, holds: false)
            }
            return .delivery(delivery)
        } catch let failure as Failure {
            return .failed(delivery, failure, holds: rule.holdsOnReject)
        } catch {
            return .failed(delivery, RoutingFailures.map.failure("\(error)"), holds: rule.holdsOnReject)
        }
    }

    private func arguments(_ event: JSON, _ rule: FlowRule) throws -> JSON? {
        let results = try rule.map.map { try run($0, event, RoutingFailures.map) } ?? [event["data"] ?? .null]
        guard results.count <= 1 else {
            throw RoutingFailures.mapResult.failure("the map of flow \(rule.name) gave \(results.count) results")
        }
        guard let arguments = results.first, !arguments.isNull else { return nil }
        guard let members = arguments.object else {
            throw RoutingFailures.mapResult.failure("the map of flow \(rule.name) gave \(arguments)")
        }
        for argument in operations[rule.operation]?.arguments ?? [] where argument.isRequired {
            guard members[argument.name] == nil || members[argument.name] == .null else { continue }
            throw RoutingFailures.arguments.failure(
                "\(rule.operation) needs \"\(argument.name)\" (\(argument.summary)), which the map of flow \(rule.name) did not give"
            )
        }
        return arguments
    }

    private func run(_ program: JQProgram, _ event: JSON, _ kind: FailureKind) throws -> [JSON] {
        do {
            return try program.run(event, limits: limits)
        } catch {
            throw kind.failure("\(error)")
        }
    }

    private func placeholder(_ rule: FlowRule, _ entry: JournalEntry, _ now: Instant) -> Delivery {
        let envelope = entry.document.envelope
        var delivery = Delivery(
            target: target, flow: rule.name, event: entry.number,
            key: rule.orderingKey(envelope.subject ?? envelope.source), conflicts: [],
            lane: rule.lane ?? entry.number.lane,
            operation: rule.operation, arguments: .null, identity: "\(rule.name):\(envelope.source):\(envelope.id)",
            time: envelope.time, created: now, traceparent: nil)
        delivery.origin = envelope.source
        delivery.isShadow = rule.isShadow
        return delivery
    }
}
