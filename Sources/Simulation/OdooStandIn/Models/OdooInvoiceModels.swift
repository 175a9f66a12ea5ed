/// Journal entries, among them invoices, bills and credit notes, and their items.
enum OdooInvoiceModels {
    static let move = "account.move"
    static let line = "account.move.line"

    static func all(_ version: OdooStandInVersion) -> [OdooModelDeclaration] {
        [moves(version), lines, OdooReconciliation.partials]
    }

    private static let types = [
        ("entry", "Journal Entry"), ("out_invoice", "Customer Invoice"), ("out_refund", "Customer Credit Note"),
        ("in_invoice", "Vendor Bill"), ("in_refund", "Vendor Credit Note"), ("out_receipt", "Sales Receipt"),
        ("in_receipt", "Purchase Receipt"),
    ]

    private static func moveFields(_ version: OdooStandInVersion) -> [OdooField] {
        var states = [
            ("not_paid", "Not Paid"), ("in_payment", "In Payment"), ("paid", "Paid"), ("partial", "Partially Paid"),
            ("reversed", "Reversed"),
        ]
        if version >= .v18 { states.append(("blocked", "Blocked")) }
        states.append(("invoicing_legacy", "Invoicing App Legacy"))
        var fields: [OdooField] = [
            .char("name", "Number").indexed.notCopied, .char("ref", "Reference").indexed.notCopied,
            .date("date", "Date").indexed.required.notCopied,
            .selection("state", "Status", [("draft", "Draft"), ("posted", "Posted"), ("cancel", "Cancelled")]).required
                .or("draft").readonly.notCopied,
            .selection("move_type", "Type", types).required.or("entry"),
            .many2one("journal_id", "Journal", "account.journal").required.indexed,
            .many2one("company_id", "Company", "res.company").or(.id(1)),
            .many2one("currency_id", "Currency", "res.currency").required.orElse { env in
                env.value("res.company", 1, "currency_id")
            },
            .many2one("partner_id", "Partner", "res.partner"),
            .many2one("commercial_partner_id", "Commercial Entity", "res.partner").computed { env, id in
                env.one(move, id, "partner_id").map { .id(env.commercial(partner: $0)) } ?? .empty
            },
            .date("invoice_date", "Invoice/Bill Date").notCopied, .date("invoice_date_due", "Due Date").notCopied,
            .char("invoice_origin", "Origin"), .html("narration", "Terms and Conditions"),
            .many2one("invoice_user_id", "Salesperson", "res.users").orElse { .id($0.uid) },
            .char("payment_reference", "Payment Reference").notCopied,
            .boolean("posted_before", "Posted Before").notCopied,
            .selection(
                "auto_post", "Auto-post",
                [
                    ("no", "No"), ("at_date", "At Date"), ("monthly", "Monthly"), ("quarterly", "Quarterly"),
                    ("yearly", "Yearly"),
                ]
            ).required.or("no").notCopied,
            .one2many("line_ids", "Journal Items", line, "move_id"),
            .one2many("invoice_line_ids", "Invoice lines", line, "move_id").computed { env, id in
                .ids(env.many(move, id, "line_ids").filter { env.isShown(line: $0) })
            }.writable,
            .many2one("reversed_entry_id", "Reversal of", move).readonly.notCopied.indexed,
            .one2many(
                version >= .v18 ? "reversal_move_ids" : "reversal_move_id", "Reversals", move, "reversed_entry_id"),
            .many2one(version >= .v18 ? "origin_payment_id" : "payment_id", "Payment", "account.payment").notCopied,
            .selection("payment_state", "Payment Status", states).computed { env, id in .text(env.paymentState(id)) },
        ]
        for (name, label) in [
            ("amount_untaxed", "Untaxed Amount"), ("amount_tax", "Tax"), ("amount_total", "Total"),
            ("amount_residual", "Amount Due"),
        ] {
            fields.append(.float(name, label, digits: 2).computed { env, id in .float(env.amount(of: id, name)) })
        }
        return fields
    }

