import ExactJSON

/// `.`
final class IdentityNode: Node {
    let traits = Traits(direct: true, paths: true, children: [])

    func direct(_ input: Value, _ scope: Environment?, _ machine: Machine) throws(Fault) -> Value? { input }

    func start(_ machine: Machine) throws(Fault) { machine.give(machine.value) }
}

/// A constant.
final class LiteralNode: Node {
    let traits = Traits(direct: true, paths: false, children: [])
    let json: JSON
    private let depth: Int32

    init(_ json: JSON) {
        self.json = json
        var nodes = 0
        depth = Int32(json.depth(within: JQLimits.maximumNesting, nodes: &nodes, most: .max))
    }

    func direct(_ input: Value, _ scope: Environment?, _ machine: Machine) throws(Fault) -> Value? {
        Value(json, depth: depth)
    }
}

/// `$name`, or a parameter that is a value.
final class VariableNode: Node {
    let traits = Traits(direct: true, paths: false, children: [])
    let steps: Int

    init(steps: Int) { self.steps = steps }

    func direct(_ input: Value, _ scope: Environment?, _ machine: Machine) throws(Fault) -> Value? {
        try Environment.value(steps, from: scope)
    }
}

/// A variable that the host gives to each run.
final class GlobalNode: Node {
    let traits = Traits(direct: true, paths: false, children: [])
    private let index: Int

    init(_ index: Int) { self.index = index }

    func direct(_ input: Value, _ scope: Environment?, _ machine: Machine) throws(Fault) -> Value? {
        machine.globals[index]
    }
}

/// `empty`
final class EmptyNode: Node {
    let traits = Traits(direct: true, paths: true, children: [])

    func direct(_ input: Value, _ scope: Environment?, _ machine: Machine) throws(Fault) -> Value? { nil }

    func start(_ machine: Machine) throws(Fault) { machine.goBack() }
}

/// `error`, `error(message)`: never gives a value.
final class ErrorNode: OperandNode {
    let traits: Traits
    let operands: [any Node]
    private let offset: Int

    init(_ message: (any Node)?, at offset: Int) {
        operands = message.map { [$0] } ?? []
        traits = Traits(direct: operands.allSatisfy(\.isDirect), paths: true, children: operands)
        self.offset = offset
    }

    func direct(_ input: Value, _ scope: Environment?, _ machine: Machine) throws(Fault) -> Value? {
        guard let message = operands.first else { throw Fault(.raised(input.json), at: offset, input: input.json) }
        guard let value = try message.direct(input, scope, machine) else { return nil }
        throw Fault(.raised(value.json), at: offset, input: input.json)
    }

    func proceed(_ values: [Value], _ origin: Origin, _ machine: Machine) throws(Fault) {
        throw Fault(.raised(values.first?.json ?? origin.value.json), at: offset, input: origin.value.json)
    }
}

/// `now`: the time that the host gave to the run, an error that nothing catches where it gave none.
final class NowNode: Node {
    let traits = Traits(direct: true, paths: false, children: [])
    private let offset: Int

    init(at offset: Int) { self.offset = offset }

    func direct(_ input: Value, _ scope: Environment?, _ machine: Machine) throws(Fault) -> Value? {
        guard let now = machine.now else {
            throw Fault(.fatal("now is not available: this run was given no time"), at: offset)
        }
        return Value(scalar: .number(now))
    }
}
