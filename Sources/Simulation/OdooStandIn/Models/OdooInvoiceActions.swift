// The life of a journal entry: its number, posting, back to draft, cancelled.
extension OdooEnvironment {
    private static let move = OdooInvoiceModels.move
    private static let line = OdooInvoiceModels.line

    // MARK: Names

    /// `INV/2025/00042`, with a draft's kind before it and the reference behind.
    func documentName(_ id: Int) -> String {
        var name = ""
        if text(Self.move, id, "state") == "draft" {
            let kind =
                [
                    "out_invoice": "Invoice", "out_refund": "Credit Note", "in_invoice": "Bill",
                    "in_refund": "Vendor Credit Note", "out_receipt": "Sales Receipt", "in_receipt": "Purchase Receipt",
                ][kind(ofDocument: id)] ?? "Entry"
            name = "Draft \(kind)"
        }
        let number = hasName(id) ? text(Self.move, id, "name") : version == .v19 ? "" : "(* \(id))"
        name = [name, number].filter { !$0.isEmpty }.joined(separator: " ")
        let reference = text(Self.move, id, "ref")
        return reference.isEmpty ? name : "\(name) (\(reference.prefix(50)))"
    }

    private func hasName(_ id: Int) -> Bool { !["", "/"].contains(text(Self.move, id, "name")) }

    /// What a number of the entry begins with: sales, bank and cash count by the year, others by the month.
    private func numbering(_ id: Int) -> (prefix: String, width: Int) {
        guard let journal = one(Self.move, id, "journal_id"), case .day(let day) = value(Self.move, id, "date") else {
            return ("", 5)
        }
        let date = OdooTime.text(day: day).split(separator: "-")
        let isYearly = ["sale", "bank", "cash", "credit"].contains(text("account.journal", journal, "type"))
        var prefix = "\(text("account.journal", journal, "code"))/\(date[0])/" + (isYearly ? "" : "\(date[1])/")
        if flag("account.journal", journal, "refund_sequence"), kind(ofDocument: id).hasSuffix("_refund") {
            prefix = "R" + prefix
        }
        if flag("account.journal", journal, "payment_sequence"), payment(ofDocument: id) != nil {
            prefix = "P" + prefix
        }
        return (prefix, isYearly ? 5 : 4)
    }

    /// The last number with the prefix. Numbers have no gaps: what failed took none.
    private func lastNumber(_ prefix: String, _ journal: Int) -> Int {
        guard let slot = model(Self.move).fields["journal_id"]?.slot else { return 0 }
        let others = table(Self.move).ids(where: slot, is: .id(journal)) ?? []
        return others.compactMap { other in
            let name = text(Self.move, other, "name")
            return name.hasPrefix(prefix) ? Int(name.dropFirst(prefix.count)) : nil
        }.max() ?? 0
    }

    private mutating func number(_ id: Int) {
        guard let journal = one(Self.move, id, "journal_id") else { return }
        let (prefix, width) = numbering(id)
        let digits = String(lastNumber(prefix, journal) + 1)
        let name = prefix + String(repeating: "0", count: max(0, width - digits.utf8.count)) + digits
        assign(Self.move, id, ["name": .text(name)])
    }

    /// Up to 18 the first draft of a journal's year or month has its number before it is posted.
    mutating func proposeName(_ id: Int) {
        guard version < .v19, !hasName(id), let journal = one(Self.move, id, "journal_id"),
            lastNumber(numbering(id).prefix, journal) == 0
        else { return }
        number(id)
    }

    // MARK: States

