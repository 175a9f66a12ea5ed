import ExactJSON

/// An operand whose value is there before anything is evaluated: a constant, or what the record around has looked up.
enum OperandAtHand: Sendable {
    case constant(JSON)
    case place(Int)

    /// Nil where the operand has to be evaluated.
    init?(_ node: any Node) {
        switch node {
        case let node as LiteralNode: self = .constant(node.json)
        case let node as ProjectedNode: self = .place(node.place)
        default: return nil
        }
    }

    /// All of them, nil where one has to be evaluated.
    static func all(_ nodes: [any Node]) -> [OperandAtHand]? {
        let found = nodes.compactMap(OperandAtHand.init)
        return found.count == nodes.count ? found : nil
    }

    @inline(__always)
    func json(_ machine: Machine) -> JSON {
        switch self {
        case .constant(let json): json
        case .place(let place): machine.projected[place]
        }
    }

    /// The value where it is a text.
    @inline(__always)
    func text(_ machine: Machine) -> String? {
        switch self {
        case .constant(.string(let text)): return text
        case .constant: return nil
        case .place(let place):
            if case .string(let text) = machine.projected[place] { return text }
            return nil
        }
    }
}
