/// The chart of accounts, journals and taxes.
enum OdooAccountModels {
    static let access = OdooAccess(readers: [.billing], writers: [.billing])
    /// Everybody sees accounts and taxes; setting them up is for who sets up the books.
    private static let setup = OdooAccess(readers: [], writers: [.settings])

    static let accountTypes = [
        ("asset_receivable", "Receivable"), ("asset_cash", "Bank and Cash"), ("asset_current", "Current Assets"),
        ("asset_non_current", "Non-current Assets"), ("asset_prepayments", "Prepayments"),
        ("asset_fixed", "Fixed Assets"), ("liability_payable", "Payable"), ("liability_credit_card", "Credit Card"),
        ("liability_current", "Current Liabilities"), ("liability_non_current", "Non-current Liabilities"),
        ("equity", "Equity"), ("equity_unaffected", "Current Year Earnings"), ("income", "Income"),
        ("income_other", "Other Income"), ("expense", "Expenses"), ("expense_depreciation", "Depreciation"),
        ("expense_direct_cost", "Cost of Revenue"), ("off_balance", "Off-Balance Sheet"),
    ]

    static func all(_ version: OdooStandInVersion) -> [OdooModelDeclaration] {
        [accounts(version), journals(version), taxes]
    }

    private static func accounts(_ version: OdooStandInVersion) -> OdooModelDeclaration {
        let types = accountTypes + (version == .v19 ? [("expense_other", "Other Expenses")] : [])
        var fields: [OdooField] = [
            .char("name", "Account Name").required, .char("code", "Code").required.indexed,
            .selection("account_type", "Type", types).required, .boolean("reconcile", "Allow Reconciliation"),
            .many2one("currency_id", "Account Currency", "res.currency"), .text("note", "Internal Notes"),
            .many2many("tax_ids", "Default Taxes", "account.tax"),
        ]
        fields.append(
            version >= .v18
                ? .many2many("company_ids", "Companies", "res.company").or(.ids([1]))
                : .many2one("company_id", "Company", "res.company").required.or(.id(1)))
        fields.append(
            version == .v19 ? .boolean("active", "Active").or(true) : .boolean("deprecated", "Deprecated"))
        return OdooModelDeclaration("account.account", "Account", fields).with {
            $0.access = setup
            $0.order = "code"
            $0.behaviour.displayName = { env, id in
                "\(env.text("account.account", id, "code")) \(env.text("account.account", id, "name"))"
            }
        }
    }

    private static func journals(_ version: OdooStandInVersion) -> OdooModelDeclaration {
        var types = [
            ("sale", "Sales"), ("purchase", "Purchase"), ("cash", "Cash"), ("bank", "Bank"),
            ("general", "Miscellaneous"),
        ]
        if version >= .v18 { types.insert(("credit", "Credit Card"), at: 4) }
        return OdooModelDeclaration(
            "account.journal", "Journal",
            [
                .char("name", "Journal Name").required, .char("code", "Short Code").required.indexed,
                .boolean("active", "Active").or(true), .integer("sequence", "Sequence").or(.integer(10)),
                .selection("type", "Type", types).required,
                .many2one("default_account_id", "Default Account", "account.account"),
                .many2one("company_id", "Company", "res.company").required.or(.id(1)),
                .many2one("currency_id", "Currency", "res.currency"),
                .boolean("refund_sequence", "Dedicated Credit Note Sequence"),
                .boolean("payment_sequence", "Dedicated Payment Sequence"),
            ]
        ).with {
            $0.access = OdooAccess(readers: [.billing], writers: [.settings])
            $0.order = "sequence, type, code"
        }
    }

    private static var taxes: OdooModelDeclaration {
        OdooModelDeclaration(
            "account.tax", "Tax",
            [
                .char("name", "Tax Name").required, .boolean("active", "Active").or(true),
                .integer("sequence", "Sequence").or(.integer(1)), .float("amount", "Amount", digits: 4).required,
                .selection(
                    "type_tax_use", "Tax Type", [("sale", "Sales"), ("purchase", "Purchases"), ("none", "None")]
                ).required.or("sale"),
                .selection("amount_type", "Tax Computation", [("fixed", "Fixed"), ("percent", "Percentage of Price")])
                    .required.or("percent"),
                .boolean("price_include", "Included in Price"), .char("description", "Label on Invoices"),
                .many2one("company_id", "Company", "res.company").required.or(.id(1)),
            ]
        ).with {
            $0.access = setup
            $0.order = "sequence, id"
        }
    }

