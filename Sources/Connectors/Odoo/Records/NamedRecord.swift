import Contracts
import ExactJSON

/// A record of any model, as an operation names one that can be about many: `model`, and `record` by what people call
/// it, by a field, by its database id or by an external id.
struct NamedRecord: Sendable {
    let model: String
    let id: Int

    static let arguments = [
        OperationArgument(
            "model", .text, required: true, "The model's technical name: `mrp.production`, `stock.lot`, …"),
        OperationArgument(
            "record", .any, required: true,
            "The record: a text (its name, a product's internal reference, a partner's reference, …), `{\"field\": "
                + "…, \"value\": …}`, `{\"id\": 42}` or `{\"externalID\": …}`."),
    ]

    init(model: String, id: Int) {
        self.model = model
        self.id = id
    }

    init(_ arguments: Arguments, in session: OdooSession) async throws(OdooError) {
        model = try arguments.requiredText("model")
        switch arguments.json["record"] {
        case nil, .null: throw arguments.missing("record")
        case .object: id = try await RecordOperations.find(arguments, model, in: session)
        case .some(let given): id = try await session.directory.record(.named(model), given)
        }
        guard try await !session.rows(.find(model, [["id", "=", .int(id)]], ["id"], limit: 1, archived: true)).isEmpty
        else {
            throw .reject(OdooFailures.recordNotFound, "\(model) #\(id) is not in Odoo, or this user cannot see it")
        }
    }
}

extension Lookup {
    /// How people call records of the model; by `name` where nothing else is known.
    static func named(_ model: String) -> Lookup {
        var lookup = byModel[model] ?? Lookup(model: model, by: ["name"], words: model)
        lookup.isDocument = true
        return lookup
    }

    private static let byModel: [String: Lookup] = Dictionary(
        ([
            Lookup.partner, .user, .billOfMaterials, .workCenter, .location, .transfer, .purchase, .sale, .invoice,
            .repair, .maintenance,
        ] + [
            Lookup(model: "mrp.production", by: ["name", "origin"], words: "manufacturing order"),
            Lookup(model: "product.product", by: ["default_code", "barcode", "name"], words: "product"),
            Lookup(model: "product.template", by: ["default_code", "barcode", "name"], words: "product"),
            Lookup(model: "stock.lot", by: ["name", "ref"], words: "lot"),
            Lookup(model: "maintenance.equipment", by: ["serial_no", "name"], words: "equipment"),
        ]).map { ($0.model, $0) }, uniquingKeysWith: { first, _ in first })
}
