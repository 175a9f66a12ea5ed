import ExactJSON

/// `.a.b.c`: members by constant names, one after the other.
final class FieldsNode: Node {
    let traits = Traits(direct: true, paths: true, children: [])
    let names: [String]
    let place: Int

    init(_ names: [String], at offset: Int) {
        self.names = names
        place = offset
    }

    func projected(_ paths: inout ProjectedPaths) -> any Node {
        ProjectedNode(paths.operand(names), levels: names.count)
    }

    func direct(_ input: Value, _ scope: Environment?, _ machine: Machine) throws(Fault) -> Value? {
        try Self.get(names, from: input, at: place)
    }

    /// Hot in every map: the object is only looked at, so that nothing of it is retained.
    static func get(_ names: [String], from input: Value, at place: Int) throws(Fault) -> Value {
        if names.count == 1 {
            return Value(try member(names[0], of: input.json, at: place), depth: input.inner)
        }
        var json = input.json
        for name in names { json = try member(name, of: json, at: place) }
        return Value(json, depth: max(input.depth - Int32(truncatingIfNeeded: names.count), 0))
    }

    private static func member(_ name: String, of json: JSON, at place: Int) throws(Fault) -> JSON {
        switch json {
        case .object(let members): return members[name] ?? .null
        case .null: return .null
        default: throw Fault.message(Access.cannotIndex(json, .string(name))).located(at: place, input: json)
        }
    }

    func start(_ machine: Machine) throws(Fault) {
        var path = machine.path
        for name in names {
            path = try path?.reached(by: .string(name), from: machine.value, at: place, machine)
        }
        machine.give(try direct(machine.value, machine.scope, machine) ?? .null, path)
    }
}

/// `$name.a.b`
final class VariableFieldsNode: Node {
    let traits = Traits(direct: true, paths: false, children: [])
    private let steps: Int
    private let names: [String]
    private let place: Int

    init(steps: Int, _ fields: FieldsNode) {
        self.steps = steps
        names = fields.names
        place = fields.place
    }

    func direct(_ input: Value, _ scope: Environment?, _ machine: Machine) throws(Fault) -> Value? {
        try FieldsNode.get(names, from: try Environment.value(steps, from: scope), at: place)
    }
}

extension Path {
    /// The path one key further; a computed value has none.
    func reached(by key: JSON, from value: Value, at offset: Int, _ machine: Machine) throws(Fault) -> Path {
        if isBroken {
            let text = "near attempt to access element \(Shown.short(key)) of \(Shown.short(value.json, bytes: 29))"
            throw Path.invalid(text, value, at: offset)
        }
        return try appending(key, in: machine)
    }

    /// jq's error for a path through something that was computed.
    static func invalid(_ what: String, _ value: Value, at offset: Int) -> Fault {
        Fault(.raised(.string("Invalid path expression \(what)")), at: offset, input: value.json)
    }
}

/// `t[k]`: the key is computed from the input, the outermost loop.
final class IndexNode: OperandNode {
    let traits: Traits
    let operands: [any Node]
    private let target: any Node
    private let offset: Int

    init(_ target: any Node, key: any Node, at offset: Int) {
        operands = [key]
        self.target = target
        self.offset = offset
        traits = Traits(direct: target.isDirect && key.isDirect, paths: true, children: [target, key])
    }

    func direct(_ input: Value, _ scope: Environment?, _ machine: Machine) throws(Fault) -> Value? {
        guard let key = try operands[0].direct(input, scope, machine) else { return nil }
        guard let value = try target.direct(input, scope, machine) else { return nil }
        return try apply(key.json, value, machine)
    }

    func apply(_ key: JSON, _ value: Value, _ machine: Machine) throws(Fault) -> Value {
        do throws(Fault) {
            return Value(try Access.get(value.json, key, machine), depth: value.depth)
        } catch {
            throw error.located(at: offset, input: value.json)
        }
    }

    func proceed(_ values: [Value], _ origin: Origin, _ machine: Machine) throws(Fault) {
        machine.frame = try KeyFrame(self, values[0].json, machine)
        machine.enter(target, origin.value, origin.path, origin.scope)
    }

    private final class KeyFrame: Frame {
        private let node: IndexNode
        private let key: JSON

        init(_ node: IndexNode, _ key: JSON, _ machine: Machine) throws(Fault) {
            self.node = node
            self.key = key
            try super.init(machine)
        }

