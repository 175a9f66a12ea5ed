// What an invoice's lines say of its amounts, taxes and terms; how a journal entry is balanced.
extension OdooEnvironment {
    private static let move = OdooInvoiceModels.move
    private static let line = OdooInvoiceModels.line

    func kind(ofDocument id: Int) -> String { text(Self.move, id, "move_type") }
    func isInvoice(_ id: Int) -> Bool { kind(ofDocument: id) != "entry" }
    func isSale(_ type: String) -> Bool { type.hasPrefix("out_") }

    /// 1 where what is charged stands on the left (bills, credit notes of invoices), else -1.
    private func direction(_ type: String) -> Double {
        ["entry", "in_invoice", "out_refund", "in_receipt"].contains(type) ? 1 : -1
    }

    /// Whether the line is one of those that a person writes.
    func isShown(line id: Int) -> Bool {
        ["product", "line_section", "line_note"].contains(text(Self.line, id, "display_type"))
    }

    func commercial(partner: Int) -> Int {
        guard !flag("res.partner", partner, "is_company"), let parent = one("res.partner", partner, "parent_id"),
            parent != partner
        else { return partner }
        return parent
    }

    // MARK: Defaults

    mutating func prepare(document values: inout OdooValues) throws(OdooFault) {
        let type = values["move_type"]?.text ?? "entry"
        let today = OdooValue.day(OdooTime.day(now))
        if values["journal_id"]?.id == nil {
            let wanted = type == "entry" ? "general" : isSale(type) ? "sale" : "purchase"
            let journals = search(model("account.journal"), .all).filter {
                text("account.journal", $0, "type") == wanted
            }
            guard let journal = journals.first else {
                throw .userError("No journal could be found in company My Company for any of those types: \(wanted)")
            }
            values["journal_id"] = .id(journal)
        }
        if let date = values["invoice_date"], !date.isEmpty { values["date"] = values["date"] ?? date }
        if values["date"]?.isEmpty != false { values["date"] = today }
        // Without terms it is due at once, whatever its own date is.
        if type != "entry", values["invoice_date_due"]?.isEmpty != false { values["invoice_date_due"] = today }
        if version < .v19, values["name"]?.isEmpty != false { values["name"] = "/" }
    }

    /// Debit and credit are one balance.
    static func settleSides(_ values: inout OdooValues) {
        let debit = values.removeValue(forKey: "debit")?.double, credit = values.removeValue(forKey: "credit")?.double
        values["amount_currency"] = nil
        if debit != nil || credit != nil { values["balance"] = .float((debit ?? 0) - (credit ?? 0)) }
    }

    mutating func prepare(item values: inout OdooValues) {
        Self.settleSides(&values)
        guard let entry = values["move_id"]?.id else { return }
        let type = kind(ofDocument: entry)
        if values["display_type"]?.text?.hasPrefix("line_") == true { return }
        if let product = values["product_id"]?.id {
            if values["name"]?.isEmpty != false { values["name"] = .text(displayName("product.product", product)) }
            if values["product_uom_id"]?.id == nil {
                values["product_uom_id"] = value("product.product", product, "uom_id")
            }
            if type != "entry", values["price_unit"] == nil {
                values["price_unit"] = value("product.product", product, isSale(type) ? "list_price" : "standard_price")
            }
        }
        guard type != "entry" else { return }
        if values["quantity"] == nil { values["quantity"] = .float(1) }
        if values["account_id"]?.id == nil, let journal = one(Self.move, entry, "journal_id") {
            let own = values["product_id"]?.id == nil ? nil : account(isSale(type) ? "income" : "expense")
            values["account_id"] = own.map { .id($0) } ?? value("account.journal", journal, "default_account_id")
        }
        values["partner_id"] = value(Self.move, entry, "commercial_partner_id")
    }

    /// The taxes of a line that names none: its product's, up to 16 else the company's.
    mutating func fillTaxes(of id: Int) {
        guard text(Self.line, id, "display_type") == "product", let entry = one(Self.line, id, "move_id"),
            isInvoice(entry)
        else { return }
        let use = isSale(kind(ofDocument: entry)) ? "sale" : "purchase"
        let product = one(Self.line, id, "product_id")
        var taxes =
            product.map { value("product.product", $0, use == "sale" ? "taxes_id" : "supplier_taxes_id") } ?? .empty
        if taxes.isEmpty, let account = one(Self.line, id, "account_id") {
            let own = many("account.account", account, "tax_ids").filter {
                text("account.tax", $0, "type_tax_use") == use
            }
            taxes = own.isEmpty ? .empty : .ids(own)
        }
        if taxes.isEmpty, version == .v16 { taxes = companyTaxes(use) }
        assign(Self.line, id, ["tax_ids": taxes])
    }

    // MARK: Amounts

    /// What a line comes to before taxes.
    func subtotal(of id: Int) -> Double {
        guard text(Self.line, id, "display_type") == "product" else { return 0 }
        let gross =
            number(Self.line, id, "quantity") * number(Self.line, id, "price_unit")
            * (1 - number(Self.line, id, "discount") / 100)
        let included = many(Self.line, id, "tax_ids").filter { flag("account.tax", $0, "price_include") }
            .reduce(0) { $0 + number("account.tax", $1, "amount") }
        return odooRound(gross / (1 + included / 100), digits: 2)
    }

