import ExactJSON

/// The arguments of a call by values, in the order of their evaluation: the last one is the outermost loop, as in jq.
struct CallArguments: Sendable {
    let operands: [any Node]
    /// The arguments in their order, where all are at hand.
    let atHand: [OperandAtHand]?

    init(_ arguments: [any Node]) {
        operands = arguments.reversed()
        atHand = OperandAtHand.all(arguments)
    }

    var traits: Traits {
        Traits(direct: operands.allSatisfy(\.isDirect), paths: false, children: operands)
    }

    func projected(_ paths: inout ProjectedPaths) -> [any Node] {
        var arguments: [any Node] = []
        for operand in operands.reversed() { arguments.append(operand.projected(&paths)) }
        return arguments
    }

    /// What `made` makes of each value, in the order of the arguments; nil where one has no output.
    @inline(__always)
    func direct<Made>(
        _ input: Value, _ scope: Environment?, _ machine: Machine, _ made: (Value) -> Made
    ) throws(Fault) -> [Made]? {
        try machine.step()
        if operands.count == 2 {
            guard let second = try operands[0].direct(input, scope, machine) else { return nil }
            guard let first = try operands[1].direct(input, scope, machine) else { return nil }
            return [made(first), made(second)]
        }
        var values: [Made] = []
        values.reserveCapacity(operands.count)
        for operand in operands {
            guard let value = try operand.direct(input, scope, machine) else { return nil }
            values.append(made(value))
        }
        values.reverse()
        return values
    }
}

/// A built-in function of values: each combination of its arguments is one call.
final class NativeNode: ValueNode {
    let traits: Traits
    var operands: [any Node] { arguments.operands }
    private let arguments: CallArguments
    private let function: NativeFunction
    private let offset: Int

    init(_ function: @escaping NativeFunction, _ arguments: [any Node], at offset: Int) {
        self.function = function
        self.arguments = CallArguments(arguments)
        self.offset = offset
        traits = self.arguments.traits
    }

    func projected(_ paths: inout ProjectedPaths) -> any Node {
        NativeNode(function, arguments.projected(&paths), at: offset)
    }

    func direct(_ input: Value, _ scope: Environment?, _ machine: Machine) throws(Fault) -> Value? {
        machine.place = offset
        guard let values = try arguments.direct(input, scope, machine, { $0 }) else { return nil }
        return try call(input, values, machine)
    }

    func combine(_ values: [Value], _ origin: Origin, _ machine: Machine) throws(Fault) -> Value {
        try call(origin.value, values.reversed(), machine)
    }

    private func call(_ input: Value, _ arguments: [Value], _ machine: Machine) throws(Fault) -> Value {
        do throws(Fault) {
            return try function(input, arguments, machine)
        } catch {
            throw error.located(at: offset, input: input.json)
        }
    }
}

/// A function of the host, called with what its arguments look like outside of the program.
final class HostNode: ValueNode {
    let traits: Traits
    var operands: [any Node] { arguments.operands }
    private let arguments: CallArguments
    private let function: JQHostFunction
    private let offset: Int

    init(_ function: JQHostFunction, _ arguments: [any Node], at offset: Int) {
        self.function = function
        self.arguments = CallArguments(arguments)
        self.offset = offset
        traits = self.arguments.traits
    }

    func projected(_ paths: inout ProjectedPaths) -> any Node {
        HostNode(function, arguments.projected(&paths), at: offset)
    }

    func direct(_ input: Value, _ scope: Environment?, _ machine: Machine) throws(Fault) -> Value? {
        machine.place = offset
        if let atHand = arguments.atHand {
            try machine.step()
            // Made at once: the usual lookup has a table and a key.
            let values =
                atHand.count == 2
                ? [OutputInspector.plain(atHand[0].json(machine)), OutputInspector.plain(atHand[1].json(machine))]
                : atHand.map { OutputInspector.plain($0.json(machine)) }
            return try call(input, values)
        }
        guard let values = try arguments.direct(input, scope, machine, { OutputInspector.plain($0.json) }) else {
            return nil
        }
        return try call(input, values)
    }

    func combine(_ values: [Value], _ origin: Origin, _ machine: Machine) throws(Fault) -> Value {
        try call(origin.value, values.reversed().map { OutputInspector.plain($0.json) })
    }

    private func call(_ input: Value, _ arguments: [JSON]) throws(Fault) -> Value {
        do throws(JQHostError) {
            return Value(foreign: try function.body(arguments))
        } catch {
            let fault = error.isFatal ? Fault(.fatal(error.message)) : .message(error.message)
            throw fault.located(at: offset, input: input.json)
        }
    }
}

/// What a native function is: the input, the arguments in their order, and the run whose limits it counts against.
typealias NativeFunction = @Sendable (Value, [Value], Machine) throws(Fault) -> Value
