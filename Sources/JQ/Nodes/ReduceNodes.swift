import ExactJSON

/// `reduce source as $x (initial; update)`; the last output of `update` counts, none makes the state null (jq 1.7).
final class ReduceNode: Node {
    let traits: Traits
    private let source: any Node
    private let initial: any Node
    private let update: any Node

    init(_ source: any Node, initial: any Node, update: any Node) {
        self.source = source
        self.initial = initial
        self.update = update
        let children = [source, initial, update]
        let height = 2 + (children.map(\.traits.height).max() ?? 0)
        let direct = initial.isDirect && update.isDirect && height <= Traits.maximumHeight
        traits = Traits(direct: direct, paths: true, children: children)
    }

    func direct(_ input: Value, _ scope: Environment?, _ machine: Machine) throws(Fault) -> Value? {
        guard var state = try initial.direct(input, scope, machine) else { return nil }
        try machine.run(source, input, scope) { (item, _) throws(Fault) -> Bool in
            let inside = try Environment(.value(item), in: scope)
            let before = state
            // The state is given up here, so that an update can change it in place.
            state = .null
            state = try update.direct(before, inside, machine) ?? .null
            return true
        }
        return state
    }

    func start(_ machine: Machine) throws(Fault) {
        let origin = Origin(value: machine.value, path: machine.path, scope: machine.scope)
        machine.frame = try InitialFrame(machine) { [source, update] (machine) throws(Fault) in
            let state = State(machine)
            try machine.push(state)
            machine.frame = try ItemFrame(state, update, origin, machine)
            machine.enter(source, origin.value, nil, origin.scope)
        }
        machine.enter(initial, origin.value, origin.path, origin.scope)
    }

    /// The state, and as a choice: what to do when the source has no more outputs.
    private final class State: Choice {
        var value: Value
        var path: Path?
        private let frame: Frame

        init(_ machine: Machine) {
            value = machine.value
            path = machine.path
            frame = machine.frame
        }

        override func retry(_ machine: Machine) throws(Fault) {
            machine.frame = frame
            machine.give(value, path)
        }
    }

    private final class ItemFrame: Frame {
        private let state: State
        private let update: any Node
        private let origin: Origin

        init(_ state: State, _ update: any Node, _ origin: Origin, _ machine: Machine) throws(Fault) {
            self.state = state
            self.update = update
            self.origin = origin
            try super.init(machine)
        }

        override func resume(_ machine: Machine) throws(Fault) {
            let scope = try Environment(.value(machine.value), in: origin.scope)
            let value = state.value
            let path = state.path
            state.value = .null
            state.path = path == nil ? nil : Path.broken
            machine.frame = try StoreFrame(state, machine)
            machine.enter(update, value, path, scope)
        }
    }

    private final class StoreFrame: Frame {
        private let state: State

        init(_ state: State, _ machine: Machine) throws(Fault) {
            self.state = state
            try super.init(machine)
        }

        override func resume(_ machine: Machine) throws(Fault) {
            state.value = machine.value
            state.path = machine.path
            machine.value = .null
            machine.goBack()
        }
    }
}

/// Takes each output of `initial` in `reduce` and `foreach`.
private final class InitialFrame: Frame {
    private let begin: (Machine) throws(Fault) -> Void

    init(_ machine: Machine, begin: @escaping (Machine) throws(Fault) -> Void) throws(Fault) {
        self.begin = begin
        try super.init(machine)
    }

    override func resume(_ machine: Machine) throws(Fault) { try begin(machine) }
}

/// `foreach source as $x (initial; update; extract)`
final class ForeachNode: Node {
    let traits: Traits
    private let source: any Node
    private let initial: any Node
    private let update: any Node
    private let extract: (any Node)?

    init(_ source: any Node, initial: any Node, update: any Node, extract: (any Node)?) {
        self.source = source
        self.initial = initial
        self.update = update
        self.extract = extract
        let children = [source, initial, update] + (extract.map { [$0] } ?? [])
        traits = Traits(direct: false, paths: true, children: children)
    }

    func start(_ machine: Machine) throws(Fault) {
        let origin = Origin(value: machine.value, path: machine.path, scope: machine.scope)
        machine.frame = try InitialFrame(machine) { [self] (machine) throws(Fault) in
            let state = State(value: machine.value, path: machine.path)
            machine.frame = try ItemFrame(self, state, origin, machine)
            machine.enter(source, origin.value, nil, origin.scope)
        }
        machine.enter(initial, origin.value, origin.path, origin.scope)
    }

    private final class State {
        var value: Value
        var path: Path?

        init(value: Value, path: Path?) {
            self.value = value
            self.path = path
        }
    }

    private final class ItemFrame: Frame {
        private let node: ForeachNode
        private let state: State
        private let origin: Origin

        init(_ node: ForeachNode, _ state: State, _ origin: Origin, _ machine: Machine) throws(Fault) {
            self.node = node
            self.state = state
            self.origin = origin
            try super.init(machine)
        }

        override func resume(_ machine: Machine) throws(Fault) {
            let scope = try Environment(.value(machine.value), in: origin.scope)
            let value = state.value
            let path = state.path
            state.value = .null
            machine.frame = try StoreFrame(node, state, scope, machine)
            machine.enter(node.update, value, path, scope)
        }
    }

    private final class StoreFrame: Frame {
        private let node: ForeachNode
        private let state: State
        private let scope: Environment?

        init(_ node: ForeachNode, _ state: State, _ scope: Environment?, _ machine: Machine) throws(Fault) {
            self.node = node
            self.state = state
            self.scope = scope
            try super.init(machine)
        }

        override func resume(_ machine: Machine) throws(Fault) {
            state.value = machine.value
            state.path = machine.path
            if let extract = node.extract { machine.enter(extract, machine.value, machine.path, scope) }
        }
    }
}
