import ExactJSON

/// The documents that a compilation has looked through, and where references lead.
struct SchemaLibrary {
    let registry: SchemaRegistry
    let limits: SchemaLimits
    private(set) var documents: [String: SchemaDocument] = [:]
    private(set) var resources: [SchemaResource] = []
    /// Resources by their absolute URI.
    private var byURI: [String: Int] = [:]
    /// Subschemas seen.
    private var count = 0
    var errors: [SchemaError] = []

    init(registry: SchemaRegistry, limits: SchemaLimits) {
        self.registry = registry
        self.limits = limits
    }

    mutating func fail(_ place: SchemaPlace, _ reason: String, suggestion: String? = nil, isAboutName: Bool = false) {
        guard errors.count < limits.errors else { return }
        errors.append(SchemaError(place, reason, suggestion: suggestion, isAboutName: isAboutName))
    }

    // MARK: - Looking through

    private struct Step {
        let value: JSON
        let place: SchemaPlace
        let resource: Int
    }

    /// Looks through a document for `$id`, `$anchor` and `$dynamicAnchor`, wherever a subschema may stand.
    mutating func add(_ root: JSON, uri: String) {
        guard documents[uri] == nil else { return }
        documents[uri] = SchemaDocument(uri: uri, root: root)
        let place = SchemaPlace(document: uri, pointer: "")
        let first = addResource(root, place, base: SchemaURI(uri))
        if byURI[uri] == nil { byURI[uri] = first }
        var steps = [Step(value: root, place: place, resource: first)]
        while let step = steps.popLast() {
            guard case .object(let members) = step.value else { continue }
            count += 1
            guard count <= limits.subschemas else {
                return fail(step.place, "the schema has more than \(limits.subschemas) subschemas")
            }
            var resource = step.resource
            if members["$id"] != nil, !step.place.pointer.isEmpty {
                resource = addResource(step.value, step.place, base: resources[resource].base)
            }
            noteAnchors(members, step.place, resource)
            for (name, value) in members {
                guard let holding = Keyword.all[name]?.holding else { continue }
                let place = step.place.appending(name)
                switch (holding, value) {
                case (.one, _): steps.append(Step(value: value, place: place, resource: resource))
                case (.list, .array(let elements)):
                    for (index, element) in elements.enumerated() {
                        steps.append(Step(value: element, place: place.appending(index), resource: resource))
                    }
                case (.map, .object(let members)):
                    for (name, member) in members {
                        steps.append(Step(value: member, place: place.appending(name), resource: resource))
                    }
                default: break
                }
            }
        }
    }

    private mutating func addResource(_ value: JSON, _ place: SchemaPlace, base: SchemaURI) -> Int {
        var base = base.withoutFragment
        if let member = value["$id"] {
            if let id = member.string {
                let reference = SchemaURI(id)
                if let fragment = reference.fragment, !fragment.isEmpty {
                    fail(
                        place.appending("$id"), "$id must not have a fragment",
                        suggestion: "remove #\(fragment), and say \"$anchor\": \"\(fragment)\"")
                }
                base = reference.resolved(against: base).withoutFragment
            } else {
                fail(place.appending("$id"), "$id must be a text")
            }
        }
        let isRoot = place.pointer.isEmpty
        let inherited =
            isRoot ? .standard : resources[documents[place.document]?.resource(at: place.pointer) ?? 0].vocabularies
        let number = resources.count
        let vocabularies = vocabularies(of: value, place) ?? inherited
        resources.append(SchemaResource(id: number, place: place, base: base, vocabularies: vocabularies))
        documents[place.document]?.resources[place.pointer] = number
        if let other = byURI[base.text], resources[other].place != place, value["$id"] != nil {
            fail(
                place.appending("$id"), "\(base.text) is the $id of another schema, too",
                suggestion: "give each its own")
        } else {
            byURI[base.text] = number
        }
        return number
    }

    private mutating func noteAnchors(_ members: JSONObject, _ place: SchemaPlace, _ resource: Int) {
        for keyword in ["$anchor", "$dynamicAnchor"] {
            guard let value = members[keyword] else { continue }
            guard let name = value.string, Self.isAnchor(name) else {
                fail(
                    place.appending(keyword),
                    "\(keyword) must be a name of letters, digits, -, _ and . that begins with a letter or _")
                continue
            }
            if let other = resources[resource].anchors[name], other != place.pointer {
                fail(place.appending(keyword), "the anchor \(name) stands twice in one schema")
            }
            resources[resource].anchors[name] = place.pointer
            if keyword == "$dynamicAnchor" { resources[resource].dynamicAnchors[name] = place.pointer }
        }
    }

