import ExactJSON

/// Manufacturing orders and work orders, beside those operations that count.
enum ManufacturingOperations {
    static let all: [any OdooOperation] = [
        create, confirm, reserve, unreserve, plan, unplan, cancel, unbuild, ProductionComponents(),
        ProductionByproducts(), start, pause, finish, time, capacity,
    ]

    private static let open = ["confirmed", "progress", "to_close"]
    private static let order: JSON = ["order": "WH/MO/00042"]
    private static let step: JSON = ["order": "WH/MO/00042", "operation": "CUT-1"]

    static let confirmation = StateMove(method: "action_confirm", from: ["draft"], to: open + ["done"])

    static let create = RecordForm(
        "production.create", makes: "mrp.production",
        "Makes a manufacturing order; Odoo adds components and work orders from the bill of materials.",
        [
            .init("item", "product_id", .item, required: true, "What is to be made: the product's internal reference."),
            .init("quantity", "product_qty", .amount(unit: "product_uom_id"), required: true, "How much of it."),
            .init("reference", "origin", .text(200), "The source document: the other system's number of the order."),
            .init("bom", "bom_id", .record(.billOfMaterials), "The bill of materials; else Odoo's own choice."),
            .init(
                "start", .changed(in: 17, from: "date_planned_start", to: "date_start"), .instant,
                "The planned start."),
            .init("deadline", "date_deadline", .instant, "When it must be finished."),
            .init("responsible", "user_id", .record(.user), "The responsible user."),
        ],
        next: .init(
            argument: "confirm", summary: "Whether it is confirmed at once. Default false.", move: confirmation),
        example: [
            "item": "HARNESS-7", "quantity": ["value": 40, "unit": "pcs"], "reference": "ERP-4711",
            "confirm": true,
        ])

    static let confirm = RecordChange(
        "production.confirm", of: .productionOrder, "Confirms a draft.", move: confirmation, example: order)

    static let reserve = RecordChange(
        "production.reserve", of: .productionOrder, "Reserves the components, as far as there is stock.",
        calls: "action_assign", example: order)

    static let unreserve = RecordChange(
        "production.unreserve", of: .productionOrder, "Gives the reserved components back.",
        calls: "do_unreserve", example: order)

    static let plan = RecordChange(
        "production.plan", of: .productionOrder, "Plans the work orders into the work centers' calendars.",
        move: StateMove(method: "button_plan", field: "is_planned", from: ["false"], to: ["true"], lost: []),
        example: order)

    static let unplan = RecordChange(
        "production.unplan", of: .productionOrder, "Takes the work orders out of the calendars.",
        move: StateMove(method: "button_unplan", field: "is_planned", from: ["true"], to: ["false"], lost: []),
        example: order)

    static let cancel = RecordChange(
        "production.cancel", of: .productionOrder, "Cancels an order that is not done.",
        move: StateMove(method: "action_cancel", from: ["draft"] + open, to: ["cancel"], lost: ["done"]),
        example: order)

    static let unbuild = RecordForm(
        "production.unbuild", makes: "mrp.unbuild",
        "Takes a finished product apart: the components go back into stock.",
        [
            .init("item", "product_id", .item, required: true, "The product's internal reference."),
            .init("quantity", "product_qty", .amount(unit: "product_uom_id"), required: true, "How much of it."),
            .init(
                "order", "mo_id",
                .record(
                    Lookup(
                        model: "mrp.production", by: ["name", "origin"], words: "manufacturing order", isDocument: true)
                ),
                "The order that made it, which must be done."),
            .init("bom", "bom_id", .record(.billOfMaterials), "The bill of materials, where no order is named."),
        ],
        next: .init(
            argument: "validate", summary: "Whether it is carried out at once. Default true.",
            move: StateMove(method: "action_validate", from: ["draft"], to: ["done"], lost: []), isStandard: true),
        example: ["item": "HARNESS-7", "quantity": ["value": 1, "unit": "pcs"], "order": "WH/MO/00042"])

    // MARK: Work orders

    private static let workable = ["pending", "waiting", "blocked", "ready"]

    static let start = RecordChange(
        "workorder.start", of: .workOrder, "Starts a work order, and its time.",
        move: StateMove(method: "button_start", from: workable, to: ["progress", "done"]), example: step)

    static let pause = RecordChange(
        "workorder.pause", of: .workOrder, "Stops this user's time on a work order; it stays in progress.",
        calls: "button_pending", example: step)

    static let finish = RecordChange(
        "workorder.finish", of: .workOrder, "Finishes a work order, and its time.",
        move: StateMove(method: "button_finish", from: workable + ["progress"], to: ["done"]), example: step)

    static let time = WorkOrderTime()

    static let capacity = RecordChange(
        "workcenter.set", of: .named("workcenter", .workCenter), "Sets what a work center can do.",
        [
            .init("efficiency", "time_efficiency", .number, "Percent of the standard time that it really takes."),
            .init("oeeTarget", "oee_target", .number, "The overall effectiveness that is aimed at, in percent."),
            .init(
                "capacity", .changed(in: 19, from: "default_capacity", to: nil), .number,
                "Pieces at the same time (before Odoo 19)."),
            .init("note", "note", .html, "What an operator should know."),
        ], example: ["workcenter": "CNC01", "efficiency": 95])
}
