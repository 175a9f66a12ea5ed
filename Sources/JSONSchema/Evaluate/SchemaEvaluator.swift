import ExactJSON

/// One look at a value.
struct SchemaEvaluator {
    /// A bound of ``SchemaLimits`` that ended the look.
    enum Limit: Error { case steps, depth }

    /// A part of the way to the place at hand.
    enum Part {
        case name(String)
        case index(Int)
    }

    let schema: Schema
    let prefix: String
    var stepsLeft: Int
    private var depth = 0
    private var way: [Part] = []
    /// The resources entered, the outermost first.
    private(set) var scope: [Int] = []
    private(set) var faults: [SchemaFault] = []
    /// Nobody asks why: the first fault decides.
    private var isQuiet = false

    init(schema: Schema, prefix: String) {
        self.schema = schema
        self.prefix = prefix
        stepsLeft = schema.limits.steps
    }

    /// The faults of the whole value.
    mutating func run(_ value: JSON) -> [SchemaFault] {
        var evaluated: Evaluated?
        do throws(Limit) {
            _ = try evaluate(schema.root, value, &evaluated)
        } catch {
            isQuiet = false
            let reason =
                switch error {
                case .steps: "takes more than \(schema.limits.steps) steps to check"
                case .depth: "leads more than \(schema.limits.depth) subschemas deep"
                }
            let place = schema.nodes[schema.root].place.text
            faults.append(SchemaFault(pointer: pointer, keyword: place, message: "\(subject) \(reason)"))
        }
        return faults
    }

    /// Whether the value fits the subschema `number`. What was looked at is added to `evaluated`, where somebody asks.
    mutating func evaluate(_ number: Int, _ value: JSON, _ evaluated: inout Evaluated?) throws(Limit) -> Bool {
        try work(1)
        let node = schema.nodes[number]
        if let always = node.always { return always ? true : refuse(node.place, "must not be there") }
        guard depth < schema.limits.depth else { throw .depth }
        depth += 1
        let isEntering = scope.last != node.resource
        if isEntering { scope.append(node.resource) }
        defer {
            depth -= 1
            if isEntering { scope.removeLast() }
        }
        var own: Evaluated? = evaluated != nil || node.asksForEvaluated ? Evaluated() : nil
        var fits = true
        for check in node.checks {
            // What was not looked at can be told only where all else is right.
            if !fits, check.asksForEvaluated { break }
            if try apply(check, node, value, &own) { continue }
            fits = false
            if stopsHere { return false }
        }
        if fits, let own { evaluated?.merge(own) }
        return fits
    }

    var stopsHere: Bool { isQuiet || faults.count >= schema.limits.faults }

    private mutating func apply(
        _ check: SchemaCheck, _ node: SchemaNode, _ value: JSON, _ evaluated: inout Evaluated?
    ) throws(Limit) -> Bool {
        try work(1)
        switch value {
        case .number(let number): if let answer = numeric(check, node, number) { return answer }
        case .string(let text): if let answer = try textual(check, node, text) { return answer }
        case .array(let elements): if let answer = try listed(check, node, elements, &evaluated) { return answer }
        case .object(let members): if let answer = try keyed(check, node, members, value, &evaluated) { return answer }
        default: break
        }
        return try general(check, node, value, &evaluated)
    }

    // MARK: - Whatever the value

    private mutating func general(
        _ check: SchemaCheck, _ node: SchemaNode, _ value: JSON, _ evaluated: inout Evaluated?
    ) throws(Limit) -> Bool {
        switch check {
        case .type(let types):
            return types.admit(value)
                || refuse(node, "type", "is \(SchemaWords.value(value)), which is not \(types.description)")
        case .constant(let constant):
            try work(value)
            return constant == SchemaValue(value)
                || refuse(
                    node, "const", "is \(SchemaWords.value(value)), which is not \(SchemaWords.value(constant.json))")
        case .enumeration(let values): return try enumerated(values, node, value)
        case .all(let branches):
            var fits = true
            for branch in branches where try !evaluate(branch, value, &evaluated) {
                fits = false
                if stopsHere { break }
            }
            return fits
        case .any(let branches): return try any(branches, node, value, &evaluated)
        case .one(let branches): return try one(branches, node, value, &evaluated)
        case .not(let inner):
            var nothing: Evaluated?
            return try !quietly(inner, value, &nothing)
                || refuse(node, "not", "is \(SchemaWords.value(value)), which is what not excludes")
        case .condition(let condition, let then, let otherwise):
            let branch = try quietly(condition, value, &evaluated) ? then : otherwise
            return try branch.map { number throws(Limit) in try evaluate(number, value, &evaluated) } ?? true
        case .reference(let target): return try evaluate(target, value, &evaluated)
        case .dynamicReference(let target, let anchor):
            return try evaluate(dynamicTarget(target, anchor), value, &evaluated)
        default: return true
        }
    }

