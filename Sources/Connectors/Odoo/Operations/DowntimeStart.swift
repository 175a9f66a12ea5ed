import Canonical
import Contracts
import ExactJSON

/// `downtime.start`: opens a productivity line, which blocks the work center until `downtime.stop`.
enum DowntimeStart: OdooOperation {
    static let spec = OperationSpec(
        name: "downtime.start",
        summary: """
            Opens a downtime while it lasts. Odoo lets nobody start a work order at that work center meanwhile, so a \
            start that is \
            older than the target's `expiry` is refused, and a line that outlived it is closed by the next start.
            """,
        arguments: [
            .init("workcenter", .text, required: true, "The work center, by its code, else by its name."),
            .init("from", .instant, required: true, "When it began."),
            .init("loss", .text, "The loss reason, by its English name; else the target's `loss`."),
            .init("reason", .text, "The machine's own reason, kept in the description."),
        ],
        promise: "Never doubled: one line under an external id, which is looked for before and after.",
        example: ["workcenter": "CNC01", "from": "2025-02-03T06:00:19Z", "reason": "spindle overload"])

    static func prepare(
        _ command: Command, ledger: [LedgerEntry], in session: OdooSession
    ) async throws(OdooError) -> Preparation {
        let arguments = Arguments(command)
        let place = try arguments.requiredText("workcenter")
        let from = try arguments.requiredInstant("from")
        let workCenter = try await session.directory.workCenter(place)
        let key = OpenDowntime.key(workCenter)
        guard let entry = ledger.first(where: { $0.key == key }) else { return .needsLedger([key]) }
        let name = ExternalID.name("downtime", command.idempotencyKey)
        if let id = try await session.record(externalID: name) {
            return .settled(.accepted(acceptance(id, place, from, key)))
        }
        let age = session.clock.now().since(from)
        guard age <= session.options.expiry else {
            throw .reject(
                OdooFailures.expired,
                "the downtime of \(place) began at \(from), \(age.components.seconds / 60) minutes ago; the limit is "
                    + "\(session.options.expiry.components.seconds / 60)")
        }
        let loss = try await session.directory.loss(arguments.text("loss") ?? session.options.loss)
        let load = LoadOnce(
            model: DowntimeRecord.model, name: name,
            cells: [
                ("workcenter_id/.id", "\(workCenter)"), ("loss_id/.id", "\(loss)"), ("date_start", from.odooText),
                ("description", String((try arguments.text("reason") ?? "").prefix(DowntimeText.maximumCharacters))),
            ], summary: "downtime of \(place) began at \(from)")
        var intent: JSON = [
            "load": load.json, "key": .string(key.text), "from": .string(from.description), "place": .string(place),
        ]
        if let old = OpenDowntime(entry.value) {
            intent["close"] = [
                "line": .int(old.line), "end": .string(min(from, old.from + session.options.expiry).odooText),
            ]
        }
        return .ready(intent: intent)
    }

    static func perform(_ attempt: Attempt, in session: OdooSession) async throws(OdooError) -> Outcome {
        let (load, place, from, key) = try read(attempt.intent)
        if let close = attempt.intent["close"], let line = close["line"]?.int, let end = close["end"] {
            // Only where it is still open: a planner may have closed or deleted it.
            let rows = try await session.rows(
                .find(
                    DowntimeRecord.model, [["id", "=", .int(line)], ["date_end", "=", false]], ["date_end"], limit: 1))
            if !rows.isEmpty {
                _ = try await session.connection.call(.write(DowntimeRecord.model, [line], ["date_end": end]))
            }
        }
        let id = try await session.load(load.model, name: load.name, load.cells)
        return .accepted(acceptance(id, place, from, key))
    }

    static func inquire(_ attempt: Attempt, in session: OdooSession) async throws(OdooError) -> Inquiry {
        let (load, place, from, key) = try read(attempt.intent)
        guard let id = try await session.record(externalID: load.name) else { return .notFound }
        return .happened(acceptance(id, place, from, key))
    }

    private static func acceptance(_ id: Int, _ place: String, _ from: Instant, _ key: LedgerKey) -> Acceptance {
        Acceptance(
            reference: "\(DowntimeRecord.model),\(id)", summary: "downtime of \(place) began at \(from)",
            ledger: [LedgerEntry(key: key, value: OpenDowntime(line: id, from: from).json)])
    }

    private static func read(_ intent: JSON) throws(OdooError) -> (LoadOnce, String, Instant, LedgerKey) {
        guard let place = intent["place"]?.string, let key = intent["key"]?.string,
            let from = intent["from"]?.string.flatMap({ Instant(text: $0) })
        else { throw .unreadable(intent) }
        return (try LoadOnce(json: intent["load"] ?? .null), place, from, LedgerKey(key))
    }
}

/// The line of the ledger that knows a work center's open downtime.
struct OpenDowntime: Sendable, Hashable {
    let line: Int
    let from: Instant

    static func key(_ workCenter: Int) -> LedgerKey { LedgerKey("downtime/\(workCenter)") }

    var json: JSON { ["line": .int(line), "from": .string(from.description)] }

    init(line: Int, from: Instant) {
        self.line = line
        self.from = from
    }

    /// Reads what ``json`` wrote; nil where nothing is open.
    init?(_ json: JSON) {
        guard let line = json["line"]?.int, let from = json["from"]?.string.flatMap({ Instant(text: $0) }) else {
            return nil
        }
        self.init(line: line, from: from)
    }
}
