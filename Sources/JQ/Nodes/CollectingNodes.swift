import ExactJSON

/// `[inner]`
final class ArrayNode: Node {
    let traits: Traits
    private let inner: any Node

    init(_ inner: any Node) {
        self.inner = inner
        // Two levels: the machine's own loop needs the stack as well.
        let isSmall = inner.traits.height + 2 <= Traits.maximumHeight
        traits = Traits(direct: isSmall, paths: false, children: [inner])
    }

    func direct(_ input: Value, _ scope: Environment?, _ machine: Machine) throws(Fault) -> Value? {
        if inner.isDirect {
            let value = try inner.direct(input, scope, machine)
            try machine.produce(48)
            return try machine.container(.array(value.map { [$0.json] } ?? []), inner: value?.bound ?? 0)
        }
        var elements: [JSON] = []
        var depth: Int32 = 0
        try machine.run(inner, input, scope) { (value, _) throws(Fault) -> Bool in
            try machine.produce(16)
            elements.append(value.json)
            depth = max(depth, value.bound)
            return true
        }
        try machine.produce(32)
        return try machine.container(.array(elements), inner: depth)
    }

    func start(_ machine: Machine) throws(Fault) {
        let collection = Collection(machine.frame)
        try machine.push(collection)
        machine.frame = try ElementFrame(collection, machine)
        machine.enter(inner, machine.value, nil, machine.scope)
    }

    private final class Collection: Choice {
        var elements: [JSON] = []
        var depth: Int32 = 0
        private let frame: Frame

        init(_ frame: Frame) { self.frame = frame }

        override func retry(_ machine: Machine) throws(Fault) {
            machine.frame = frame
            machine.give(try machine.container(.array(elements), inner: depth), nil)
        }
    }

    private final class ElementFrame: Frame {
        private let collection: Collection

        init(_ collection: Collection, _ machine: Machine) throws(Fault) {
            self.collection = collection
            try super.init(machine)
        }

        override func resume(_ machine: Machine) throws(Fault) {
            try machine.produce(16)
            collection.elements.append(machine.value.json)
            collection.depth = max(collection.depth, machine.value.bound)
            machine.goBack()
        }
    }
}

/// `limit(n; f)`, `first(f)`: the first outputs of `f`, which is not asked for more.
final class LimitNode: OperandNode {
    let traits: Traits
    let operands: [any Node]
    private let inner: any Node
    private let offset: Int
    private let isFirst: Bool

    /// `limit(count; inner)`; without a count, `first(inner)`.
    init(_ count: (any Node)?, _ inner: any Node, at offset: Int) {
        self.inner = inner
        self.offset = offset
        operands = count.map { [$0] } ?? []
        isFirst = count == nil
        let isSmall = inner.traits.height + 2 <= Traits.maximumHeight
        traits = Traits(direct: isFirst && isSmall, paths: true, children: operands + [inner])
    }

    func direct(_ input: Value, _ scope: Environment?, _ machine: Machine) throws(Fault) -> Value? {
        if inner.isDirect { return try inner.direct(input, scope, machine) }
        var first: Value?
        try machine.run(inner, input, scope) { (value, _) throws(Fault) -> Bool in
            first = value
            return false
        }
        return first
    }

    func proceed(_ values: [Value], _ origin: Origin, _ machine: Machine) throws(Fault) {
        var count = 1
        if !isFirst {
            guard case .number(let number) = values[0].json else {
                let text = "Cannot take the first \(Shown.typed(values[0].json)) outputs: limit wants a number"
                throw Fault.message(text).located(at: offset, input: origin.value.json)
            }
            count = Numbers.limit(number)
        }
        if count == 0 { return machine.goBack() }
        // As in jq, a number below 0 limits nothing.
        if count > 0 { machine.frame = try CountFrame(count, machine) }
        machine.enter(inner, origin.value, origin.path, origin.scope)
    }

    private final class CountFrame: Frame {
        private var left: Int
        private let height: Int

        init(_ count: Int, _ machine: Machine) throws(Fault) {
            left = count
            height = machine.choices.count
            try super.init(machine)
        }

        override func resume(_ machine: Machine) throws(Fault) {
            left -= 1
            if left == 0 { machine.choices.removeLast(max(machine.choices.count - height, 0)) }
        }
    }
}

/// `range(from; to; by)`; the bounds are loops from the outside in.
final class RangeNode: OperandNode {
    let traits: Traits
    let operands: [any Node]
    private let offset: Int

    init(_ from: any Node, _ to: any Node, _ by: any Node, at offset: Int) {
        operands = [from, to, by]
        self.offset = offset
        traits = Traits(direct: false, paths: false, children: operands)
    }

    func proceed(_ values: [Value], _ origin: Origin, _ machine: Machine) throws(Fault) {
        guard case .number(let from) = values[0].json, case .number(let to) = values[1].json,
            case .number(let by) = values[2].json
        else {
            throw Fault.message("Range bounds must be numeric").located(at: offset, input: origin.value.json)
        }
        // A step of 0 gives nothing.
        if by.isZero { return machine.goBack() }
        try machine.produce(64)
        try NumberChoice(from, to, by, machine.frame).retry(machine)
    }

    private final class NumberChoice: Choice {
        private var next: ExactNumber
        private let to: ExactNumber
        private let by: ExactNumber
        private let frame: Frame

        init(_ from: ExactNumber, _ to: ExactNumber, _ by: ExactNumber, _ frame: Frame) {
            next = from
            self.to = to
            self.by = by
            self.frame = frame
        }

        override func retry(_ machine: Machine) throws(Fault) {
            machine.frame = frame
            let isInside = by.isNegative ? next > to : next < to
            guard isInside else { return machine.goBack() }
            let current = next
            next = try Numbers.add(next, by)
            machine.choices.append(self)
            machine.give(Value(scalar: .number(current)), nil)
        }
    }
}