    mutating func post(documents ids: [Int]) throws(OdooFault) {
        for id in ids {
            try checkComplete(id)
            if isInvoice(id), value(Self.move, id, "invoice_date").isEmpty {
                let today = OdooValue.day(OdooTime.day(now))
                assign(Self.move, id, ["invoice_date": today, "date": today])
                if value(Self.move, id, "invoice_date_due").isEmpty {
                    assign(Self.move, id, ["invoice_date_due": today])
                }
                try settle(document: id)
            }
        }
        for id in ids {
            if !hasName(id)
                || !flag(Self.move, id, "posted_before") && !text(Self.move, id, "name").hasPrefix(numbering(id).prefix)
            {
                number(id)
            }
            stamp(Self.move, id, ["state": "posted", "posted_before": true])
        }
        guard version >= .v17 else { return }
        for id in ids {
            // A credit note settles the invoice that it takes back, as long as that is open.
            guard let origin = one(Self.move, id, "reversed_entry_id"), text(Self.move, origin, "state") == "posted"
            else { continue }
            reconcile(documents: [origin, id])
        }
    }

    /// From 18 on all that is missing is said together.
    private func checkComplete(_ id: Int) throws(OdooFault) {
        let faults = faults(ofDocument: id)
        guard !faults.isEmpty else { return }
        throw .userError(version >= .v18 ? faults.joined(separator: "\n") : faults[0])
    }

    private func faults(ofDocument id: Int) -> [String] {
        let type = kind(ofDocument: id), isNew = version >= .v18
        var faults: [String] = []
        if isInvoice(id) {
            if amount(of: id, "amount_total") < 0 {
                faults.append(
                    "You cannot validate an invoice with a negative total amount. You should create a credit note "
                        + "instead. Use the action menu to transform it into a credit note or refund.")
            }
            if one(Self.move, id, "partner_id") == nil {
                faults.append(
                    !isSale(type)
                        ? "The field 'Vendor' is required, please complete it to validate the Vendor Bill."
                        : isNew
                            ? "The 'Customer' field is required to validate the invoice.\nYou probably don't want to "
                                + "explain to your auditor that you invoiced an invisible man :)"
                            : "The field 'Customer' is required, please complete it to validate the Customer Invoice.")
            }
            if !isSale(type), value(Self.move, id, "invoice_date").isEmpty {
                faults.append("The Bill/Refund date is required to validate this document.")
            }
        }
        let state = text(Self.move, id, "state"), name = text(Self.move, id, "name")
        if version == .v16, state == "posted" { faults.append("The entry \(name) (id \(id)) is already posted.") }
        if version >= .v17, state != "draft" { faults.append("The entry \(name) (id \(id)) must be in draft.") }
        let hasItem = many(Self.move, id, "line_ids").contains {
            !text(Self.line, $0, "display_type").hasPrefix("line_")
        }
        if !hasItem {
            faults.append(isNew ? "Even magicians can't post nothing!" : "You need to add a line before posting.")
        }
        if text(Self.move, id, "auto_post") != "no", case .day(let day) = value(Self.move, id, "date"),
            day > OdooTime.day(now)
        {
            let date = OdooTime.text(day: day).split(separator: "-")
            faults.append("This move is configured to be auto-posted on \(date[1])/\(date[2])/\(date[0])")
        }
        return faults
    }

    mutating func reset(documents ids: [Int]) throws(OdooFault) {
        // 16 takes any entry back, a draft as well.
        if version >= .v17, ids.contains(where: { text(Self.move, $0, "state") == "draft" }) {
            throw .userError("Only posted/cancelled journal entries can be reset to draft.")
        }
        for id in ids {
            // From 19 on a draft stays matched with what settled it.
            if version < .v19 { unreconcile(document: id) }
            stamp(Self.move, id, ["state": "draft"])
        }
    }

    mutating func cancel(documents ids: [Int]) throws(OdooFault) {
        if version >= .v17 {
            for id in ids where text(Self.move, id, "state") == "posted" { try reset(documents: [id]) }
            guard ids.allSatisfy({ text(Self.move, $0, "state") == "draft" }) else {
                throw .userError("Only draft journal entries can be cancelled.")
            }
        }
        for id in ids {
            if version == .v19 { unreconcile(document: id) }
            stamp(Self.move, id, ["state": "cancel", "auto_post": "no"])
        }
    }
}
