import Canonical
import ExactJSON

// What moved, and master data.
extension ChangeFacts {
    /// Goods that went from one place to another, by what the two places are.
    static func movement(_ change: OdooChange, _ codes: ChangeCodes) -> Fact? {
        guard change.operation != .baseline, change.entered("state", ["done"]) else { return nil }
        let location = "stock.location"
        let from = change.link("location_id"), to = change.link("location_dest_id"), picking = change.link("picking_id")
        guard let begin = codes.text(location, from, "usage"), let end = codes.text(location, to, "usage"),
            let amount = change.number(first: "quantity", "qty_done"), !amount.isZero
        else { return nil }
        let shipment = codes.text("stock.picking", picking, "name")
        let partner = codes.partner(codes.link("stock.picking", picking, "partner_id"))
        let places: [(String, JSON?)] = [
            ("from", codes.text(location, from, "complete_name").map(JSON.string)),
            ("to", codes.text(location, to, "complete_name").map(JSON.string)),
        ]
        var goods: [(String, JSON?)] = [
            ("item", codes.item(change.link("product_id")).map(JSON.string)),
            ("quantity", codes.quantity(amount, change.link("product_uom_id"))),
            (
                "lot",
                (codes.text("stock.lot", change.link("lot_id"), "name") ?? change.text("lot_name")).map(JSON.string)
            ),
        ]
        let paper: [(String, JSON?)] = [
            ("shipment", shipment.map(JSON.string)),
            ("order", codes.text("stock.picking", picking, "origin").map(JSON.string)),
        ]
        let stock: Set = ["internal", "transit"]
        switch (begin, end) {
        case ("supplier", _) where stock.contains(end):
            return Fact(
                "inbound.received", subject: shipment, goods + paper + places + [("supplier", partner.map(JSON.string))]
            )
        case (_, "customer") where stock.contains(begin):
            return Fact(
                "outbound.dispatched", subject: shipment,
                goods + paper + places + [("customer", partner.map(JSON.string))])
        case ("inventory", _) where stock.contains(end):
            return Fact("inventory.adjusted", goods + [("location", places[1].1)])
        case (_, "inventory") where stock.contains(begin):
            goods[1].1 = codes.quantity(amount.negated, change.link("product_uom_id"))
            return Fact("inventory.adjusted", goods + [("location", places[0].1)])
        case _ where stock.contains(begin) && stock.contains(end):
            return Fact("inventory.moved", subject: shipment, goods + paper + places)
        default:
            // Into and out of production, returns: told as the record's change.
            return nil
        }
    }

    private static func operation(_ change: OdooChange) -> JSON {
        switch change.operation {
        case .create: "created"
        case .write: "changed"
        case .unlink: "deleted"
        case .baseline: "known"
        }
    }

    static func item(_ change: OdooChange, _ codes: ChangeCodes) -> Fact? {
        guard let code = change.text("default_code") else { return nil }
        let name = change.text("name") ?? codes.text("product.template", change.link("product_tmpl_id"), "name")
        return Fact(
            "item.changed", subject: code,
            [
                ("item", .string(code)), ("name", name.map(JSON.string)), ("operation", operation(change)),
                ("active", change.values["active"]), ("unit", codes.unit(change.link("uom_id")).map(JSON.string)),
                ("barcode", change.text("barcode").map(JSON.string)),
                ("tracking", change.text("tracking").map(JSON.string)),
                ("price", change.number("list_price").map(JSON.number)),
            ])
    }

    static func partner(_ change: OdooChange, _ codes: ChangeCodes) -> Fact? {
        guard let partner = change.text("ref") ?? change.text("name") else { return nil }
        return Fact(
            "partner.changed", subject: partner,
            [
                ("partner", .string(partner)), ("name", change.text("name").map(JSON.string)),
                ("operation", operation(change)), ("active", change.values["active"]),
                ("taxNumber", change.text("vat").map(JSON.string)), ("email", change.text("email").map(JSON.string)),
                ("phone", change.text("phone").map(JSON.string)), ("street", change.text("street").map(JSON.string)),
                ("postalCode", change.text("zip").map(JSON.string)), ("city", change.text("city").map(JSON.string)),
            ])
    }

    static func billOfMaterials(_ change: OdooChange, _ codes: ChangeCodes) -> Fact? {
        let item =
            codes.item(change.link("product_id"))
            ?? codes.text("product.template", change.link("product_tmpl_id"), "default_code")
        guard let item else { return nil }
        return Fact(
            "bill-of-materials.changed", subject: item,
            [
                ("item", .string(item)), ("code", change.text("code").map(JSON.string)),
                ("operation", operation(change)), ("active", change.values["active"]),
                ("kind", change.text("type").map(JSON.string)),
                ("quantity", codes.quantity(change.number("product_qty"), change.link("product_uom_id"))),
            ])
    }

    static func maintenance(_ change: OdooChange, _ codes: ChangeCodes) -> Fact? {
        let fact: String
        let isNew = change.operation == .create || change.operation == .baseline
        let isClosed = change.text("close_date") != nil
        if change.operation == .unlink || (isClosed && isNew) { return nil }
        if isClosed, change.touches(["close_date"]) {
            fact = "completed"
        } else if isNew {
            fact = change.text("schedule_date") == nil ? "requested" : "scheduled"
        } else if change.changed?.contains("schedule_date") == true, change.text("schedule_date") != nil {
            fact = "scheduled"
        } else {
            return nil
        }
        let priority: [String: JSON] = ["0": "low", "1": "normal", "2": "high", "3": "urgent"]
        let asset = codes.text("maintenance.equipment", change.link("equipment_id"), "serial_no", "name")
        return Fact(
            "maintenance.\(fact)", subject: asset,
            [
                ("asset", asset.map(JSON.string)),
                ("kind", change.text("maintenance_type") == "preventive" ? "preventive" : "corrective"),
                ("priority", change.text("priority").flatMap { priority[$0] }),
                ("description", change.text("name").map(JSON.string)),
            ])
    }
}
