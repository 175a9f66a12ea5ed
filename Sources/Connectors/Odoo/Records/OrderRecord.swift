import ExactJSON

/// A manufacturing order as it stands in Odoo, under names that no version changes.
struct OrderRecord: Sendable {
    enum State: String, Sendable {
        case draft, confirmed, progress
        case toClose = "to_close"
        case done, cancel
        /// A state that some customisation added: treated as open.
        case other
    }

    let id: Int
    /// For messages only: a backorder changes it.
    let name: String
    let state: State
    let product: Int
    let productLabel: String
    let unit: Int
    let planned: ExactNumber
    let producing: ExactNumber
    let produced: ExactNumber
    let origin: String?
    /// What this order and its backorders share.
    let group: Int?
    let tracking: Tracking
    let company: Int?
    let companyLabel: String
    let moves: [Int]
    let workOrders: [Int]
    let finishedLots: [Int]

    enum Tracking: String, Sendable { case none, lot, serial }

    /// Whether quantities can still be written.
    var isOpen: Bool { state != .done && state != .cancel }
    /// What was made on it, as far as it tells.
    var shown: ExactNumber { state == .done ? produced : producing }
    /// The name without the number that splitting adds: `WH/MO/00042-002` is of the stem `WH/MO/00042`.
    var stem: String { Self.stem(of: name) }

    static func stem(of name: String) -> String {
        let tail = name.suffix(4)
        guard name.count > 4, tail.first == "-", tail.dropFirst().allSatisfy({ $0.isASCII && $0.isNumber }) else {
            return name
        }
        return String(name.dropLast(4))
    }

    static func fields(_ dialect: OdooDialect) -> [String] {
        [
            "name", "state", "product_id", "product_uom_id", "product_qty", "qty_producing", "qty_produced", "origin",
            dialect.orderGroup, "product_tracking", "company_id", "move_raw_ids", "workorder_ids", dialect.finishedLot,
        ]
    }

    init(_ row: OdooRow, _ dialect: OdooDialect) {
        id = row.id
        name = row.text("name") ?? "#\(row.id)"
        state = row.text("state").flatMap(State.init) ?? .other
        product = row.link("product_id") ?? 0
        productLabel = row.label("product_id") ?? "#\(row.link("product_id") ?? 0)"
        unit = row.link("product_uom_id") ?? 0
        planned = row.number("product_qty")
        producing = row.number("qty_producing")
        produced = row.number("qty_produced")
        origin = row.text("origin")
        group = row.link(dialect.orderGroup)
        tracking = row.text("product_tracking").flatMap(Tracking.init) ?? .none
        company = row.link("company_id")
        companyLabel = row.label("company_id") ?? "no company"
        moves = row.links("move_raw_ids")
        workOrders = row.links("workorder_ids")
        finishedLots =
            dialect.takesSeveralLots
            ? row.links(dialect.finishedLot) : [row.link(dialect.finishedLot)].compactMap { $0 }
    }
}

/// An order with its backorders, oldest first; never empty.
struct OrderFamily: Sendable {
    let orders: [OrderRecord]

    /// Names the order and its backorders in the ledger: the first order's id, which it keeps through every split.
    var number: Int { orders.first?.id ?? 0 }

    /// Where the next quantity goes: the open order of this very name, where a command names one of several backorders,
    /// else the oldest that is still open.
    func open(for reference: String) -> OrderRecord? {
        orders.first { $0.name == reference && $0.isOpen } ?? orders.first(where: \.isOpen)
    }
}

/// A component's stock move.
struct MoveRecord: Sendable {
    let id: Int
    let product: Int
    let productLabel: String
    let unit: Int
    let planned: ExactNumber
    /// What was really used so far; a mere reservation does not count.
    let used: ExactNumber
    /// The done field as it stands, reservations included, and whether it is marked as used.
    let shown: ExactNumber
    let isPicked: Bool
    let tracking: OrderRecord.Tracking
    let location: Int
    let destination: Int
    let lines: [Int]
    let isOpen: Bool

    static func fields(_ dialect: OdooDialect) -> [String] {
        [
            "product_id", "product_uom", "product_uom_qty", "state", "has_tracking", "location_id", "location_dest_id",
            "move_line_ids", dialect.moveDone,
        ] + (dialect.hasPicked ? ["picked"] : [])
    }

    init(_ row: OdooRow, _ dialect: OdooDialect) {
        id = row.id
        product = row.link("product_id") ?? 0
        productLabel = row.label("product_id") ?? "#\(row.link("product_id") ?? 0)"
        unit = row.link("product_uom") ?? 0
        planned = row.number("product_uom_qty")
        shown = row.number(dialect.moveDone)
        isPicked = dialect.hasPicked ? row.flag("picked") : true
        used = isPicked ? shown : ExactNumber(0)
        tracking = row.text("has_tracking").flatMap(OrderRecord.Tracking.init) ?? .none
        location = row.link("location_id") ?? 0
        destination = row.link("location_dest_id") ?? 0
        lines = row.links("move_line_ids")
        isOpen = !["done", "cancel"].contains(row.text("state") ?? "")
    }

    /// The command that adds what was used of one lot. `transfer`: whose line it is as well; Odoo 16 does not see that
    /// by itself. `package`: what it is packed in.
    func newLine(
        lot: JSON?, quantity: ExactNumber, transfer: Int? = nil, package: JSON? = nil, _ dialect: OdooDialect
    ) -> JSON {
        var values: JSON = [
            "product_id": .int(product), "product_uom_id": .int(unit), dialect.lineDone: .number(quantity),
            "location_id": .int(location), "location_dest_id": .int(destination),
        ]
        if let lot { values["lot_id"] = lot }
        if let package { values["result_package_id"] = package }
        if dialect.hasPicked { values["picked"] = true }
        if let transfer { values["picking_id"] = .int(transfer) }
        return [0, 0, values]
    }

    /// The values that set what was used, for a move without lots.
    func values(used: ExactNumber, _ dialect: OdooDialect) -> JSON {
        var values: JSON = [dialect.moveDone: .number(used)]
        if dialect.hasPicked { values["picked"] = true }
        return values
    }
}

/// One line of a component's stock move: what was taken of one lot.
struct MoveLineRecord: Sendable {
    let id: Int
    let lot: Int?
    let done: ExactNumber
    /// Whether it was really used; otherwise it is a reservation.
    let isUsed: Bool

    static func fields(_ dialect: OdooDialect) -> [String] {
        ["lot_id", dialect.lineDone] + (dialect.hasPicked ? ["picked"] : [])
    }

    init(_ row: OdooRow, _ dialect: OdooDialect) {
        id = row.id
        lot = row.link("lot_id")
        done = row.number(dialect.lineDone)
        isUsed = dialect.hasPicked ? row.flag("picked") : !row.number(dialect.lineDone).isZero
    }
}

/// A work order.
struct WorkOrderRecord: Sendable {
    let id: Int
    let name: String
    let workCenter: Int
    let workCenterLabel: String
    let produced: ExactNumber
    let isOpen: Bool

    static let fields = ["name", "workcenter_id", "qty_produced", "state"]

    init(_ row: OdooRow) {
        id = row.id
        name = row.text("name") ?? "#\(row.id)"
        workCenter = row.link("workcenter_id") ?? 0
        workCenterLabel = row.label("workcenter_id") ?? ""
        produced = row.number("qty_produced")
        isOpen = !["done", "cancel"].contains(row.text("state") ?? "")
    }
}
