import ExactJSON

/// The window that takes journal entries back: credit notes of invoices, reversals of entries.
enum OdooReversalModels {
    private static let wizard = "account.move.reversal"

    static func all(_ version: OdooStandInVersion) -> [OdooModelDeclaration] {
        var fields: [OdooField] = [
            .many2many("move_ids", "Move", OdooInvoiceModels.move),
            .many2many("new_move_ids", "New Move", OdooInvoiceModels.move),
            .date("date", "Reversal date").orElse { .day(OdooTime.day($0.now)) }, .char("reason", "Reason"),
            .many2one("journal_id", "Journal", "account.journal"),
            .many2one("company_id", "Company", "res.company").required.or(.id(1)),
        ]
        if version == .v16 {
            fields += [
                .selection(
                    "refund_method", "Credit Method",
                    [
                        ("refund", "Partial Refund"), ("cancel", "Full Refund"),
                        ("modify", "Full refund and new draft invoice"),
                    ]
                ).required.or("refund"),
                .selection("date_mode", "Date Mode", [("custom", "Specific"), ("entry", "Journal Entry Date")]).required
                    .or("custom"),
            ]
        }
        return [
            OdooModelDeclaration(wizard, "Account Move Reversal", fields).with {
                $0.isTransient = true
                $0.access = OdooAccountModels.access
                $0.recordName = "id"
                $0.behaviour.created = { (env, id, names) throws(OdooFault) in try prepare(&env, id, names) }
                $0.methods["reverse_moves"] = .records(version == .v16 ? "" : "is_modify?") {
                    (env, call) throws(OdooFault) in
                    let id = try call.single()
                    let method = env.text(wizard, id, "refund_method")
                    return try reverse(
                        &env, id, isModify: call["is_modify"] == true || method == "modify", cancels: method == "cancel"
                    )
                }
                if version >= .v17 {
                    for (name, isModify) in [("refund_moves", false), ("modify_moves", true)] {
                        $0.methods[name] = .records { (env, call) throws(OdooFault) in
                            try reverse(&env, try call.single(), isModify: isModify, cancels: false)
                        }
                    }
                }
            }
        ]
    }

    /// Takes the entries from the context where none are named, and the first one's journal.
    private static func prepare(_ env: inout OdooEnvironment, _ id: Int, _ names: Set<String>) throws(OdooFault) {
        var moves = env.many(wizard, id, "move_ids")
        if !names.contains("move_ids"), env.context["active_model"] == "account.move" {
            moves = env.context["active_ids"]?.array?.compactMap(\.int) ?? []
            guard moves.allSatisfy({ env.text(OdooInvoiceModels.move, $0, "state") == "posted" }) else {
                throw .userError(
                    env.version >= .v18
                        ? "To reverse a journal entry, it has to be posted first."
                        : "You can only reverse posted moves.")
            }
            env.assign(wizard, id, ["move_ids": .ids(moves)])
            if env.version == .v16, !names.contains("refund_method") {
                let cancels = moves.count > 1 || moves.allSatisfy { !env.isInvoice($0) }
                env.assign(wizard, id, ["refund_method": cancels ? "cancel" : "refund"])
            }
        }
        let journals = moves.compactMap { env.one(OdooInvoiceModels.move, $0, "journal_id") }
        if env.one(wizard, id, "journal_id") == nil, let first = journals.first {
            env.assign(wizard, id, ["journal_id": .id(first)])
        }
        guard let journal = env.one(wizard, id, "journal_id") else {
            let model = env.model(wizard)
            if let field = model.fields["journal_id"] { throw env.requiredFault(model, field) }
            return
        }
        let types = Set(journals.map { env.text("account.journal", $0, "type") })
        guard types.contains(env.text("account.journal", journal, "type")) else {
            throw .userError("Journal should be the same type as the reversed entry.")
        }
    }

