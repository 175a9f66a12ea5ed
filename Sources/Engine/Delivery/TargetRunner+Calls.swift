import Canonical
import Contracts
import Store
import Telemetry

// The calls of the target: each is timed, counted and, where its trace is recorded, a span of it.
extension TargetRunner {
    /// A call that is under way.
    private struct Call {
        let step: TargetTally.Step
        let start: Instant
        /// The same by a clock that nobody sets.
        let begun: Duration
        /// What goes out says that it belongs to this span; nil for a command of before there were traces.
        let traceparent: Traceparent?
    }

    func prepare(_ carried: CarriedCommand) async -> Preparation {
        let call = begin(.prepare, carried)
        let preparation = await Traceparent.$current.withValue(call.traceparent) {
            await target.prepare(carried.command, ledger: carried.ledger)
        }
        end(call, carried, preparation.word, preparation.failure)
        return preparation
    }

    func perform(_ carried: CarriedCommand, _ attempt: Attempt) async -> Outcome {
        let call = begin(.perform, carried)
        let outcome = await Traceparent.$current.withValue(call.traceparent) { await target.perform(attempt) }
        end(call, carried, outcome.word, outcome.failure)
        return outcome
    }

    func inquire(_ carried: CarriedCommand, _ attempt: Attempt) async -> Inquiry {
        let call = begin(.inquire, carried)
        let inquiry = await Traceparent.$current.withValue(call.traceparent) { await target.inquire(attempt) }
        end(call, carried, inquiry.word, inquiry.failure)
        return inquiry
    }

    private func begin(_ step: TargetTally.Step, _ carried: CarriedCommand) -> Call {
        let start = world.clock.now()
        let traceparent = carried.traces.first.map { trace in
            // A command can be tried any number of times, by this process and by later ones.
            let id = TraceIdentity.span(
                trace.traceID, step.rawValue, tracer.node, String(carried.command.id), String(start.microseconds))
            return Traceparent(traceID: trace.traceID, spanID: id, isSampled: trace.isSampled)
        }
        return Call(step: step, start: start, begun: world.clock.uptime(), traceparent: traceparent)
    }

    private func end(_ call: Call, _ carried: CarriedCommand, _ word: String, _ failure: Failure?) {
        tally.note(call.step, word, in: world.clock.uptime() - call.begun)
        guard tracer.isOn, let traceparent = call.traceparent, traceparent.isSampled else { return }
        tracer.record([
            Span(
                "\(call.step.rawValue) \(carried.command.operation)", .client, trace: traceparent.traceID,
                id: traceparent.spanID, parent: deliverySpan(traceparent.traceID, carried), start: call.start,
                end: world.clock.now(), attributes: attributes(of: carried) + [("millwright.outcome", word)],
                error: failure?.description)
        ])
    }

    // MARK: - The command as a whole

    /// Notes that a command is settled: in the trace of each fact that it stands for, as far as they are recorded.
    func recordSettled(_ carried: CarriedCommand, _ word: String, reference: String?, failure: Failure?) {
        guard tracer.isOn else { return }
        let end = world.clock.now()
        let recorded = carried.traces.filter(\.isSampled)
        var pairs = attributes(of: carried)
        pairs.append(("millwright.outcome", word))
        if let reference { pairs.append(("millwright.reference", reference)) }
        let spans = recorded.map { trace in
            let others = recorded.filter { $0.traceID != trace.traceID }
            return Span(
                "deliver \(carried.command.operation)", .producer, trace: trace.traceID,
                id: deliverySpan(trace.traceID, carried), parent: trace.spanID, start: carried.created, end: end,
                attributes: pairs, error: failure?.description,
                links: others.map { .init(trace: $0.traceID, span: deliverySpan($0.traceID, carried)) })
        }
        tracer.record(spans)
    }

    private func deliverySpan(_ trace: String, _ carried: CarriedCommand) -> String {
        TraceIdentity.span(trace, "delivered", tracer.node, target.name.rawValue, String(carried.command.id))
    }

    private func attributes(of carried: CarriedCommand) -> [(name: String, value: String)] {
        let command = carried.command
        return [
            ("millwright.target", target.name.rawValue), ("millwright.flow", command.flow.rawValue),
            ("millwright.operation", command.operation), ("millwright.command", String(command.id)),
            ("millwright.key", command.key.rawValue),
        ]
    }

    /// What was asked of the target since the node started.
    package func counts() -> TargetTally { tally }
}

extension CarriedCommand {
    /// The traces of the facts that a command stands for, the first of them the command's own; at most
    /// ``Span/maximumLinks`` and one more.
    static func traces(of deliveries: [Delivery]) -> [Traceparent] {
        var traces: [Traceparent] = []
        var seen: Set<String> = []
        for delivery in deliveries where traces.count <= Span.maximumLinks {
            guard let trace = delivery.traceparent.flatMap({ Traceparent($0) }) else { continue }
            if seen.insert(trace.traceID).inserted { traces.append(trace) }
        }
        return traces
    }
}

extension Outcome {
    fileprivate var word: String {
        switch self {
        case .accepted: "accepted"
        case .rejected: "rejected"
        case .deferred: "deferred"
        case .unknown: "unknown"
        }
    }

    fileprivate var failure: Failure? {
        switch self {
        case .accepted: nil
        case .rejected(let failure), .unknown(let failure): failure
        case .deferred(let deferral): deferral.failure
        }
    }
}

extension Preparation {
    fileprivate var word: String {
        switch self {
        case .ready: "ready"
        case .needsLedger: "needs_ledger"
        case .settled(let outcome): outcome.word
        }
    }

    fileprivate var failure: Failure? { if case .settled(let outcome) = self { outcome.failure } else { nil } }
}

extension Inquiry {
    fileprivate var word: String {
        switch self {
        case .happened: "happened"
        case .notFound: "not_found"
        case .cannotTell: "cannot_tell"
        case .deferred: "deferred"
        }
    }

    fileprivate var failure: Failure? {
        switch self {
        case .happened, .notFound: nil
        case .cannotTell(let failure): failure
        case .deferred(let deferral): deferral.failure
        }
    }
}
