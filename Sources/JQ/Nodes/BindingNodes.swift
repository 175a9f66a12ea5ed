import ExactJSON

/// `source as $x | body`
final class BindNode: Node {
    let traits: Traits
    private let source: any Node
    private let body: any Node

    init(_ source: any Node, body: any Node) {
        self.source = source
        self.body = body
        traits = Traits(direct: source.isDirect && body.isDirect, paths: true, children: [source, body])
    }

    func direct(_ input: Value, _ scope: Environment?, _ machine: Machine) throws(Fault) -> Value? {
        guard let value = try source.direct(input, scope, machine) else { return nil }
        return try body.direct(input, Environment(.value(value), in: scope), machine)
    }

    func start(_ machine: Machine) throws(Fault) {
        let origin = Origin(value: machine.value, path: machine.path, scope: machine.scope)
        guard source.isDirect else {
            machine.frame = try SourceFrame(self, origin, machine)
            return machine.enter(source, origin.value, nil, origin.scope)
        }
        guard let value = try source.direct(origin.value, origin.scope, machine) else { return machine.goBack() }
        machine.enter(body, origin.value, origin.path, try Environment(.value(value), in: origin.scope))
    }

    private final class SourceFrame: Frame {
        private let node: BindNode
        private let origin: Origin

        init(_ node: BindNode, _ origin: Origin, _ machine: Machine) throws(Fault) {
            self.node = node
            self.origin = origin
            try super.init(machine)
        }

        override func resume(_ machine: Machine) throws(Fault) {
            let scope = try Environment(.value(machine.value), in: origin.scope)
            machine.enter(node.body, origin.value, origin.path, scope)
        }
    }
}

/// `label $name | body`
final class LabelNode: Node {
    let traits: Traits
    private let body: any Node

    init(body: any Node) {
        self.body = body
        traits = Traits(direct: false, paths: true, children: [body])
    }

    func start(_ machine: Machine) throws(Fault) {
        let label = Environment.Binding.label(height: machine.choices.count)
        machine.enter(body, machine.value, machine.path, try Environment(label, in: machine.scope))
    }
}

/// `break $name`: gives up all that could still be tried since the label.
final class BreakNode: Node {
    let traits = Traits(direct: true, paths: true, children: [])
    private let steps: Int

    init(steps: Int) { self.steps = steps }

    func direct(_ input: Value, _ scope: Environment?, _ machine: Machine) throws(Fault) -> Value? {
        guard case .label(let height)? = Environment.up(steps, from: scope)?.binding else {
            throw Fault(.fatal("internal error: a label's place holds no label"))
        }
        throw Fault(.breaking(height: height))
    }
}

/// How an argument is handed to a function.
enum Argument: Sendable {
    /// A program, evaluated where the function calls it, with the caller's names.
    case closure(any Node)
    /// The caller's own parameter, handed on as it is.
    case alias(steps: Int)
    /// A value: one call for each output of the program.
    case value(any Node)
}

/// A call of a function that the program (or the prelude) defines.
final class CallNode: OperandNode {
    let traits: Traits
    let operands: [any Node]
    /// The body where it was known when the call was compiled, which it is not in a recursion.
    private let body: (any Node)?
    private let index: Int
    /// From the call's environment out to that of the definition.
    private let steps: Int
    private let arguments: [Argument]
    private let offset: Int

    init(index: Int, body: (any Node)?, steps: Int, arguments: [Argument], at offset: Int) {
        self.offset = offset
        self.index = index
        self.body = body
        self.steps = steps
        self.arguments = arguments
        operands = arguments.compactMap { if case .value(let node) = $0 { node } else { nil } }
        let plain = operands.count == arguments.count && operands.allSatisfy(\.isDirect)
        if let body, plain, body.isDirect {
            traits = Traits(direct: true, paths: true, children: operands + [body])
        } else if let body {
            let closures = arguments.compactMap { if case .closure(let node) = $0 { node } else { nil } }
            traits = Traits(direct: false, paths: true, children: operands + closures + [body])
        } else {
            traits = .open(paths: true)
        }
    }

    func direct(_ input: Value, _ scope: Environment?, _ machine: Machine) throws(Fault) -> Value? {
        // A chain of functions that call the one before twice would be exponential without a step spent here.
        machine.place = offset
        try machine.step()
        guard let body else { throw Fault(.fatal("internal error: a recursive call evaluated directly")) }
        var inside = Environment.up(steps, from: scope)
        for operand in operands {
            guard let value = try operand.direct(input, scope, machine) else { return nil }
            inside = try Environment(.value(value), in: inside)
        }
        return try body.direct(input, inside, machine)
    }

    func proceed(_ values: [Value], _ origin: Origin, _ machine: Machine) throws(Fault) {
        machine.place = offset
        var inside = Environment.up(steps, from: origin.scope)
        var next = 0
        for argument in arguments {
            let binding: Environment.Binding
            switch argument {
            case .closure(let node): binding = .closure(node, origin.scope)
            case .alias(let steps):
                guard let outer = Environment.up(steps, from: origin.scope) else {
                    throw Fault(.fatal("internal error: a parameter's place is empty"))
                }
                binding = outer.binding
            case .value:
                binding = .value(values[next])
                next += 1
            }
            inside = try Environment(binding, in: inside)
        }
        machine.enter(body ?? machine.functions[index], origin.value, origin.path, inside)
    }
}

/// A call of a parameter that is a program.
final class ParameterNode: Node {
    let traits = Traits.open(paths: true)
    let steps: Int

    init(steps: Int) { self.steps = steps }

    func start(_ machine: Machine) throws(Fault) {
        guard case .closure(let node, let scope)? = Environment.up(steps, from: machine.scope)?.binding else {
            throw Fault(.fatal("internal error: a parameter's place holds no program"))
        }
        machine.enter(node, machine.value, machine.path, scope)
    }
}