    private static func reverse(
        _ env: inout OdooEnvironment, _ id: Int, isModify: Bool, cancels: Bool
    ) throws(OdooFault) -> OdooResult {
        let moves = env.many(wizard, id, "move_ids")
        var made: [Int] = []
        for move in moves {
            let takesFromEntry = env.text(wizard, id, "date_mode") == "entry"
            let date = takesFromEntry ? env.value(OdooInvoiceModels.move, move, "date") : env.value(wizard, id, "date")
            // In 16 the way is said; from 17 on a reversal settles an entry at once, an invoice when it is posted.
            let isSettled = isModify || cancels || env.version >= .v17 && !env.isInvoice(move)
            let note = try env.reverse(
                document: move, on: date, journal: env.value(wizard, id, "journal_id"),
                reason: env.text(wizard, id, "reason"), settles: isSettled)
            made.append(isModify ? try env.copy(document: move, on: date) : note)
        }
        env.assign(wizard, id, ["new_move_ids": made.isEmpty ? .empty : .ids(made)])
        var action: JSONObject = [
            "name": "Reverse Moves", "type": "ir.actions.act_window", "res_model": "account.move",
        ]
        if made.count == 1, let only = made.first {
            action["view_mode"] = "form"
            action["res_id"] = .int(only)
            action["context"] = ["default_move_type": .string(env.kind(ofDocument: only))]
        } else {
            action["view_mode"] = env.version >= .v18 ? "list,form" : "tree,form"
            action["domain"] = [["id", "in", .array(made.map { .int($0) })]]
        }
        return .json(.object(action))
    }
}

extension OdooEnvironment {
    private static let opposites = [
        "entry": "entry", "out_invoice": "out_refund", "out_refund": "entry", "in_invoice": "in_refund",
        "in_refund": "entry", "out_receipt": "out_refund", "in_receipt": "in_refund",
    ]

    /// The document that takes another back.
    fileprivate mutating func reverse(
        document id: Int, on date: OdooValue, journal: OdooValue, reason: String, settles: Bool
    ) throws(OdooFault) -> Int {
        let name = text(OdooInvoiceModels.move, id, "name")
        var values: OdooValues = [
            "move_type": .text(Self.opposites[kind(ofDocument: id)] ?? "entry"), "reversed_entry_id": .id(id),
            "ref": .text("Reversal of: \(name)" + (reason.isEmpty ? "" : ", \(reason)")), "date": date,
            "journal_id": journal,
        ]
        if isInvoice(id) {
            values["invoice_date"] = date
            values["invoice_date_due"] = date
        }
        if case .day(let day) = date, day > OdooTime.day(now) { values["auto_post"] = "at_date" }
        let note = try copy(document: id, values, sign: -1)
        guard settles, values["auto_post"] == nil else { return note }
        unreconcile(document: id)
        try post(documents: [note])
        reconcile(documents: [id, note])
        return note
    }

    /// A new draft like the document.
    fileprivate mutating func copy(document id: Int, on date: OdooValue) throws(OdooFault) -> Int {
        try copy(
            document: id,
            [
                "move_type": value(OdooInvoiceModels.move, id, "move_type"), "date": date,
                "journal_id": value(OdooInvoiceModels.move, id, "journal_id"),
            ], sign: 1)
    }

    private mutating func copy(document id: Int, _ values: OdooValues, sign: Double) throws(OdooFault) -> Int {
        var values = values
        for field in ["partner_id", "currency_id", "company_id", "invoice_origin", "narration", "invoice_user_id"] {
            values[field] = value(OdooInvoiceModels.move, id, field)
        }
        try prepare(document: &values)
        let copy = insert(OdooInvoiceModels.move, values)
        let isInvoice = isInvoice(id)
        for line in many(OdooInvoiceModels.move, id, "line_ids") where !isInvoice || isShown(line: line) {
            var own: OdooValues = ["move_id": .id(copy)]
            for field in [
                "account_id", "name", "sequence", "display_type", "product_id", "product_uom_id", "quantity",
                "price_unit", "discount", "tax_ids", "partner_id",
            ] { own[field] = value(OdooInvoiceModels.line, line, field) }
            own["balance"] = .float(sign * number(OdooInvoiceModels.line, line, "balance"))
            _ = insert(OdooInvoiceModels.line, own)
        }
        try settle(document: copy)
        proposeName(copy)
        return copy
    }
}
