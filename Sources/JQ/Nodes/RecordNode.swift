import ExactJSON

/// `{a: .x, b: v}` where all keys are constant and differ: the keys and their index are made once, by the compiler.
///
/// What a map mostly is, so it is fast: lookups by constant names are taken out of the input together (``Projection``).
final class RecordNode: ValueNode {
    let traits: Traits
    let operands: [any Node]
    private let template: JSONObject
    private let projection: Projection?
    private let projectedOperands: Int
    /// The members that are more than lookups by constant names.
    private let computed: [(place: Int, node: any Node)]

    init(_ keys: [String], _ values: [any Node]) {
        var paths = ProjectedPaths()
        var computed: [(place: Int, node: any Node)] = []
        for (place, value) in values.enumerated() {
            if let fields = value as? FieldsNode, paths.add(fields.names, member: place) { continue }
            computed.append((place, value.projected(&paths)))
        }
        template = JSONObject(uniqueKeysWithValues: keys.map { ($0, JSON.null) })
        projection = paths.projection
        projectedOperands = paths.operands
        self.computed = computed
        operands = values
        traits = Traits(direct: values.allSatisfy(\.isDirect), paths: false, children: values)
    }

    func direct(_ input: Value, _ scope: Environment?, _ machine: Machine) throws(Fault) -> Value? {
        try machine.produce(64 + 48 * operands.count)
        var members = template
        if let projection {
            switch fill(&members, projection, input, scope, machine) {
            case .filled(let depth): return try machine.container(.object(members), inner: depth)
            case .none: return nil
            case .fault(let fault): throw fault
            case .notProjected: break
            }
        }
        var depth: Int32 = 0
        for place in operands.indices {
            guard let value = try operands[place].direct(input, scope, machine) else { return nil }
            members.values[place] = value.json
            depth = max(depth, value.bound)
        }
        return try machine.container(.object(members), inner: depth)
    }

    private enum Filling {
        case filled(depth: Int32)
        case none
        case fault(Fault)
        /// Something on the way to a value has no members.
        case notProjected
    }

    private func fill(
        _ members: inout JSONObject, _ projection: Projection, _ input: Value, _ scope: Environment?, _ machine: Machine
    ) -> Filling {
        withUnsafeTemporaryAllocation(of: JSON.self, capacity: projectedOperands) { taken in
            taken.initialize(repeating: .null)
            let outer = machine.projected
            defer {
                machine.projected = outer
                taken.deinitialize()
            }
            return members.values.withUnsafeMutableBufferPointer { values in
                guard projection.take(from: input.json, into: .init(members: values, operands: taken)) else {
                    return .notProjected
                }
                machine.projected = taken
                var depth = input.inner
                do throws(Fault) {
                    for (place, node) in computed {
                        guard let value = try node.direct(input, scope, machine) else { return .none }
                        values[place] = value.json
                        depth = max(depth, value.bound)
                    }
                } catch {
                    return .fault(error)
                }
                return .filled(depth: depth)
            }
        }
    }

    func combine(_ values: [Value], _ origin: Origin, _ machine: Machine) throws(Fault) -> Value {
        try machine.produce(64 + 48 * operands.count)
        var members = template
        var depth: Int32 = 0
        for index in values.indices {
            members.values[index] = values[index].json
            depth = max(depth, values[index].bound)
        }
        return try machine.container(.object(members), inner: depth)
    }
}
