import ExactJSON

/// What a construct was started with, kept while its operands are evaluated.
struct Origin {
    let value: Value
    let path: Path?
    let scope: Environment?
}

/// A node that needs the values of other nodes: each combination of their outputs is one evaluation of it.
protocol OperandNode: Node {
    /// In the order of evaluation: the first one is the outermost loop.
    var operands: [any Node] { get }

    /// Goes on with one output of each operand, in their order; the machine's frame is that of the start.
    func proceed(_ values: [Value], _ origin: Origin, _ machine: Machine) throws(Fault)
}

extension OperandNode {
    func start(_ machine: Machine) throws(Fault) {
        let origin = Origin(value: machine.value, path: machine.path, scope: machine.scope)
        try evaluate(from: [], origin, machine)
    }

    /// Evaluates the operands behind those that have `values`; what is direct needs no frame.
    fileprivate func evaluate(from values: [Value], _ origin: Origin, _ machine: Machine) throws(Fault) {
        var values = values
        while values.count < operands.count {
            let operand = operands[values.count]
            guard operand.isDirect else {
                machine.frame = try OperandFrame(self, values, origin, machine)
                return machine.enter(operand, origin.value, nil, origin.scope)
            }
            guard let value = try operand.direct(origin.value, origin.scope, machine) else { return machine.goBack() }
            values.append(value)
        }
        try proceed(values, origin, machine)
    }
}

private final class OperandFrame: Frame {
    private let node: any OperandNode
    private let values: [Value]
    private let origin: Origin

    init(_ node: any OperandNode, _ values: [Value], _ origin: Origin, _ machine: Machine) throws(Fault) {
        self.node = node
        self.values = values
        self.origin = origin
        try super.init(machine)
    }

    override func resume(_ machine: Machine) throws(Fault) {
        try node.evaluate(from: values + CollectionOfOne(machine.value), origin, machine)
    }
}

/// An operand node that makes one value of its operands' values.
protocol ValueNode: OperandNode {
    func combine(_ values: [Value], _ origin: Origin, _ machine: Machine) throws(Fault) -> Value
}

extension ValueNode {
    func proceed(_ values: [Value], _ origin: Origin, _ machine: Machine) throws(Fault) {
        let result = try combine(values, origin, machine)
        machine.give(result, nil)
    }
}
