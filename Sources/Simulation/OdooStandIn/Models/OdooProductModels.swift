/// Units of measure, product templates and their variants.
///
/// A variant keeps its code, barcode and cost; the rest lies on the template and is written through to it.
enum OdooProductModels {
    /// The fields of a variant that lie on its template.
    static let delegated = [
        "name", "type", "detailed_type", "is_storable", "tracking", "list_price", "uom_id", "categ_id", "sale_ok",
        "purchase_ok", "description", "company_id", "use_expiration_date", "expiration_time",
    ]
    /// The fields of a template that its one variant keeps.
    static let ofVariant = ["default_code", "barcode", "standard_price", "weight"]

    static func all(_ version: OdooStandInVersion) -> [OdooModelDeclaration] {
        [units(version), unitCategories, categories, template(version), variant(version)]
    }

    private static func units(_ version: OdooStandInVersion) -> OdooModelDeclaration {
        var fields: [OdooField] = [
            .char("name", "Unit of Measure").required, .boolean("active", "Active").or(true),
            .float("rounding", "Rounding Precision").or(.float(0.01)), .float("factor", "Ratio").or(.float(1)),
        ]
        if version == .v19 {
            fields += [
                .float("relative_factor", "Contains").or(.float(1)),
                .many2one("relative_uom_id", "Reference Unit", "uom.uom"),
                .integer("sequence", "Sequence"),
            ]
        } else {
            fields += [
                .many2one("category_id", "Category", "uom.category").required,
                .float("ratio", "Combined Ratio").or(.float(1)),
                .float("factor_inv", "Bigger Ratio").or(.float(1)),
                .selection(
                    "uom_type", "Type", [("bigger", "Bigger"), ("reference", "Reference"), ("smaller", "Smaller")]
                )
                .or("reference"),
            ]
        }
        return OdooModelDeclaration("uom.uom", "Product Unit of Measure", fields).with {
            $0.access = .stockSetup
            $0.order = version == .v19 ? "sequence, relative_uom_id, id" : "factor desc, id"
            $0.behaviour.unlinking = { (env, ids) throws(OdooFault) in
                let kept = ids.filter { env.externalID("uom.uom", $0)?.hasPrefix("uom.") == true }
                guard !kept.isEmpty else { return }
                let names = kept.map { env.displayName("uom.uom", $0) }.joined(separator: ", ")
                throw .userError(
                    "The following units of measure are used by the system and cannot be deleted: \(names)\n"
                        + "You can archive them instead.")
            }
        }
    }

    private static var unitCategories: OdooModelDeclaration {
        OdooModelDeclaration(
            "uom.category", "Product UoM Categories", [.char("name", "Unit of Measure Category").required]
        )
        .with { $0.access = .stockSetup }
    }

    private static var categories: OdooModelDeclaration {
        OdooModelDeclaration(
            "product.category", "Product Category",
            [.char("name", "Name").required, .many2one("parent_id", "Parent Category", "product.category")]
        ).with {
            $0.access = .product; $0.order = "name"
        }
    }

    private static func shared(_ version: OdooStandInVersion) -> [OdooField] {
        var fields: [OdooField] = [
            .char("name", "Name").required,
            .selection(
                "tracking", "Tracking",
                [("serial", "By Unique Serial Number"), ("lot", "By Lots"), ("none", "No Tracking")]
            )
            .required.or("none"),
            .float("list_price", "Sales Price", digits: 2).or(.float(1)),
            .many2one("uom_id", "Unit of Measure", "uom.uom").required.or(.id(1)),
            .many2one("categ_id", "Product Category", "product.category").or(.id(1)),
            .boolean("sale_ok", "Can be Sold").or(true), .boolean("purchase_ok", "Can be Purchased").or(true),
            .html("description", "Description"),
            .many2one("company_id", "Company", "res.company"),
            .boolean("use_expiration_date", "Use Expiration Date"), .integer("expiration_time", "Expiration Time"),
        ]
        if version >= .v18 {
            fields += [
                .selection("type", "Product Type", [("consu", "Goods"), ("service", "Service"), ("combo", "Combo")])
                    .required
                    .or("consu"),
                .boolean("is_storable", "Track Inventory"),
            ]
        } else {
            let kinds = [("consu", "Consumable"), ("service", "Service"), ("product", "Storable Product")]
            fields += [
                .selection("detailed_type", "Product Type", kinds).required.or("consu"),
                .selection("type", "Type", kinds).or("consu"),
            ]
        }
        return fields
    }

