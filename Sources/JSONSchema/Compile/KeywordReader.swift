import ExactJSON
import JQ

/// Reads the keywords of one subschema object.
struct KeywordReader {
    let members: JSONObject
    let place: SchemaPlace
    let resource: Int
    let vocabularies: Vocabularies

    /// What the keywords demand, cheap ones first, `unevaluated…` last.
    mutating func checks(_ compiler: inout SchemaCompiler) -> [SchemaCheck] {
        noteUnknown(&compiler)
        var checks: [SchemaCheck] = []
        if vocabularies.contains(.validation) {
            checks += values(&compiler) + numbers(&compiler) + sizes(&compiler) + requirements(&compiler)
        }
        checks += format(&compiler)
        if vocabularies.contains(.applicator) { checks += children(&compiler) }
        checks += references(&compiler)
        if vocabularies.contains(.applicator) { checks += combinations(&compiler) }
        if vocabularies.contains(.unevaluated) {
            if let node = one("unevaluatedItems", &compiler) { checks.append(.unevaluatedItems(node)) }
            if let node = one("unevaluatedProperties", &compiler) { checks.append(.unevaluatedProperties(node)) }
        }
        describe(&compiler)
        return checks
    }

    func at(_ keyword: String) -> SchemaPlace { place.appending(keyword) }

    // MARK: - Forms

    private func number(_ keyword: String, _ compiler: inout SchemaCompiler) -> ExactNumber? {
        guard let value = members[keyword] else { return nil }
        if let number = value.number { return number }
        compiler.fail(at(keyword), "\(keyword) must be a number, not \(SchemaWords.value(value))")
        return nil
    }

    /// A count from 0; one beyond every size counts as the largest.
    private func count(_ keyword: String, _ compiler: inout SchemaCompiler) -> Int? {
        guard let value = members[keyword] else { return nil }
        if let number = value.number, !number.isNegative, number.isWhole { return number.intValue ?? Int.max }
        compiler.fail(at(keyword), "\(keyword) must be a whole number from 0, not \(SchemaWords.value(value))")
        return nil
    }

    private func names(
        _ value: JSON, _ place: SchemaPlace, _ keyword: String, _ compiler: inout SchemaCompiler
    ) -> [String]? {
        let names = value.array?.compactMap(\.string)
        guard let names, names.count == value.array?.count else {
            compiler.fail(place, "\(keyword) must be a list of names, not \(SchemaWords.value(value))")
            return nil
        }
        if Set(names).count < names.count { compiler.fail(place, "\(keyword) names one twice") }
        return names
    }

    private func one(_ keyword: String, _ compiler: inout SchemaCompiler) -> Int? {
        members[keyword].map { compiler.node(at(keyword), $0) }
    }

    private func list(_ keyword: String, _ compiler: inout SchemaCompiler) -> [Int]? {
        guard let value = members[keyword] else { return nil }
        guard let elements = value.array, !elements.isEmpty else {
            compiler.fail(
                at(keyword), "\(keyword) must be a list of at least one schema, not \(SchemaWords.value(value))")
            return nil
        }
        return elements.enumerated().map { compiler.node(at(keyword).appending($0), $1) }
    }

    private func map(_ keyword: String, _ compiler: inout SchemaCompiler) -> [(name: String, node: Int)]? {
        guard let value = members[keyword] else { return nil }
        guard let members = value.object else {
            compiler.fail(at(keyword), "\(keyword) must be an object of schemas, not \(SchemaWords.value(value))")
            return nil
        }
        return members.map { ($0, compiler.node(at(keyword).appending($0), $1)) }
    }

    // MARK: - Keywords

    private func values(_ compiler: inout SchemaCompiler) -> [SchemaCheck] {
        var checks: [SchemaCheck] = []
        if let value = members["type"], let types = types(value, &compiler) { checks.append(.type(types)) }
        if let value = members["const"] { checks.append(.constant(SchemaValue(value))) }
        if let value = members["enum"] {
            if let values = value.array {
                checks.append(.enumeration(SchemaEnumeration(values)))
            } else {
                compiler.fail(at("enum"), "enum must be a list, not \(SchemaWords.value(value))")
            }
        }
        return checks
    }

