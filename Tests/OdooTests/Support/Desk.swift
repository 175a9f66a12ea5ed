import Canonical
import Contracts
import ExactJSON
import OdooConnector
import Testing
import World

/// Stands in for the engine: carries commands through a target in the engine's order and keeps the ledger.
actor Desk {
    let target: OdooTarget
    let clock: TestClock
    private(set) var ledger: [LedgerKey: JSON] = [:]
    private var number: Int64 = 0
    private let run: String
    private let writer: String

    init(
        _ address: OdooAddress, _ network: any Network, options: OdooOptions, clock: TestClock = TestClock(),
        run: String, node: String? = nil
    ) {
        var options = options
        // Tests share their users: only those of several nodes are about who may write.
        if node == nil { options.writers = .several }
        self.clock = clock
        self.run = run
        writer = "\(run)/\(node ?? "desk")"
        target = OdooTarget(name: "odoo", address: address, options: options, world: .test(network, clock: clock))
    }

    func command(_ operation: String, _ arguments: JSON, key: String? = nil, time: Instant? = nil) -> Command {
        number += 1
        return Command(
            id: number, target: "odoo", flow: "test", operation: operation, key: "k", lane: .normal,
            arguments: arguments,
            idempotencyKey: "test/\(run)/\(key ?? String(number))", time: time ?? clock.now(), traceparent: nil)
    }

    /// Prepares as the engine does: with the ledger lines that the target asks for.
    func prepare(_ command: Command) async -> (Preparation, [LedgerEntry]) {
        var entries: [LedgerEntry] = []
        for _ in 0..<3 {
            let preparation = await target.prepare(command, ledger: entries)
            guard case .needsLedger(let keys) = preparation else { return (preparation, entries) }
            entries = keys.map { LedgerEntry(key: $0, value: ledger[$0] ?? .null) }
        }
        Issue.record("the target keeps asking for its ledger")
        return (.settled(.rejected(Failure(FailureKind("TEST", "", remedy: ""), "no end"))), entries)
    }

    /// One try: prepare and perform.
    func attempt(_ command: Command) async -> (Outcome, Attempt?) {
        let (preparation, entries) = await prepare(command)
        switch preparation {
        case .settled(let outcome):
            settle(outcome)
            return (outcome, nil)
        case .needsLedger:
            return (.rejected(Failure(FailureKind("TEST", "", remedy: ""), "asked twice")), nil)
        case .ready(let intent):
            // The intent goes through its text, as it does through the store.
            let stored = (try? JSONReader.read(intent.description)) ?? .null
            let attempt = Attempt(
                command: command, intent: stored, ledger: entries, started: clock.now(), writer: writer)
            let outcome = await target.perform(attempt)
            settle(outcome)
            return (outcome, attempt)
        }
    }

    func inquire(_ attempt: Attempt) async -> Inquiry {
        let inquiry = await target.inquire(attempt)
        if case .happened(let acceptance) = inquiry { keep(acceptance) }
        return inquiry
    }

    /// What the engine does after a doubt: asks, and only where nothing is found tries again. Answers with how it ended.
    func resolve(_ command: Command, _ attempt: Attempt) async -> String {
        let inquiry = await inquire(attempt).brief
        guard inquiry == "notFound" else { return inquiry }
        let outcome = await self.attempt(command).0
        return outcome.failure.map { "\(outcome.brief): \($0.message)" } ?? outcome.brief
    }

    func deliver(_ operation: String, _ arguments: JSON, key: String? = nil) async -> Outcome {
        await attempt(command(operation, arguments, key: key)).0
    }

    func line(_ key: String) -> JSON? { ledger[LedgerKey(key)] }

    private func settle(_ outcome: Outcome) { if case .accepted(let acceptance) = outcome { keep(acceptance) } }
    private func keep(_ acceptance: Acceptance) { for entry in acceptance.ledger { ledger[entry.key] = entry.value } }
}

extension Outcome {
    var acceptance: Acceptance? { if case .accepted(let acceptance) = self { acceptance } else { nil } }
    /// `accepted`, or the code of the failure behind `rejected`, `deferred`, `unknown`.
    var brief: String {
        switch self {
        case .accepted: "accepted"
        case .rejected(let failure): "rejected \(failure.kind.code)"
        case .deferred(let deferral): "deferred \(deferral.failure.kind.code)\(deferral.isTargetDown ? " down" : "")"
        case .unknown(let failure): "unknown \(failure.kind.code)"
        }
    }
    var failure: Failure? {
        switch self {
        case .accepted: nil
        case .rejected(let failure), .unknown(let failure): failure
        case .deferred(let deferral): deferral.failure
        }
    }
}

extension Inquiry {
    var brief: String {
        switch self {
        case .happened: "happened"
        case .notFound: "notFound"
        case .cannotTell(let failure): "cannotTell \(failure.kind.code)"
        case .deferred(let deferral): "deferred \(deferral.failure.kind.code)"
        }
    }
}
