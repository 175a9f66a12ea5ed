import Contracts
import ExactJSON

/// One column of a table: where its value comes from, and what a value that is none means.
struct TableColumn: Sendable {
    /// Where a column stands in a row of fixed width.
    struct Place: Sendable, Hashable {
        /// From 0.
        let start: Int
        let width: Int
        let isRight: Bool
        let pad: Unicode.Scalar

        var end: Int { start + width }
    }

    let name: String
    private let pointer: JSONPointer
    private let refusesMissing: Bool
    private let writesNested: Bool
    /// Nil but in rows of fixed width.
    let place: Place?

    /// `previous`: where the column before ends; nil but in rows of fixed width.
    init(_ settings: Settings, behind previous: Int?) throws(SettingFault) {
        func fault(_ field: String, _ reason: String, _ suggestion: String) -> SettingFault {
            SettingFault(
                location: settings.locations[field] ?? settings.location, reason: "columns: \(reason)",
                suggestion: suggestion)
        }
        name = try settings(TablesFields.name)
        guard !name.isEmpty else { throw fault("name", "a column has no name", "name it, or use header: none") }
        if let from = try settings.optional(TablesFields.from) {
            guard let pointer = JSONPointer(from) else {
                throw fault("from", "\"\(from)\" is no JSON Pointer (RFC 6901)", "write it like /quantity/value")
            }
            self.pointer = pointer
        } else {
            pointer = JSONPointer(member: name)
        }
        refusesMissing = try settings(TablesFields.missing) == "refuse"
        writesNested = try settings(TablesFields.nested) == "json"
        guard let previous else {
            place = nil
            return
        }
        guard let width = try settings.optional(TablesFields.width) else {
            throw fault("name", "\(name) has no width", "say how many characters it has: width: 10")
        }
        let start = try settings.optional(TablesFields.start).map { $0 - 1 } ?? previous
        guard start >= previous else {
            throw fault(
                "start", "\(name) begins within the column before it", "let it begin at \(previous + 1) or later")
        }
        let pad = try settings(TablesFields.pad).unicodeScalars
        guard pad.count == 1, let scalar = pad.first, scalar.value >= 0x20 else {
            throw fault("pad", "pad of \(name) is not one character", "write it like pad: \"0\"")
        }
        let isRight = try settings(TablesFields.align) == "right"
        place = Place(start: start, width: width, isRight: isRight, pad: scalar)
    }

    /// The value of a row as it is; null where it has none.
    func json(in row: JSON) throws(RowRefusal) -> JSON {
        guard let value = pointer.value(in: row), !value.isNull else {
            if refusesMissing { throw RowRefusal(column: name, reason: "has no value") }
            return .null
        }
        return value
    }

    /// The value of a row as text, and whether it was text there; nil where it has none.
    func value(in row: JSON, decimal: Character) throws(RowRefusal) -> (text: String, isText: Bool)? {
        switch pointer.value(in: row) {
        case nil, .null?:
            if refusesMissing { throw RowRefusal(column: name, reason: "has no value") }
            return nil
        case .string(let text)?: return (text, true)
        case .number(let number)?:
            return (
                decimal == "." ? number.description : number.description.replacing(".", with: String(decimal)), false
            )
        case .bool(let flag)?: return (flag ? "true" : "false", false)
        case let nested?:
            guard writesNested else { throw RowRefusal(column: name, reason: "is a list or an object") }
            return (nested.description, true)
        }
    }
}

/// Why a row cannot be written.
struct RowRefusal: Error, Sendable, Hashable {
    let column: String
    let reason: String
}
