import ExactJSON

/// A record's fields as a form reads them, before they become columns of an import or values of a write. Pure.
struct FormRow: Sendable {
    enum Value: Sendable, Hashable {
        case text(String)
        case number(ExactNumber)
        case flag(Bool)
        /// A record by its id, or by a ``PlanReference``.
        case record(JSON)
        case records([Int])
    }

    struct Cell: Sendable, Hashable {
        let field: String
        let value: Value
    }

    var cells: [Cell] = []
    /// Lines by the field that holds them.
    var lines: [(field: String, rows: [FormRow])] = []

    mutating func set(_ field: String, _ value: Value) { cells.append(Cell(field: field, value: value)) }

    /// Sets what was not given.
    mutating func fill(_ field: String, _ value: Value) {
        if !cells.contains(where: { $0.field == field }) { set(field, value) }
    }

    /// As values of `write` or `create`. Lines are added.
    var values: JSON {
        var values: JSON = [:]
        for cell in cells { values[cell.field] = cell.value.json }
        for (field, rows) in lines { values[field] = .array(rows.map { [0, 0, $0.values] }) }
        return values
    }

    /// As columns and rows of `load`. Each line has a name of its own below the record's, so that it is found again
    /// where the record is loaded once more, and not added a second time.
    func table(name: String) -> (columns: [String], rows: [[JSON]]) {
        var columns = ["id"]
        var rows: [[String: JSON]] = [["id": .string(ExternalID.qualified(name))]]
        func put(_ cells: [PlanCell], in row: Int) {
            while rows.count <= row { rows.append([:]) }
            for cell in cells {
                if !columns.contains(cell.field) { columns.append(cell.field) }
                rows[row][cell.field] = cell.value
            }
        }
        put(cells.map(\.planCell), in: 0)
        for (field, members) in lines {
            for (index, member) in members.enumerated() {
                let own = PlanCell("id", ExternalID.qualified(ExternalID.line(name, field, index)))
                put(([own] + member.cells.map(\.planCell)).map { $0.below(field) }, in: index)
            }
        }
        return (columns, rows.map { row in columns.map { row[$0] ?? "" } })
    }
}

extension FormRow.Value {
    /// As `write` takes it.
    var json: JSON {
        switch self {
        case .text(let text): .string(text)
        case .number(let number): .number(number)
        case .flag(let flag): .bool(flag)
        case .record(let id): id
        case .records(let ids): [[6, 0, .array(ids.map { .int($0) })]]
        }
    }
}

extension FormRow.Cell {
    /// As `load` takes it: text.
    fileprivate var planCell: PlanCell {
        switch value {
        case .text(let text): PlanCell(field, text)
        case .number(let number): PlanCell(field, number.description)
        case .flag(let flag): PlanCell(field, flag ? "1" : "0")
        case .record(let id): PlanCell(field, record: id)
        case .records(let ids): PlanCell("\(field)/.id", ids.map(String.init).joined(separator: ","))
        }
    }
}