        override func resume(_ machine: Machine) throws(Fault) {
            let value = machine.value
            let path = try machine.path?.reached(by: key, from: value, at: node.offset, machine)
            machine.give(try node.apply(key, value, machine), path)
        }
    }
}

/// `t[from:to]`, which is the index `{"start": from, "end": to}`.
final class SliceNode: OperandNode {
    let traits: Traits
    let operands: [any Node]
    private let index: IndexNode
    private let key: SliceKey

    init(_ target: any Node, from: any Node, to: any Node, at offset: Int) {
        operands = [from, to]
        key = SliceKey()
        index = IndexNode(target, key: key, at: offset)
        traits = Traits(
            direct: target.isDirect && from.isDirect && to.isDirect, paths: true, children: [target, from, to])
    }

    func direct(_ input: Value, _ scope: Environment?, _ machine: Machine) throws(Fault) -> Value? {
        guard let from = try operands[0].direct(input, scope, machine) else { return nil }
        guard let to = try operands[1].direct(input, scope, machine) else { return nil }
        guard let value = try index.target(input, scope, machine) else { return nil }
        return try index.apply(SliceKey.json(from, to), value, machine)
    }

    func proceed(_ values: [Value], _ origin: Origin, _ machine: Machine) throws(Fault) {
        let key = Value(SliceKey.json(values[0], values[1]), depth: 1)
        try index.proceed([key], origin, machine)
    }
}

extension IndexNode {
    fileprivate func target(_ input: Value, _ scope: Environment?, _ machine: Machine) throws(Fault) -> Value? {
        try target.direct(input, scope, machine)
    }
}

/// Stands for the key of a slice, which is made of two operands.
private final class SliceKey: Node {
    let traits = Traits(direct: true, paths: false, children: [])

    func direct(_ input: Value, _ scope: Environment?, _ machine: Machine) throws(Fault) -> Value? { nil }

    static func json(_ from: Value, _ to: Value) -> JSON { .object(["start": from.json, "end": to.json]) }
}

/// `.[]`: each element of an array, each member's value of an object.
final class IterateNode: Node {
    let traits = Traits(direct: false, paths: true, children: [])
    private let offset: Int

    init(at offset: Int) { self.offset = offset }

    func start(_ machine: Machine) throws(Fault) {
        let input = machine.value
        if let path = machine.path, path.isBroken {
            let text = "near attempt to iterate through \(Shown.short(input.json, bytes: 29))"
            throw Path.invalid(text, input, at: offset)
        }
        switch input.json {
        case .array(let elements):
            try each(ArrayChoice(elements, input.inner, machine), elements.isEmpty, machine)
        case .object(let members): try each(ObjectChoice(members, input.inner, machine), members.isEmpty, machine)
        default:
            throw Fault.message("Cannot iterate over \(Shown.typed(input.json))").located(at: offset, input: input.json)
        }
    }

    private func each(_ choice: Choice, _ isEmpty: Bool, _ machine: Machine) throws(Fault) {
        if isEmpty { return machine.goBack() }
        try machine.produce(64)
        try choice.retry(machine)
    }
}

private final class ArrayChoice: Choice {
    private let elements: [JSON]
    private let depth: Int32
    private let path: Path?
    private let frame: Frame
    private var next = 0

    init(_ elements: [JSON], _ depth: Int32, _ machine: Machine) {
        self.elements = elements
        self.depth = depth
        path = machine.path
        frame = machine.frame
    }

    override func retry(_ machine: Machine) throws(Fault) {
        machine.frame = frame
        let index = next
        next += 1
        if next < elements.count { machine.choices.append(self) }
        let path = try path?.appending(.int(index), in: machine)
        machine.give(Value(elements[index], depth: depth), path)
    }
}

private final class ObjectChoice: Choice {
    private let members: JSONObject
    private let depth: Int32
    private let path: Path?
    private let frame: Frame
    private var next = 0

    init(_ members: JSONObject, _ depth: Int32, _ machine: Machine) {
        self.members = members
        self.depth = depth
        path = machine.path
        frame = machine.frame
    }

    override func retry(_ machine: Machine) throws(Fault) {
        machine.frame = frame
        let (key, value) = members.elements[next]
        next += 1
        if next < members.count { machine.choices.append(self) }
        let path = try path?.appending(.string(key), in: machine)
        machine.give(Value(value, depth: depth), path)
    }
}
