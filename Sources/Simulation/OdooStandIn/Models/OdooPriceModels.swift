/// Price lists and their rules.
enum OdooPriceModels {
    static func all(_ version: OdooStandInVersion) -> [OdooModelDeclaration] { [lists, rules(version)] }

    private static let access = OdooAccess(readers: [], writers: [.salesManager, .productCreation])

    private static var lists: OdooModelDeclaration {
        OdooModelDeclaration(
            "product.pricelist", "Pricelist",
            [
                .char("name", "Pricelist Name").required.indexed, .boolean("active", "Active").or(true),
                .integer("sequence", "Sequence").or(.integer(16)),
                .many2one("currency_id", "Currency", "res.currency").required.orElse { env in
                    env.value("res.company", 1, "currency_id")
                },
                .many2one("company_id", "Company", "res.company").or(.id(1)),
                .one2many("item_ids", "Pricelist Rules", "product.pricelist.item", "pricelist_id"),
            ]
        ).with {
            $0.access = access
            $0.order = "sequence, id"
            $0.behaviour.displayName = { env, id in
                let currency = env.one("product.pricelist", id, "currency_id").map {
                    env.displayName("res.currency", $0)
                }
                return "\(env.text("product.pricelist", id, "name")) (\(currency ?? ""))"
            }
        }
    }

    private static func rules(_ version: OdooStandInVersion) -> OdooModelDeclaration {
        let list = OdooField.many2one("pricelist_id", "Pricelist", "product.pricelist").indexed.orElse { env in
            env.search(env.model("product.pricelist"), .all, limit: 1).first.map { .id($0) } ?? .empty
        }
        var fields: [OdooField] = [
            version < .v19 ? list.required : list,
            .many2one("company_id", "Company", "res.company").related("pricelist_id.company_id"),
            .many2one("currency_id", "Currency", "res.currency").related("pricelist_id.currency_id"),
            .datetime("date_start", "Start Date"), .datetime("date_end", "End Date"),
            .quantity("min_quantity", "Min. Quantity"),
            .selection(
                "applied_on", "Apply On",
                [
                    ("3_global", "All Products"), ("2_product_category", "Product Category"), ("1_product", "Product"),
                    ("0_product_variant", "Product Variant"),
                ]
            ).required,
            .many2one("categ_id", "Product Category", "product.category"),
            .many2one("product_tmpl_id", "Product", "product.template"),
            .many2one("product_id", "Product Variant", "product.product"),
            .selection(
                "base", "Based on",
                [("list_price", "Sales Price"), ("standard_price", "Cost"), ("pricelist", "Other Pricelist")]
            ).required.or("list_price"),
            .many2one("base_pricelist_id", "Other Pricelist", "product.pricelist"),
            .selection(
                "compute_price", "Compute Price",
                [("fixed", "Fixed Price"), ("percentage", "Discount"), ("formula", "Formula")]
            ).required.or("fixed"),
            .float("fixed_price", "Fixed Price", digits: 2), .float("percent_price", "Percentage Price"),
            .float("price_discount", "Price Discount", digits: 2),
            .float("price_surcharge", "Price Surcharge", digits: 2),
            .char("name", "Name").computed { env, id in .text(ruleName(env, id)) },
        ]
        if version >= .v18 {
            fields.append(
                .selection(
                    "display_applied_on", "Apply On", [("1_product", "Product"), ("2_product_category", "Category")]
                ).required.or("1_product"))
        }
        return OdooModelDeclaration("product.pricelist.item", "Pricelist Rule", fields).with {
            $0.access = access
            $0.order = "applied_on, min_quantity desc, categ_id desc, id desc"
            $0.behaviour.prepareCreate = { (env, values) throws(OdooFault) in
                if env.version >= .v18, values["product_tmpl_id"]?.id == nil, let product = values["product_id"]?.id {
                    values["product_tmpl_id"] = env.value("product.product", product, "product_tmpl_id")
                }
                if values["applied_on"]?.isEmpty != false {
                    let scope =
                        values["product_id"]?.id != nil
                        ? "0_product_variant"
                        : values["product_tmpl_id"]?.id != nil
                            ? "1_product" : values["categ_id"]?.id != nil ? "2_product_category" : "3_global"
                    values["applied_on"] = .text(scope)
                }
                narrow(&values)
            }
            $0.behaviour.writing = { (_, _, values) throws(OdooFault) in
                if values["applied_on"]?.isEmpty == false { narrow(&values) }
            }
            $0.behaviour.created = { (env, id, _) throws(OdooFault) in try check(env, id) }
            $0.behaviour.written = { (env, ids, _) throws(OdooFault) in for id in ids { try check(env, id) } }
        }
    }

    /// A rule keeps what it is about alone.
    private static func narrow(_ values: inout OdooValues) {
        let kept: [String: Set<String>] = [
            "2_product_category": ["categ_id"], "1_product": ["product_tmpl_id"],
            "0_product_variant": ["product_tmpl_id", "product_id"],
        ]
        let own = kept[values["applied_on"]?.text ?? ""] ?? []
        for name in ["categ_id", "product_tmpl_id", "product_id"] where !own.contains(name) { values[name] = .empty }
    }

    private static func check(_ env: OdooEnvironment, _ id: Int) throws(OdooFault) {
        let model = "product.pricelist.item"
        let wanted: [String: (field: String, words: String)] = [
            "2_product_category": ("categ_id", "category"), "1_product": ("product_tmpl_id", "product"),
            "0_product_variant": ("product_id", "product variant"),
        ]
        if let needed = wanted[env.text(model, id, "applied_on")], env.one(model, id, needed.field) == nil {
            throw .validation("Please specify the \(needed.words) for which this rule should be applied")
        }
        if let start = env.value(model, id, "date_start").instant, let end = env.value(model, id, "date_end").instant,
            start >= end
        {
            throw .validation(
                "\(env.displayName(model, id)): end date (\(OdooTime.text(end))) should be after start date "
                    + "(\(OdooTime.text(start)))")
        }
    }

    private static func ruleName(_ env: OdooEnvironment, _ id: Int) -> String {
        let model = "product.pricelist.item"
        func name(_ field: String, _ of: String) -> String {
            env.one(model, id, field).map { env.displayName(of, $0) } ?? ""
        }
        return switch env.text(model, id, "applied_on") {
        case "2_product_category": "Category: \(name("categ_id", "product.category"))"
        case "1_product": (env.version < .v18 ? "Product: " : "") + name("product_tmpl_id", "product.template")
        case "0_product_variant": "Variant: \(name("product_id", "product.product"))"
        default: "All Products"
        }
    }
}
