/// What kind of thing stands behind a key: the line alone does not tell.
enum SHDRKind: String, Sendable, Hashable {
    /// One value: samples and events.
    case value
    /// `level|nativeCode|nativeSeverity|qualifier|text`
    case condition
    /// `nativeCode|text`
    case message
    /// `count|rate|v v v`
    case timeSeries
    /// `a=1 b=2`
    case dataSet
    /// `row={a=1 b=2}`
    case table
    /// `code|nativeCode|severity|state|text` (deprecated since MTConnect 1.1)
    case alarm

    /// How many fields follow the key.
    var width: Int {
        switch self {
        case .value, .dataSet, .table: 1
        case .message: 2
        case .timeSeries: 3
        case .condition, .alarm: 5
        }
    }
}

/// The kinds of the keys of one adapter: from the settings, from its `Devices.xml`, and for the rest from the line's
/// form.
struct SHDRModel: Sendable {
    private var kinds: [String: SHDRKind] = [:]

    subscript(key: String) -> SHDRKind? {
        get { kinds[key] }
        set { kinds[key] = newValue }
    }

    /// Takes over the kinds of `other`, which win.
    mutating func merge(_ other: SHDRModel) { kinds.merge(other.kinds) { $1 } }

    /// The kind of `key` whose fields begin at `index` of `fields`. `isFirst` says that the key is the first of its
    /// line.
    func kind(of key: String, _ fields: [String], at index: Int, isFirst: Bool) -> SHDRKind {
        if let known = kinds[key] { return known }
        // Guesses hold only where one key has the whole line for itself, as adapters send everything but plain values.
        guard isFirst else { return .value }
        let count = fields.count - index
        if count == 5, Self.levels.contains(fields[index].uppercased()),
            ["", "HIGH", "LOW"].contains(fields[index + 3].uppercased())
        {
            return .condition
        }
        // A pipe at the end of the line leaves an empty field behind one plain value.
        if count == 2, !fields[index + 1].isEmpty { return .message }
        if count == 3, let size = Int(fields[index]), size > 0,
            fields[index + 1].isEmpty || Double(fields[index + 1]) != nil,
            fields[index + 2].split(separator: " ").count == size
        {
            return .timeSeries
        }
        return .value
    }

    private static let levels: Set<String> = ["NORMAL", "WARNING", "FAULT", "UNAVAILABLE"]
}
