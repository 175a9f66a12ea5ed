import ExactJSON

/// An operand whose value is there before anything is evaluated: a constant, or what the record around has looked up.
struct OperandAtHand: Sendable {
    /// Where the record has put it; ``none`` for a constant.
    private let place: Int
    private let constant: JSON

    private static let none = -1

    /// Nil where the operand has to be evaluated.
    init?(_ node: any Node) {
        switch node {
        case let node as LiteralNode: self.init(place: Self.none, constant: node.json)
        case let node as ProjectedNode: self.init(place: node.place, constant: .null)
        default: return nil
        }
    }

    private init(place: Int, constant: JSON) {
        self.place = place
        self.constant = constant
    }

    @inline(__always)
    func json(_ machine: Machine) -> JSON {
        place >= 0 ? machine.projected[place] : constant
    }

    /// The value where it is a text.
    @inline(__always)
    func text(_ machine: Machine) -> String? {
        if place >= 0 {
            if case .string(let text) = machine.projected[place] { return text }
        } else {
            if case .string(let text) = constant { return text }
        }
        return nil
    }

    /// All of them, nil where one has to be evaluated.
    static func all(_ nodes: [any Node]) -> [OperandAtHand]? {
        let found = nodes.compactMap(OperandAtHand.init)
        return found.count == nodes.count ? found : nil
    }

    /// What stands for operands that are not asked for.
    static let missing = OperandAtHand(place: none, constant: .null)
}
