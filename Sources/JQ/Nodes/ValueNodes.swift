import ExactJSON

/// `a + b`, `a == b` and the like. The right side is the outer loop, as in jq.
final class BinaryNode: ValueNode {
    let traits: Traits
    let operands: [any Node]
    let operation: BinaryOperator
    let offset: Int
    /// Both sides, where they are at hand.
    private let isAtHand: Bool
    private let left: OperandAtHand
    private let right: OperandAtHand

    init(_ operation: BinaryOperator, _ left: any Node, _ right: any Node, at offset: Int) {
        self.operation = operation
        self.offset = offset
        operands = [right, left]
        let atHand = OperandAtHand.all([left, right])
        isAtHand = atHand != nil
        self.left = atHand?[0] ?? .missing
        self.right = atHand?[1] ?? .missing
        traits = Traits(direct: left.isDirect && right.isDirect, paths: false, children: operands)
    }

    func projected(_ paths: inout ProjectedPaths) -> any Node {
        BinaryNode(operation, operands[1].projected(&paths), operands[0].projected(&paths), at: offset)
    }

    func direct(_ input: Value, _ scope: Environment?, _ machine: Machine) throws(Fault) -> Value? {
        if isAtHand {
            let (left, right) = (left.json(machine), right.json(machine))
            // How deep a container nests is what its node knows.
            if !left.isContainer, !right.isContainer {
                return try apply(Value(scalar: left), Value(scalar: right), input, machine)
            }
        }
        guard let right = try operands[0].direct(input, scope, machine) else { return nil }
        guard let left = try operands[1].direct(input, scope, machine) else { return nil }
        return try apply(left, right, input, machine)
    }

    func combine(_ values: [Value], _ origin: Origin, _ machine: Machine) throws(Fault) -> Value {
        try apply(values[1], values[0], origin.value, machine)
    }

    private func apply(_ left: Value, _ right: Value, _ input: Value, _ machine: Machine) throws(Fault) -> Value {
        do throws(Fault) {
            return try Arithmetic.apply(operation, left, right, machine)
        } catch {
            throw error.located(at: offset, input: input.json)
        }
    }
}

/// `{a: 1, (k): v}` with any keys.
final class ObjectNode: ValueNode {
    let traits: Traits
    let operands: [any Node]
    private let offset: Int

    init(_ entries: [(key: any Node, value: any Node)], at offset: Int) {
        operands = entries.flatMap { [$0.key, $0.value] }
        self.offset = offset
        traits = Traits(direct: operands.allSatisfy(\.isDirect), paths: false, children: operands)
    }

    func direct(_ input: Value, _ scope: Environment?, _ machine: Machine) throws(Fault) -> Value? {
        var values: [Value] = []
        values.reserveCapacity(operands.count)
        for operand in operands {
            guard let value = try operand.direct(input, scope, machine) else { return nil }
            values.append(value)
        }
        return try combine(values, Origin(value: input, path: nil, scope: scope), machine)
    }

    func combine(_ values: [Value], _ origin: Origin, _ machine: Machine) throws(Fault) -> Value {
        try machine.produce(64 + 24 * values.count)
        var members: JSONObject = [:]
        members.reserveCapacity(values.count / 2)
        var depth: Int32 = 0
        for index in stride(from: 0, to: values.count, by: 2) {
            guard case .string(let key) = values[index].json else {
                let text = "Cannot use \(Shown.typed(values[index].json)) as object key"
                throw Fault.message(text).located(at: offset, input: origin.value.json)
            }
            let value = values[index + 1]
            members[key] = value.json
            depth = max(depth, value.bound)
        }
        return try machine.container(.object(members), inner: depth)
    }
}

/// `"text \(f) text"`, with a format before it or not. The last program is the outer loop, as in jq.
final class StringNode: ValueNode {
    let traits: Traits
    let operands: [any Node]
    private let pieces: [String?]
    private let format: Format
    private let offset: Int

    /// Pieces without a text stand for the next of `codes`.
    init(_ pieces: [String?], codes: [any Node], format: Format, at offset: Int) {
        self.pieces = pieces
        self.format = format
        self.offset = offset
        operands = codes.reversed()
        traits = Traits(direct: codes.allSatisfy(\.isDirect), paths: false, children: codes)
    }

    func direct(_ input: Value, _ scope: Environment?, _ machine: Machine) throws(Fault) -> Value? {
        var values: [Value] = []
        for operand in operands {
            guard let value = try operand.direct(input, scope, machine) else { return nil }
            values.append(value)
        }
        return try combine(values, Origin(value: input, path: nil, scope: scope), machine)
    }

    func combine(_ values: [Value], _ origin: Origin, _ machine: Machine) throws(Fault) -> Value {
        var text = ""
        var next = values.count
        for piece in pieces {
            if let piece {
                text += piece
            } else {
                next -= 1
                do throws(Fault) {
                    text += try format.apply(values[next].json, machine)
                } catch {
                    throw error.located(at: offset, input: origin.value.json)
                }
            }
        }
        try machine.produce(32 + text.utf8.count)
        return .string(text)
    }
}