    private static func template(_ version: OdooStandInVersion) -> OdooModelDeclaration {
        var fields = shared(version)
        fields += [
            .boolean("active", "Active").or(true),
            .one2many("product_variant_ids", "Products", "product.product", "product_tmpl_id"),
            .many2one("product_variant_id", "Product", "product.product").computed { env, id in
                env.children("product.product", "product_tmpl_id", of: id).first.map { .id($0) } ?? .empty
            },
            .char("default_code", "Internal Reference").computed { $0.ofOnlyVariant($1, "default_code") },
            .char("barcode", "Barcode").computed { $0.ofOnlyVariant($1, "barcode") },
            .float("standard_price", "Cost", digits: 2).computed { $0.ofOnlyVariant($1, "standard_price") },
            .float("weight", "Weight").computed { $0.ofOnlyVariant($1, "weight") },
            .quantity("qty_available", "Quantity On Hand").related("product_variant_id.qty_available"),
            .one2many("bom_ids", "Bill of Materials", "mrp.bom", "product_tmpl_id"),
        ]
        return OdooModelDeclaration("product.template", "Product", fields).with {
            $0.access = .product
            $0.order = "name, id"
            $0.behaviour.displayName = { env, id in
                let code = env.text("product.template", id, "default_code"),
                    name = env.text("product.template", id, "name")
                return code.isEmpty ? name : "[\(code)] \(name)"
            }
            $0.behaviour.prepareCreate = { (_, values) throws(OdooFault) in alignType(&values) }
            $0.behaviour.created = { (env, id, _) throws(OdooFault) in
                _ = env.insert("product.product", ["product_tmpl_id": .id(id)])
            }
            $0.behaviour.writing = { (env, ids, values) throws(OdooFault) in
                alignType(&values)
                for id in ids { passOn(&env, id, values) }
            }
            $0.behaviour.passedOn = { (env, id, values) throws(OdooFault) in passOn(&env, id, values) }
        }
    }

    /// What its one variant keeps goes there; of several none is meant.
    private static func passOn(_ env: inout OdooEnvironment, _ template: Int, _ values: OdooValues) {
        let own = values.filter { ofVariant.contains($0.key) }
        let variants = env.many("product.template", template, "product_variant_ids")
        if !own.isEmpty, variants.count == 1, let only = variants.first { env.stamp("product.product", only, own) }
    }

    /// Up to 17 the type is what `detailed_type` says.
    private static func alignType(_ values: inout OdooValues) {
        if let detailed = values["detailed_type"] { values["type"] = detailed }
    }

