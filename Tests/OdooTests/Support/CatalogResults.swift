import Foundation

/// Writes down which operation held at which Odoo, where `ODOO_RESULTS` names a file.
enum CatalogResults {
    enum Kind: String {
        case standIn = "stand-in"
        /// The stand-in, where recorded answers of that version show the calls that the operation comes down to.
        case recorded
        case real
        /// A real one, whose commits took two minutes.
        case held
    }

    /// The calls of Odoo's own that an operation comes down to over plain RPC, of what is no mere reading: `create` is
    /// `load` as well. What is written through a document's lines is recorded at the lines.
    static let calls: [String: Set<String>] = [
        "activity.create": ["mail.activity.create"], "activity.done": ["mail.activity.action_feedback"],
        "attachment.add": ["ir.attachment.create"], "bill.create": ["account.move.create"],
        "bom.create": ["mrp.bom.create"], "downtime.record": ["mrp.workcenter.productivity.create"],
        "downtime.start": ["mrp.workcenter.productivity.create"],
        "equipment.upsert": ["maintenance.equipment.create"],
        "inventory.count": ["stock.quant.create", "stock.quant.action_apply_inventory"],
        "invoice.cancel": ["account.move.button_cancel"], "invoice.create": ["account.move.create"],
        "invoice.post": ["account.move.action_post"], "invoice.refund": ["account.move.reversal.create"],
        "invoice.reset": ["account.move.button_draft"],
        // An entry of its own: a bill, which is recorded, has other fields.
        "journal.entry": ["account.move.line.create"], "lead.create": ["crm.lead.create"],
        "lot.set": ["stock.lot.create"], "maintenance.request": ["maintenance.request.create"],
        "maintenance.update": ["maintenance.request.write"], "material.consume": ["stock.move.write"],
        "package.create": ["stock.package.create"], "partner.upsert": ["res.partner.create"],
        "payment.register": ["account.payment.register.create"], "price.set": ["product.pricelist.item.create"],
        "product.upsert": ["product.product.create"], "production.byproducts": ["mrp.bom.byproduct.create"],
        "production.cancel": ["mrp.production.action_cancel"],
        "production.complete": ["mrp.production.write", "mrp.production.button_mark_done"],
        "production.components": ["stock.move.create", "stock.move.write"],
        "production.confirm": ["mrp.production.action_confirm"], "production.create": ["mrp.production.create"],
        "production.plan": ["mrp.production.button_plan"],
        "production.progress": ["mrp.production.write", "mrp.workorder.write"],
        "production.reserve": ["mrp.production.action_assign"],
        "production.unbuild": ["mrp.unbuild.create", "mrp.unbuild.action_validate"],
        "production.unplan": ["mrp.production.button_unplan"], "production.unreserve": ["mrp.production.do_unreserve"],
        "purchase.acknowledge": ["purchase.order.write"], "purchase.approve": ["purchase.order.button_approve"],
        "purchase.cancel": ["purchase.order.button_cancel"], "purchase.change": ["purchase.order.write"],
        "purchase.confirm": ["purchase.order.button_confirm"], "purchase.create": ["purchase.order.create"],
        "purchase.receive": ["stock.move.write", "stock.picking.button_validate"],
        "quality.hold": ["stock.picking.create", "stock.picking.button_validate"],
        "record.call": ["mrp.production.action_confirm"], "record.create": ["res.partner.create"],
        "record.upsert": ["res.partner.create"], "record.write": ["res.partner.write"],
        "repair.cancel": ["repair.order.action_repair_cancel"], "repair.confirm": ["repair.order.action_validate"],
        "repair.create": ["repair.order.create"], "repair.finish": ["repair.order.action_repair_end"],
        "repair.start": ["repair.order.action_repair_start"], "sale.cancel": ["sale.order.action_cancel"],
        "sale.change": ["sale.order.write"], "sale.confirm": ["sale.order.action_confirm"],
        "sale.create": ["sale.order.create"], "sale.deliver": ["stock.move.write", "stock.picking.button_validate"],
        "scrap.record": ["stock.scrap.create", "stock.scrap.action_validate"], "task.create": ["project.task.create"],
        "task.update": ["project.task.write"], "transfer.cancel": ["stock.picking.action_cancel"],
        "transfer.complete": ["stock.move.write", "stock.picking.button_validate"],
        "transfer.confirm": ["stock.picking.action_confirm"], "transfer.create": ["stock.picking.create"],
        "transfer.reserve": ["stock.picking.action_assign"], "variant.set": ["product.product.write"],
        "workcenter.set": ["mrp.workcenter.write"], "workorder.finish": ["mrp.workorder.button_finish"],
        "workorder.pause": ["mrp.workorder.button_pending"], "workorder.start": ["mrp.workorder.button_start"],
        "workorder.time": ["mrp.workcenter.productivity.create"],
    ]

    /// The calls that a real server of each version answered well where somebody recorded it.
    private static let answered: [String: Set<String>] = {
        var answered: [String: Set<String>] = [:]
        for version in Transcripts.versions {
            guard let exchanges = try? Transcripts.read(version) else { continue }
            answered[version] = Set(
                exchanges.filter(\.isAnswered).compactMap { $0.call?.replacing(".load", with: ".create") })
        }
        return answered
    }()

    /// Whether recorded answers of that version show what the operation comes down to over plain RPC. Nobody has
    /// recorded the companion addon.
    static func isRecorded(_ operation: String, _ version: String) -> Bool {
        guard let calls = calls[operation], let answered = answered[version] else { return false }
        return calls.isSubset(of: answered)
    }

    static func keep(_ one: CatalogCase, _ peer: Peer, _ kind: Kind) async throws {
        guard let path = ProcessInfo.processInfo.environment["ODOO_RESULTS"] else { return }
        let version = String(try await peer.version)
        let hasRecording = kind == .standIn && !peer.hasGateway && isRecorded(one.operation, version)
        let kind: Kind = hasRecording ? .recorded : kind
        let executor = peer.hasGateway ? "addon" : "RPC"
        let line = "\(one.operation) \(version) \(executor) \(kind.rawValue)\n"
        let file = FileHandle(forWritingAtPath: path)
        if let file {
            try file.seekToEnd()
            try file.write(contentsOf: Data(line.utf8))
            try file.close()
        } else {
            try line.write(toFile: path, atomically: true, encoding: .utf8)
        }
    }
}
