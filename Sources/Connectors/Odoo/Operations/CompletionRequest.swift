import Canonical
import Contracts
import ExactJSON

/// The arguments of `production.complete`, read.
struct CompletionRequest: Sendable {
    /// What becomes of the quantity that was not made.
    enum Rest: String, CaseIterable, Sendable {
        /// A backorder stays open for it.
        case create
        /// It is given up.
        case close
    }

    struct Consumed: Sendable {
        let item: String
        let quantity: Quantity
        let lot: String?
    }

    let order: String
    let item: String?
    let quantity: Quantity?
    let lots: [String]
    let consumed: [Consumed]
    let rest: Rest
    let backflush: Bool

    /// Components or serial numbers of one command.
    static let maximumElements = 1_000

    init(_ arguments: Arguments) throws(OdooError) {
        order = try arguments.requiredText("order")
        item = try arguments.text("item")
        quantity = try arguments.quantity("quantity")
        let serials = try arguments.texts("serials")
        let lot = try arguments.text("lot")
        if lot != nil, !serials.isEmpty {
            throw .reject(OdooFailures.arguments, "production.complete takes `lot` or `serials`, not both")
        }
        lots = lot.map { [$0] } ?? serials
        guard Set(lots).count == lots.count else {
            throw .reject(OdooFailures.arguments, "a serial number stands twice in `serials`")
        }
        rest = try arguments.choice("backorder", Rest.create)
        backflush = try arguments.flag("backflush", default: true)
        var list: [Consumed] = []
        for element in try arguments.list("consumed") {
            let entry = Arguments(operation: "\(arguments.operation)'s `consumed`", json: element)
            list.append(
                Consumed(
                    item: try entry.requiredText("item"), quantity: try entry.requiredQuantity("quantity"),
                    lot: try entry.text("lot")))
        }
        consumed = list
        guard lots.count <= Self.maximumElements, list.count <= Self.maximumElements else {
            throw .reject(
                OdooFailures.arguments,
                "production.complete takes at most \(Self.maximumElements) serials and components")
        }
    }
}

/// What a completion will write, settled before the first call. Component lines are made from it when the order is
/// confirmed.
struct CompletionIntent: Sendable {
    struct Component: Sendable {
        let product: Int
        let label: String
        /// In the unit of the order's component.
        let quantity: ExactNumber
        /// Its place among ``CompletionIntent/lots``.
        let lot: Int?
    }

    let order: Int
    /// What is made in all on this order, in its own unit.
    let quantity: ExactNumber
    let step: ExactNumber
    /// Finished lots first, then those of components.
    let lots: [LotNeed]
    let finishedLots: Int
    let components: [Component]
    let backflush: Bool
    /// Whether a backorder takes the rest.
    let splits: Bool
    let acceptance: Acceptance

    var json: JSON {
        [
            "order": .int(order), "quantity": .number(quantity), "step": .number(step),
            "lots": .array(lots.map(\.json)),
            "finishedLots": .int(finishedLots), "backflush": .bool(backflush), "splits": .bool(splits),
            "components": .array(
                components.map {
                    [
                        "product": .int($0.product), "label": .string($0.label), "quantity": .number($0.quantity),
                        "lot": $0.lot.map { .int($0) } ?? .null,
                    ]
                }),
            "acceptance": acceptance.json,
        ]
    }

    init(
        order: Int, quantity: ExactNumber, step: ExactNumber, lots: [LotNeed], finishedLots: Int,
        components: [Component],
        backflush: Bool, splits: Bool, acceptance: Acceptance
    ) {
        self.order = order
        self.quantity = quantity
        self.step = step
        self.lots = lots
        self.finishedLots = finishedLots
        self.components = components
        self.backflush = backflush
        self.splits = splits
        self.acceptance = acceptance
    }

    /// Reads what ``json`` wrote.
    init(json: JSON) throws(OdooError) {
        guard let order = json["order"]?.int, let quantity = json["quantity"]?.number, let step = json["step"]?.number,
            let lots = json["lots"]?.array?.compactMap(LotNeed.init), let finishedLots = json["finishedLots"]?.int,
            let backflush = json["backflush"]?.bool, let splits = json["splits"]?.bool,
            let list = json["components"]?.array, let acceptance = json["acceptance"].flatMap(Acceptance.init(json:))
        else { throw .unreadable(json) }
        var components: [Component] = []
        for element in list {
            guard let product = element["product"]?.int, let label = element["label"]?.string,
                let quantity = element["quantity"]?.number
            else { throw .unreadable(json) }
            components.append(Component(product: product, label: label, quantity: quantity, lot: element["lot"]?.int))
        }
        self.init(
            order: order, quantity: quantity, step: step, lots: lots, finishedLots: finishedLots,
            components: components,
            backflush: backflush, splits: splits, acceptance: acceptance)
    }
}
