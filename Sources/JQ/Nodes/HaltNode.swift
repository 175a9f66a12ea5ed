import ExactJSON

/// `halt`, `halt_error`, `halt_error(code)`: the run ends, whatever `try` stands around.
final class HaltNode: OperandNode {
    let traits: Traits
    let operands: [any Node]
    private let isError: Bool
    private let offset: Int

    /// `halt`; as an error `halt_error`, with the exit code that jq's process would end with.
    init(isError: Bool, code: (any Node)?, at offset: Int) {
        self.isError = isError
        self.offset = offset
        operands = code.map { [$0] } ?? []
        traits = Traits(direct: operands.allSatisfy(\.isDirect), paths: true, children: operands)
    }

    func direct(_ input: Value, _ scope: Environment?, _ machine: Machine) throws(Fault) -> Value? {
        guard let code = operands.first else { throw fault(nil, input) }
        guard let value = try code.direct(input, scope, machine) else { return nil }
        throw fault(value.json, input)
    }

    func proceed(_ values: [Value], _ origin: Origin, _ machine: Machine) throws(Fault) {
        throw fault(values.first?.json, origin.value)
    }

    private func fault(_ code: JSON?, _ input: Value) -> Fault {
        guard isError else { return Fault(.halted(nil, code: 0), at: offset) }
        // jq's default.
        guard let code else { return Fault(.halted(input.json, code: 5), at: offset) }
        guard case .number(let number) = code else {
            let text = "\(Shown.typed(input.json)) halt_error/1: number required"
            return Fault.message(text).located(at: offset, input: input.json)
        }
        return Fault(.halted(input.json, code: Numbers.truncatedInt(number)), at: offset)
    }
}
