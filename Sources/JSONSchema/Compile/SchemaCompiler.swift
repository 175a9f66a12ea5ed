import ExactJSON
import JQ

/// Makes nodes of a schema and of all that it refers to. Subschemas wait in a queue for their turn, so no depth of a
/// schema takes the thread's stack.
struct SchemaCompiler {
    var library: SchemaLibrary
    let formats: Schema.Formats
    let limits: SchemaLimits
    private(set) var nodes: [SchemaNode] = []
    private(set) var warnings: [SchemaError] = []
    private var numbers: [SchemaPlace: Int] = [:]
    private var queue: [(number: Int, value: JSON)] = []
    private var patternSteps = 0
    private var anchoredResources = 0

    init(registry: SchemaRegistry, formats: Schema.Formats, limits: SchemaLimits) {
        library = SchemaLibrary(registry: registry, limits: limits)
        self.formats = formats
        self.limits = limits
    }

    mutating func compile(_ document: JSON, uri: String) throws(InvalidSchema) -> Schema {
        library.add(document, uri: uri)
        let root = node(SchemaPlace(document: uri, pointer: ""), document)
        var anchors: [Int: [String: Int]] = [:]
        var next = 0
        while true {
            // What is read may lead to more documents, and those have dynamic anchors to read.
            while next < queue.count, library.errors.count < limits.errors {
                let (number, value) = queue[next]
                read(number, value)
                next += 1
            }
            guard anchoredResources < library.resources.count, library.errors.isEmpty else { break }
            let resource = library.resources[anchoredResources]
            for (name, pointer) in resource.dynamicAnchors {
                let place = SchemaPlace(document: resource.place.document, pointer: pointer)
                guard let value = library.documents[place.document]?.value(at: pointer) else { continue }
                anchors[resource.id, default: [:]][name] = node(place, value)
            }
            anchoredResources += 1
        }
        if library.errors.isEmpty { refuseCircles() }
        guard library.errors.isEmpty else { throw InvalidSchema(errors: library.errors) }
        return Schema(nodes: nodes, root: root, dynamicAnchors: anchors, limits: limits, warnings: warnings)
    }

    /// The number of the subschema at `place`, which is read later.
    mutating func node(_ place: SchemaPlace, _ value: JSON) -> Int {
        if let number = numbers[place] { return number }
        let number = nodes.count
        guard number < limits.subschemas else {
            library.fail(place, "the schema has more than \(limits.subschemas) subschemas")
            return 0
        }
        let resource = library.documents[place.document]?.resource(at: place.pointer) ?? 0
        nodes.append(SchemaNode(place: place, resource: resource))
        numbers[place] = number
        queue.append((number, value))
        return number
    }

    private mutating func read(_ number: Int, _ value: JSON) {
        switch value {
        case .bool(let always): nodes[number].always = always
        case .object(let members):
            var reader = KeywordReader(
                members: members, place: nodes[number].place, resource: nodes[number].resource,
                vocabularies: library.resources[nodes[number].resource].vocabularies)
            let checks = reader.checks(&self)
            nodes[number].checks = checks
            nodes[number].asksForEvaluated = checks.contains {
                switch $0 {
                case .unevaluatedItems, .unevaluatedProperties: true
                default: false
                }
            }
        default:
            library.fail(
                nodes[number].place, "a schema must be an object, true or false, not \(SchemaWords.value(value))")
        }
    }

    mutating func fail(_ place: SchemaPlace, _ reason: String, suggestion: String? = nil, isAboutName: Bool = false) {
        library.fail(place, reason, suggestion: suggestion, isAboutName: isAboutName)
    }

    mutating func warn(_ place: SchemaPlace, _ reason: String, suggestion: String) {
        // The metaschema's own leftovers are nobody's mistake.
        guard warnings.count < limits.errors, Metaschema.documents[place.document] == nil else { return }
        warnings.append(SchemaError(place, reason, suggestion: suggestion, isAboutName: true))
    }

    /// The regular expression, where it is one and all together do not grow too big.
    mutating func pattern(_ text: String, at place: SchemaPlace, isAboutName: Bool = false) -> ECMAPattern? {
        do throws(ECMAPattern.Fault) {
            let pattern = try ECMAPattern(text)
            patternSteps += pattern.size
            if patternSteps <= limits.patternSteps { return pattern }
            fail(place, "the schema's regular expressions are too big together", isAboutName: isAboutName)
        } catch {
            fail(
                place, "\(SchemaWords.quoted(text)) is no regular expression: \(error.reason)",
                suggestion: "write it as ECMA-262 has it, with each backslash doubled in JSON", isAboutName: isAboutName
            )
        }
        return nil
    }

    // MARK: - Circles

    /// Refuses subschemas that lead back to themselves without going into the value: nothing ends them.
    private mutating func refuseCircles() {
        // 0: not seen, 1: above the one at hand, 2: done.
        var states = Array(repeating: UInt8(0), count: nodes.count)
        for start in nodes.indices where states[start] == 0 {
            var way: [(node: Int, next: [Int])] = [(start, sameValue(nodes[start]))]
            states[start] = 1
            while let top = way.last {
                guard let next = top.next.last else {
                    states[top.node] = 2
                    way.removeLast()
                    continue
                }
                way[way.count - 1].next.removeLast()
                if states[next] == 1 {
                    let target = nodes[next].place.text
                    fail(
                        nodes[top.node].place,
                        "the schema leads back to \(target) without going into the value, so it never ends",
                        suggestion: "let it refer to itself from properties or items")
                    states[next] = 2
                } else if states[next] == 0 {
                    states[next] = 1
                    way.append((next, sameValue(nodes[next])))
                }
            }
        }
    }

    /// The subschemas that are surely asked about the very value that `node` is asked about.
    private func sameValue(_ node: SchemaNode) -> [Int] {
        var all: [Int] = []
        for check in node.checks {
            switch check {
            case .reference(let target): all.append(target)
            case .dynamicReference(let target, anchor: nil): all.append(target)
            case .all(let branches), .one(let branches): all += branches
            case .any(let branches): all += branches.prefix(1)
            case .not(let inner), .condition(let inner, _, _): all.append(inner)
            default: break
            }
        }
        return all
    }
}
