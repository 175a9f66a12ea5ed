import ExactJSON

/// `path(f)`: the way that `f` took to each of its outputs.
final class PathNode: Node {
    let traits: Traits
    private let inner: any Node
    private let offset: Int

    init(_ inner: any Node, at offset: Int) {
        self.inner = inner
        self.offset = offset
        traits = Traits(direct: false, paths: false, children: [inner])
    }

    func start(_ machine: Machine) throws(Fault) {
        machine.frame = try EndFrame(offset, machine)
        machine.enter(inner, machine.value, Path.root, machine.scope)
    }

    private final class EndFrame: Frame {
        private let offset: Int

        init(_ offset: Int, _ machine: Machine) throws(Fault) {
            self.offset = offset
            try super.init(machine)
        }

        override func resume(_ machine: Machine) throws(Fault) {
            let keys = try machine.path.keys(of: machine.value, at: offset)
            try machine.produce(32 + 16 * keys.count)
            machine.give(try machine.container(.array(keys), inner: 1), nil)
        }
    }
}

extension Path? {
    /// The keys, or jq's error where the value was computed.
    func keys(of value: Value, at offset: Int) throws(Fault) -> [JSON] {
        guard let self, !self.isBroken else {
            throw Path.invalid("with result \(Shown.short(value.json, bytes: 29))", value, at: offset)
        }
        return self.keys
    }
}

/// `getpath(p)`, which is itself a path.
final class GetPathNode: OperandNode {
    let traits: Traits
    let operands: [any Node]
    private let offset: Int

    init(_ path: any Node, at offset: Int) {
        operands = [path]
        self.offset = offset
        traits = Traits(direct: path.isDirect, paths: true, children: operands)
    }

    func direct(_ input: Value, _ scope: Environment?, _ machine: Machine) throws(Fault) -> Value? {
        guard let path = try operands[0].direct(input, scope, machine) else { return nil }
        return try get(path.json, input, machine)
    }

    private func get(_ path: JSON, _ input: Value, _ machine: Machine) throws(Fault) -> Value {
        do throws(Fault) {
            guard case .array(let keys) = path else { throw .message("Path must be specified as an array") }
            return Value(try Access.get(input.json, path: keys, machine), depth: input.depth)
        } catch {
            throw error.located(at: offset, input: input.json)
        }
    }

    func proceed(_ values: [Value], _ origin: Origin, _ machine: Machine) throws(Fault) {
        let result = try get(values[0].json, origin.value, machine)
        guard var path = origin.path, case .array(let keys) = values[0].json else { return machine.give(result, nil) }
        // jq leaves a computed value without a path, and complains where the path is wanted.
        if !path.isBroken {
            for key in keys { path = try path.reached(by: key, from: origin.value, at: offset, machine) }
        }
        machine.give(result, path)
    }
}

/// `paths = …`, `paths |= …`, `paths += …` and the like.
final class AssignNode: OperandNode {
    enum Change: Sendable {
        case set
        case alternative
        case arithmetic(BinaryOperator)
    }

    let traits: Traits
    let operands: [any Node]
    private let paths: any Node
    private let change: Change
    private let offset: Int

    init(_ paths: any Node, _ change: Change, _ value: any Node, at offset: Int) {
        self.paths = paths
        self.change = change
        self.offset = offset
        operands = [value]
        let isSmall = paths.traits.height + 3 <= Traits.maximumHeight
        traits = Traits(direct: value.isDirect && isSmall, paths: false, children: [paths, value])
    }

    func direct(_ input: Value, _ scope: Environment?, _ machine: Machine) throws(Fault) -> Value? {
        guard let value = try operands[0].direct(input, scope, machine) else { return nil }
        var state = input
        try machine.run(paths, input, scope, path: Path.root) { (reached, path) throws(Fault) -> Bool in
            state = try changed(state, at: path.keys(of: reached, at: offset), value, machine)
            return true
        }
        return state
    }

    private func changed(
        _ state: Value, at keys: [JSON], _ value: Value, _ machine: Machine
    ) throws(Fault) -> Value {
        do throws(Fault) {
            var new = value
            switch change {
            case .set: break
            case .alternative:
                let old = try Access.get(state.json, path: keys, machine)
                if old.isTrue { new = Value(old, depth: state.depth) }
            case .arithmetic(let operation):
                let old = Value(try Access.get(state.json, path: keys, machine), depth: state.depth)
                new = try Arithmetic.apply(operation, old, value, machine)
            }
            return try Access.set(state, path: keys, new, machine)
        } catch {
            throw error.located(at: offset, input: state.json)
        }
    }

