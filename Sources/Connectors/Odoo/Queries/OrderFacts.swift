import Canonical
import ExactJSON

/// All that Odoo says of one manufacturing order that matters for starting it: values, under names that no version
/// changes.
struct OrderFacts: Sendable {
    /// A component, with what is there for it. Quantities are in ``unit``.
    struct Component: Sendable {
        var product: Int
        /// The internal reference, else the product's name.
        var item: String
        var unit: String
        var needed: ExactNumber
        var used: ExactNumber
        var reserved: ExactNumber
        /// Of the product, not reserved for anything, where the order takes its components from.
        var free: ExactNumber
        /// Whether stock of it is kept: what is not, is always there.
        var isStockKept = true
        var place: String
        /// The operation of the bill of materials that it is for; nil where it is for all. Odoo 16 ties what has
        /// no operation to the last work order, and yet calls no work order ready before all of it is there.
        var operation: Int?

        /// What is neither used nor reserved yet.
        var missing: ExactNumber
    }

    /// A work order.
    struct Step: Sendable {
        var id: Int
        var name: String
        /// Odoo's own word: `pending`, `waiting`, `blocked`, `ready`, `progress`, `done`, `cancel`.
        var state: String
        var center: Int
        var operation: Int?
        var produced: ExactNumber
        /// The work orders that must be done before.
        var after: [Int] = []
        var start: Instant?
        var end: Instant?

        var isOpen: Bool { state != "done" && state != "cancel" }
        /// Whether Odoo says that something else comes first.
        var waitsForOthers: Bool { state == "pending" || state == "blocked" }
    }

    struct Center: Sendable {
        var id: Int
        var name: String
        var isActive = true
        /// Odoo's own word: `normal`, `blocked`, `done` (somebody works there).
        var state = "normal"
    }

    /// A line of a work center's time that has not ended.
    struct OpenTime: Sendable {
        var center: Int
        var step: Int?
        /// `WH/MO/00041 - Cutting`
        var stepName: String?
        var loss: String
        var isWork: Bool
        var start: Instant?
        var description: String?
    }

    /// Something of quality that stands open.
    struct Hold: Sendable, Hashable {
        enum Kind: String, Sendable { case activity, alert, check, lot }
        var kind: Kind
        /// For the person at the machine, without a full stop.
        var words: String
    }

    var order: OrderRecord
    /// Its parts: the order as it was, and its backorders, oldest first.
    var family: [OrderRecord]
    var unit: String
    var start: Instant?
    var end: Instant?
    var deadline: Instant?
    var components: [Component] = []
    var steps: [Step] = []
    var centers: [Int: Center] = [:]
    var openTimes: [OpenTime] = []
    var holds: [Hold] = []
    /// Models in which a hold could stand and that the user may not read.
    var unseen: [String] = []
    var now: Instant

    /// The components that a work order needs, or all.
    func components(for step: Step?) -> [Component] {
        guard let step else { return components }
        return components.filter { component in
            component.operation == nil || component.operation == step.operation
        }
    }

    func name(of center: Int) -> String { centers[center]?.name ?? "#\(center)" }
}