    private mutating func enumerated(
        _ values: SchemaEnumeration, _ node: SchemaNode, _ value: JSON
    ) throws(Limit) -> Bool {
        try work(value)
        if values.set.contains(SchemaValue(value)) { return true }
        let shown = values.values.prefix(8).map { SchemaWords.value($0) }
        let all = values.values.count > 8 ? shown + ["\(values.values.count - 8) more"] : shown
        return refuse(node, "enum", "is \(SchemaWords.value(value)), which is not \(SchemaWords.list(all))")
    }

    /// The outermost resource's anchor of that name, where the reference leads to a dynamic anchor.
    private func dynamicTarget(_ target: Int, _ anchor: String?) -> Int {
        guard let anchor else { return target }
        for resource in scope { if let found = schema.dynamicAnchors[resource]?[anchor] { return found } }
        return target
    }

    mutating func quietly(_ number: Int, _ value: JSON, _ evaluated: inout Evaluated?) throws(Limit) -> Bool {
        let before = isQuiet
        isQuiet = true
        defer { isQuiet = before }
        return try evaluate(number, value, &evaluated)
    }

    /// The faults of one branch, set apart from those found so far; nil where it fits.
    private mutating func faults(
        of branch: Int, _ value: JSON, _ evaluated: inout Evaluated?
    ) throws(Limit) -> [SchemaFault]? {
        if isQuiet { return try evaluate(branch, value, &evaluated) ? nil : [] }
        let before = faults
        faults = []
        defer { faults = before }
        return try evaluate(branch, value, &evaluated) ? nil : faults
    }

    private mutating func any(
        _ branches: [Int], _ node: SchemaNode, _ value: JSON, _ evaluated: inout Evaluated?
    ) throws(Limit) -> Bool {
        var fits = false
        var failures: [[SchemaFault]] = []
        for branch in branches {
            if let failure = try faults(of: branch, value, &evaluated) {
                failures.append(failure)
            } else {
                fits = true
                if evaluated == nil { break }
            }
        }
        return fits || refuse(node, "anyOf", Self.none(of: branches.count, "anyOf", failures))
    }

    private mutating func one(
        _ branches: [Int], _ node: SchemaNode, _ value: JSON, _ evaluated: inout Evaluated?
    ) throws(Limit) -> Bool {
        var fitting: [Int] = []
        var failures: [[SchemaFault]] = []
        for (index, branch) in branches.enumerated() {
            if let failure = try faults(of: branch, value, &evaluated) {
                failures.append(failure)
            } else {
                fitting.append(index)
            }
        }
        if fitting.count == 1 { return true }
        if fitting.isEmpty { return refuse(node, "oneOf", Self.none(of: branches.count, "oneOf", failures)) }
        let places = SchemaWords.list(fitting.prefix(8).map { "number \($0 + 1)" }, "and")
        return refuse(node, "oneOf", "fits \(places) of oneOf, and must fit only one")
    }

    /// Names the branch that lacks least.
    private static func none(of count: Int, _ keyword: String, _ failures: [[SchemaFault]]) -> String {
        let nearest = failures.filter { !$0.isEmpty }.min { $0.count < $1.count }?.first
        let detail = nearest.map { "; the nearest refuses it because \($0.message)" } ?? ""
        return "fits none of the \(SchemaWords.counted(count, "form")) of \(keyword)"
            + SchemaWords.shortened(detail, 240)
    }

    // MARK: - The way

    mutating func enter(_ part: Part) { way.append(part) }
    mutating func leave() { way.removeLast() }

    private var pointer: String {
        way.reduce(into: prefix) { text, part in
            switch part {
            case .name(let name): text += "/" + JSONPointer.escaped(name)
            case .index(let index): text += "/\(index)"
            }
        }
    }

    private var subject: String { pointer.isEmpty ? "the value" : SchemaWords.shortened(pointer, 200) }

    /// Notes a fault, unless nobody asks; always false.
    mutating func refuse(_ node: SchemaNode, _ keyword: String, _ predicate: @autoclosure () -> String) -> Bool {
        isQuiet ? false : refuse(node.place.appending(keyword), predicate())
    }

    private mutating func refuse(_ place: SchemaPlace, _ predicate: @autoclosure () -> String) -> Bool {
        guard !isQuiet, faults.count < schema.limits.faults else { return false }
        faults.append(SchemaFault(pointer: pointer, keyword: place.text, message: "\(subject) \(predicate())"))
        return false
    }

    // MARK: - Bounds

    mutating func work(_ steps: Int) throws(Limit) {
        stepsLeft -= steps
        if stepsLeft < 0 { throw .steps }
    }

    /// Counts what going through all of a value costs.
    mutating func work(_ value: JSON) throws(Limit) {
        switch value {
        case .string(let text): try work(text.utf8.count >> 4)
        case .array(let elements):
            try work(elements.count)
            for element in elements { try work(element) }
        case .object(let members):
            try work(members.count)
            for (_, member) in members { try work(member) }
        default: try work(1)
        }
    }
}

extension SchemaCheck {
    var asksForEvaluated: Bool {
        switch self {
        case .unevaluatedItems, .unevaluatedProperties: true
        default: false
        }
    }
}
