import Contracts
import ExactJSON

/// `transfer.complete`, `purchase.receive` and `sale.deliver`: what really came or went, by lot, and what happens to
/// the rest.
struct TransferComplete: OdooOperation {
    /// What the command names.
    enum Subject: Sendable {
        case transfer
        /// The one open receipt of a purchase order.
        case purchase
        /// The one open delivery of a sales order.
        case sale

        fileprivate var lookup: Lookup {
            switch self {
            case .transfer: .transfer
            case .purchase: .purchase
            case .sale: .sale
            }
        }

        fileprivate var argument: String {
            switch self {
            case .transfer: "transfer"
            case .purchase: "purchase"
            case .sale: "sale"
            }
        }
    }

    let subject: Subject
    let spec: OperationSpec
    private let model = "stock.picking"

    init(_ name: String, of subject: Subject, _ summary: String) {
        self.subject = subject
        let lookup = subject.lookup
        spec = OperationSpec(
            name: name, summary: summary,
            arguments: [
                .init(
                    subject.argument, .any, required: true,
                    "The \(lookup.words), by \(lookup.names)."),
                .init(
                    "lines", .list,
                    "What really moved: `[{item, quantity, lot, package}]`, several lines of one item add up; a "
                        + "package is made where Odoo has none of the name. Without `lines` all that was planned."),
                .init(
                    "backorder", .text,
                    "`create` (default) keeps what is missing open on a backorder, `close` gives it up."),
            ],
            promise: """
                Never doubled: a transfer is done once, and its state is read before and after. The quantities before \
                it are absolute and may be written again.
                """,
            example: [
                subject.argument: subject.example,
                "lines": [["item": "WIRE-1.5", "quantity": ["value": 480, "unit": "m"], "lot": "R-0816"]],
            ])
    }

    func prepare(
        _ command: Command, ledger: [LedgerEntry], in session: OdooSession
    ) async throws(OdooError) -> Preparation {
        let arguments = Arguments(command)
        let dialect = try await session.dialect()
        let backorder = try arguments.choice("backorder", CompletionRequest.Rest.create)
        var named = try await find(arguments, in: session)
        var moves = try await openMoves(of: named.open, in: session)
        if named.open != nil, moves.isEmpty {
            // Another node may have closed it between the two looks.
            named = try await find(arguments, in: session)
            moves = try await openMoves(of: named.open, in: session)
        }
        guard let picking = named.open else {
            let words = "\(named.title) is \(named.state)"
            guard named.state == "done" else { throw .reject(OdooFailures.wrongState, "\(spec.name): \(words)") }
            guard command.mayBeDone else {
                throw .reject(OdooFailures.wrongState, "\(spec.name): \(words) already")
            }
            // Which of several it is, nothing tells.
            if named.done.count > 1,
                let refusal = try await TransferDoubt(open: nil, done: named.done).refusal(in: session)
            {
                throw refusal
            }
            return .settled(
                .accepted(Acceptance(reference: "\(model),\(named.last ?? 0)", summary: "\(words) already")))
        }
        if command.mayBeDone, !command.isDecided {
            let doubt = TransferDoubt(open: named.title, done: try await done(named, in: session))
            if let refusal = try await doubt.refusal(in: session) { throw refusal }
        }
        let told = try await TransferLines(arguments, moves, in: session)
        let lots = try await session.lots(told.lots)
        var context: JSONObject = [
            "skip_backorder": true, "skip_immediate": true, "skip_sms": true,
        ]
        if backorder == .close { context["picking_ids_not_to_backorder"] = [.int(picking)] }
        let ids: JSON = [.int(picking)]
        let packages = try await session.packages(told.packages)
        let commands = try told.commands(of: picking, moves, lots: lots.ids, packages: packages.ids, dialect)
        let plan = OdooPlan(
            steps: [
                .guarded(
                    model: model, ids: ids, domain: [["state", "not in", ["done", "cancel"]]],
                    refusal: .code(OdooFailures.changedMeanwhile.code))
            ] + lots.steps + packages.steps + [
                .write(model: model, ids: ids, values: ["move_ids": .array(commands)], when: nil),
                .call(
                    model: model, method: "button_validate", ids: ids, arguments: [:], context: context,
                    when: [["state", "not in", ["done", "cancel"]]], alias: nil),
                .guarded(
                    model: model, ids: ids, domain: [["state", "=", "done"]],
                    refusal: .code(OdooFailures.notReached.code)),
            ],
            evidence: PlanEvidence(
                model: model, subject: .record(picking), mark: .init(field: "state", done: ["done"], lost: ["cancel"])),
            acceptance: Acceptance(
                reference: "\(model),\(picking)", summary: "\(named.title): \(told.summary)"),
            isReadAnew: true)
        return .ready(intent: plan.json)
    }

