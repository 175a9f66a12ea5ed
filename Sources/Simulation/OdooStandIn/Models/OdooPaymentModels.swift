import ExactJSON

/// Payments, and the window that registers one of an invoice.
///
/// Up to 17 a payment is its own journal entry and has its states; from 18 on it has states of its own.
enum OdooPaymentModels {
    static let payment = "account.payment"
    static let wizard = "account.payment.register"
    /// Accounts that payments settle.
    static let settled = ["asset_receivable", "liability_payable"]

    static func all(_ version: OdooStandInVersion) -> [OdooModelDeclaration] { [payments(version), wizards(version)] }

    private static func payments(_ version: OdooStandInVersion) -> OdooModelDeclaration {
        let move = OdooField.many2one("move_id", "Journal Entry", OdooInvoiceModels.move).indexed.notCopied
        var fields: [OdooField] = [
            version < .v18 ? move.required : move,
            .selection("payment_type", "Payment Type", [("outbound", "Send"), ("inbound", "Receive")]).required
                .or("inbound"),
            .selection("partner_type", "Partner Type", [("customer", "Customer"), ("supplier", "Vendor")]).required
                .or("customer"),
            .float("amount", "Amount", digits: 2), .many2one("partner_id", "Customer/Vendor", "res.partner"),
            .many2one("journal_id", "Journal", "account.journal").required,
            .many2one("currency_id", "Currency", "res.currency").orElse { $0.value("res.company", 1, "currency_id") },
            .many2one("company_id", "Company", "res.company").or(.id(1)),
            .many2one("destination_account_id", "Destination Account", "account.account"),
            .many2one("outstanding_account_id", "Outstanding Account", "account.account"),
            .many2many("reconciled_invoice_ids", "Reconciled Invoices", OdooInvoiceModels.move).computed { env, id in
                let own = env.many(payment, id, "invoice_ids").filter { env.kind(ofDocument: $0).hasPrefix("out_") }
                return own.isEmpty ? .empty : .ids(own)
            },
            .many2many("reconciled_bill_ids", "Reconciled Bills", OdooInvoiceModels.move).computed { env, id in
                let own = env.many(payment, id, "invoice_ids").filter { env.kind(ofDocument: $0).hasPrefix("in_") }
                return own.isEmpty ? .empty : .ids(own)
            },
            .many2many("invoice_ids", "Invoices", OdooInvoiceModels.move).notCopied,
        ]
        if version < .v18 {
            fields += [
                .char("name", "Number").related("move_id.name"), .char("ref", "Memo").related("move_id.ref"),
                .date("date", "Date").related("move_id.date"),
                .selection("state", "Status", [("draft", "Draft"), ("posted", "Posted"), ("cancel", "Cancelled")])
                    .related("move_id.state"),
            ]
        } else {
            fields += [
                .char("name", "Number").computed { env, id in
                    env.one(payment, id, "move_id").map { env.value(OdooInvoiceModels.move, $0, "name") } ?? .empty
                },
                .char("memo", "Memo").indexed, .date("date", "Date").required.orElse { .day(OdooTime.day($0.now)) },
                .selection(
                    "state", "State",
                    [
                        ("draft", "Draft"), ("in_process", "In Process"), ("paid", "Paid"), ("canceled", "Canceled"),
                        ("rejected", "Rejected"),
                    ]
                ).required.or("draft").notCopied,
            ]
        }
        return OdooModelDeclaration(payment, "Payments", fields).with {
            $0.access = OdooAccountModels.access
            $0.order = "date desc, id desc"
            $0.behaviour.displayName = { env, id in
                let name = env.text(payment, id, "name")
                return name.isEmpty || name == "/" ? "Draft Payment" : name
            }
        }
    }

    private static func wizards(_ version: OdooStandInVersion) -> OdooModelDeclaration {
        OdooModelDeclaration(
            wizard, version == .v19 ? "Pay" : "Register Payment",
            [
                .date("payment_date", "Payment Date").required.orElse { .day(OdooTime.day($0.now)) },
                .float("amount", "Amount", digits: 2), .char("communication", "Memo"),
                .boolean("group_payment", "Group Payments"),
                .many2one("currency_id", "Currency", "res.currency").orElse {
                    $0.value("res.company", 1, "currency_id")
                },
                .many2one("journal_id", "Journal", "account.journal"),
                .many2many("line_ids", "Journal items", OdooInvoiceModels.line),
                .selection("payment_type", "Payment Type", [("outbound", "Send Money"), ("inbound", "Receive Money")]),
                .selection("partner_type", "Partner Type", [("customer", "Customer"), ("supplier", "Vendor")]),
                .many2one("partner_id", "Customer/Vendor", "res.partner"),
                .float("source_amount", "Amount to Pay (company currency)", digits: 2),
                .selection(
                    "payment_difference_handling", "Payment Difference Handling",
                    [("open", "Keep open"), ("reconcile", "Mark as fully paid")]
                ).or("open"),
            ]
        ).with {
            $0.isTransient = true
            $0.access = OdooAccountModels.access
            $0.recordName = "id"
            $0.behaviour.created = { (env, id, names) throws(OdooFault) in
                try env.fill(paymentWindow: id, names)
            }
            $0.methods["action_create_payments"] = .records { (env, call) throws(OdooFault) in
                let made = try env.pay(fromWindow: try call.single())
                if env.contextFlag("dont_redirect_to_payments") { return .done }
                return .json([
                    "name": "Payments", "type": "ir.actions.act_window", "res_model": "account.payment",
                    "context": ["create": false], "view_mode": "form", "res_id": .int(made),
                ])
            }
        }
    }
}
