import Canonical
import Contracts
import ExactJSON

/// `production.components`: what an order is to use, where that is not what its bill of materials says.
struct ProductionComponents: OdooOperation {
    static let name = "production.components"

    let spec = OperationSpec(
        name: Self.name,
        summary: "Changes how much of its components an order is to use in all; what it does not use yet is added.",
        arguments: RecordChange.Subject.productionOrder.arguments + [
            .init(
                "lines", .list, required: true,
                "What it is to use: `[{item, quantity}]`, each item once; a quantity of 0 gives a component up.")
        ],
        promise: "Never doubled: what is written is absolute, and a component is added only where the order has none.",
        example: [
            "order": "WH/MO/00042",
            "lines": [
                ["item": "WIRE-1.5", "quantity": ["value": 520, "unit": "m"]],
                ["item": "TAPE-19", "quantity": ["value": 4, "unit": "pcs"]],
            ],
        ])

    private let model = "mrp.production"

    func prepare(
        _ command: Command, ledger: [LedgerEntry], in session: OdooSession
    ) async throws(OdooError) -> Preparation {
        let arguments = Arguments(command)
        let dialect = try await session.dialect()
        let order = try await session.openOrder(arguments, for: Self.name)
        let moves = try await session.moves(of: order)
        let lines = try await ProductLine.read(arguments, in: session)
        guard !lines.isEmpty else { throw arguments.missing("lines") }
        var commands: [JSON] = []
        for line in lines {
            let own = moves.filter { $0.product == line.product.id }
            guard own.count < 2 else {
                throw .reject(
                    OdooFailures.recordAmbiguous,
                    "\(order.name) has \(own.count) components of \(line.product.label); change them in Odoo")
            }
            let (units, unit) = try await session.directory.unit(own.first?.unit ?? line.product.unit)
            let quantity = try units.exactly(line.quantity, in: unit)
            if let move = own.first {
                commands.append([1, .int(move.id), ["product_uom_qty": .number(quantity)]])
            } else if !quantity.isZero {
                var values: JSON = [
                    "product_id": .int(line.product.id), "product_uom": .int(unit.id),
                    "product_uom_qty": .number(quantity),
                ]
                if dialect.moveHasName { values["name"] = .string(order.name) }
                commands.append([0, 0, values])
            }
        }
        let acceptance = Acceptance(
            reference: "\(model),\(order.id)", summary: "\(order.name): \(commands.count) components")
        guard !commands.isEmpty else { return .settled(.accepted(acceptance)) }
        return .ready(
            intent: OdooPlan(
                steps: [
                    order.mustBeOpen,
                    .write(model: model, ids: [.int(order.id)], values: ["move_raw_ids": .array(commands)], when: nil),
                ],
                // Prepared anew it finds what was added, and writes how much.
                evidence: PlanEvidence(model: model, subject: .repeatable), acceptance: acceptance, isReadAnew: true
            ).json)
    }
}

/// One line of a command: a product, and how much of it, nothing included.
struct ProductLine: Sendable {
    let product: OdooDirectory.Product
    let quantity: Quantity
    let arguments: Arguments

    /// Those in `lines`, each product once.
    static func read(_ arguments: Arguments, in session: OdooSession) async throws(OdooError) -> [ProductLine] {
        let list = try arguments.list("lines")
        guard list.count <= FormReader.maximumLines else {
            throw arguments.wrong("lines", "at most \(FormReader.maximumLines) lines")
        }
        var lines: [ProductLine] = []
        for (index, element) in list.enumerated() {
            let own = Arguments(operation: "\(arguments.operation), lines[\(index)],", json: element)
            let product = try await session.directory.product(code: own.requiredText("item"))
            guard !lines.contains(where: { $0.product.id == product.id }) else {
                throw own.wrong("item", "each product once")
            }
            let quantity = try own.requiredQuantity("quantity")
            guard !quantity.value.isNegative else { throw own.wrong("quantity", "not less than 0") }
            lines.append(ProductLine(product: product, quantity: quantity, arguments: own))
        }
        return lines
    }
}

extension OdooSession {
    /// The part of the order named in `order` that can still be changed, a draft included.
    func openOrder(_ arguments: Arguments, for operation: String) async throws(OdooError) -> OrderRecord {
        let reference = try arguments.requiredText("order")
        let family = try await family(reference, product: nil)
        guard let order = family.open(for: reference) else {
            throw .reject(OdooFailures.orderClosed, "\(operation): \(family.closedWords)")
        }
        return order
    }
}

extension OrderFamily {
    /// How its last parts were closed, in words.
    var closedWords: String {
        orders.suffix(3).map { "\($0.name) is \($0.state == .done ? "done" : "cancelled")" }.joined(separator: ", ")
    }
}

extension OrderRecord {
    /// A step that refuses an order which was closed since it was read.
    var mustBeOpen: PlanStep {
        .guarded(
            model: "mrp.production", ids: [.int(id)], domain: [["state", "not in", ["done", "cancel"]]],
            refusal: .code(OdooFailures.changedMeanwhile.code))
    }
}
