import ExactJSON

/// `a + b + c`, most often a text put together from three: written once, without the text between.
final class SumNode: ValueNode {
    let traits: Traits
    let operands: [any Node]
    /// Where the first and the second `+` stand.
    private let offsets: (Int, Int)

    init(_ sum: BinaryNode, _ last: any Node, at offset: Int) {
        operands = [last] + sum.operands
        offsets = (sum.offset, offset)
        traits = Traits(direct: operands.allSatisfy(\.isDirect), paths: false, children: operands)
    }

    private init(_ operands: [any Node], _ offsets: (Int, Int)) {
        self.operands = operands
        self.offsets = offsets
        traits = Traits(direct: operands.allSatisfy(\.isDirect), paths: false, children: operands)
    }

    func projected(_ paths: inout ProjectedPaths) -> any Node {
        var projected: [any Node] = []
        for operand in operands { projected.append(operand.projected(&paths)) }
        return SumNode(projected, offsets)
    }

    func direct(_ input: Value, _ scope: Environment?, _ machine: Machine) throws(Fault) -> Value? {
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
            let count = a.utf8.count + b.utf8.count + c.utf8.count
            try machine.produce(32 + count)
            return .string(
                String(unsafeUninitializedCapacity: count) { bytes in
                    var rest = UnsafeMutableRawBufferPointer(bytes)[...]
                    Self.put(a, into: &rest)
                    Self.put(b, into: &rest)
                    Self.put(c, into: &rest)
                    return count
                })
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

    private static func put(_ text: String, into rest: inout Slice<UnsafeMutableRawBufferPointer>) {
        var text = text
        text.withUTF8 { bytes in
            UnsafeMutableRawBufferPointer(rebasing: rest).copyMemory(from: UnsafeRawBufferPointer(bytes))
            rest = rest.dropFirst(bytes.count)
        }
    }
}
