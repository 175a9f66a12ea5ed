import ExactJSON

/// `a + b + c`, most often a text put together from three: written once, without the text between.
final class SumNode: ValueNode {
    let traits: Traits
    let operands: [any Node]
    /// Where the first and the second `+` stand.
    private let offsets: (Int, Int)
    /// The operands, the last one first, where all are at hand.
    private let atHand: (OperandAtHand, OperandAtHand, OperandAtHand)?

    init(_ sum: BinaryNode, _ last: any Node, at offset: Int) {
        operands = [last] + sum.operands
        offsets = (sum.offset, offset)
        atHand = nil
        traits = Traits(direct: operands.allSatisfy(\.isDirect), paths: false, children: operands)
    }

    private init(_ operands: [any Node], _ offsets: (Int, Int)) {
        self.operands = operands
        self.offsets = offsets
        let found = OperandAtHand.all(operands)
        atHand = found.map { ($0[0], $0[1], $0[2]) }
        traits = Traits(direct: operands.allSatisfy(\.isDirect), paths: false, children: operands)
    }

    func projected(_ paths: inout ProjectedPaths) -> any Node {
        var projected: [any Node] = []
        for operand in operands { projected.append(operand.projected(&paths)) }
        return SumNode(projected, offsets)
    }

    func direct(_ input: Value, _ scope: Environment?, _ machine: Machine) throws(Fault) -> Value? {
        if let atHand, let third = atHand.0.text(machine), let second = atHand.1.text(machine),
            let first = atHand.2.text(machine)
        {
            return try joined(first, second, third, machine)
        }
        guard let third = try operands[0].direct(input, scope, machine) else { return nil }
        guard let second = try operands[1].direct(input, scope, machine) else { return nil }
        guard let first = try operands[2].direct(input, scope, machine) else { return nil }
        return try sum(first, second, third, input, machine)
    }

    func combine(_ values: [Value], _ origin: Origin, _ machine: Machine) throws(Fault) -> Value {
        try sum(values[2], values[1], values[0], origin.value, machine)
    }

    private func sum(
        _ first: Value, _ second: Value, _ third: Value, _ input: Value, _ machine: Machine
    ) throws(Fault) -> Value {
        if case .string(let a) = first.json, case .string(let b) = second.json, case .string(let c) = third.json {
            return try joined(a, b, c, machine)
        }
        var offset = offsets.0
        do throws(Fault) {
            let sum = try Arithmetic.add(first, second, machine)
            offset = offsets.1
            return try Arithmetic.add(sum, third, machine)
        } catch {
            throw error.located(at: offset, input: input.json)
        }
    }

    private func joined(_ a: String, _ b: String, _ c: String, _ machine: Machine) throws(Fault) -> Value {
        let count = a.utf8.count + b.utf8.count + c.utf8.count
        try machine.produce(32 + count)
        var text = ""
        text.reserveCapacity(count)
        text += a
        text += b
        text += c
        return .string(text)
    }
}
