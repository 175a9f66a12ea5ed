/// Which items of the books settle which: what is left of them, and how far an invoice is paid.
enum OdooReconciliation {
    static var partials: OdooModelDeclaration {
        OdooModelDeclaration(
            "account.partial.reconcile", "Partial Reconcile",
            [
                .many2one("debit_move_id", "Debit Move", OdooInvoiceModels.line).required.indexed,
                .many2one("credit_move_id", "Credit Move", OdooInvoiceModels.line).required.indexed,
                .float("amount", "Amount", digits: 2), .many2one("company_id", "Company", "res.company").or(.id(1)),
            ]
        ).with {
            $0.access = OdooAccess(readers: [.billing], writers: [.settings])
            $0.recordName = "id"
        }
    }
}

extension OdooEnvironment {
    private static let move = OdooInvoiceModels.move
    private static let line = OdooInvoiceModels.line
    private static let partial = "account.partial.reconcile"

    /// What of an item is open; 0 where its account is not one to match on.
    func residual(of id: Int) -> Double {
        guard let account = one(Self.line, id, "account_id"), isReconcilable(account) else { return 0 }
        let taken = children(Self.partial, "debit_move_id", of: id).reduce(0) {
            $0 + number(Self.partial, $1, "amount")
        }
        let given = children(Self.partial, "credit_move_id", of: id).reduce(0) {
            $0 + number(Self.partial, $1, "amount")
        }
        return odooRound(number(Self.line, id, "balance") - taken + given, digits: 2) + 0
    }

    func isReconciled(_ id: Int) -> Bool {
        guard let account = one(Self.line, id, "account_id"), isReconcilable(account) else { return false }
        return residual(of: id) == 0
    }

    /// Matches what is open on the left with what is open on the right, account by account, in the items' order.
    mutating func reconcile(items: [Int]) {
        var byAccount: [Int: [Int]] = [:]
        var accounts: [Int] = []
        for item in items {
            guard let account = one(Self.line, item, "account_id"), isReconcilable(account) else { continue }
            if byAccount[account] == nil { accounts.append(account) }
            byAccount[account, default: []].append(item)
        }
        for account in accounts {
            let open = byAccount[account] ?? []
            for debit in open where residual(of: debit) > 0 {
                for credit in open where residual(of: credit) < 0 {
                    let amount = min(residual(of: debit), -residual(of: credit))
                    guard amount > 0 else { break }
                    _ = insert(
                        Self.partial,
                        ["debit_move_id": .id(debit), "credit_move_id": .id(credit), "amount": .float(amount)])
                }
            }
        }
    }

    mutating func reconcile(documents ids: [Int]) {
        reconcile(items: ids.flatMap { many(Self.move, $0, "line_ids") })
    }

    mutating func unreconcile(document id: Int) {
        for line in many(Self.move, id, "line_ids") {
            for side in ["debit_move_id", "credit_move_id"] {
                for partial in children(Self.partial, side, of: line) { delete(Self.partial, partial) }
            }
        }
    }

    /// The other entries that settle a document's receivable or payable.
    private func counterparts(ofDocument id: Int) -> [Int] {
        var others: [Int] = []
        for line in many(Self.move, id, "line_ids") {
            guard ["asset_receivable", "liability_payable"].contains(text(Self.line, line, "account_type")) else {
                continue
            }
            for (own, other) in [("debit_move_id", "credit_move_id"), ("credit_move_id", "debit_move_id")] {
                for partial in children(Self.partial, own, of: line) {
                    if let entry = one(Self.partial, partial, other).flatMap({ one(Self.line, $0, "move_id") }),
                        entry != id
                    {
                        others.append(entry)
                    }
                }
            }
        }
        return others
    }

    /// Without the accounting app what is paid is `paid` at once; with credit notes alone it is `reversed`.
    func paymentState(_ id: Int) -> String {
        // From 19 on a draft that is matched already counts as well.
        let state = text(Self.move, id, "state")
        guard isInvoice(id),
            state == "posted" || version == .v19 && state == "draft" && amount(of: id, "amount_total") != 0
        else { return "not_paid" }
        let others = counterparts(ofDocument: id)
        guard amount(of: id, "amount_residual") == 0 else { return others.isEmpty ? "not_paid" : "partial" }
        if others.contains(where: { payment(ofDocument: $0) != nil }) { return "paid" }
        let kinds = Set(others.map { kind(ofDocument: $0) })
        let refund = ["in_invoice": "in_refund", "out_invoice": "out_refund"][kind(ofDocument: id)]
        if let refund, kinds == [refund] || kinds == [refund, "entry"] { return "reversed" }
        return refund == nil && kinds == ["entry"] ? "reversed" : "paid"
    }

    /// The payment whose entry it is.
    func payment(ofDocument id: Int) -> Int? {
        one(Self.move, id, version >= .v18 ? "origin_payment_id" : "payment_id")
    }
}