    private func openMoves(of picking: Int?, in session: OdooSession) async throws(OdooError) -> [MoveRecord] {
        guard let picking else { return [] }
        let dialect = try await session.dialect()
        return try await session.rows(
            .find(
                "stock.move", [["picking_id", "=", .int(picking)], ["state", "not in", ["done", "cancel"]]],
                MoveRecord.fields(dialect), limit: FormReader.maximumLines)
        ).map { MoveRecord($0, dialect) }
    }

    private struct Named {
        var title = ""
        var state = ""
        var open: Int?
        var last: Int?
        /// The done transfers of the same document.
        var done: [OdooRow] = []
        /// What the open one is the rest of, where it is not called by its own name or number.
        var before: Int?
    }

    /// What may be this command's own. A transfer that is called by its own name and is open was not done.
    private func done(_ named: Named, in session: OdooSession) async throws(OdooError) -> [OdooRow] {
        guard let before = named.before else { return named.done }
        return try await session.rows(
            .find(model, [["id", "=", .int(before)], ["state", "=", "done"]], ["name"], limit: 1))
    }

    private func find(_ arguments: Arguments, in session: OdooSession) async throws(OdooError) -> Named {
        guard let given = arguments.json[subject.argument], !given.isNull else {
            throw arguments.missing(subject.argument)
        }
        let id = try await session.directory.record(subject.lookup, given)
        let domain: JSON
        switch subject {
        case .transfer: domain = [["id", "=", .int(id)]]
        case .purchase: domain = [["purchase_id", "=", .int(id)], ["picking_type_code", "=", "incoming"]]
        case .sale: domain = [["sale_id", "=", .int(id)], ["picking_type_code", "=", "outgoing"]]
        }
        let rows = try await session.rows(
            .find(model, domain, ["name", "state", "backorder_id"], limit: OdooDirectory.maximumFamily))
        let open = rows.filter { !["done", "cancel"].contains($0.text("state") ?? "") }
        guard open.count < 2 else {
            let names = open.prefix(5).compactMap { $0.text("name") }.joined(separator: ", ")
            throw .reject(
                OdooFailures.recordAmbiguous, "several transfers are open: \(names)",
                suggestion: "Use `transfer.complete` with the transfer's name.")
        }
        guard let row = open.first ?? rows.last else {
            throw .reject(
                OdooFailures.wrongState,
                "\(spec.name): \(subject.lookup.words) #\(id) has no transfer; is it confirmed?")
        }
        // By its origin the rest is found as well, where somebody gave what was done another one.
        let isByOrigin = subject == .transfer && given.object == nil && given.string != row.text("name")
        return Named(
            title: row.text("name") ?? "#\(row.id)", state: row.text("state") ?? "", open: open.first?.id,
            last: rows.last?.id, done: rows.filter { $0.text("state") == "done" },
            before: isByOrigin ? row.link("backorder_id") : nil)
    }
}

extension TransferComplete.Subject {
    fileprivate var example: JSON {
        switch self {
        case .transfer: "WH/IN/00042"
        case .purchase: "P00042"
        case .sale: "S00042"
        }
    }
}
