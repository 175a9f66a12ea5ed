/// Transfers, packages, purchase and sale: what goes in and out.
enum OdooTradeModels {
    static func all(_ version: OdooStandInVersion) -> [OdooModelDeclaration] {
        OdooPickingModels.all(version) + OdooPickingWizards.all(version) + OdooPackageModels.all(version)
            + OdooPurchaseModels.all(version) + OdooSaleModels.all(version)
    }

    /// What a stock move has because of them.
    static func moveFields(_ version: OdooStandInVersion) -> [OdooField] {
        var fields: [OdooField] = [
            .many2one("picking_id", "Transfer", "stock.picking").indexed,
            .many2one("picking_type_id", "Operation Type", "stock.picking.type").related("picking_id.picking_type_id"),
            .many2one("partner_id", "Destination Address", "res.partner").related("picking_id.partner_id"),
            .many2one("purchase_line_id", "Purchase Order Line", "purchase.order.line").indexed,
            .many2one("sale_line_id", "Sale Line", "sale.order.line").indexed,
        ]
        // Up to 18 a move's own name keeps what an inventory adjustment was called.
        if version == .v19 { fields.append(.char("inventory_name", "Inventory Name").readonly) }
        return fields
    }

    /// What a line of a stock move has because of them.
    static func moveLineFields(_ version: OdooStandInVersion) -> [OdooField] {
        let package = OdooPackageModels.name(version)
        return [
            .many2one("picking_id", "Transfer", "stock.picking").indexed,
            .many2one("package_id", "Source Package", package),
            .many2one("result_package_id", "Destination Package", package).indexed,
            .many2one("owner_id", "From Owner", "res.partner"),
        ]
    }
}

/// Which of the two kinds of orders with a partner a thing belongs to.
enum OdooTrade: Sendable {
    case purchase, sale

    var order: String { self == .purchase ? "purchase.order" : "sale.order" }
    var line: String { order + ".line" }
    /// The field of a stock move that names the line it is for.
    var link: String { self == .purchase ? "purchase_line_id" : "sale_line_id" }
    /// The field of a line that says how much was ordered.
    var quantity: String { self == .purchase ? "product_qty" : "product_uom_qty" }

    func unit(_ version: OdooStandInVersion) -> String { version == .v19 ? "product_uom_id" : "product_uom" }
}

extension OdooEnvironment {
    mutating func installTrade() {
        for name in ["purchase", "purchase_stock", "sale_management", "sale_stock"] {
            _ = insert(
                "ir.module.module",
                ["name": .text(name), "state": "installed", "installed_version": .text("\(version.series).1.0")])
        }
    }

    /// A quantity in another unit of the same kind.
    func convert(_ quantity: Double, from: Int?, to: Int?) -> Double {
        guard let from, let to, from != to else { return quantity }
        let a = number("uom.uom", from, "factor"), b = number("uom.uom", to, "factor")
        guard a > 0, b > 0 else { return quantity }
        // A factor says up to 18 how many of a unit make the reference, from 19 on how much of the reference it is.
        return odooRound(version == .v19 ? quantity * a / b : quantity / a * b, digits: 2)
    }

    /// The transfers that the lines of an order have moves in, oldest first.
    func pickings(of order: Int, _ trade: OdooTrade) -> [Int] {
        var found: Set<Int> = []
        for line in children(trade.line, "order_id", of: order) {
            for move in children("stock.move", trade.link, of: line) {
                if let picking = one("stock.move", move, "picking_id") { found.insert(picking) }
            }
        }
        return found.sorted()
    }

    /// What of a line was moved, in the line's unit.
    func traded(_ line: Int, _ trade: OdooTrade) -> Double {
        let unit = one(trade.line, line, trade.unit(version))
        return odooRound(
            children("stock.move", trade.link, of: line).reduce(0) { sum, move in
                guard text("stock.move", move, "state") == "done" else { return sum }
                return sum + convert(moved(move), from: one("stock.move", move, "product_uom"), to: unit)
            }, digits: 2)
    }

    // MARK: Procurement