    /// What the books add to products: the taxes of a new one are the company's.
    static func extend(_ models: inout [OdooModelDeclaration]) {
        models.extend("product.template") { template in
            template.fields += [
                .many2many("taxes_id", "Sales Taxes", "account.tax").orElse { $0.companyTaxes("sale") },
                .many2many("supplier_taxes_id", "Purchase Taxes", "account.tax").orElse { $0.companyTaxes("purchase") },
            ]
        }
        models.extend("product.product") { product in
            product.fields += [
                .many2many("taxes_id", "Sales Taxes", "account.tax").related("product_tmpl_id.taxes_id"),
                .many2many("supplier_taxes_id", "Purchase Taxes", "account.tax")
                    .related("product_tmpl_id.supplier_taxes_id"),
            ]
        }
    }
}

extension OdooEnvironment {
    /// The tax that the company applies where nothing else is said.
    func companyTaxes(_ use: String) -> OdooValue {
        record("account.1_\(use)_tax_template").map { .ids([$0]) } ?? .empty
    }

    /// An account of the chart by its external name.
    func account(_ name: String) -> Int? { record("account.1_\(name)") }

    func isReconcilable(_ account: Int) -> Bool {
        flag("account.account", account, "reconcile")
            || ["asset_cash", "liability_credit_card"].contains(text("account.account", account, "account_type"))
    }

    /// The generic chart of accounts, as far as documents and payments need it.
    mutating func installAccounts() {
        let chart: [(external: String, code: String, name: String, type: String)] = [
            ("current_assets", "101000", "Current Assets", "asset_current"), ("bank", "101401", "Bank", "asset_cash"),
            ("suspense", "101402", "Bank Suspense Account", "asset_current"),
            ("account_journal_payment_debit_account_id", "101403", "Outstanding Receipts", "asset_current"),
            ("account_journal_payment_credit_account_id", "101404", "Outstanding Payments", "asset_current"),
            ("cash", "101501", "Cash", "asset_cash"), ("stock_valuation", "110100", "Stock Valuation", "asset_current"),
            ("receivable", "121000", "Account Receivable", "asset_receivable"),
            ("tax_paid", "131000", "Tax Paid", "asset_current"),
            ("payable", "211000", "Account Payable", "liability_payable"),
            ("tax_received", "251000", "Tax Received", "liability_current"),
            ("income", "400000", "Product Sales", "income"),
            ("cost_of_goods_sold", "500000", "Cost of Goods Sold", "expense_direct_cost"),
            ("expense", "600000", "Expenses", "expense"),
            ("undistributed", "999999", "Undistributed Profits/Losses", "equity_unaffected"),
        ]
        for account in chart {
            let reconcile =
                ["asset_receivable", "liability_payable"].contains(account.type)
                || account.external.hasPrefix("account_journal_payment")
            _ = data(
                "account.1_\(account.external)", "account.account",
                [
                    "code": .text(account.code), "name": .text(account.name), "account_type": .text(account.type),
                    "reconcile": .bool(reconcile),
                ])
        }
        let isNamedAnew = version == .v19
        let journals: [(external: String, code: String, name: String, type: String, account: String?)] = [
            ("sale", "INV", isNamedAnew ? "Sales" : "Customer Invoices", "sale", "income"),
            ("purchase", "BILL", isNamedAnew ? "Purchases" : "Vendor Bills", "purchase", "expense"),
            ("bank", "BNK1", "Bank", "bank", "bank"), ("cash", "CSH1", "Cash", "cash", "cash"),
            ("general", "MISC", "Miscellaneous Operations", "general", nil),
            ("exch", "EXCH", "Exchange Difference", "general", nil),
        ]
        for (index, journal) in journals.enumerated() {
            let isTrade = ["sale", "purchase"].contains(journal.type)
            _ = data(
                "account.1_\(journal.external)", "account.journal",
                [
                    "code": .text(journal.code), "name": .text(journal.name), "type": .text(journal.type),
                    "default_account_id": journal.account.flatMap { account($0) }.map { .id($0) } ?? .empty,
                    "sequence": .integer(index + 5), "refund_sequence": .bool(isTrade),
                    "payment_sequence": .bool(["bank", "cash"].contains(journal.type)),
                ])
        }
        for use in ["sale", "purchase"] {
            _ = data(
                "account.1_\(use)_tax_template", "account.tax",
                [
                    "name": .text(version >= .v17 ? "15%" : "Tax 15%"), "amount": .float(15),
                    "type_tax_use": .text(use),
                ])
        }
    }
}
