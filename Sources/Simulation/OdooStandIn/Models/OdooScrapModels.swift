import ExactJSON

/// Scrap orders. Validating one again scraps again, as in Odoo.
enum OdooScrapModels {
    static func all(_ version: OdooStandInVersion) -> [OdooModelDeclaration] {
        var models = [scraps(version)]
        if version >= .v18 {
            models.append(
                OdooModelDeclaration(
                    "stock.scrap.reason.tag", "Scrap Reason Tag",
                    [.char("name", "Name").required, .integer("sequence", "Sequence"), .char("color", "Color")]
                ).with {
                    $0.access = .stock; $0.order = "sequence, id"
                })
        }
        models.append(
            OdooModelDeclaration(
                "stock.warn.insufficient.qty.scrap", "Warn Insufficient Scrap Quantity",
                [
                    .many2one("product_id", "Product", "product.product").required,
                    .many2one("location_id", "Location", "stock.location").required,
                    .many2one("scrap_id", "Scrap", "stock.scrap"), .quantity("quantity", "Quantity"),
                    .char("product_uom_name", "Unit"),
                ]
            ).with {
                $0.isTransient = true
                $0.access = .stock
                $0.recordName = "id"
                $0.methods["action_done"] = .records { (env, call) throws(OdooFault) in
                    guard let scrap = env.one(call.model.name, try call.single(), "scrap_id") else { return .done }
                    try env.doScrap(scrap)
                    return .done
                }
            })
        return models
    }

    private static func scraps(_ version: OdooStandInVersion) -> OdooModelDeclaration {
        var fields: [OdooField] = [
            .char("name", "Reference").or("New").readonly.required,
            .many2one("product_id", "Product", "product.product").required, .char("origin", "Source Document"),
            .many2one("product_uom_id", "Unit of Measure", "uom.uom").required,
            .many2one("lot_id", "Lot/Serial", "stock.lot"),
            .quantity("scrap_qty", "Quantity").required.or(.float(1)),
            .selection("state", "Status", [("draft", "Draft"), ("done", "Done")]).or("draft").readonly.notCopied,
            .many2one("location_id", "Source Location", "stock.location").required,
            .many2one("scrap_location_id", "Scrap Location", "stock.location").required,
            .many2one("production_id", "Manufacturing Order", "mrp.production").indexed,
            .many2one("workorder_id", "Work Order", "mrp.workorder"), .datetime("date_done", "Date").readonly.notCopied,
            .many2one("company_id", "Company", "res.company").or(.id(1)),
        ]
        if version == .v16 {
            fields.append(.many2one("move_id", "Scrap Move", "stock.move").readonly.notCopied)
        } else {
            fields.append(.one2many("move_ids", "Move", "stock.move", "scrap_id").readonly)
        }
        if version >= .v18 {
            fields.append(.many2many("scrap_reason_tag_ids", "Scrap Reason", "stock.scrap.reason.tag"))
        }
        if version == .v19 {
            fields = fields.map { field in
                field.name == "location_id"
                    ? field.orElse { .id($0.stockPlace) }
                    : field.name == "scrap_location_id" ? field.orElse { .id($0.scrapPlace) } : field
            }
        }
        return OdooModelDeclaration("stock.scrap", "Scrap", fields).with {
            $0.access = .stock
            $0.order = "id desc"
            $0.behaviour.prepareCreate = { (env, values) throws(OdooFault) in
                if let product = values["product_id"]?.id, values["product_uom_id"] == nil {
                    values["product_uom_id"] = env.value("product.product", product, "uom_id")
                }
                if values["location_id"] == nil {
                    let order = values["production_id"]?.id
                    let isDone = order.map { env.text("mrp.production", $0, "state") == "done" } ?? false
                    values["location_id"] =
                        order.map { env.value("mrp.production", $0, isDone ? "location_dest_id" : "location_src_id") }
                        ?? .id(env.stockPlace)
                }
                if values["scrap_location_id"] == nil { values["scrap_location_id"] = .id(env.scrapPlace) }
            }
            $0.behaviour.unlinking = { (env, ids) throws(OdooFault) in
                for id in ids where env.text("stock.scrap", id, "state") == "done" {
                    throw .userError("You cannot delete a scrap which is done.")
                }
            }
            $0.methods["action_validate"] = .records { (env, call) throws(OdooFault) in
                try env.checkThere(call)
                let scrap = try call.single()
                guard env.number("stock.scrap", scrap, "scrap_qty") > 0 else {
                    throw .userError("You can only enter positive quantities.")
                }
                if let wizard = env.insufficient(scrap) { return .json(wizard) }
                try env.doScrap(scrap)
                return .done
            }
            $0.methods["do_scrap"] = .records { (env, call) throws(OdooFault) in
                try env.checkThere(call)
                for scrap in call.ids { try env.doScrap(scrap) }
                return .done
            }
        }
    }
}