    /// Brings the moves of an order's line to what was ordered, as the rules of the stock do: more goes into the open
    /// transfer of the order, less comes out of it.
    mutating func procure(_ line: Int, _ trade: OdooTrade) throws(OdooFault) {
        guard let product = one(trade.line, line, "product_id"), let order = one(trade.line, line, "order_id"),
            text("product.product", product, "type") != "service"
        else { return }
        let unit = one(trade.line, line, trade.unit(version)), own = one("product.product", product, "uom_id")
        let moves = children("stock.move", trade.link, of: line).filter {
            text("stock.move", $0, "state") != "cancel"
        }
        let planned = moves.reduce(0) { $0 + number("stock.move", $1, "product_uom_qty") }
        let missing = odooRound(
            convert(number(trade.line, line, trade.quantity), from: unit, to: own) - planned, digits: 2)
        if missing < 0 { return lower(moves.filter(isOpen), by: -missing) }
        guard missing > 0 else { return }
        let open = moves.filter { isOpen($0) }.last
        if let open, !splitsPicked || !flag("stock.move", open, "picked") {
            assign(
                "stock.move", open, ["product_uom_qty": .float(number("stock.move", open, "product_uom_qty") + missing)]
            )
            return reserveAgain(open)
        }
        let running =
            open.flatMap { one("stock.move", $0, "picking_id") }
            ?? pickings(of: order, trade).first { !["done", "cancel"].contains(text("stock.picking", $0, "state")) }
        if let running {
            try makeMove(for: line, product, missing, in: running, trade)
        } else {
            let picking = try makePicking(for: order, trade)
            try makeMove(for: line, product, missing, in: picking, trade)
        }
    }

    /// Takes from the demand of open moves, the last one first; one without any demand left is cancelled.
    private mutating func lower(_ moves: [Int], by quantity: Double) {
        var left = quantity
        for move in moves.reversed() where left > 0.000_001 {
            let demand = number("stock.move", move, "product_uom_qty"), part = Swift.min(demand, left)
            left -= part
            assign("stock.move", move, ["product_uom_qty": .float(demand - part)])
            if demand - part <= 0.000_001 {
                cancelMove(move)
                refreshOrder(of: move)
            } else {
                if reserved(move) > demand - part { unreserve(move) }
                reserveAgain(move)
            }
        }
    }

    private mutating func reserveAgain(_ move: Int) {
        recomputeMove(move)
        reserve(move)
        refreshOrder(of: move)
    }

    /// The transfer that an order's goods come or go with.
    private mutating func makePicking(for order: Int, _ trade: OdooTrade) throws(OdooFault) -> Int {
        let warehouse = record("stock.warehouse0") ?? 0
        let type: OdooValue
        let partner: OdooValue
        if trade == .purchase {
            type = value("purchase.order", order, "picking_type_id")
            partner = value("purchase.order", order, "partner_id")
        } else {
            type = value("stock.warehouse", one("sale.order", order, "warehouse_id") ?? warehouse, "out_type_id")
            partner = value("sale.order", order, "partner_shipping_id")
        }
        var values: OdooValues = [
            "picking_type_id": type, "partner_id": partner, "origin": value(trade.order, order, "name"),
            "user_id": .empty,
        ]
        try preparePicking(&values)
        return insert("stock.picking", values)
    }

    private mutating func makeMove(
        for line: Int, _ product: Int, _ quantity: Double, in picking: Int, _ trade: OdooTrade
    ) throws(OdooFault) {
        let order = one(trade.line, line, "order_id") ?? 0
        var values: OdooValues = [
            "product_id": .id(product), "product_uom_qty": .float(quantity),
            "product_uom": value("product.product", product, "uom_id"), "picking_id": .id(picking),
            "location_id": value("stock.picking", picking, "location_id"),
            "location_dest_id": value("stock.picking", picking, "location_dest_id"),
            "origin": value(trade.order, order, "name"), trade.link: .id(line), "unit_factor": .float(1),
            "date": trade == .purchase
                ? value("purchase.order.line", line, "date_planned") : promised(order),
        ]
        if version < .v19 { values["name"] = .text(displayName("product.product", product)) }
        let move = insert("stock.move", values)
        try confirmTransfer([move])
        refreshPicking(picking)
    }

    private func promised(_ order: Int) -> OdooValue {
        let date = value("sale.order", order, "commitment_date")
        return date.isEmpty ? nowSecond : date
    }
}
