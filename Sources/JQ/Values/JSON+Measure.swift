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
        switch json {
        case .array(let elements):
            guard depth < nesting else { throw .limit(.nesting) }
            try elements.withUnsafeBufferPointer { (elements) throws(Fault) in
                guard let start = elements.baseAddress else { return }
                try visit(start, elements.count, depth: depth + 1)
            }
        case .object(let members):
            guard depth < nesting else { throw .limit(.nesting) }
            bytesLeft -= members.nameBytes
            let fault: Fault? = members.withUnsafeMembers { _, values, count in
                do throws(Fault) {
                    try visit(values, count, depth: depth + 1)
                    return nil
                } catch {
                    return error
                }
            }
            if let fault { throw fault }
        default:
            let (bytes, isSpecial) = Self.scalar(json)
            bytesLeft -= bytes
            if isSpecial { hasSpecial = true }
        }
        bytesLeft -= 8
        if bytesLeft < 0 { throw .limit(.memory) }
    }

    private mutating func visit(_ values: UnsafePointer<JSON>, _ count: Int, depth: Int) throws(Fault) {
        var bytes = 0
        var containers = 0
        var specials = 0
        for place in 0..<count {
            // Nothing is written between: so the values need no reference of their own while they are looked at.
            switch values[place] {
            case .null, .bool: bytes += 8
            case .string(let text): bytes += 8 + text.utf8.count
            case .number(let number):
                bytes += 8
                if Numbers.isSpecial(number) { specials += 1 }
            case .array, .object: containers += 1
            }
        }
        bytesLeft -= bytes
        if specials > 0 { hasSpecial = true }
        guard containers > 0 else { return }
        for place in 0..<count where values[place].isContainer { try visit(values[place], depth: depth) }
    }

    private static func scalar(_ json: JSON) -> (bytes: Int, isSpecial: Bool) {
        switch json {
        case .string(let text): (text.utf8.count, false)
        case .number(let number): (0, Numbers.isSpecial(number))
        default: (0, false)
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
