import Contracts
import ExactJSON

/// `purchase.acknowledge`: what the vendor confirmed: its number, and when how much of each line comes.
struct PurchaseAcknowledge: OdooOperation {
    static let name = "purchase.acknowledge"

    private static let fields: [FormField] = [
        .init("vendorReference", "partner_ref", .text(200), "The vendor's own number of the order.")
    ]
    private static let lineFields: [FormField] = [
        .init("item", "product_id", .item, required: true, "The product's internal reference."),
        .init("date", "date_planned", .instant, "When it comes."),
        .init("quantity", "product_qty", .amount(unit: nil), "How much comes, where that is not what was ordered."),
        .init("price", "price_unit", .number, "The price that the vendor confirms."),
    ]

    let spec = OperationSpec(
        name: Self.name, summary: "Notes what the vendor confirmed of an order, as a whole and line by line.",
        arguments: RecordChange.Subject.named("purchase", .purchase).arguments + Self.fields.map(\.spec) + [
            .init("date", .instant, "When all of it comes."),
            FormField("lines", "order_line", .lines(Self.lineFields), "What differs by line; each item once.").spec,
        ],
        promise: "Never doubled: what is written is absolute, so that twice is once.",
        example: [
            "purchase": "P00042", "vendorReference": "SO-9001", "date": "2025-03-01T10:00:00Z",
            "lines": [["item": "WIRE-1.5", "date": "2025-03-08T10:00:00Z"]],
        ])

    func prepare(
        _ command: Command, ledger: [LedgerEntry], in session: OdooSession
    ) async throws(OdooError) -> Preparation {
        let arguments = Arguments(command)
        let given = try arguments.required("purchase")
        let id = try await session.directory.record(.purchase, given)
        let reader = try await FormReader(session: session)
        var values = try await reader.row(Self.fields, arguments).values
        let lines = try await session.rows(
            .find(
                "purchase.order.line", [["order_id", "=", .int(id)], ["product_id", "!=", false]],
                ["product_id", "product_qty"], limit: FormReader.maximumLines))
        var changes: [Int: JSON] = [:]
        if let date = try arguments.instant("date") {
            for line in lines { changes[line.id] = ["date_planned": .string(date.odooText)] }
        }
        for (index, element) in try arguments.list("lines").enumerated() {
            let own = Arguments(operation: "\(Self.name), lines[\(index)],", json: element)
            let row = try await reader.row(Self.lineFields, own)
            guard case .record(let product)? = row.cells.first?.value else { throw own.missing("item") }
            let matching = lines.filter { $0.link("product_id") == product.int }
            guard let line = matching.first, matching.count == 1 else {
                let item = try own.requiredText("item")
                throw .reject(
                    OdooFailures.notAComponent,
                    "the purchase order has \(matching.isEmpty ? "no line" : "several lines") of \"\(item)\"")
            }
            for cell in row.cells.dropFirst() { changes[line.id, default: [:]][cell.field] = cell.value.json }
        }
        if !changes.isEmpty {
            values["order_line"] = .array(changes.sorted { $0.key < $1.key }.map { [1, .int($0.key), $0.value] })
        }
        guard values.object?.isEmpty == false else { throw arguments.missing("date") }
        let summary = "noted the vendor's word on \(changes.count) lines"
        return .ready(intent: OdooPlan.writing("purchase.order", id, values, summary: summary).json)
    }
}
