import ExactJSON

/// `a // b`: the outputs of `a` that are neither false nor null, or else those of `b`.
final class AlternativeNode: Node {
    let traits: Traits
    private let preferred: any Node
    private let fallback: any Node

    init(_ preferred: any Node, _ fallback: any Node) {
        self.preferred = preferred
        self.fallback = fallback
        let children = [preferred, fallback]
        traits = Traits(direct: children.allSatisfy(\.isDirect), paths: true, children: children)
    }

    func direct(_ input: Value, _ scope: Environment?, _ machine: Machine) throws(Fault) -> Value? {
        if let value = try preferred.direct(input, scope, machine), value.isTrue { return value }
        return try fallback.direct(input, scope, machine)
    }

    func start(_ machine: Machine) throws(Fault) {
        let frame = try PreferredFrame(self, machine)
        let choice = FallbackChoice(frame, machine.frame)
        try machine.push(choice)
        machine.frame = frame
        machine.enter(preferred, machine.value, machine.path, machine.scope)
    }

    fileprivate final class PreferredFrame: Frame {
        private let node: AlternativeNode
        private let origin: Origin
        private var isFound = false

        init(_ node: AlternativeNode, _ machine: Machine) throws(Fault) {
            self.node = node
            origin = Origin(value: machine.value, path: machine.path, scope: machine.scope)
            try super.init(machine)
        }

        override func resume(_ machine: Machine) throws(Fault) {
            guard machine.value.isTrue else { return machine.goBack() }
            isFound = true
            machine.give(machine.value)
        }

        func fallBack(_ machine: Machine) {
            if isFound { return machine.goBack() }
            machine.enter(node.fallback, origin.value, origin.path, origin.scope)
        }
    }

    private final class FallbackChoice: Choice {
        private let preferred: PreferredFrame
        private let frame: Frame

        init(_ preferred: PreferredFrame, _ frame: Frame) {
            self.preferred = preferred
            self.frame = frame
        }

        override func retry(_ machine: Machine) throws(Fault) {
            machine.frame = frame
            preferred.fallBack(machine)
        }
    }
}

/// `try a catch b`, `try a`, `a?`
final class TryNode: Node {
    let traits: Traits
    private let body: any Node
    private let handler: (any Node)?

    init(_ body: any Node, handler: (any Node)?) {
        self.body = body
        self.handler = handler
        let children = [body] + (handler.map { [$0] } ?? [])
        traits = Traits(direct: children.allSatisfy(\.isDirect), paths: true, children: children)
    }

    func direct(_ input: Value, _ scope: Environment?, _ machine: Machine) throws(Fault) -> Value? {
        do throws(Fault) {
            return try body.direct(input, scope, machine)
        } catch {
            guard let caught = error.caught else { throw error }
            return try handler?.direct(Value(caught, depth: Int32(machine.limits.nesting)), scope, machine)
        }
    }

    func start(_ machine: Machine) throws(Fault) {
        machine.frame = try BodyFrame(self, machine)
        machine.enter(body, machine.value, machine.path, machine.scope)
    }

    private final class BodyFrame: CatchFrame {
        private let node: TryNode

        init(_ node: TryNode, _ machine: Machine) throws(Fault) {
            self.node = node
            try super.init(machine)
        }

        override func resume(_ machine: Machine) throws(Fault) {
            // The value goes on unchanged; what follows is no longer inside of the try.
        }

        override func handle(_ error: JSON, _ fault: Fault, _ machine: Machine) throws(Fault) {
            guard let handler = node.handler else { return machine.goBack() }
            let caught = Value(error, depth: Int32(machine.limits.nesting))
            machine.enter(handler, caught, path == nil ? nil : Path.broken, scope)
        }
    }
}

/// `s as P1 ?// P2 | body`: the body with the first pattern, at an error with the next one.
final class PatternAlternativesNode: Node {
    let traits = Traits.open(paths: true)
    private let attempts: [any Node]

    init(_ attempts: [any Node]) { self.attempts = attempts }

    func start(_ machine: Machine) throws(Fault) { try attempt(0, machine) }

    private func attempt(_ index: Int, _ machine: Machine) throws(Fault) {
        if index + 1 < attempts.count { machine.frame = try AttemptFrame(self, index, machine) }
        machine.enter(attempts[index], machine.value, machine.path, machine.scope)
    }

    private final class AttemptFrame: CatchFrame {
        private let node: PatternAlternativesNode
        private let index: Int

        init(_ node: PatternAlternativesNode, _ index: Int, _ machine: Machine) throws(Fault) {
            self.node = node
            self.index = index
            try super.init(machine)
        }

        override func resume(_ machine: Machine) throws(Fault) {}

        override func handle(_ error: JSON, _ fault: Fault, _ machine: Machine) throws(Fault) {
            machine.enter(node.attempts[index + 1], input, path, scope)
            try node.attempt(index + 1, machine)
        }
    }
}