extension OdooEnvironment {
    /// The wizard that Odoo answers with where too little lies in the place; nil where there is enough.
    fileprivate func insufficient(_ scrap: Int) -> JSON? {
        guard let product = one("stock.scrap", scrap, "product_id"),
            let place = one("stock.scrap", scrap, "location_id"),
            isStorable(product)
        else { return nil }
        let wanted = number("stock.scrap", scrap, "scrap_qty")
        guard isShort(product, at: place, lot: one("stock.scrap", scrap, "lot_id"), of: wanted) else { return nil }
        return [
            "name": .string("\(displayName("product.product", product)): Insufficient Quantity To Scrap"),
            "view_mode": "form", "res_model": "stock.warn.insufficient.qty.scrap", "view_id": 960,
            "type": "ir.actions.act_window",
            "context": [
                "default_product_id": .int(product), "default_location_id": .int(place),
                "default_scrap_id": .int(scrap),
                "default_quantity": Self.number(wanted),
                "default_product_uom_name": .string(
                    one("stock.scrap", scrap, "product_uom_id").map { displayName("uom.uom", $0) } ?? ""),
            ],
            "target": "new",
        ]
    }

    /// Whether less than `wanted` of the product lies in the place.
    func isShort(_ product: Int, at place: Int, lot: Int?, of wanted: Double) -> Bool {
        let here = quants(product: product).filter {
            one("stock.quant", $0, "location_id") == place && (lot == nil || one("stock.quant", $0, "lot_id") == lot)
        }
        return here.reduce(0) { $0 + number("stock.quant", $1, "quantity") } < wanted - 0.000_001
    }

    /// Posts the scrap, whatever its state: a new number and a further move each time.
    mutating func doScrap(_ scrap: Int) throws(OdooFault) {
        guard let product = one("stock.scrap", scrap, "product_id"),
            let from = one("stock.scrap", scrap, "location_id"),
            let to = one("stock.scrap", scrap, "scrap_location_id")
        else { return }
        if tracking(product) != "none", one("stock.scrap", scrap, "lot_id") == nil, isStorable(product) {
            throw .userError(
                "You need to supply a Lot/Serial number for product \(displayName("product.product", product)).")
        }
        let name = next("stock.scrap", prefix: "SP/")
        var extra: OdooValues = [
            "origin": value("stock.scrap", scrap, "origin").isEmpty
                ? .text(name) : value("stock.scrap", scrap, "origin")
        ]
        if version >= .v17 { extra["scrap_id"] = .id(scrap) }
        let move = postMove(
            product, number("stock.scrap", scrap, "scrap_qty"), from: from, to: to,
            lot: one("stock.scrap", scrap, "lot_id"),
            extra: extra, label: name)
        stamp(
            "stock.scrap", scrap,
            ["name": .text(name), "state": "done", "date_done": .instant(now), "move_id": .id(move)])
    }
}
