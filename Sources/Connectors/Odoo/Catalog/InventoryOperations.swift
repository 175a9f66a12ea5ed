import ExactJSON

/// Stock transfers, counts and lots.
enum InventoryOperations {
    static let all: [any OdooOperation] = [
        TransferCreate(), confirm, reserve, complete, receive, deliver, cancel, InventoryCount(), LotSet(),
        QualityHold(),
        package,
    ]

    private static let transfer: JSON = ["transfer": "WH/OUT/00042"]
    private static let subject = RecordChange.Subject.named("transfer", .transfer)

    static let confirm = RecordChange(
        "transfer.confirm", of: subject, "Confirms a draft.", move: TransferCreate.confirmation, example: transfer)

    static let reserve = RecordChange(
        "transfer.reserve", of: subject, "Reserves what is moved, as far as there is stock.", calls: "action_assign",
        example: transfer)

    static let complete = TransferComplete(
        "transfer.complete", of: .transfer, "Closes a transfer with what really moved, by lot.")
    static let receive = TransferComplete(
        "purchase.receive", of: .purchase, "Closes the open receipt of a purchase order with what really came.")
    static let deliver = TransferComplete(
        "sale.deliver", of: .sale, "Closes the open delivery of a sales order with what really went out.")

    static let cancel = RecordChange(
        "transfer.cancel", of: subject, "Cancels a transfer that is not done.",
        move: StateMove(
            method: "action_cancel", from: ["draft", "waiting", "confirmed", "assigned"], to: ["cancel"],
            lost: ["done"]),
        example: transfer)

    static let package = RecordUpsert(
        "package.create", of: .changed(in: 19, from: "stock.quant.package", to: "stock.package"), by: "name",
        argument: "package", "Makes a package, such as a pallet with its number, where Odoo has none of this name.",
        [
            .init(
                "type", "package_type_id",
                .record(Lookup(model: "stock.package.type", by: ["barcode", "name"], words: "package type")),
                "The package type."),
            .init("packed", "pack_date", .day, "The day it was packed."),
        ], example: ["package": "PAL-00042", "packed": "2025-02-03"])
}
