// How variants follow from the attribute lines of a template.
extension OdooEnvironment {
    /// The most variants that one change makes.
    private static let maximumVariants = 1_000

    func checkAttributeLine(_ line: Int) throws(OdooFault) {
        let model = "product.template.attribute.line"
        let attribute = one(model, line, "attribute_id") ?? 0, template = one(model, line, "product_tmpl_id") ?? 0
        let attributeName = displayName("product.attribute", attribute)
        let product = displayName("product.template", template)
        let values = many(model, line, "value_ids")
        guard !values.isEmpty else {
            throw .validation(
                "The attribute \(attributeName) must have at least one value for the product \(product).")
        }
        for value in values where one("product.attribute.value", value, "attribute_id") != attribute {
            throw .validation(
                "On the product \(product) you cannot associate the value "
                    + "\(displayName("product.attribute.value", value)) with the attribute \(attributeName) because "
                    + "they do not match.")
        }
    }

    /// Lets a line have one value of the template's own for each attribute value; those that left are set aside.
    mutating func matchValues(ofLine line: Int) {
        let wanted = many("product.template.attribute.line", line, "value_ids")
        let model = "product.template.attribute.value"
        var known: Set<Int> = []
        for own in children(model, "attribute_line_id", of: line) {
            guard let value = one(model, own, "product_attribute_value_id") else { continue }
            known.insert(value)
            assign(model, own, ["ptav_active": .bool(wanted.contains(value))])
        }
        for value in wanted where !known.contains(value) {
            _ = insert(model, ["attribute_line_id": .id(line), "product_attribute_value_id": .id(value)])
        }
    }

    /// Makes the variants that are missing, and takes away those whose combination is no more.
    mutating func makeVariants(of template: Int, without gone: [Int] = []) throws(OdooFault) {
        let model = "product.template.attribute.line"
        let lines = many("product.template", template, "attribute_line_ids").filter { line in
            !gone.contains(line)
                && one(model, line, "attribute_id").map { text("product.attribute", $0, "create_variant") }
                    != "no_variant"
        }
        let isDynamic = lines.contains { line in
            one(model, line, "attribute_id").map { text("product.attribute", $0, "create_variant") } == "dynamic"
        }
        let variants = children("product.product", "product_tmpl_id", of: template)
        var existing: [[Int]: Int] = [:]
        for variant in variants {
            existing[many("product.product", variant, "product_template_attribute_value_ids").sorted()] = variant
        }
        var kept: Set<Int> = []
        for combination in try combinations(of: lines) where !isDynamic {
            if let variant = existing[combination.sorted()] {
                kept.insert(variant)
                assign("product.product", variant, ["active": true])
            } else {
                kept.insert(
                    insert(
                        "product.product",
                        [
                            "product_tmpl_id": .id(template),
                            "product_template_attribute_value_ids": combination.isEmpty ? .empty : .ids(combination),
                        ]))
            }
        }
        for variant in variants where !kept.contains(variant) && !isDynamic { drop(variant: variant) }
    }

    /// All choices of one active value a line, in the lines' order.
    private func combinations(of lines: [Int]) throws(OdooFault) -> [[Int]] {
        var combinations: [[Int]] = [[]]
        for line in lines {
            let values = children("product.template.attribute.value", "attribute_line_id", of: line).filter {
                flag("product.template.attribute.value", $0, "ptav_active")
            }
            combinations = combinations.flatMap { start in values.map { start + [$0] } }
            guard combinations.count <= Self.maximumVariants else {
                throw .userError(
                    "The number of variants to generate is above allowed limit. You should either not generate "
                        + "variants for each combination or generate them on demand from the sales order. To do so, "
                        + "open the form view of attributes and change the mode of *Create Variants*.")
            }
        }
        return combinations
    }

    /// Deletes a variant, or archives it where something refers to it.
    private mutating func drop(variant: Int) {
        let isUsed =
            !children("stock.move", "product_id", of: variant).isEmpty || !quants(product: variant).isEmpty
            || !children("mrp.production", "product_id", of: variant).isEmpty
        if isUsed { stamp("product.product", variant, ["active": false]) } else { delete("product.product", variant) }
    }

    /// The values that tell a variant from its siblings: those of attributes with several values.
    func distinguishing(_ variant: Int) -> [Int] {
        many("product.product", variant, "product_template_attribute_value_ids").filter { value in
            guard let line = one("product.template.attribute.value", value, "attribute_line_id") else { return false }
            return many("product.template.attribute.line", line, "value_ids").count > 1
        }
    }

    /// A field that a template shows of its variant, where it has just one.
    func ofOnlyVariant(_ template: Int, _ field: String) -> OdooValue {
        let variants = children("product.product", "product_tmpl_id", of: template)
        guard variants.count == 1, let only = variants.first else { return .empty }
        return value("product.product", only, field)
    }
}
