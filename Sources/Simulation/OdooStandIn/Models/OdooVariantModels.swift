/// Attributes of products, and the variants that follow from them.
enum OdooVariantModels {
    static func all(_ version: OdooStandInVersion) -> [OdooModelDeclaration] {
        [attributes, values(version), lines, templateValues]
    }

    private static let access = OdooAccess(readers: [], writers: [.salesManager, .productCreation])

    private static var attributes: OdooModelDeclaration {
        OdooModelDeclaration(
            "product.attribute", "Product Attribute",
            [
                .char("name", "Attribute").required, .integer("sequence", "Sequence").or(.integer(20)),
                .selection(
                    "create_variant", "Variants Creation Mode",
                    [("always", "Instantly"), ("dynamic", "Dynamically"), ("no_variant", "Never (option)")]
                ).required.or("always"),
                .selection(
                    "display_type", "Display Type",
                    [("radio", "Radio"), ("pills", "Pills"), ("select", "Select"), ("color", "Color")]
                ).required.or("radio"),
                .one2many("value_ids", "Values", "product.attribute.value", "attribute_id"),
                .one2many("attribute_line_ids", "Lines", "product.template.attribute.line", "attribute_id"),
            ]
        ).with {
            $0.access = access
            $0.order = "sequence, id"
        }
    }

    private static func values(_ version: OdooStandInVersion) -> OdooModelDeclaration {
        OdooModelDeclaration(
            "product.attribute.value", "Attribute Value",
            [
                .char("name", "Value").required, .integer("sequence", "Sequence"),
                .many2one("attribute_id", "Attribute", "product.attribute").required,
                .boolean("is_custom", "Free text"), .char("html_color", "Color"),
            ]
        ).with {
            $0.access = access
            $0.order = "attribute_id, sequence, id"
            $0.behaviour.displayName = { env, id in
                let attribute = env.one("product.attribute.value", id, "attribute_id")
                let name = env.text("product.attribute.value", id, "name")
                return attribute.map { "\(env.text("product.attribute", $0, "name")): \(name)" } ?? name
            }
            guard version < .v19 else { return }
            $0.behaviour.created = { (env, id, _) throws(OdooFault) in try checkUnique(env, [id]) }
            $0.behaviour.written = { (env, ids, _) throws(OdooFault) in try checkUnique(env, ids) }
        }
    }

    /// The UNIQUE constraint on name and attribute, which 19 gave up.
    private static func checkUnique(_ env: OdooEnvironment, _ ids: [Int]) throws(OdooFault) {
        let model = "product.attribute.value"
        for id in ids {
            guard let attribute = env.one(model, id, "attribute_id") else { continue }
            let name = env.text(model, id, "name")
            let twins = env.many("product.attribute", attribute, "value_ids").filter {
                env.text(model, $0, "name") == name
            }
            guard twins.count > 1 else { continue }
            throw .validation(
                "The operation cannot be completed: You cannot create two values with the same name for the same "
                    + "attribute.")
        }
    }

    private static var lines: OdooModelDeclaration {
        OdooModelDeclaration(
            "product.template.attribute.line", "Product Template Attribute Line",
            [
                .many2one("product_tmpl_id", "Product Template", "product.template").required.indexed,
                .many2one("attribute_id", "Attribute", "product.attribute").required,
                .many2many("value_ids", "Values", "product.attribute.value"),
                .one2many(
                    "product_template_value_ids", "Product Attribute Values", "product.template.attribute.value",
                    "attribute_line_id"),
                .integer("value_count", "Value Count").computed { env, id in
                    .integer(env.many("product.template.attribute.line", id, "value_ids").count)
                },
            ]
        ).with {
            $0.access = access
            // Odoo's own order begins with the attribute's, which is that of its making as long as nobody moves it.
            $0.order = "id"
            $0.recordName = "attribute_id"
            $0.behaviour.displayName = { env, id in
                env.one("product.template.attribute.line", id, "attribute_id").map {
                    env.displayName("product.attribute", $0)
                } ?? ""
            }
            $0.behaviour.created = { (env, id, _) throws(OdooFault) in try lineChanged(&env, [id]) }
            $0.behaviour.written = { (env, ids, _) throws(OdooFault) in try lineChanged(&env, ids) }
            $0.behaviour.unlinking = { (env, ids) throws(OdooFault) in
                for id in ids {
                    guard let template = env.one("product.template.attribute.line", id, "product_tmpl_id") else {
                        continue
                    }
                    try env.makeVariants(of: template, without: ids)
                }
            }
        }
    }

    private static func lineChanged(_ env: inout OdooEnvironment, _ ids: [Int]) throws(OdooFault) {
        for id in ids {
            try env.checkAttributeLine(id)
            env.matchValues(ofLine: id)
            // While a template is being made its variants come when all its lines are there.
            guard let template = env.one("product.template.attribute.line", id, "product_tmpl_id"),
                !env.many("product.template", template, "product_variant_ids").isEmpty
            else { continue }
            try env.makeVariants(of: template)
        }
    }

    private static var templateValues: OdooModelDeclaration {
        OdooModelDeclaration(
            "product.template.attribute.value", "Product Template Attribute Value",
            [
                .boolean("ptav_active", "Active").or(true),
                .many2one("product_attribute_value_id", "Attribute Value", "product.attribute.value").required,
                .many2one("attribute_line_id", "Attribute Line", "product.template.attribute.line").required.indexed,
                .char("name", "Value").related("product_attribute_value_id.name"),
                .many2one("attribute_id", "Attribute", "product.attribute").related("attribute_line_id.attribute_id"),
                .many2one("product_tmpl_id", "Product Template", "product.template")
                    .related("attribute_line_id.product_tmpl_id"),
                .float("price_extra", "Value Price Extra", digits: 2),
            ]
        ).with {
            $0.access = access
            $0.order = "id"
            $0.behaviour.displayName = { env, id in
                let model = "product.template.attribute.value"
                let attribute = env.one(model, id, "attribute_id").map { env.displayName("product.attribute", $0) }
                return "\(attribute ?? ""): \(env.text(model, id, "name"))"
            }
        }
    }

    /// What attributes add to products.
    static func extend(_ models: inout [OdooModelDeclaration], _ version: OdooStandInVersion) {
        models.extend("product.template") { template in
            template.fields += [
                .one2many(
                    "attribute_line_ids", "Product Attributes", "product.template.attribute.line", "product_tmpl_id"),
                .integer("product_variant_count", "# Product Variants").computed { env, id in
                    .integer(env.many("product.template", id, "product_variant_ids").count)
                },
            ]
            let single = template.behaviour.created
            template.behaviour.created = { (env, id, names) throws(OdooFault) in
                guard !env.many("product.template", id, "attribute_line_ids").isEmpty else {
                    try single?(&env, id, names)
                    return
                }
                try env.makeVariants(of: id)
            }
        }
        models.extend("product.product") { product in
            product.fields.append(
                .many2many(
                    "product_template_attribute_value_ids", "Attribute Values", "product.template.attribute.value"))
            product.behaviour.displayName = { env, id in
                let code = env.text("product.product", id, "default_code"),
                    name = env.text("product.product", id, "name")
                let values = env.distinguishing(id).map { env.text("product.template.attribute.value", $0, "name") }
                let whole = values.isEmpty ? name : "\(name) (\(values.joined(separator: ", ")))"
                return code.isEmpty ? whole : "[\(code)] \(whole)"
            }
        }
    }
}