    private func types(_ value: JSON, _ compiler: inout SchemaCompiler) -> SchemaTypes? {
        let elements = value.array ?? [value]
        var types = SchemaTypes()
        for (index, element) in elements.enumerated() {
            let place = value.array == nil ? at("type") : at("type").appending(index)
            if let type = element.string.flatMap({ SchemaTypes(name: $0) }) {
                if types.contains(type) { compiler.fail(place, "type names \(SchemaWords.value(element)) twice") }
                types.insert(type)
            } else {
                let nearest = element.string.flatMap { Nearest.of($0, among: SchemaTypes.names) }
                compiler.fail(
                    place, "\(SchemaWords.value(element)) is no type",
                    suggestion: nearest.map { "did you mean \"\($0)\"?" }
                        ?? "choose from: \(SchemaTypes.names.joined(separator: ", "))")
            }
        }
        if elements.isEmpty { compiler.fail(at("type"), "type must name at least one type") }
        return types.isEmpty ? nil : types
    }

    private func numbers(_ compiler: inout SchemaCompiler) -> [SchemaCheck] {
        var checks: [SchemaCheck] = []
        if let step = number("multipleOf", &compiler) {
            if step.isZero || step.isNegative {
                compiler.fail(at("multipleOf"), "multipleOf must be above 0, not \(SchemaWords.value(.number(step)))")
            } else {
                checks.append(.multiple(step))
            }
        }
        for bound in [SchemaBound.minimum, .exclusiveMinimum, .maximum, .exclusiveMaximum] {
            if let value = number(bound.rawValue, &compiler) { checks.append(.bound(value, bound)) }
        }
        return checks
    }

    private func sizes(_ compiler: inout SchemaCompiler) -> [SchemaCheck] {
        var checks: [SchemaCheck] = []
        func range(_ least: String, _ most: String) -> (Int?, Int?)? {
            let range = (count(least, &compiler), count(most, &compiler))
            return range.0 == nil && range.1 == nil ? nil : range
        }
        if let (least, most) = range("minLength", "maxLength") { checks.append(.length(least: least, most: most)) }
        if let (least, most) = range("minItems", "maxItems") { checks.append(.count(least: least, most: most)) }
        if let (least, most) = range("minProperties", "maxProperties") {
            checks.append(.members(least: least, most: most))
        }
        if let value = members["pattern"] {
            if let text = value.string {
                if let pattern = compiler.pattern(text, at: at("pattern")) {
                    checks.append(.pattern(pattern, text: text))
                }
            } else {
                compiler.fail(at("pattern"), "pattern must be a text, not \(SchemaWords.value(value))")
            }
        }
        if let value = members["uniqueItems"] {
            if value == .bool(true) { checks.append(.unique) }
            if value.bool == nil {
                compiler.fail(at("uniqueItems"), "uniqueItems must be true or false, not \(SchemaWords.value(value))")
            }
        }
        return checks
    }

    private func requirements(_ compiler: inout SchemaCompiler) -> [SchemaCheck] {
        var checks: [SchemaCheck] = []
        if let value = members["required"], let names = names(value, at("required"), "required", &compiler) {
            checks.append(.required(names))
        }
        if let value = members["dependentRequired"] {
            guard let entries = value.object else {
                compiler.fail(at("dependentRequired"), "dependentRequired must be an object of lists of names")
                return checks
            }
            let keyword = "dependentRequired"
            checks.append(
                .dependentRequired(
                    entries.compactMap { name, value in
                        names(value, at(keyword).appending(name), keyword, &compiler).map { (name, $0) }
                    }))
        }
        return checks
    }

    private func format(_ compiler: inout SchemaCompiler) -> [SchemaCheck] {
        guard let value = members["format"], !vocabularies.isDisjoint(with: [.formatAnnotation, .formatAssertion])
        else {
            return []
        }
        guard let name = value.string else {
            compiler.fail(at("format"), "format must be a text, not \(SchemaWords.value(value))")
            return []
        }
        guard let format = SchemaFormat(rawValue: name) else {
            if let nearest = Nearest.of(name, among: SchemaFormat.allCases.map(\.rawValue)) {
                compiler.warn(
                    at("format"), "the format \(SchemaWords.quoted(name)) is not known, and refuses nothing",
                    suggestion: "did you mean \"\(nearest)\"?")
            }
            return []
        }
        return compiler.formats == .assertion || vocabularies.contains(.formatAssertion) ? [.format(format)] : []
    }

