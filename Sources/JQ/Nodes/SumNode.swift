import ExactJSON

/// `a + b + c`, most often a text put together from three: written once, without the text between.
final class SumNode: ValueNode {
    let traits: Traits
    let operands: [any Node]
    /// Where the first and the second `+` stand.
    private let offsets: (Int, Int)
    /// The operands where all are at hand.
    private let isAtHand: Bool
    private let first: OperandAtHand
    private let second: OperandAtHand
    private let third: OperandAtHand

    convenience init(_ sum: BinaryNode, _ last: any Node, at offset: Int) {
        self.init([last] + sum.operands, (sum.offset, offset))
    }

    private init(_ operands: [any Node], _ offsets: (Int, Int)) {
        self.operands = operands
        self.offsets = offsets
        let atHand = OperandAtHand.all(operands.reversed())
        isAtHand = atHand != nil
        first = atHand?[0] ?? .missing
        second = atHand?[1] ?? .missing
        third = atHand?[2] ?? .missing
        traits = Traits(direct: operands.allSatisfy(\.isDirect), paths: false, children: operands)
    }

    func projected(_ paths: inout ProjectedPaths) -> any Node {
        var projected: [any Node] = []
        for operand in operands { projected.append(operand.projected(&paths)) }
        return SumNode(projected, offsets)
    }

    func direct(_ input: Value, _ scope: Environment?, _ machine: Machine) throws(Fault) -> Value? {
        if isAtHand, let a = first.text(machine), let b = second.text(machine), let c = third.text(machine) {
            return try joined(a, b, c, machine)
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
        return .string(
            String(unsafeUninitializedCapacity: count) { bytes in
                var end = 0
                Self.put(a, bytes, &end)
                Self.put(b, bytes, &end)
                Self.put(c, bytes, &end)
                return end
            })
    }

    @inline(__always)
    private static func put(_ text: String, _ bytes: UnsafeMutableBufferPointer<UInt8>, _ end: inout Int) {
        var text = text
        text.withUTF8 { part in
            guard let from = part.baseAddress, let start = bytes.baseAddress else { return }
            precondition(end + part.count <= bytes.count, "a text is as long as its parts")
            (start + end).initialize(from: from, count: part.count)
            end += part.count
        }
    }
}
