import ExactJSON

// The life of a repair order.
extension OdooEnvironment {
    private static let repair = OdooRepairModels.order

    private func state(ofRepair id: Int) -> String { text(Self.repair, id, "state") }

    /// Where the product to repair lies: a place of its own from 18 on.
    private func place(ofRepair id: Int) -> Int {
        one(Self.repair, id, version >= .v18 ? "product_location_src_id" : "location_id") ?? stockPlace
    }

    /// The window that Odoo opens where too little of a stored product lies there; nil where there is enough.
    func shortage(ofRepair id: Int) -> JSON? {
        guard let product = one(Self.repair, id, "product_id"), isStorable(product) else { return nil }
        let place = place(ofRepair: id), wanted = number(Self.repair, id, "product_qty")
        let lot = one(Self.repair, id, "lot_id")
        let here = quant(product, at: place, lot: lot).map { number("stock.quant", $0, "quantity") } ?? 0
        guard here < wanted - 0.000_001 else { return nil }
        let name = displayName("product.product", product)
        return [
            "name": .string("\(name): Insufficient Quantity To Repair"), "view_mode": "form",
            "res_model": "stock.warn.insufficient.qty.repair", "view_id": 961, "type": "ir.actions.act_window",
            "context": [
                "default_product_id": .int(product), "default_location_id": .int(place), "default_repair_id": .int(id),
                "default_quantity": Self.number(wanted),
                "default_product_uom_name": .string(
                    one("product.product", product, "uom_id").map { displayName("uom.uom", $0) } ?? ""),
            ],
            "target": "new",
        ]
    }

    mutating func confirm(repairs ids: [Int]) throws(OdooFault) {
        // From 17 on those that are confirmed are passed over.
        if version == .v16, ids.contains(where: { state(ofRepair: $0) != "draft" }) {
            throw .userError("Only draft repairs can be confirmed.")
        }
        for id in ids where state(ofRepair: id) == "draft" {
            let isInvoiced = text(Self.repair, id, "invoice_method") == "b4repair"
            stamp(Self.repair, id, ["state": isInvoiced ? "2binvoiced" : "confirmed"])
        }
    }

    mutating func start(repairs ids: [Int]) throws(OdooFault) {
        if version == .v16 {
            guard ids.allSatisfy({ ["confirmed", "ready"].contains(state(ofRepair: $0)) }) else {
                throw .userError("Repair must be confirmed before starting reparation.")
            }
        } else {
            try confirm(repairs: ids)
        }
        for id in ids { stamp(Self.repair, id, ["state": "under_repair"]) }
    }

    /// Moves what was repaired to where it stays, and closes the order.
    mutating func end(repairs ids: [Int]) throws(OdooFault) {
        guard ids.allSatisfy({ state(ofRepair: $0) == "under_repair" }) else {
            throw .userError("Repair must be under repair in order to end reparation.")
        }
        for id in ids {
            var values: OdooValues = ["state": "done", "repaired": true]
            if let product = one(Self.repair, id, "product_id") {
                let lot = one(Self.repair, id, "lot_id")
                if tracking(product) != "none", lot == nil {
                    let name = displayName("product.product", product)
                    if version == .v16 {
                        throw .userError("You need to supply a Lot/Serial Number for product: \n - \(name)")
                    }
                    throw .validation("Serial number is required for product to repair : \(name)")
                }
                let from = place(ofRepair: id)
                let to = version >= .v18 ? one(Self.repair, id, "product_location_dest_id") ?? from : from
                let name = text(Self.repair, id, "name")
                let move = postMove(
                    product, number(Self.repair, id, "product_qty"), from: from, to: to, lot: lot,
                    extra: ["repair_id": .id(id), "origin": .text(name)], label: name)
                values["move_id"] = .id(move)
            }
            if text(Self.repair, id, "invoice_method") == "after_repair" { values["state"] = "2binvoiced" }
            stamp(Self.repair, id, values)
        }
    }

    mutating func cancel(repairs ids: [Int]) throws(OdooFault) {
        guard !ids.contains(where: { state(ofRepair: $0) == "done" }) else {
            throw .userError(
                version == .v16
                    ? "You cannot cancel a completed repair order."
                    : "You cannot cancel a Repair Order that's already been completed")
        }
        for id in ids { stamp(Self.repair, id, ["state": "cancel"]) }
    }

    mutating func reopen(repairs ids: [Int]) throws(OdooFault) {
        let others = ids.filter { state(ofRepair: $0) != "cancel" }
        if version == .v16, !others.isEmpty {
            throw .userError("Repair must be canceled in order to reset it to draft.")
        }
        if !others.isEmpty { try cancel(repairs: others) }
        for id in ids { stamp(Self.repair, id, ["state": "draft"]) }
    }

    /// What must be before a repair may be deleted: 16 refuses, later versions cancel it.
    mutating func release(repairs ids: [Int]) throws(OdooFault) {
        guard version == .v16 else {
            return try cancel(repairs: ids.filter { !["draft", "cancel"].contains(state(ofRepair: $0)) })
        }
        for id in ids {
            if state(ofRepair: id) == "done" { throw .userError("You cannot delete a completed repair order.") }
            if !["draft", "cancel"].contains(state(ofRepair: id)) {
                throw .userError(
                    "You can not delete a repair order once it has been confirmed. You must first cancel it.")
            }
        }
    }
}