    private func children(_ compiler: inout SchemaCompiler) -> [SchemaCheck] {
        var checks: [SchemaCheck] = []
        let prefix = list("prefixItems", &compiler) ?? []
        if members["items"]?.array != nil {
            compiler.fail(
                at("items"), "items must be one schema, not a list",
                suggestion: "say prefixItems for a schema of each place")
        } else {
            let rest = one("items", &compiler)
            if !prefix.isEmpty || rest != nil { checks.append(.items(prefix: prefix, rest: rest)) }
        }
        let isCounted = vocabularies.contains(.validation)
        let least = isCounted ? count("minContains", &compiler) : nil
        let most = isCounted ? count("maxContains", &compiler) : nil
        if let node = one("contains", &compiler) { checks.append(.contains(node, least: least ?? 1, most: most)) }
        let named = map("properties", &compiler) ?? []
        var patterns: [(pattern: ECMAPattern, text: String, node: Int)] = []
        for (text, node) in map("patternProperties", &compiler) ?? [] {
            let place = at("patternProperties").appending(text)
            guard let pattern = compiler.pattern(text, at: place, isAboutName: true) else { continue }
            patterns.append((pattern, text, node))
        }
        let additional = one("additionalProperties", &compiler)
        if !named.isEmpty || !patterns.isEmpty || additional != nil {
            checks.append(
                .properties(
                    SchemaProperties(
                        named: Dictionary(named.map { ($0.name, $0.node) }) { $1 }, patterns: patterns,
                        additional: additional)))
        }
        if let node = one("propertyNames", &compiler) { checks.append(.names(node)) }
        if let entries = map("dependentSchemas", &compiler), !entries.isEmpty {
            checks.append(.dependentSchemas(entries))
        }
        return checks
    }

    private func references(_ compiler: inout SchemaCompiler) -> [SchemaCheck] {
        _ = map("$defs", &compiler)
        var checks: [SchemaCheck] = []
        for keyword in ["$ref", "$dynamicRef"] {
            guard let value = members[keyword] else { continue }
            guard let text = value.string else {
                compiler.fail(at(keyword), "\(keyword) must be a text, not \(SchemaWords.value(value))")
                continue
            }
            guard let target = compiler.library.resolve(text, from: resource, at: at(keyword)),
                let document = compiler.library.documents[target.document],
                let value = document.value(at: target.pointer)
            else { continue }
            let node = compiler.node(target, value)
            guard keyword == "$dynamicRef" else {
                checks.append(.reference(node))
                continue
            }
            let anchor = SchemaURI(text).fragment
            let anchors = compiler.library.resources[document.resource(at: target.pointer)].dynamicAnchors
            let isDynamic = anchor.map { anchors[$0] == target.pointer } ?? false
            checks.append(.dynamicReference(node, anchor: isDynamic ? anchor : nil))
        }
        return checks
    }

    private func combinations(_ compiler: inout SchemaCompiler) -> [SchemaCheck] {
        var checks: [SchemaCheck] = []
        if let nodes = list("allOf", &compiler) { checks.append(.all(nodes)) }
        if let nodes = list("anyOf", &compiler) { checks.append(.any(nodes)) }
        if let nodes = list("oneOf", &compiler) { checks.append(.one(nodes)) }
        if let node = one("not", &compiler) { checks.append(.not(node)) }
        let then = one("then", &compiler)
        let otherwise = one("else", &compiler)
        if let node = one("if", &compiler) { checks.append(.condition(if: node, then: then, else: otherwise)) }
        return checks
    }

    // MARK: - What demands nothing

    private func describe(_ compiler: inout SchemaCompiler) {
        func demand(_ keyword: String, _ what: String, _ isRight: (JSON) -> Bool) {
            guard let value = members[keyword], !isRight(value) else { return }
            compiler.fail(at(keyword), "\(keyword) must be \(what), not \(SchemaWords.value(value))")
        }
        demand("$comment", "a text") { $0.string != nil }
        demand("$vocabulary", "an object of true and false") { $0.object?.allSatisfy { $0.value.bool != nil } ?? false }
        if vocabularies.contains(.metadata) {
            for keyword in ["title", "description"] { demand(keyword, "a text") { $0.string != nil } }
            for keyword in ["deprecated", "readOnly", "writeOnly"] {
                demand(keyword, "true or false") { $0.bool != nil }
            }
            demand("examples", "a list") { $0.array != nil }
        }
        if vocabularies.contains(.content) {
            for keyword in ["contentEncoding", "contentMediaType"] { demand(keyword, "a text") { $0.string != nil } }
            _ = one("contentSchema", &compiler)
        }
    }

    private func noteUnknown(_ compiler: inout SchemaCompiler) {
        for name in members.keys where Keyword.all[name] == nil {
            if let instead = Keyword.former[name] {
                compiler.warn(
                    at(name), "\(SchemaWords.quoted(name)) is of an earlier draft and demands nothing",
                    suggestion: "say \(instead)")
            } else if let nearest = Nearest.of(name, among: Keyword.all.keys.sorted()) {
                compiler.warn(
                    at(name), "\(SchemaWords.quoted(name)) is no keyword and demands nothing",
                    suggestion: "did you mean \"\(nearest)\"?")
            }
        }
    }
}