    private static func moves(_ version: OdooStandInVersion) -> OdooModelDeclaration {
        OdooModelDeclaration(move, "Journal Entry", moveFields(version)).with {
            $0.access = OdooAccountModels.access
            $0.order = "date desc, name desc, id desc"
            $0.behaviour.displayName = { env, id in env.documentName(id) }
            $0.behaviour.prepareCreate = { (env, values) throws(OdooFault) in try env.prepare(document: &values) }
            $0.behaviour.created = { (env, id, _) throws(OdooFault) in
                env.proposeName(id)
                try env.settle(document: id)
            }
            $0.behaviour.written = { (env, ids, names) throws(OdooFault) in
                for id in ids {
                    if names.contains("invoice_date"), !env.value(move, id, "invoice_date").isEmpty {
                        env.assign(move, id, ["date": env.value(move, id, "invoice_date")])
                    }
                    if env.text(move, id, "state") == "draft" { try env.settle(document: id) }
                }
            }
            $0.behaviour.unlinking = { (env, ids) throws(OdooFault) in
                guard ids.contains(where: { env.text(move, $0, "state") == "posted" }) else { return }
                throw .userError(
                    version == .v16
                        ? "You cannot delete an item linked to a posted entry."
                        : "You can't delete a posted journal item. Don’t play games with your accounting records; "
                            + "reset the journal entry to draft before deleting it.")
            }
            $0.methods["action_post"] = .together(.json(false)) { (env, ids) throws(OdooFault) in
                try env.post(documents: ids)
            }
            $0.methods["button_draft"] = .together(.none) { (env, ids) throws(OdooFault) in
                try env.reset(documents: ids)
            }
            $0.methods["button_cancel"] = .together(.none) { (env, ids) throws(OdooFault) in
                try env.cancel(documents: ids)
            }
        }
    }

    private static var lines: OdooModelDeclaration {
        let fields: [OdooField] = [
            .many2one("move_id", "Journal Entry", move).required.indexed,
            .many2one("account_id", "Account", "account.account"), .char("name", "Label"),
            .integer("sequence", "Sequence").or(.integer(10)),
            .selection(
                "display_type", "Display Type",
                [
                    ("product", "Product"), ("cogs", "Cost of Goods Sold"), ("tax", "Tax"), ("rounding", "Rounding"),
                    ("payment_term", "Payment Term"), ("line_section", "Section"), ("line_note", "Note"),
                ]
            ).required.or("product"),
            .many2one("product_id", "Product", "product.product"), .many2one("product_uom_id", "Unit", "uom.uom"),
            .quantity("quantity", "Quantity"), .float("price_unit", "Unit Price"), .float("discount", "Discount (%)"),
            .many2many("tax_ids", "Taxes", "account.tax"), .many2one("tax_line_id", "Originator Tax", "account.tax"),
            .many2one("partner_id", "Partner", "res.partner"), .date("date_maturity", "Due Date"),
            .float("balance", "Balance", digits: 2),
            .float("debit", "Debit", digits: 2).computed { env, id in
                .float(max(env.number(line, id, "balance"), 0))
            }.writable,
            .float("credit", "Credit", digits: 2).computed { env, id in
                .float(max(-env.number(line, id, "balance"), 0))
            }.writable,
            .float("amount_currency", "Amount in Currency", digits: 2).related("balance"),
            .many2one("company_id", "Company", "res.company").related("move_id.company_id"),
            .many2one("journal_id", "Journal", "account.journal").related("move_id.journal_id"),
            .many2one("currency_id", "Currency", "res.currency").related("move_id.currency_id"),
            .date("date", "Date").related("move_id.date"), .char("move_name", "Number").related("move_id.name"),
            .char("ref", "Reference").related("move_id.ref"),
            .selection("parent_state", "Status", [("draft", "Draft"), ("posted", "Posted"), ("cancel", "Cancelled")])
                .related("move_id.state"),
            .selection("account_type", "Type", OdooAccountModels.accountTypes).related("account_id.account_type"),
            .float("price_subtotal", "Subtotal", digits: 2).computed { env, id in .float(env.subtotal(of: id)) },
            .float("price_total", "Total", digits: 2).computed { env, id in
                .float(env.subtotal(of: id) + env.taxes(of: id).reduce(0) { $0 + $1.amount })
            },
            .float("amount_residual", "Residual Amount", digits: 2).computed { env, id in .float(env.residual(of: id))
            },
            .boolean("reconciled", "Reconciled").computed { env, id in .bool(env.isReconciled(id)) },
            .one2many("matched_debit_ids", "Matched Debits", "account.partial.reconcile", "credit_move_id"),
            .one2many("matched_credit_ids", "Matched Credits", "account.partial.reconcile", "debit_move_id"),
        ]
        return OdooModelDeclaration(line, "Journal Item", fields).with {
            $0.access = OdooAccountModels.access
            $0.order = "date desc, move_name desc, id"
            $0.behaviour.displayName = { env, id in
                let entry = env.one(line, id, "move_id").map { env.documentName($0) } ?? ""
                let name = env.text(line, id, "name")
                return name.isEmpty ? entry : "\(entry) \(name)"
            }
            $0.behaviour.prepareCreate = { (env, values) throws(OdooFault) in env.prepare(item: &values) }
            $0.behaviour.created = { (env, id, names) throws(OdooFault) in
                if !names.contains("tax_ids") { env.fillTaxes(of: id) }
            }
            $0.behaviour.writing = { (_, _, values) throws(OdooFault) in OdooEnvironment.settleSides(&values) }
        }
    }
}
