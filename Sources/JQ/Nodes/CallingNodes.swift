import ExactJSON

/// A built-in function of values: each combination of its arguments is one call, the last argument being the
/// outer loop, as in jq.
final class NativeNode: ValueNode {
    let traits: Traits
    let operands: [any Node]
    private let function: NativeFunction
    private let offset: Int

    init(_ function: @escaping NativeFunction, _ arguments: [any Node], at offset: Int) {
        self.function = function
        self.offset = offset
        operands = arguments.reversed()
        traits = Traits(direct: arguments.allSatisfy(\.isDirect), paths: false, children: arguments)
    }

    func projected(_ paths: inout ProjectedPaths) -> any Node {
        var arguments: [any Node] = []
        for operand in operands.reversed() { arguments.append(operand.projected(&paths)) }
        return NativeNode(function, arguments, at: offset)
    }

    func direct(_ input: Value, _ scope: Environment?, _ machine: Machine) throws(Fault) -> Value? {
        machine.place = offset
        try machine.step()
        var arguments: [Value] = []
        arguments.reserveCapacity(operands.count)
        for operand in operands {
            guard let value = try operand.direct(input, scope, machine) else { return nil }
            arguments.append(value)
        }
        // They were evaluated from the last to the first.
        arguments.reverse()
        return try call(input, arguments, machine)
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

/// A function of the host, called with the values of its arguments.
final class HostNode: ValueNode {
    let traits: Traits
    let operands: [any Node]
    private let function: JQHostFunction
    private let offset: Int

    init(_ function: JQHostFunction, _ arguments: [any Node], at offset: Int) {
        self.function = function
        self.offset = offset
        operands = arguments.reversed()
        traits = Traits(direct: arguments.allSatisfy(\.isDirect), paths: false, children: arguments)
    }

    func projected(_ paths: inout ProjectedPaths) -> any Node {
        var arguments: [any Node] = []
        for operand in operands.reversed() { arguments.append(operand.projected(&paths)) }
        return HostNode(function, arguments, at: offset)
    }

    func direct(_ input: Value, _ scope: Environment?, _ machine: Machine) throws(Fault) -> Value? {
        machine.place = offset
        try machine.step()
        var arguments: [JSON] = []
        arguments.reserveCapacity(operands.count)
        for operand in operands {
            guard let value = try operand.direct(input, scope, machine) else { return nil }
            arguments.append(OutputInspector.plain(value.json))
        }
        arguments.reverse()
        return try call(input, arguments)
    }

    func combine(_ values: [Value], _ origin: Origin, _ machine: Machine) throws(Fault) -> Value {
        machine.place = offset
        return try call(origin.value, values.reversed().map { OutputInspector.plain($0.json) })
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
