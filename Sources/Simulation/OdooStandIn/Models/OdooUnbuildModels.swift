import ExactJSON

/// Unbuild orders: the finished product goes back into its components.
enum OdooUnbuildModels {
    static func all(_ version: OdooStandInVersion) -> [OdooModelDeclaration] {
        let fields: [OdooField] = [
            .char("name", "Reference").readonly.notCopied.or("New"),
            .many2one("product_id", "Product", "product.product").required,
            .many2one("mo_id", "Manufacturing Order", "mrp.production"),
            .many2one("bom_id", "Bill of Material", "mrp.bom"), .many2one("lot_id", "Lot/Serial Number", "stock.lot"),
            .quantity("product_qty", "Quantity").required.or(.float(1)),
            .many2one("product_uom_id", "Unit of Measure", "uom.uom").required,
            .many2one("location_id", "Source Location", "stock.location").required.orElse { .id($0.stockPlace) },
            .many2one("location_dest_id", "Destination Location", "stock.location").required.orElse {
                .id($0.stockPlace)
            },
            .selection("state", "Status", [("draft", "Draft"), ("done", "Done")]).or("draft").notCopied,
            .many2one("company_id", "Company", "res.company").or(.id(1)),
        ]
        return [
            OdooModelDeclaration("mrp.unbuild", "Unbuild Order", fields).with {
                $0.access = .manufacturing
                $0.order = "id desc"
                $0.behaviour.prepareCreate = { (env, values) throws(OdooFault) in
                    if values["product_uom_id"] == nil, let product = values["product_id"]?.id {
                        values["product_uom_id"] = env.value("product.product", product, "uom_id")
                    }
                }
                $0.methods["action_validate"] = .records { (env, call) throws(OdooFault) in
                    try env.checkThere(call)
                    let unbuild = try call.single()
                    if let wizard = env.insufficientToUnbuild(unbuild) { return .json(wizard) }
                    try env.unbuild(unbuild)
                    return .done
                }
                $0.methods["action_unbuild"] = .records { (env, call) throws(OdooFault) in
                    try env.checkThere(call)
                    try env.unbuild(try call.single())
                    return .done
                }
            }
        ]
    }
}

extension OdooEnvironment {
    /// The wizard that Odoo answers with where too little lies in the place; nil where there is enough.
    fileprivate func insufficientToUnbuild(_ unbuild: Int) -> JSON? {
        guard let product = one("mrp.unbuild", unbuild, "product_id"), isStorable(product),
            let place = one("mrp.unbuild", unbuild, "location_id")
        else { return nil }
        let lot = one("mrp.unbuild", unbuild, "lot_id")
        guard isShort(product, at: place, lot: lot, of: number("mrp.unbuild", unbuild, "product_qty")) else {
            return nil
        }
        return [
            "name": .string("\(displayName("product.product", product)): Insufficient Quantity To Unbuild"),
            "view_mode": "form", "res_model": "stock.warn.insufficient.qty.unbuild", "type": "ir.actions.act_window",
            "context": [
                "default_product_id": .int(product), "default_location_id": .int(place),
                "default_unbuild_id": .int(unbuild),
            ],
            "target": "new",
        ]
    }

    /// Takes the product from stock and puts back what its order consumed for it.
    fileprivate mutating func unbuild(_ unbuild: Int) throws(OdooFault) {
        guard text("mrp.unbuild", unbuild, "state") == "draft", let product = one("mrp.unbuild", unbuild, "product_id"),
            let from = one("mrp.unbuild", unbuild, "location_id"),
            let to = one("mrp.unbuild", unbuild, "location_dest_id")
        else { return }
        let lot = one("mrp.unbuild", unbuild, "lot_id"), quantity = number("mrp.unbuild", unbuild, "product_qty")
        if tracking(product) != "none", lot == nil {
            throw .userError("You should provide a lot number for the final product.")
        }
        let order = one("mrp.unbuild", unbuild, "mo_id")
        if let order, text("mrp.production", order, "state") != "done" {
            throw .userError("You cannot unbuild a undone manufacturing order.")
        }
        let name = next("mrp.unbuild", prefix: "UB/")
        _ = postMove(
            product, quantity, from: from, to: productionPlace, lot: lot, extra: ["origin": .text(name)], label: name)
        for (component, part, lot) in parts(of: unbuild, order, quantity) where part > 0 {
            _ = postMove(
                component, part, from: productionPlace, to: to, lot: lot, extra: ["origin": .text(name)], label: name)
        }
        stamp("mrp.unbuild", unbuild, ["name": .text(name), "state": "done"])
    }

    /// The components of that quantity: as the order consumed them, without one as the bill of materials says.
    private func parts(of unbuild: Int, _ order: Int?, _ quantity: Double) -> [(
        product: Int, quantity: Double, lot: Int?
    )] {
        if let order {
            let made = produced(order)
            return many("mrp.production", order, "move_raw_ids").filter { text("stock.move", $0, "state") == "done" }
                .flatMap { move in
                    many("stock.move", move, "move_line_ids").compactMap { line in
                        one("stock.move.line", line, "product_id").map {
                            (
                                $0, number("stock.move.line", line, doneField) * quantity / (made > 0 ? made : 1),
                                one("stock.move.line", line, "lot_id")
                            )
                        }
                    }
                }
        }
        guard let bom = one("mrp.unbuild", unbuild, "bom_id") else { return [] }
        let batch = number("mrp.bom", bom, "product_qty")
        return many("mrp.bom", bom, "bom_line_ids").compactMap { line in
            one("mrp.bom.line", line, "product_id").map {
                ($0, number("mrp.bom.line", line, "product_qty") * quantity / (batch > 0 ? batch : 1), nil)
            }
        }
    }
}
