import ExactJSON

/// Repair orders.
enum RepairOperations {
    static let all: [any OdooOperation] = [create, confirm, start, finish, cancel]

    private static let order: JSON = ["repair": "WH/RO/00001"]
    private static let begun = ["under_repair", "ready", "2binvoiced", "done"]
    private static let confirmation = StateMove(
        method: "action_validate", from: ["draft"], to: ["confirmed"] + begun)

    static let create = RecordForm(
        "repair.create", makes: "repair.order", "Makes a repair order.",
        [
            .init("item", "product_id", .item, required: true, "What is repaired: the product's internal reference."),
            .init("quantity", "product_qty", .amount(unit: "product_uom"), "How much of it. Default one."),
            .init("customer", "partner_id", .record(.partner), "Whose it is."),
            .init(
                "reference", "internal_notes", .html,
                "Words for the workshop: the other system's number, what is broken."),
            .init("responsible", "user_id", .record(.user), "Who looks after it."),
        ],
        next: .init(
            argument: "confirm", summary: "Whether it is confirmed at once. Default false.", move: confirmation),
        example: ["item": "HARNESS-7", "customer": "DECO", "reference": "Connector broken"])

    static let confirm = RecordChange(
        "repair.confirm", of: .named("repair", .repair), "Confirms a repair order.", move: confirmation, example: order)

    static let start = RecordChange(
        "repair.start", of: .named("repair", .repair), "Starts the repair.",
        move: StateMove(method: "action_repair_start", from: ["confirmed"], to: begun), example: order)

    static let finish = RecordChange(
        "repair.finish", of: .named("repair", .repair), "Finishes the repair.",
        move: StateMove(method: "action_repair_end", from: ["under_repair"], to: ["done", "2binvoiced"]),
        example: order)

    static let cancel = RecordChange(
        "repair.cancel", of: .named("repair", .repair), "Cancels a repair that is not done.",
        move: StateMove(
            method: "action_repair_cancel", from: ["draft", "confirmed", "under_repair"], to: ["cancel"], lost: ["done"]
        ),
        example: order)
}
