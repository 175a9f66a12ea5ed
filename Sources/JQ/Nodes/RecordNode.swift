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
    /// The members that are more than lookups by constant names.
    private let computed: [(place: Int, node: any Node)]

    init(_ keys: [String], _ values: [any Node]) {
        var paths = ProjectedPaths(members: keys.count)
        var computed: [(place: Int, node: any Node)] = []
        for (place, value) in values.enumerated() {
            if let fields = value as? FieldsNode, paths.add(fields.names, member: place) { continue }
            computed.append((place, value.projected(&paths)))
        }
        template = JSONObject(uniqueKeysWithValues: keys.map { ($0, JSON.null) })
        projection = paths.projection
        places = paths.places
        self.computed = computed
        operands = values
        traits = Traits(direct: values.allSatisfy(\.isDirect), paths: false, children: values)
    }

    func direct(_ input: Value, _ scope: Environment?, _ machine: Machine) throws(Fault) -> Value? {
        try machine.produce(64 + 48 * template.count)
        if let projection {
            switch filled(by: projection, input, scope, machine) {
            case .filled(let members, let depth): return try machine.container(.object(members), inner: depth)
            case .none: return nil
            case .fault(let fault): throw fault
            case .notProjected: break
            }
        }
        var members = template
        var depth: Int32 = 0
        for place in operands.indices {
            guard let value = try operands[place].direct(input, scope, machine) else { return nil }
            members.values[place] = value.json
            depth = max(depth, value.bound)
        }
        return try machine.container(.object(members), inner: depth)
    }

    private enum Filling {
        case filled(JSONObject, depth: Int32)
        case none
        case fault(Fault)
        /// Something on the way to a value has no members.
        case notProjected
    }

    private func filled(
        by projection: Projection, _ input: Value, _ scope: Environment?, _ machine: Machine
    ) -> Filling {
        withUnsafeTemporaryAllocation(of: JSON.self, capacity: places) { places in
            places.initialize(repeating: .null)
            let outer = machine.projected
            machine.projected = places
            defer { machine.projected = outer }
            let ending = compute(projection, into: places, input, scope, machine)
            guard case .filled(_, let depth) = ending else {
                places.deinitialize()
                return ending
            }
            var place = 0
            let members = template.mapValues { _ in
                defer { place += 1 }
                return places.moveElement(from: place)
            }
            for operand in place..<places.count { places.deinitializeElement(at: operand) }
            return .filled(members, depth: depth)
        }
    }

    /// Fills the places; the members are made of them only where all could be filled.
    private func compute(
        _ projection: Projection, into places: UnsafeMutableBufferPointer<JSON>, _ input: Value, _ scope: Environment?,
        _ machine: Machine
    ) -> Filling {
        guard projection.take(from: input.json, into: places) else { return .notProjected }
        var depth = input.inner
        do throws(Fault) {
            for (place, node) in computed {
                guard let value = try node.direct(input, scope, machine) else { return .none }
                places.initializeElement(at: place, to: value.json)
                depth = max(depth, value.bound)
            }
        } catch {
            return .fault(error)
        }
        return .filled([:], depth: depth)
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
