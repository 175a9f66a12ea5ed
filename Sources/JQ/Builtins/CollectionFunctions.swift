import ExactJSON

/// Functions on arrays and objects as a whole.
enum CollectionFunctions {
    static let table: [String: NativeFunction] = [
        "add/0": add,
        "flatten/0": { (input, _, machine) throws(Fault) in try flatten(input, levels: 1_000_000, machine) },
        "flatten/1": { (input, arguments, machine) throws(Fault) in
            guard case .number(let levels) = arguments[0].json else {
                throw .message("flatten depth must not be negative")
            }
            guard !levels.isNegative else { throw .message("flatten depth must not be negative") }
            return try flatten(input, levels: Numbers.floorInt(levels), machine)
        },
        "reverse/0": reverse,
        "transpose/0": transpose,
        "join/1": join,
        "indices/1": { (input, arguments, machine) throws(Fault) in try indices(input.json, arguments[0].json, machine)
        },
        "index/1": { (input, arguments, machine) throws(Fault) in
            let found = try indices(input.json, arguments[0].json, machine)
            return Value(try Access.get(found.json, .int(0), machine), depth: found.depth)
        },
        "rindex/1": { (input, arguments, machine) throws(Fault) in
            let found = try indices(input.json, arguments[0].json, machine)
            let last = try Access.get(found.json, .object(["start": -1, "end": .null]), machine)
            return Value(try Access.get(last, .int(0), machine), depth: found.depth)
        },
    ]

    /// What `add` and `join` go through: an array's elements or an object's values.
    static func elements(of json: JSON) throws(Fault) -> [JSON] {
        switch json {
        case .array(let elements): return elements
        case .object(let members): return Array(members.values)
        default: throw .message("Cannot iterate over \(Shown.typed(json))")
        }
    }

    private static let add: NativeFunction = { (input, _, machine) throws(Fault) in
        let elements = try elements(of: input.json)
        if let text = try concatenated(elements, machine) { return text }
        var sum = Value.null
        for element in elements {
            try machine.step()
            let before = sum
            sum = .null
            sum = try Arithmetic.add(before, Value(element, depth: input.inner), machine)
        }
        return sum
    }

    /// Texts one behind the other, each copied once; nil where something is no text.
    private static func concatenated(_ elements: [JSON], _ machine: Machine) throws(Fault) -> Value? {
        guard case .string? = elements.first else { return nil }
        var whole = ""
        for element in elements {
            guard case .string(let text) = element else { return nil }
            whole += text
            guard whole.utf8.count <= machine.limits.memory else { throw .limit(.memory) }
        }
        try machine.work(elements.count)
        try machine.produce(32 + whole.utf8.count)
        return .string(whole)
    }

    private static func flatten(_ input: Value, levels: Int, _ machine: Machine) throws(Fault) -> Value {
        var flat: [JSON] = []
        try flatten(try elements(of: input.json), levels, into: &flat, machine)
        return Value(.array(flat), depth: max(input.depth, 1))
    }

    private static func flatten(
        _ elements: [JSON], _ levels: Int, into flat: inout [JSON], _ machine: Machine
    ) throws(Fault) {
        try machine.work(elements.count + 16)
        for element in elements {
            if case .array(let inner) = element, levels > 0 {
                try flatten(inner, levels - 1, into: &flat, machine)
            } else {
                try machine.produce(16)
                flat.append(element)
            }
        }
    }

    private static let reverse: NativeFunction = { (input, _, machine) throws(Fault) in
        switch input.json {
        case .array(let elements):
            try machine.work(elements.count)
            try machine.produce(32 + 16 * elements.count)
            return Value(.array(elements.reversed()), depth: input.depth)
        case .string(let text):
            try machine.work(text.utf8.count)
            try machine.produce(32 + text.utf8.count)
            var view = String.UnicodeScalarView()
            view.append(contentsOf: text.unicodeScalars.reversed())
            return .string(String(view))
        case .null: return Value(.array([]), depth: 1)
        case .object(let members) where members.isEmpty: return Value(.array([]), depth: 1)
        default: throw .message("Cannot reverse \(Shown.typed(input.json))")
        }
    }

    private static let transpose: NativeFunction = { (input, _, machine) throws(Fault) in
        let rows = try elements(of: input.json)
        var lists: [[JSON]] = []
        for row in rows {
            guard case .array(let elements) = row else { throw .message(Access.cannotIndex(row, .int(0))) }
            lists.append(elements)
        }
        let width = lists.map(\.count).max() ?? 0
        let cells = width.multipliedReportingOverflow(by: rows.count)
        guard !cells.overflow, cells.partialValue < machine.limits.memory >> 4 else { throw .limit(.memory) }
        try machine.work(cells.partialValue)
        try machine.produce(32 + 32 * width + 16 * cells.partialValue)
        let columns = (0..<width).map { column in
            JSON.array(lists.map { column < $0.count ? $0[column] : .null })
        }
        return Value(.array(columns), depth: max(input.depth, 2))
    }

    /// Null and missing parts are empty; numbers and booleans are written out.
    private static let join: NativeFunction = { (input, arguments, machine) throws(Fault) in
        let elements = try elements(of: input.json)
        if elements.isEmpty { return .string("") }
        var separator = ""
        switch arguments[0].json {
        case .string(let text): separator = text
        case .null: break
        case let other:
            // The first element comes without a separator before it.
            guard elements.count > 1 else { break }
            let first = elements[0].isNull ? "" : try Text.of(elements[0], machine)
            throw .message("\(Shown.typed(.string(first))) and \(Shown.typed(other)) cannot be added")
        }
        try machine.work(elements.count)
        var whole = ""
        for (index, element) in elements.enumerated() {
            if index > 0 { whole += separator }
            switch element {
            case .null: break
            case .array, .object:
                throw .message("\(Shown.typed(.string(whole))) and \(Shown.typed(element)) cannot be added")
            default: whole += try Text.of(element, machine)
            }
            guard whole.utf8.count <= machine.limits.memory else { throw .limit(.memory) }
        }
        try machine.produce(32 + whole.utf8.count)
        return .string(whole)
    }

    private static func indices(_ json: JSON, _ key: JSON, _ machine: Machine) throws(Fault) -> Value {
        switch (json, key) {
        case (.string(let text), .string(let pattern)):
            return Value(.array(try Text.indices(of: pattern, in: text, machine)), depth: 1)
        case (.array(let elements), .array(let pattern)):
            return Value(.array(try Access.indices(of: pattern, in: elements, machine)), depth: 1)
        case (.array(let elements), _):
            return Value(.array(try Access.indices(of: [key], in: elements, machine)), depth: 1)
        default: return Value(foreign: try Access.get(json, key, machine))
        }
    }
}
