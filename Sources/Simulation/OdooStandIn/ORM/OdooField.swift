import ExactJSON

/// One field of a model.
struct OdooField: Sendable {
    enum Kind: Sendable {
        case char, text, html, boolean, integer, date, datetime, binary, json
        case float(digits: Int?)
        case selection([(key: String, label: String)])
        case many2one(String)
        case one2many(String, inverse: String)
        case many2many(String)
    }

    /// A value that is computed when it is read.
    typealias Compute = @Sendable (OdooEnvironment, Int) -> OdooValue
    typealias Default = @Sendable (OdooEnvironment) -> OdooValue

    let name: String
    let kind: Kind
    let label: String
    var isRequired = false
    var isReadonly = false
    /// Whether `copy` leaves it out.
    var isCopied = true
    var isIndexed = false
    var defaultValue: Default?
    var compute: Compute?
    /// The field is shown as that path from the record: `production_id.qty_producing`.
    var related: [String]?
    /// Whether it counts as stored (a computed field may be, as far as `fields_get` and ordering tell).
    var isStored = true
    /// The place in the row; -1 for what is not held in the row.
    var slot = -1

    init(_ name: String, _ kind: Kind, _ label: String) {
        self.name = name
        self.kind = kind
        self.label = label
    }

    var comodel: String? {
        switch kind {
        case .many2one(let model), .one2many(let model, _), .many2many(let model): model
        default: nil
        }
    }

    var isToMany: Bool {
        switch kind {
        case .one2many, .many2many: true
        default: false
        }
    }

    /// The type's name as `fields_get` says it.
    var typeName: String {
        switch kind {
        case .char: "char"
        case .text: "text"
        case .html: "html"
        case .boolean: "boolean"
        case .integer: "integer"
        case .date: "date"
        case .datetime: "datetime"
        case .binary: "binary"
        case .json: "json"
        case .float: "float"
        case .selection: "selection"
        case .many2one: "many2one"
        case .one2many: "one2many"
        case .many2many: "many2many"
        }
    }

    /// Whether the value lies in the row.
    var isHeld: Bool {
        if compute != nil || related != nil { return false }
        if case .one2many = kind { return false }
        return name != "id"
    }
}

// The words in which models declare their fields.
extension OdooField {
    static func char(_ name: String, _ label: String) -> Self { Self(name, .char, label) }
    static func text(_ name: String, _ label: String) -> Self { Self(name, .text, label) }
    static func html(_ name: String, _ label: String) -> Self { Self(name, .html, label) }
    static func boolean(_ name: String, _ label: String) -> Self { Self(name, .boolean, label) }
    static func integer(_ name: String, _ label: String) -> Self { Self(name, .integer, label) }
    static func float(_ name: String, _ label: String, digits: Int? = nil) -> Self {
        Self(name, .float(digits: digits), label)
    }
    /// A quantity: two decimals, the default precision "Product Unit of Measure".
    static func quantity(_ name: String, _ label: String) -> Self { Self(name, .float(digits: 2), label) }
    static func date(_ name: String, _ label: String) -> Self { Self(name, .date, label) }
    static func datetime(_ name: String, _ label: String) -> Self { Self(name, .datetime, label) }
    static func binary(_ name: String, _ label: String) -> Self { Self(name, .binary, label) }
    static func selection(_ name: String, _ label: String, _ keys: [(String, String)]) -> Self {
        Self(name, .selection(keys.map { (key: $0.0, label: $0.1) }), label)
    }
    static func many2one(_ name: String, _ label: String, _ model: String) -> Self {
        Self(name, .many2one(model), label)
    }
    static func one2many(_ name: String, _ label: String, _ model: String, _ inverse: String) -> Self {
        Self(name, .one2many(model, inverse: inverse), label)
    }
    static func many2many(_ name: String, _ label: String, _ model: String) -> Self {
        Self(name, .many2many(model), label)
    }

    var required: Self { with { $0.isRequired = true } }
    var readonly: Self { with { $0.isReadonly = true } }
    var indexed: Self { with { $0.isIndexed = true } }
    var notCopied: Self { with { $0.isCopied = false } }
    /// Not stored, as `fields_get` and `order` see it.
    var unstored: Self { with { $0.isStored = false } }
    func or(_ value: OdooValue) -> Self { with { $0.defaultValue = { _ in value } } }
    func orElse(_ value: @escaping Default) -> Self { with { $0.defaultValue = value } }
    func computed(_ compute: @escaping Compute) -> Self {
        with {
            $0.compute = compute
            $0.isStored = false
            $0.isReadonly = true
        }
    }
    func related(_ path: String) -> Self {
        with {
            $0.related = path.split(separator: ".").map(String.init)
            $0.isStored = false
            $0.isReadonly = true
        }
    }

    private func with(_ change: (inout Self) -> Void) -> Self {
        var copy = self
        change(&copy)
        return copy
    }
}
