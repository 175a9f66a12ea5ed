import ExactJSON

/// `{a: .x, b: v}` where all keys are constant and differ: the keys and their index are made once, by the compiler.
///
/// What a map mostly is, so it is fast: lookups by constant names are taken out of the input together (``Projection``).
final class RecordNode: ValueNode {
    let traits: Traits
    let operands: [any Node]
    private let template: JSONObject
    private let projection: Projection?
    private let places: Int
    private typealias Member = (place: Int, node: any Node)
    /// The members that are more than lookups by constant names.
    private let computed: [Member]
    private let every: [Member]

    init(_ keys: [String], _ values: [any Node]) {
        var paths = ProjectedPaths(members: keys.count)
        var computed: [Member] = []
        for (place, value) in values.enumerated() {
            if let fields = value as? FieldsNode, paths.add(fields.names, member: place) { continue }
            computed.append((place, value.projected(&paths)))
        }
        template = JSONObject(uniqueKeysWithValues: keys.map { ($0, JSON.null) })
        projection = paths.projection
        places = paths.places
        self.computed = computed
        every = values.enumerated().map { ($0.offset, $0.element) }
        operands = values
        traits = Traits(direct: values.allSatisfy(\.isDirect), paths: false, children: values)
    }

    func direct(_ input: Value, _ scope: Environment?, _ machine: Machine) throws(Fault) -> Value? {
        try machine.produce(64 + 48 * template.count)
        var making = Making()
        if let projection, let object = made(&making, computed, by: projection, input, scope, machine) {
            return try machine.container(.object(object), inner: making.depth)
        }
        if making.isProjected, projection != nil { return try making.nothing() }
        making = Making()
        guard let object = made(&making, every, by: nil, input, scope, machine) else { return try making.nothing() }
        return try machine.container(.object(object), inner: making.depth)
    }

    /// How far a record has come.
    private struct Making {
        var depth: Int32 = 0
        var fault: Fault?
        /// False where something on the way to a value has no members.
        var isProjected = true

        /// What a record is whose members could not all be made.
        func nothing() throws(Fault) -> Value? {
            if let fault { throw fault }
            return nil
        }
    }

    /// The members, written where they stay: what `projection` takes out of the input, then those computed. Nil where
    /// one has no value, with the reason in `making`.
    private func made(
        _ making: inout Making, _ computed: [Member], by projection: Projection?, _ input: Value,
        _ scope: Environment?, _ machine: Machine
    ) -> JSONObject? {
        JSONObject(like: template, places: places) { start in
            let values = UnsafeMutableBufferPointer(start: start, count: places)
            if let projection {
                guard projection.take(from: input.json, into: values) else {
                    making.isProjected = false
                    return false
                }
                making.depth = input.inner
            }
            let outer = machine.projected
            machine.projected = values
            defer { machine.projected = outer }
            do throws(Fault) {
                for (place, node) in computed {
                    guard let value = try node.direct(input, scope, machine) else { return false }
                    making.depth = max(making.depth, value.bound)
                    values.initializeElement(at: place, to: value.json)
                }
                return true
            } catch {
                making.fault = error
                return false
            }
        }
    }

    func combine(_ values: [Value], _ origin: Origin, _ machine: Machine) throws(Fault) -> Value {
        try machine.produce(64 + 48 * operands.count)
        var depth: Int32 = 0
        var place = 0
        let members = template.mapValues { _ in
            defer { place += 1 }
            depth = max(depth, values[place].bound)
            return values[place].json
        }
        return try machine.container(.object(members), inner: depth)
    }
}
