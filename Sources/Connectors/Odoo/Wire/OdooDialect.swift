/// What differs between the versions of Odoo, in one table: names of fields and what a method takes.
package struct OdooDialect: Sendable, Hashable {
    /// The major version: 16, 17, 18, 19.
    package let version: Int

    /// The versions that this connector knows.
    package static let supported = 16...19

    package init?(version: Int) {
        guard Self.supported.contains(version) else { return nil }
        self.version = version
    }

    /// Whether the JSON-2 interface exists.
    var hasJSON2: Bool { version >= 19 }
    /// What an order and its backorders have in common.
    var orderGroup: String { version >= 19 ? "production_group_id" : "procurement_group_id" }
    /// The planned start of an order.
    var orderStart: String { version >= 17 ? "date_start" : "date_planned_start" }
    /// The finished lot of an order.
    var finishedLot: String { version >= 19 ? "lot_producing_ids" : "lot_producing_id" }
    /// Whether ``finishedLot`` takes several lots, so that one order can get all its serial numbers at once.
    var takesSeveralLots: Bool { version >= 19 }
    /// Whether a lot must name its company.
    var lotNeedsCompany: Bool { version < 18 }
    /// The quantity of a stock move that was done.
    var moveDone: String { version >= 17 ? "quantity" : "quantity_done" }
    /// The quantity of a stock move line that was done.
    var lineDone: String { version >= 17 ? "quantity" : "qty_done" }
    /// Whether reserving fills in the done quantity, so that only `picked` tells what was really used.
    var hasPicked: Bool { version >= 17 }
    /// Whether a stock move has a text of its own, which must be given.
    var moveHasName: Bool { version < 19 }
    /// The field of a stock move that keeps what an inventory adjustment was called.
    var moveMarker: String { version < 19 ? "name" : "reference" }
    /// Where a stock move leads in the end, beyond its own destination; nil before there was such a field.
    var moveFinal: String? { version >= 18 ? "location_final_id" : nil }
    /// What is reserved for a stock move where that is a field of its own; else ``moveDone`` says it until it is
    /// picked.
    var moveReserved: String? { version < 17 ? "reserved_availability" : nil }
    /// The planned end of an order.
    var orderEnd: String { version >= 17 ? "date_finished" : "date_planned_finished" }
    /// The field that tells whether stock of a product is kept.
    var stockKept: String { version >= 18 ? "is_storable" : "detailed_type" }
    /// The quantity's unit on a line of a sales or purchase order.
    var orderLineUnit: String { version >= 19 ? "product_uom_id" : "product_uom" }
    /// The tags for the reason of a scrap; nil before there were any.
    var scrapReasons: (field: String, model: String)? {
        version >= 18 ? ("scrap_reason_tag_ids", "stock.scrap.reason.tag") : nil
    }
    /// The values that make a product storable.
    var storable: [(String, String)] {
        version >= 18 ? [("type", "consu"), ("is_storable", "true")] : [("detailed_type", "product")]
    }
    /// Whether an activity that is done stays, archived; before that it was mostly deleted.
    var keepsDoneActivities: Bool { version >= 18 }
    /// What a payment says that it is for.
    var paymentMemo: String { version >= 18 ? "memo" : "ref" }
    /// What makes a credit note of an invoice, in the window for it.
    var refund: String { version >= 17 ? "refund_moves" : "reverse_moves" }
    /// What goods are packed in.
    var package: String { version >= 19 ? "stock.package" : "stock.quant.package" }
    /// The fields that say how a unit of measure relates to others.
    var unitFields: [String] {
        version >= 19 ? ["relative_factor", "relative_uom_id"] : ["uom_type", "category_id", "ratio"]
    }
}
