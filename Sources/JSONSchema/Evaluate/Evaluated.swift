/// What of a value's members or elements a subschema has looked at and found right, for `unevaluatedProperties` and
/// `unevaluatedItems` (2020-12 core, section 11).
struct Evaluated {
    var names: Set<String> = []
    var hasAllNames = false
    /// Elements before this one.
    var prefix = 0
    var indices: Set<Int> = []

    func has(_ name: String) -> Bool { hasAllNames || names.contains(name) }
    func has(_ index: Int) -> Bool { index < prefix || indices.contains(index) }

    mutating func merge(_ other: Evaluated) {
        if names.isEmpty { names = other.names } else { names.formUnion(other.names) }
        hasAllNames = hasAllNames || other.hasAllNames
        prefix = max(prefix, other.prefix)
        indices.formUnion(other.indices)
    }
}
