import ExactJSON

/// A schema resource: a document, or the part of one that has an `$id` of its own.
struct SchemaResource {
    let id: Int
    let place: SchemaPlace
    /// Absolute, without a fragment.
    let base: SchemaURI
    let vocabularies: Vocabularies
    /// The pointers of `$anchor` and `$dynamicAnchor`, by name.
    var anchors: [String: String] = [:]
    /// Those of `$dynamicAnchor` alone.
    var dynamicAnchors: [String: String] = [:]
}

/// A document that was looked through for its resources.
struct SchemaDocument {
    let uri: String
    let root: JSON
    /// Resources by the pointer of their root.
    var resources: [String: Int] = [:]

    /// What stands at a pointer; nil where nothing does.
    func value(at pointer: String) -> JSON? {
        guard let parts = JSONPointer.parts(pointer) else { return nil }
        var value = root
        for part in parts {
            switch value {
            case .object(let members):
                guard let member = members[part] else { return nil }
                value = member
            case .array(let elements):
                guard let index = JSONPointer.index(part), elements.indices.contains(index) else { return nil }
                value = elements[index]
            default: return nil
            }
        }
        return value
    }

    /// The resource that a place belongs to: that of the nearest root above it.
    func resource(at pointer: String) -> Int {
        var pointer = pointer[...]
        while true {
            if let found = resources[String(pointer)] { return found }
            guard let slash = pointer.lastIndex(of: "/") else { return resources[""] ?? 0 }
            pointer = pointer[..<slash]
        }
    }
}
