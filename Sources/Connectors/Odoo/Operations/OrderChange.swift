import Contracts
import ExactJSON

/// `sale.change` and `purchase.change`: the head of an order, and its lines by product.
struct OrderChange: OdooOperation {
    /// What an order's lines are called in Odoo.
    struct Lines: Sendable {
        let model: String
        let quantity: String
        let unit: FieldName
        /// Fields that Odoo computes again with the quantity, and that were agreed: they stay where nothing is said.
        let kept: [String]
        /// All fields of a line, with `item` and `quantity`, as a new one is made.
        let fields: [FormField]
    }

    let spec: OperationSpec
    private let lookup: Lookup
    private let argument: String
    private let header: [FormField]
    private let lines: Lines
    private let holder = "order_line"

    init(
        _ name: String, of argument: String, _ lookup: Lookup, _ summary: String, _ header: [FormField], lines: Lines,
        example: JSON
    ) {
        self.argument = argument
        self.lookup = lookup
        self.header = header
        self.lines = lines
        let others = lines.fields.map { "`\($0.argument)`: \($0.summary)" }.joined(separator: " ")
        spec = OperationSpec(
            name: name, summary: summary,
            arguments: RecordChange.Subject.named(argument, lookup).arguments + header.map(\.spec) + [
                .init(
                    "lines", .list,
                    "What changes by line: each product once, and only what is said changes. A quantity of 0 keeps the "
                        + "line without anything; a product that the order does not have is added. \(others)")
            ],
            promise: "Never doubled: what is written is absolute, and a line is added only where the order has none.",
            example: example)
    }

    func prepare(
        _ command: Command, ledger: [LedgerEntry], in session: OdooSession
    ) async throws(OdooError) -> Preparation {
        let arguments = Arguments(command)
        let given = try arguments.required(argument)
        let id = try await session.directory.record(lookup, given)
        guard let order = try await session.rows(.read(lookup.model, [id], ["name", "state"])).first else {
            throw .reject(OdooFailures.gone, "\(lookup.model) #\(id) was deleted in Odoo")
        }
        let title = order.text("name") ?? "#\(id)"
        guard order.text("state") != "cancel" else {
            throw .reject(OdooFailures.wrongState, "\(spec.name): \(title) is cancelled")
        }
        let reader = try await FormReader(session: session)
        var values = try await reader.row(header, arguments).values
        let commands = try await changes(arguments, of: id, title, reader)
        if !commands.isEmpty { values[holder] = .array(commands) }
        guard values.object?.isEmpty == false else {
            throw .reject(
                OdooFailures.arguments,
                "\(spec.name) has nothing to write; it takes: \(header.map(\.argument).joined(separator: ", ")), lines")
        }
        return .ready(
            intent: OdooPlan(
                steps: [
                    .guarded(
                        model: lookup.model, ids: [.int(id)], domain: [["state", "!=", "cancel"]],
                        refusal: .code(OdooFailures.changedMeanwhile.code)),
                    .write(model: lookup.model, ids: [.int(id)], values: values, when: nil),
                ],
                // Prepared anew it finds what was added, and writes how much.
                evidence: PlanEvidence(model: lookup.model, subject: .repeatable),
                acceptance: Acceptance(
                    reference: "\(lookup.model),\(id)", summary: "\(spec.name): \(title), \(commands.count) lines"),
                isReadAnew: true
            ).json)
    }

    private func changes(
        _ arguments: Arguments, of order: Int, _ title: String, _ reader: FormReader
    ) async throws(OdooError) -> [JSON] {
        let list = try arguments.list("lines")
        guard list.count <= FormReader.maximumLines else {
            throw arguments.wrong("lines", "at most \(FormReader.maximumLines) lines")
        }
        guard !list.isEmpty else { return [] }
        let session = reader.session
        let unit = lines.unit.name(reader.dialect) ?? ""
        let there = try await session.rows(
            .find(
                lines.model, [["order_id", "=", .int(order)], ["product_id", "!=", false]],
                ["product_id", unit] + lines.kept, limit: FormReader.maximumLines))
        var named: Set<Int> = []
        var commands: [JSON] = []
        for (index, element) in list.enumerated() {
            let own = Arguments(operation: "\(arguments.operation), lines[\(index)],", json: element)
            for key in element.object?.keys ?? [] where !lines.fields.contains(where: { $0.argument == key }) {
                throw own.unknown(key, lines.fields.map(\.argument))
            }
            let product = try await session.directory.product(code: own.requiredText("item"))
            guard named.insert(product.id).inserted else { throw own.wrong("item", "each product once") }
            let matching = there.filter { $0.link("product_id") == product.id }
            guard matching.count < 2 else {
                throw .reject(
                    OdooFailures.recordAmbiguous,
                    "\(title) has \(matching.count) lines of \(product.label); change them in Odoo")
            }
            guard let line = matching.first else {
                commands.append([0, 0, try await reader.row(lines.fields, own).values])
                continue
            }
            let change = try await change(own, of: line, product, unit, reader)
            if change.object?.isEmpty == false { commands.append([1, .int(line.id), change]) }
        }
        return commands
    }

    /// What is said of a line that is there.
    private func change(
        _ arguments: Arguments, of line: OdooRow, _ product: OdooDirectory.Product, _ unit: String, _ reader: FormReader
    ) async throws(OdooError) -> JSON {
        let others = lines.fields.filter { !["item", "quantity"].contains($0.argument) }
        var values = try await reader.row(others, arguments).values
        guard let quantity = try arguments.quantity("quantity") else { return values }
        guard !quantity.value.isNegative else { throw arguments.wrong("quantity", "not less than 0") }
        let (units, own) = try await reader.session.directory.unit(line.link(unit) ?? product.unit)
        values[lines.quantity] = .number(try units.exactly(quantity, in: own))
        for field in lines.kept where values[field] == nil {
            if let value = line.json[field], !value.isNull { values[field] = value }
        }
        return values
    }
}