    private static func isAnchor(_ name: String) -> Bool {
        guard let first = name.utf8.first, first == UInt8(ascii: "_") || (first | 0x20) &- 0x61 < 26 else {
            return false
        }
        return name.utf8.allSatisfy {
            ($0 | 0x20) &- 0x61 < 26 || $0 &- 0x30 < 10 || $0 == UInt8(ascii: "-") || $0 == UInt8(ascii: "_")
                || $0 == UInt8(ascii: ".")
        }
    }

    /// What the metaschema named by `$schema` chooses; nil where none is named.
    private mutating func vocabularies(of value: JSON, _ place: SchemaPlace) -> Vocabularies? {
        guard let member = value["$schema"] else { return nil }
        let place = place.appending("$schema")
        guard let named = member.string else {
            fail(place, "$schema must be a text", suggestion: "write \"\(Metaschema.uri)\"")
            return nil
        }
        let uri = SchemaURI(named).fragment == "" ? SchemaURI(named).withoutFragment.text : named
        if uri == Metaschema.uri { return .standard }
        guard let metaschema = registry.document(uri) else {
            fail(
                place, "the metaschema \(uri) is not known; schemas are of 2020-12",
                suggestion: "write \"\(Metaschema.uri)\"")
            return nil
        }
        guard let chosen = metaschema["$vocabulary"]?.object else { return .standard }
        var vocabularies: Vocabularies = .core
        for (uri, isRequired) in chosen {
            if let known = Vocabularies.byURI[uri] {
                vocabularies.insert(known)
            } else if isRequired == .bool(true) {
                fail(place, "the metaschema \(named) requires the vocabulary \(uri), which is not known")
            }
        }
        return vocabularies
    }

    // MARK: - References

    /// Where a reference leads from a resource; nil, and an error, where nowhere.
    mutating func resolve(_ reference: String, from resource: Int, at place: SchemaPlace) -> SchemaPlace? {
        let uri = SchemaURI(reference).resolved(against: resources[resource].base)
        let absolute = uri.withoutFragment.text
        if byURI[absolute] == nil, let document = registry.document(absolute) { add(document, uri: absolute) }
        guard let number = byURI[absolute] else {
            let known = (Array(byURI.keys) + registry.uris).filter { !$0.isEmpty }
            fail(
                place, "there is no schema \(absolute)",
                suggestion: Nearest.of(absolute, among: known).map { "did you mean \($0)?" }
                    ?? "nothing is fetched: put it among the schemas, with this $id")
            return nil
        }
        let root = resources[number].place
        guard let fragment = uri.fragment, !fragment.isEmpty else { return root }
        guard let decoded = SchemaURI.percentDecoded(fragment) else {
            fail(place, "#\(fragment) is not percent-encoded UTF-8")
            return nil
        }
        if decoded.hasPrefix("/") {
            let target = SchemaPlace(document: root.document, pointer: root.pointer + decoded)
            if documents[root.document]?.value(at: target.pointer) != nil { return target }
            fail(
                place, "nothing stands at \(reference)",
                suggestion: nearestPointer(target).map { "did you mean #\($0)?" })
            return nil
        }
        if let pointer = resources[number].anchors[decoded] {
            return SchemaPlace(document: root.document, pointer: pointer)
        }
        fail(
            place, "there is no anchor #\(decoded)",
            suggestion: Nearest.of(decoded, among: resources[number].anchors.keys.sorted()).map {
                "did you mean #\($0)?"
            }
                ?? "write the place as #/$defs/\(decoded)")
        return nil
    }

    /// The place whose last part is nearly that of `target`.
    private func nearestPointer(_ target: SchemaPlace) -> String? {
        guard let slash = target.pointer.lastIndex(of: "/"), let document = documents[target.document] else {
            return nil
        }
        let parent = String(target.pointer[..<slash])
        guard case .object(let members)? = document.value(at: parent) else { return nil }
        let name = String(target.pointer[target.pointer.index(after: slash)...])
        return Nearest.of(name, among: members.keys.sorted()).map { parent + "/" + JSONPointer.escaped($0) }
    }
}
