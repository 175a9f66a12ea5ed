package import Contracts

extension DownlinkTarget {
    private static let order = OperationArgument("order", .text, required: true, "the manufacturing order")
    private static let asset = OperationArgument(
        "asset", .text, required: true, "the equipment, by its name in the edge's plants.yaml")

    /// What an edge can be told: both become the order context of an asset there.
    package static let operations: [OperationSpec] = [
        OperationSpec(
            name: "order.release",
            summary: "Tells an edge that an order may be made on an asset: it becomes the asset's order context.",
            arguments: [
                order, asset, OperationArgument("operation", .text, "the operation it is released for"),
                OperationArgument("item", .text, "the product's code"),
                OperationArgument("quantity", .quantity, "what is to be made"),
                OperationArgument("lot", .text, "the lot of what is to be made"),
                OperationArgument("due", .instant, "when it must be ready"),
            ],
            promise: """
                Exactly once: the edge knows the command by its event's id, and confirms it when it is durable there. \
                One that is older than the target's `validity` dies: at the hub, on the way, and at the edge.
                """,
            example: [
                "order": "MO/00042", "asset": "cnc01", "item": "P-100", "quantity": ["value": 50, "unit": "pcs"],
                "due": "2025-02-07T16:00:00Z",
            ]),
        OperationSpec(
            name: "order.close", summary: "Tells an edge that an order is no longer made on an asset.",
            arguments: [order, asset],
            promise: "Exactly once, as `order.release`.", example: ["order": "MO/00042", "asset": "cnc01"]),
    ]
}
