import ExactJSON

extension JSON {
    /// How deep it nests: 0 for a scalar. Goes no deeper than `limit` (and then answers `limit + 1`), counts what it
    /// visits in `nodes`, and gives up, answering `limit + 1`, after `most` of them.
    func depth(within limit: Int, nodes: inout Int, most: Int) -> Int {
        nodes += 1
        if nodes > most { return limit + 1 }
        switch self {
        case .array(let elements):
            guard limit > 0 else { return limit + 1 }
            var depth = 0
            for element in elements {
                depth = max(depth, element.depth(within: limit - 1, nodes: &nodes, most: most))
                if depth >= limit { break }
            }
            return depth + 1
        case .object(let members):
            guard limit > 0 else { return limit + 1 }
            var depth = 0
            for member in members.values {
                depth = max(depth, member.depth(within: limit - 1, nodes: &nodes, most: most))
                if depth >= limit { break }
            }
            return depth + 1
        default: return 0
        }
    }
}

/// Goes through a finished output once: bounds what a reader of it will see, and replaces numbers that JSON cannot say.
struct OutputInspector {
    let nesting: Int
    private var bytesLeft: Int
    private var hasSpecial = false

    /// The value to hand out; throws where it nests too deep or is, written out, larger than `memory` bytes.
    ///
    /// A value may share parts of itself (`[., .]` thirty times over), so that it takes little memory in the run and
    /// yet could not be written down in the lifetime of the machine.
    static func finished(_ json: JSON, _ machine: Machine) throws(Fault) -> JSON {
        var inspector = OutputInspector(nesting: machine.limits.nesting, bytesLeft: machine.limits.memory)
        try inspector.visit(json, depth: 0)
        return inspector.hasSpecial ? Self.plain(json) : json
    }

    private init(nesting: Int, bytesLeft: Int) {
        self.nesting = nesting
        self.bytesLeft = bytesLeft
    }

    private mutating func visit(_ json: JSON, depth: Int) throws(Fault) {
        bytesLeft -= 8
        switch json {
        case .null, .bool: break
        case .number(let number): if Numbers.isSpecial(number) { hasSpecial = true }
        case .string(let text): bytesLeft -= text.utf8.count
        case .array(let elements):
            guard depth < nesting else { throw .limit(.nesting) }
            try visit(elements, depth: depth + 1)
        case .object(let members):
            guard depth < nesting else { throw .limit(.nesting) }
            for key in members.keys { bytesLeft -= key.utf8.count }
            try visit(members.values.elements, depth: depth + 1)
        }
        if bytesLeft < 0 { throw .limit(.memory) }
    }

    private mutating func visit(_ elements: [JSON], depth: Int) throws(Fault) {
        for element in elements {
            switch element {
            case .null, .bool: bytesLeft -= 8
            case .string(let text): bytesLeft -= 8 + text.utf8.count
            case .number(let number):
                bytesLeft -= 8
                if Numbers.isSpecial(number) { hasSpecial = true }
            case .array, .object: try visit(element, depth: depth)
            }
        }
    }

    /// NaN becomes null and the infinities the largest double, as jq writes them.
    static func plain(_ json: JSON) -> JSON {
        switch json {
        case .number(let number): Numbers.plain(number)
        case .array(let elements): .array(elements.map(plain))
        case .object(let members): .object(members.mapValues(plain))
        default: json
        }
    }
}
