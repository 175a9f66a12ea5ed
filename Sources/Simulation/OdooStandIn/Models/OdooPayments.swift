// How a payment is registered: what the window says by itself, the payment's journal entry, the match.
extension OdooEnvironment {
    private static let wizard = OdooPaymentModels.wizard
    private static let line = OdooInvoiceModels.line

    /// What the window fills in itself: the open items of the documents at hand, what is open, for whom.
    mutating func fill(paymentWindow id: Int, _ names: Set<String>) throws(OdooFault) {
        if !names.contains("line_ids") {
            let all = try itemsOfContext()
            if version <= .v17, all.contains(where: { text(Self.line, $0, "parent_state") != "posted" }) {
                throw .userError("You can only register payment for posted journal entries.")
            }
            let items = all.filter {
                OdooPaymentModels.settled.contains(text(Self.line, $0, "account_type")) && residual(of: $0) != 0
            }
            guard !items.isEmpty else {
                throw .userError(
                    version >= .v17
                        ? "There's nothing left to pay for the selected journal items, so no payment registration is "
                            + "necessary. You've got your finances under control like a boss!"
                        : "You can't register a payment because there is nothing left to pay on the selected journal "
                            + "items.")
            }
            guard Set(items.map { text(Self.line, $0, "account_type") }).count == 1 else {
                throw .userError("You can't register payments for both inbound and outbound moves at the same time.")
            }
            assign(Self.wizard, id, ["line_ids": .ids(items)])
        }
        let items = many(Self.wizard, id, "line_ids")
        guard let first = items.first,
            items.contains(where: { OdooPaymentModels.settled.contains(text(Self.line, $0, "account_type")) })
        else {
            throw .userError(
                "You can't open the register payment wizard without at least one receivable/payable line.")
        }
        let open = odooRound(items.reduce(0) { $0 + residual(of: $1) }, digits: 2)
        let isReceivable = text(Self.line, first, "account_type") == "asset_receivable"
        var values: OdooValues = [
            "source_amount": .float(abs(open)), "payment_type": open > 0 ? "inbound" : "outbound",
            "partner_type": isReceivable ? "customer" : "supplier", "partner_id": value(Self.line, first, "partner_id"),
        ]
        if !names.contains("amount") { values["amount"] = .float(abs(open)) }
        if !names.contains("communication") {
            let documents = items.map { text(Self.line, $0, "move_name") }
            values["communication"] = .text(documents.joined(separator: ", "))
        }
        if !names.contains("journal_id") {
            let journals = search(model("account.journal"), .all).filter {
                ["bank", "cash", "credit"].contains(text("account.journal", $0, "type"))
            }
            values["journal_id"] = journals.first.map { .id($0) } ?? .empty
        }
        assign(Self.wizard, id, values)
    }

    private func itemsOfContext() throws(OdooFault) -> [Int] {
        let ids = context["active_ids"]?.array?.compactMap(\.int) ?? []
        switch context["active_model"] {
        case "account.move": return ids.flatMap { many(OdooInvoiceModels.move, $0, "line_ids") }
        case "account.move.line": return ids
        default:
            throw .userError(
                "The register payment wizard should only be called on account.move or account.move.line records.")
        }
    }

    /// Makes the payment of a window with its journal entry, posts it, and matches it with the window's items.
    mutating func pay(fromWindow id: Int) throws(OdooFault) -> Int {
        let items = many(Self.wizard, id, "line_ids")
        let isInbound = text(Self.wizard, id, "payment_type") == "inbound"
        let amount = number(Self.wizard, id, "amount"), memo = value(Self.wizard, id, "communication")
        let date = value(Self.wizard, id, "payment_date"), partner = value(Self.wizard, id, "partner_id")
        let side = isInbound ? "debit" : "credit"
        guard let journal = one(Self.wizard, id, "journal_id"),
            let outstanding = account("account_journal_payment_\(side)_account_id"),
            let destination = items.first.flatMap({ one(Self.line, $0, "account_id") })
        else { throw .userError("No outstanding account could be found to make the payment") }
        var values: OdooValues = [
            "payment_type": isInbound ? "inbound" : "outbound", "partner_type": value(Self.wizard, id, "partner_type"),
            "amount": .float(amount), "partner_id": partner, "journal_id": .id(journal),
            "destination_account_id": .id(destination), "outstanding_account_id": .id(outstanding),
        ]
        if version >= .v18 {
            values["memo"] = memo
            values["date"] = date
        }
        let payment = insert(OdooPaymentModels.payment, values)
        var entry: OdooValues = [
            "move_type": "entry", "journal_id": .id(journal), "date": date, "ref": memo, "partner_id": partner,
            version >= .v18 ? "origin_payment_id" : "payment_id": .id(payment),
        ]
        try prepare(document: &entry)
        let move = insert(OdooInvoiceModels.move, entry)
        let name = memo.isEmpty ? OdooValue.text("Manual Payment") : .text("Manual Payment: \(memo.text ?? "")")
        for (account, balance) in [(outstanding, amount), (destination, -amount)] {
            _ = insert(
                Self.line,
                [
                    "move_id": .id(move), "account_id": .id(account), "name": name, "partner_id": partner,
                    "balance": .float(isInbound ? balance : -balance), "date_maturity": date,
                ])
        }
        assign(OdooPaymentModels.payment, payment, ["move_id": .id(move)])
        try post(documents: [move])
        reconcile(items: many(OdooInvoiceModels.move, move, "line_ids") + items)
        let documents = Set(items.compactMap { one(Self.line, $0, "move_id") }).sorted()
        assign(OdooPaymentModels.payment, payment, ["invoice_ids": .ids(documents)])
        if version >= .v18 {
            assign(OdooPaymentModels.payment, payment, ["state": "in_process"])
            closePayments()
        }
        return payment
    }

    /// Money is on its way until the statement comes; without statements a paid invoice says that it is there.
    private mutating func closePayments() {
        for payment in table(OdooPaymentModels.payment).ids
        where text(OdooPaymentModels.payment, payment, "state") == "in_process" {
            let documents = many(OdooPaymentModels.payment, payment, "invoice_ids")
            guard !documents.isEmpty, documents.allSatisfy({ paymentState($0) == "paid" }) else { continue }
            assign(OdooPaymentModels.payment, payment, ["state": "paid"])
        }
    }
}
