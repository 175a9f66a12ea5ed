import ExactJSON

/// `a | b | c`
final class PipeNode: Node {
    let traits: Traits
    let stages: [any Node]

    init(_ stages: [any Node]) {
        self.stages = stages
        traits = Traits(direct: stages.allSatisfy(\.isDirect), paths: true, children: stages)
    }

    func direct(_ input: Value, _ scope: Environment?, _ machine: Machine) throws(Fault) -> Value? {
        var value = input
        for stage in stages {
            guard let next = try stage.direct(value, scope, machine) else { return nil }
            value = next
        }
        return value
    }

    func start(_ machine: Machine) throws(Fault) { try go(on: 0, machine.scope, machine) }

    private func go(on first: Int, _ scope: Environment?, _ machine: Machine) throws(Fault) {
        var index = first
        // What is direct needs no frame, as long as nobody wants to know the path.
        while machine.path == nil, index < stages.count - 1, stages[index].isDirect {
            guard let next = try stages[index].direct(machine.value, scope, machine) else { return machine.goBack() }
            machine.value = next
            index += 1
        }
        if index < stages.count - 1 { machine.frame = try StageFrame(self, index + 1, scope, machine) }
        machine.enter(stages[index], machine.value, machine.path, scope)
    }

    private final class StageFrame: Frame {
        private let node: PipeNode
        private let index: Int
        private let scope: Environment?

        init(_ node: PipeNode, _ index: Int, _ scope: Environment?, _ machine: Machine) throws(Fault) {
            self.node = node
            self.index = index
            self.scope = scope
            try super.init(machine)
        }

        override func resume(_ machine: Machine) throws(Fault) { try node.go(on: index, scope, machine) }
    }
}

/// `a, b, c`
final class CommaNode: Node {
    let traits: Traits
    let parts: [any Node]

    init(_ parts: [any Node]) {
        self.parts = parts
        traits = Traits(direct: false, paths: true, children: parts)
    }

    func start(_ machine: Machine) throws(Fault) {
        try machine.produce(64)
        let origin = Origin(value: machine.value, path: machine.path, scope: machine.scope)
        try PartChoice(self, origin, machine.frame).retry(machine)
    }

    private final class PartChoice: Choice {
        private let node: CommaNode
        private let origin: Origin
        private let frame: Frame
        private var next = 0

        init(_ node: CommaNode, _ origin: Origin, _ frame: Frame) {
            self.node = node
            self.origin = origin
            self.frame = frame
        }

        override func retry(_ machine: Machine) throws(Fault) {
            machine.frame = frame
            let part = node.parts[next]
            next += 1
            if next < node.parts.count { machine.choices.append(self) }
            machine.enter(part, origin.value, origin.path, origin.scope)
        }
    }
}

/// `if c then a elif d then b else e end`
final class ConditionalNode: Node {
    let traits: Traits
    private let branches: [(condition: any Node, then: any Node)]
    private let otherwise: any Node

    init(_ branches: [(condition: any Node, then: any Node)], otherwise: any Node) {
        self.branches = branches
        self.otherwise = otherwise
        let children = branches.flatMap { [$0.condition, $0.then] } + [otherwise]
        traits = Traits(direct: children.allSatisfy(\.isDirect), paths: true, children: children)
    }

    func direct(_ input: Value, _ scope: Environment?, _ machine: Machine) throws(Fault) -> Value? {
        for branch in branches {
            guard let condition = try branch.condition.direct(input, scope, machine) else { return nil }
            if condition.isTrue { return try branch.then.direct(input, scope, machine) }
        }
        return try otherwise.direct(input, scope, machine)
    }

    func start(_ machine: Machine) throws(Fault) {
        let origin = Origin(value: machine.value, path: machine.path, scope: machine.scope)
        try decide(from: 0, origin, machine)
    }

    private func decide(from first: Int, _ origin: Origin, _ machine: Machine) throws(Fault) {
        for index in first..<branches.count {
            let branch = branches[index]
            guard branch.condition.isDirect else {
                machine.frame = try ConditionFrame(self, index, origin, machine)
                return machine.enter(branch.condition, origin.value, nil, origin.scope)
            }
            guard let condition = try branch.condition.direct(origin.value, origin.scope, machine) else {
                return machine.goBack()
            }
            if condition.isTrue { return machine.enter(branch.then, origin.value, origin.path, origin.scope) }
        }
        machine.enter(otherwise, origin.value, origin.path, origin.scope)
    }

    private final class ConditionFrame: Frame {
        private let node: ConditionalNode
        private let index: Int
        private let origin: Origin

        init(_ node: ConditionalNode, _ index: Int, _ origin: Origin, _ machine: Machine) throws(Fault) {
            self.node = node
            self.index = index
            self.origin = origin
            try super.init(machine)
        }

        override func resume(_ machine: Machine) throws(Fault) {
            if machine.value.isTrue {
                machine.enter(node.branches[index].then, origin.value, origin.path, origin.scope)
            } else {
                try node.decide(from: index + 1, origin, machine)
            }
        }
    }
}

/// `a and b`, `a or b`: the right side is only evaluated where it decides.
final class LogicNode: Node {
    let traits: Traits
    private let left: any Node
    private let right: any Node
    /// The truth of the left side that needs the right side: true for `and`.
    private let goesOn: Bool

    init(_ left: any Node, _ right: any Node, isAnd: Bool) {
        self.left = left
        self.right = right
        goesOn = isAnd
        traits = Traits(direct: left.isDirect && right.isDirect, paths: false, children: [left, right])
    }

    func direct(_ input: Value, _ scope: Environment?, _ machine: Machine) throws(Fault) -> Value? {
        guard let first = try left.direct(input, scope, machine) else { return nil }
        guard first.isTrue == goesOn else { return .bool(!goesOn) }
        guard let second = try right.direct(input, scope, machine) else { return nil }
        return .bool(second.isTrue)
    }

    func start(_ machine: Machine) throws(Fault) {
        let frame = try SideFrame(self, isLeft: true, machine)
        machine.frame = frame
        machine.enter(left, machine.value, nil, machine.scope)
    }

    private final class SideFrame: Frame {
        private let node: LogicNode
        private let isLeft: Bool
        private let input: Value
        private let scope: Environment?

        init(_ node: LogicNode, isLeft: Bool, _ machine: Machine) throws(Fault) {
            self.node = node
            self.isLeft = isLeft
            input = machine.value
            scope = machine.scope
            try super.init(machine)
        }

        override func resume(_ machine: Machine) throws(Fault) {
            let truth = machine.value.isTrue
            guard isLeft, truth == node.goesOn else { return machine.give(.bool(truth)) }
            machine.frame = try SideFrame(node, isLeft: false, machine)
            machine.enter(node.right, input, nil, scope)
        }
    }
}
