import ExactJSON

/// A JSON value on its way through a program, with an upper bound of how deep it nests.
///
/// The bound makes endless wrapping (`reduce … ([]; [.])`) an error instead of an overflow of the stack when the
/// value is freed: it follows the values at no cost, and only where it passes the limit is the true depth measured.
struct Value {
    let json: JSON
    let depth: Int32

    init(_ json: JSON, depth: Int32) {
        self.json = json
        self.depth = depth
    }

    /// A null, boolean, number or string.
    init(scalar json: JSON) {
        self.json = json
        depth = 0
    }

    /// What comes from outside nests as deep as the reader lets pass.
    init(foreign json: JSON) {
        self.json = json
        depth = Int32(JSONReader.defaultMaximumDepth)
    }

    static var null: Value { Value(scalar: .null) }
    static func bool(_ flag: Bool) -> Value { Value(scalar: .bool(flag)) }
    static func int(_ number: Int) -> Value { Value(scalar: .int(number)) }
    static func string(_ text: String) -> Value { Value(scalar: .string(text)) }

    /// The bound for what lies directly inside.
    var inner: Int32 { depth > 0 ? depth - 1 : 0 }

    /// The bound where this value becomes an element: 0 for a scalar, whatever it was taken from.
    var bound: Int32 {
        json.isContainer ? depth : 0
    }

    /// In jq only false and null are false.
    var isTrue: Bool { json.isTrue }
}

extension JSON {
    var isTrue: Bool {
        switch self {
        case .null, .bool(false): false
        default: true
        }
    }

    /// Whether it is an array or an object.
    var isContainer: Bool {
        switch self {
        case .array, .object: true
        default: false
        }
    }

    /// The name that `type` gives.
    var typeName: String {
        switch self {
        case .null: "null"
        case .bool: "boolean"
        case .number: "number"
        case .string: "string"
        case .array: "array"
        case .object: "object"
        }
    }
}
