// What the lines of purchase and sales orders come to.
extension OdooTrade {
    /// The field of a line that names its taxes.
    func taxes(_ version: OdooStandInVersion) -> String {
        version == .v19 ? "tax_ids" : self == .sale ? "tax_id" : "taxes_id"
    }

    /// The field of a product that names those of a new line.
    var productTaxes: String { self == .sale ? "taxes_id" : "supplier_taxes_id" }
}

extension OdooEnvironment {
    var companyCurrency: OdooValue { value("res.company", 1, "currency_id") }

    /// What a line comes to before taxes.
    func subtotal(_ line: Int, _ trade: OdooTrade) -> Double {
        let price = number(trade.line, line, "price_unit") * (1 - number(trade.line, line, "discount") / 100)
        let included = many(trade.line, line, trade.taxes(version)).filter { flag("account.tax", $0, "price_include") }
            .reduce(0) { $0 + number("account.tax", $1, "amount") }
        return odooRound(number(trade.line, line, trade.quantity) * price / (1 + included / 100), digits: 2)
    }

    func tax(of line: Int, _ trade: OdooTrade) -> Double {
        let base = subtotal(line, trade)
        return many(trade.line, line, trade.taxes(version)).reduce(0) { sum, tax in
            let rate = number("account.tax", tax, "amount")
            let isFixed = text("account.tax", tax, "amount_type") == "fixed"
            return sum
                + odooRound(isFixed ? rate * number(trade.line, line, trade.quantity) : base * rate / 100, digits: 2)
        }
    }

    func untaxed(_ order: Int, _ trade: OdooTrade) -> Double {
        odooRound(children(trade.line, "order_id", of: order).reduce(0) { $0 + subtotal($1, trade) }, digits: 2)
    }

    func tax(ofOrder order: Int, _ trade: OdooTrade) -> Double {
        odooRound(children(trade.line, "order_id", of: order).reduce(0) { $0 + tax(of: $1, trade) }, digits: 2)
    }

    func total(of order: Int, _ trade: OdooTrade) -> Double {
        odooRound(untaxed(order, trade) + tax(ofOrder: order, trade), digits: 2)
    }

    /// The fields in which an order says what it comes to.
    static func amountFields(_ trade: OdooTrade) -> [OdooField] {
        [
            .float("amount_untaxed", "Untaxed Amount", digits: 2).computed { env, id in .float(env.untaxed(id, trade))
            },
            .float("amount_tax", "Taxes", digits: 2).computed { env, id in .float(env.tax(ofOrder: id, trade)) },
            .float("amount_total", "Total", digits: 2).computed { env, id in .float(env.total(of: id, trade)) },
        ]
    }

    /// The same of a line.
    static func lineAmountFields(_ trade: OdooTrade, _ version: OdooStandInVersion) -> [OdooField] {
        [
            .many2many(trade.taxes(version), "Taxes", "account.tax"),
            .float("price_subtotal", "Subtotal", digits: 2).computed { env, id in .float(env.subtotal(id, trade)) },
            .float("price_tax", trade == .sale ? "Total Tax" : "Tax", digits: 2).computed { env, id in
                .float(env.tax(of: id, trade))
            },
            .float("price_total", "Total", digits: 2).computed { env, id in
                .float(env.subtotal(id, trade) + env.tax(of: id, trade))
            },
        ]
    }
}
