/// One stored value. SQL's NULL and Odoo's `false` for "nothing there" are both ``empty``.
enum OdooValue: Sendable, Hashable {
    case empty
    case bool(Bool)
    case integer(Int)
    case float(Double)
    case text(String)
    /// A many2one: the id of the record pointed to.
    case id(Int)
    /// A many2many or one2many: ids in the order in which they are shown.
    case ids([Int])
    /// A date and time: microseconds since 1970 in UTC, as PostgreSQL holds it.
    case instant(Int64)
    /// A day: days since 1970.
    case day(Int)

    var isEmpty: Bool {
        switch self {
        case .empty: true
        case .bool(let value): !value
        case .text(let value): value.isEmpty
        case .ids(let ids): ids.isEmpty
        case .integer, .float, .id, .instant, .day: false
        }
    }

    var text: String? { if case .text(let value) = self { value } else { nil } }
    var id: Int? { if case .id(let value) = self { value } else { nil } }
    var instant: Int64? { if case .instant(let value) = self { value } else { nil } }

    var ids: [Int] {
        switch self {
        case .ids(let values): values
        case .id(let value): [value]
        default: []
        }
    }

    var double: Double {
        switch self {
        case .float(let value): value
        case .integer(let value): Double(value)
        default: 0
        }
    }

    var integer: Int {
        switch self {
        case .integer(let value): value
        case .id(let value): value
        case .float(let value): Int(exactly: value.rounded(.towardZero)) ?? 0
        default: 0
        }
    }

    var bool: Bool {
        switch self {
        case .bool(let value): value
        case .integer(let value): value != 0
        case .float(let value): value != 0
        default: !isEmpty
        }
    }
}

extension OdooValue: ExpressibleByStringLiteral, ExpressibleByBooleanLiteral {
    init(stringLiteral value: String) { self = .text(value) }
    init(booleanLiteral value: Bool) { self = .bool(value) }
}

/// A half-up rounding to `digits` decimals, with the tolerance that Odoo's `float_round` has.
func odooRound(_ value: Double, digits: Int) -> Double {
    var factor = 1.0
    for _ in 0..<digits { factor *= 10 }
    let scaled = value * factor
    // A value that is a hair below the half because of binary fractions still rounds up, as in `float_round`.
    let epsilon = Swift.max(abs(scaled), 1) * 1e-12
    let rounded = (abs(scaled) + epsilon).rounded(.toNearestOrAwayFromZero)
    return (scaled < 0 ? -rounded : rounded) / factor
}