    func taxes(of id: Int) -> [(tax: Int, amount: Double)] {
        let base = subtotal(of: id)
        return many(Self.line, id, "tax_ids").map { tax in
            let rate = number("account.tax", tax, "amount")
            let amount =
                text("account.tax", tax, "amount_type") == "fixed"
                ? rate * number(Self.line, id, "quantity") : base * rate / 100
            return (tax, odooRound(amount, digits: 2))
        }
    }

    func amount(of id: Int, _ field: String) -> Double {
        let lines = many(Self.move, id, "line_ids")
        func sum(_ types: Set<String>, _ name: String) -> Double {
            lines.filter { types.contains(text(Self.line, $0, "display_type")) }
                .reduce(0) { $0 + number(Self.line, $1, name) }
        }
        guard isInvoice(id) else {
            let total = lines.reduce(0) { $0 + number(Self.line, $1, "debit") }
            return field == "amount_total" ? odooRound(total, digits: 2) : 0
        }
        let sign = direction(kind(ofDocument: id))
        let amount: Double =
            switch field {
            case "amount_untaxed": sign * sum(["product", "rounding"], "balance")
            case "amount_tax": sign * sum(["tax"], "balance")
            case "amount_total": sign * sum(["product", "rounding", "tax"], "balance")
            default: -sign * sum(["payment_term"], "amount_residual")
            }
        // Zero has no sign.
        return odooRound(amount, digits: 2) + 0
    }

    // MARK: Keeping in step

    /// Makes what follows from a draft's lines: balances, tax lines, what the partner owes. An entry must balance.
    mutating func settle(document id: Int) throws(OdooFault) {
        guard isInvoice(id) else { return try checkBalance(id) }
        let sign = direction(kind(ofDocument: id))
        var taxes: [Int: Double] = [:]
        var order: [Int] = []
        var rest = 0.0
        for line in lines(ofKind: "product", in: id) {
            let balance = sign * subtotal(of: line)
            assign(
                Self.line, line,
                ["balance": .float(balance), "partner_id": value(Self.move, id, "commercial_partner_id")])
            rest -= balance
            for (tax, amount) in self.taxes(of: line) {
                if taxes[tax] == nil { order.append(tax) }
                taxes[tax, default: 0] += sign * amount
            }
        }
        let isSold = isSale(kind(ofDocument: id))
        for tax in order {
            let balance = odooRound(taxes[tax] ?? 0, digits: 2)
            rest -= balance
            let known = lines(ofKind: "tax", in: id).first { one(Self.line, $0, "tax_line_id") == tax }
            put(
                "tax", in: id, known,
                [
                    "name": value("account.tax", tax, "name"), "tax_line_id": .id(tax), "balance": .float(balance),
                    "account_id": account(isSold ? "tax_received" : "tax_paid").map { .id($0) } ?? .empty,
                ])
        }
        for line in lines(ofKind: "tax", in: id) where taxes[one(Self.line, line, "tax_line_id") ?? 0] == nil {
            delete(Self.line, line)
        }
        guard many(Self.move, id, "line_ids").contains(where: { isShown(line: $0) }) else { return }
        put(
            "payment_term", in: id, lines(ofKind: "payment_term", in: id).first,
            [
                "account_id": account(isSold ? "receivable" : "payable").map { .id($0) } ?? .empty,
                "balance": .float(odooRound(rest, digits: 2)),
                "date_maturity": value(Self.move, id, "invoice_date_due"),
            ])
    }

    private func lines(ofKind type: String, in id: Int) -> [Int] {
        many(Self.move, id, "line_ids").filter { text(Self.line, $0, "display_type") == type }
    }

    /// Writes the document's known line of that kind, or makes it.
    private mutating func put(_ type: String, in id: Int, _ known: Int?, _ values: OdooValues) {
        var values = values
        values["partner_id"] = value(Self.move, id, "commercial_partner_id")
        if let known { return assign(Self.line, known, values) }
        values["move_id"] = .id(id)
        values["display_type"] = .text(type)
        _ = insert(Self.line, values)
    }

    private func checkBalance(_ id: Int) throws(OdooFault) {
        let lines = many(Self.move, id, "line_ids")
        let debit = lines.reduce(0) { $0 + number(Self.line, $1, "debit") }
        let credit = lines.reduce(0) { $0 + number(Self.line, $1, "credit") }
        guard odooRound(debit - credit, digits: 2) != 0 else { return }
        if version >= .v18 { throw .userError("The entry is not balanced.") }
        let journal = one(Self.move, id, "journal_id").map { text("account.journal", $0, "name") } ?? ""
        throw .userError(
            "An error has occurred.\n\nThe move (\(documentName(id))) is not balanced.\n"
                + "The total of debits equals $\u{A0}\(Self.money(debit)) and the total of credits equals "
                + "$\u{A0}\(Self.money(credit)).\nYou might want to specify a default account on journal "
                + "\"\(journal)\" to automatically balance each move.")
    }

    /// `1234.5` as `1234.50`.
    private static func money(_ amount: Double) -> String {
        let cents = Int64((odooRound(amount, digits: 2) * 100).rounded())
        let part = String(abs(cents % 100))
        return "\(cents / 100).\(part.utf8.count < 2 ? "0" : "")\(part)"
    }
}