    func proceed(_ values: [Value], _ origin: Origin, _ machine: Machine) throws(Fault) {
        let value = values[0]
        let state = PathState(origin.value, machine)
        try machine.push(state)
        machine.frame = try EachPathFrame(state, offset, machine) { [self] (state, keys, machine) throws(Fault) in
            let before = state.value
            state.value = .null
            state.value = try changed(before, at: keys, value, machine)
            machine.goBack()
        }
        machine.enter(paths, origin.value, Path.root, origin.scope)
    }
}

/// `paths |= f`: the first output of `f` replaces the value; where there is none, the path is deleted at the end.
final class UpdateNode: Node {
    let traits: Traits
    private let paths: any Node
    private let update: any Node
    private let offset: Int

    init(_ paths: any Node, _ update: any Node, at offset: Int) {
        self.paths = paths
        self.update = update
        self.offset = offset
        let isSmall = paths.traits.height + 3 <= Traits.maximumHeight
        traits = Traits(direct: isSmall && update.isDirect, paths: false, children: [paths, update])
    }

    func direct(_ input: Value, _ scope: Environment?, _ machine: Machine) throws(Fault) -> Value? {
        var state = input
        var deleted: [JSON] = []
        try machine.run(paths, input, scope, path: Path.root) { (reached, path) throws(Fault) -> Bool in
            let keys = try path.keys(of: reached, at: offset)
            let old = Value(try Access.get(state.json, path: keys, machine), depth: state.depth)
            if let new = try update.direct(old, scope, machine) {
                let before = state
                state = .null
                state = try Access.set(before, path: keys, new, machine)
            } else {
                try machine.produce(32 + 16 * keys.count)
                deleted.append(.array(keys))
            }
            return true
        }
        return deleted.isEmpty ? state : try Access.delete(state, paths: deleted, machine)
    }

    func start(_ machine: Machine) throws(Fault) {
        let scope = machine.scope
        let state = PathState(machine.value, machine)
        try machine.push(state)
        machine.frame = try EachPathFrame(state, offset, machine) { [self] (state, keys, machine) throws(Fault) in
            let old = Value(try Access.get(state.value.json, path: keys, machine), depth: state.value.depth)
            let store = try StoreFrame(state, keys, machine)
            try machine.push(NoneChoice(state, keys))
            machine.frame = store
            machine.enter(update, old, nil, scope)
        }
        machine.enter(paths, machine.value, Path.root, scope)
    }

    private final class StoreFrame: Frame {
        private let state: PathState
        private let keys: [JSON]
        private let height: Int

        init(_ state: PathState, _ keys: [JSON], _ machine: Machine) throws(Fault) {
            self.state = state
            self.keys = keys
            height = machine.choices.count
            try super.init(machine)
        }

        override func resume(_ machine: Machine) throws(Fault) {
            machine.choices.removeLast(max(machine.choices.count - height, 0))
            let before = state.value
            state.value = .null
            state.value = try Access.set(before, path: keys, machine.value, machine)
            machine.goBack()
        }
    }

    private final class NoneChoice: Choice {
        private let state: PathState
        private let keys: [JSON]

        init(_ state: PathState, _ keys: [JSON]) {
            self.state = state
            self.keys = keys
        }

        override func retry(_ machine: Machine) throws(Fault) {
            try machine.produce(32 + 16 * keys.count)
            state.deleted.append(.array(keys))
            machine.goBack()
        }
    }
}

/// What assignments have made so far; as a choice, what to do when there are no more paths.
private final class PathState: Choice {
    var value: Value
    var deleted: [JSON] = []
    private let frame: Frame

    init(_ value: Value, _ machine: Machine) {
        self.value = value
        frame = machine.frame
    }

    override func retry(_ machine: Machine) throws(Fault) {
        machine.frame = frame
        machine.give(deleted.isEmpty ? value : try Access.delete(value, paths: deleted, machine), nil)
    }
}

private final class EachPathFrame: Frame {
    private let state: PathState
    private let offset: Int
    private let change: (PathState, [JSON], Machine) throws(Fault) -> Void

    init(
        _ state: PathState, _ offset: Int, _ machine: Machine,
        change: @escaping (PathState, [JSON], Machine) throws(Fault) -> Void
    ) throws(Fault) {
        self.state = state
        self.offset = offset
        self.change = change
        try super.init(machine)
    }

    override func resume(_ machine: Machine) throws(Fault) {
        let keys = try machine.path.keys(of: machine.value, at: offset)
        machine.path = nil
        try change(state, keys, machine)
    }
}