    private static func variant(_ version: OdooStandInVersion) -> OdooModelDeclaration {
        var fields: [OdooField] = shared(version).map { $0.delegatedToTemplate() }
        fields += [
            .many2one("product_tmpl_id", "Product Template", "product.template").required.indexed,
            .char("default_code", "Internal Reference").indexed, .char("barcode", "Barcode").indexed.notCopied,
            .float("standard_price", "Cost", digits: 2), .float("weight", "Weight"),
            .boolean("active", "Active").or(true),
            .float("lst_price", "Sales Price", digits: 2).related("product_tmpl_id.list_price"),
            .binary("image_128", "Image 128").unstored,
            .quantity("qty_available", "Quantity On Hand").computed { env, id in .float(env.stock(of: id, free: false))
            },
            .quantity("free_qty", "Free To Use Quantity").computed { env, id in .float(env.stock(of: id, free: true)) },
            .quantity("incoming_qty", "Incoming").computed { env, id in .float(env.planned(of: id, incoming: true)) },
            .quantity("outgoing_qty", "Outgoing").computed { env, id in .float(env.planned(of: id, incoming: false)) },
            .quantity("virtual_available", "Forecasted Quantity").computed { env, id in .float(env.forecast(of: id)) },
            .one2many("stock_quant_ids", "Stock Quant", "stock.quant", "product_id"),
        ]
        return OdooModelDeclaration("product.product", "Product Variant", fields).with {
            $0.access = .product
            $0.order = "default_code, name, id"
            $0.behaviour.displayName = { env, id in
                let code = env.text("product.product", id, "default_code"),
                    name = env.text("product.product", id, "name")
                return code.isEmpty ? name : "[\(code)] \(name)"
            }
            $0.behaviour.prepareCreate = { (env, values) throws(OdooFault) in
                alignType(&values)
                try checkBarcode(env, values["barcode"], besides: nil)
                guard values["product_tmpl_id"] == nil else { return }
                let template = env.model("product.template")
                if let name = template.fields["name"], values["name"]?.isEmpty != false {
                    throw env.requiredFault(template, name)
                }
                values["product_tmpl_id"] = .id(
                    env.insert("product.template", values.filter { delegated.contains($0.key) }))
            }
            $0.behaviour.writing = { (env, ids, values) throws(OdooFault) in
                alignType(&values)
                for id in ids {
                    try checkBarcode(env, values["barcode"], besides: id)
                    let shared = values.filter { delegated.contains($0.key) }
                    if !shared.isEmpty, let template = env.one("product.product", id, "product_tmpl_id") {
                        env.stamp("product.template", template, shared)
                    }
                    // From 19 on the quantity on hand can be written: an inventory adjustment.
                    if env.version == .v19, let wanted = values["qty_available"] {
                        env.adjustStock(of: id, to: wanted.double)
                    }
                }
            }
        }
    }

    private static func checkBarcode(_ env: OdooEnvironment, _ barcode: OdooValue?, besides id: Int?) throws(OdooFault)
    {
        guard let barcode, !barcode.isEmpty, let other = env.first("product.product", where: "barcode", is: barcode),
            other != id
        else { return }
        throw .validation(
            "Barcode(s) already assigned:\n\n- Barcode \"\(barcode.text ?? "")\" already assigned to product(s): "
                + env.text("product.product", other, "name"))
    }
}

extension OdooField {
    /// The field of a variant that shows its template's; writing it goes there.
    fileprivate func delegatedToTemplate() -> OdooField {
        var field = self
        field.isRequired = false
        field = field.related("product_tmpl_id.\(name)")
        field.isReadonly = false
        field.isStored = true
        return field
    }
}

extension OdooEnvironment {
    mutating func installUnits() {
        if version < .v19 {
            for name in ["Unit", "Weight", "Working Time", "Length / Distance"] {
                _ = insert("uom.category", ["name": .text(name)])
            }
        }
        let units: [(String, String, Int, Double)] = [
            ("product_uom_unit", "Units", 1, 1), ("product_uom_dozen", "Dozens", 1, 12),
            ("product_uom_kgm", "kg", 2, 1),
            ("product_uom_gram", "g", 2, 0.001), ("product_uom_hour", "Hours", 3, 1), ("product_uom_meter", "m", 4, 1),
            ("product_uom_millimeter", "mm", 4, 0.001),
        ]
        for (external, name, category, size) in units {
            var values: OdooValues = ["name": .text(name), "factor": .float(version == .v19 ? size : 1 / size)]
            if version == .v19 {
                values["relative_factor"] = .float(size)
            } else {
                values["category_id"] = .id(category)
                values["ratio"] = .float(size)
                values["factor_inv"] = .float(size)
                values["uom_type"] = size == 1 ? "reference" : size > 1 ? "bigger" : "smaller"
            }
            _ = data("uom.\(external)", "uom.uom", values)
        }
        _ = data("product.product_category_all", "product.category", ["name": "All"])
    }

    /// Whether stock of the product is kept.
    func isStorable(_ product: Int) -> Bool {
        version >= .v18
            ? flag("product.product", product, "is_storable") : text("product.product", product, "type") == "product"
    }

    func tracking(_ product: Int) -> String { text("product.product", product, "tracking") }
}
