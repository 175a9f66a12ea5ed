import Contracts
import ExactJSON

/// Writes rows: CSV (RFC 4180), fields of fixed width, or JSON Lines. Pure.
struct TableLayout: Sendable {
    /// Columns of a table, and bytes of a row.
    static let maximumColumns = 1_000
    static let maximumRow = 1 << 20

    /// What becomes of text that a spreadsheet would run.
    private enum Formulas: String { case keep, escape, refuse }

    private enum Kind: String { case csv, fixed, jsonl }

    private let kind: Kind
    /// Empty only in JSON Lines, where the row is written whole then.
    private let columns: [TableColumn]
    private let hasHeader: Bool
    private let delimiter: Character
    private let quotesAll: Bool
    private let decimal: Character
    private let lineEnd: String
    private let formulas: Formulas
    private let encoding: TextEncoding

    /// From the target's settings.
    init(_ target: Settings) throws(SettingFault) {
        let settings = try target(TablesFields.format)
        func fault(_ field: String, _ reason: String, _ suggestion: String) -> SettingFault {
            SettingFault(
                location: settings.locations[field] ?? settings.location, reason: "format.\(field): \(reason)",
                suggestion: suggestion)
        }
        let kind = Kind(rawValue: try settings(TablesFields.kind)) ?? .csv
        self.kind = kind
        let given = try settings.optional(TablesFields.columns) ?? []
        guard !given.isEmpty || kind == .jsonl, given.count <= Self.maximumColumns else {
            throw fault("columns", "there are \(given.count) columns", "give 1 to \(Self.maximumColumns) of them")
        }
        var columns: [TableColumn] = []
        for column in given {
            let previous: Int? = kind == .fixed ? columns.last?.place?.end ?? 0 : nil
            columns.append(try TableColumn(column, behind: previous))
        }
        self.columns = columns
        hasHeader = try settings.optional(TablesFields.header).map { $0 == "first-line" } ?? (kind == .csv)
        let between = try settings(TablesFields.delimiter)
        let character: Character? = between == "tab" ? "\t" : between.count == 1 ? between.first : nil
        guard let character, !["\"", "\r", "\n", "\r\n", "\0"].contains(character), character.utf8.count == 1 else {
            throw fault("delimiter", "\"\(between)\" is not one character", "write it like delimiter: \";\", or tab")
        }
        delimiter = character
        quotesAll = try settings(TablesFields.quotes) == "always"
        decimal = try settings(TablesFields.decimal) == "comma" ? "," : "."
        let end = try settings.optional(TablesFields.lineEnd) ?? (kind == .jsonl ? "lf" : "crlf")
        lineEnd = end == "lf" ? "\n" : "\r\n"
        formulas = Formulas(rawValue: try settings(TablesFields.formulas)) ?? .keep
        encoding = TextEncoding(rawValue: try target(TablesFields.encoding)) ?? .utf8
        if kind == .jsonl {
            guard !hasHeader else {
                throw fault("header", "JSON Lines have none", "write header: none, or leave it out")
            }
            guard encoding == .utf8 else {
                throw SettingFault(
                    location: target.locations["encoding"] ?? target.location,
                    reason: "encoding: JSON is UTF-8 (RFC 8259)", suggestion: "leave encoding out")
            }
            let names = columns.map(\.name)
            if let twice = names.indices.first(where: { names[..<$0].contains(names[$0]) }) {
                throw fault("columns", "two are called \(names[twice])", "give each member a name of its own")
            }
        }
        do {
            _ = try header()
        } catch {
            throw fault(
                "columns", "the header: \(error.column) \(error.reason)", "shorten the name, or widen the column")
        }
    }

    /// What each file begins with; empty where it has no header.
    func header() throws(RowRefusal) -> [UInt8] {
        guard hasHeader else { return [] }
        return try line(columns.map { (text: $0.name, isText: true) })
    }

    /// A row with its line end. Throws what cannot be written, and leaves nothing out.
    func row(_ row: JSON) throws(RowRefusal) -> [UInt8] {
        guard row.object != nil else { throw RowRefusal(column: "row", reason: "is no object") }
        let bytes = try kind == .jsonl ? document(row).bytes + Array(lineEnd.utf8) : line(cells(row))
        guard bytes.count <= Self.maximumRow else {
            throw RowRefusal(column: "row", reason: "has \(bytes.count) bytes, and may have \(Self.maximumRow)")
        }
        return bytes
    }

    /// The row as one value: as the map made it, or with the members that the columns are.
    private func document(_ row: JSON) throws(RowRefusal) -> JSON {
        guard !columns.isEmpty else { return row }
        var members = JSONObject()
        for column in columns { members[column.name] = try column.json(in: row) }
        return .object(members)
    }

    private func cells(_ row: JSON) throws(RowRefusal) -> [(text: String, isText: Bool)?] {
        var cells: [(text: String, isText: Bool)?] = []
        for column in columns {
            guard var cell = try column.value(in: row, decimal: decimal) else {
                cells.append(nil)
                continue
            }
            if cell.isText, Self.isFormula(cell.text) {
                switch formulas {
                case .keep: break
                case .escape: cell.text = "'" + cell.text
                case .refuse:
                    throw RowRefusal(column: column.name, reason: "begins with a character that begins a formula")
                }
            }
            cells.append(cell)
        }
        return cells
    }

    /// What spreadsheets take for the beginning of a formula (OWASP, "CSV Injection"), but for plain numbers.
    private static func isFormula(_ text: String) -> Bool {
        guard let first = text.unicodeScalars.first, "=+-@\t\r".unicodeScalars.contains(first) else { return false }
        return ExactNumber(text: text) == nil
    }

    private func line(_ cells: [(text: String, isText: Bool)?]) throws(RowRefusal) -> [UInt8] {
        var bytes: [UInt8] = []
        var written = 0
        for (index, (column, cell)) in zip(columns, cells).enumerated() {
            let text = cell?.text ?? ""
            guard !text.unicodeScalars.contains("\0") else {
                throw RowRefusal(column: column.name, reason: "has a zero character")
            }
            if let place = column.place {
                let gap = String(repeating: " ", count: place.start - written)
                bytes += try encode(gap + fitted(text, place, column), column)
                written = place.end
            } else {
                if index > 0 { bytes += try encode(String(delimiter), column) }
                bytes += try encode(quoted(text, isAlone: columns.count == 1), column)
            }
        }
        return bytes + Array(lineEnd.utf8)
    }

    private func quoted(_ text: String, isAlone: Bool) -> String {
        // By scalars: Swift takes CR and LF together for one character.
        let needs = text.unicodeScalars.contains { scalar in
            scalar == "\"" || scalar == "\r" || scalar == "\n" || delimiter.unicodeScalars.contains(scalar)
        }
        let isEdged = text.first == " " || text.last == " "
        // A row of one empty field would be an empty line, which readers pass over.
        guard quotesAll || needs || isEdged || isAlone && text.isEmpty else { return text }
        return "\"" + text.replacing("\"", with: "\"\"") + "\""
    }

    private func fitted(_ text: String, _ place: TableColumn.Place, _ column: TableColumn) throws(RowRefusal) -> String
    {
        let scalars = text.unicodeScalars
        guard !scalars.contains(where: { $0 == "\r" || $0 == "\n" }) else {
            throw RowRefusal(column: column.name, reason: "has a line end")
        }
        guard scalars.count <= place.width else {
            throw RowRefusal(
                column: column.name, reason: "has \(scalars.count) characters, and its width is \(place.width)")
        }
        let fill = String(repeating: Character(place.pad), count: place.width - scalars.count)
        guard place.isRight else { return text + fill }
        return place.pad == "0" && text.hasPrefix("-") ? "-" + fill + text.dropFirst() : fill + text
    }

    private func encode(_ text: String, _ column: TableColumn) throws(RowRefusal) -> [UInt8] {
        do {
            return try encoding.encode(text)
        } catch {
            throw RowRefusal(column: column.name, reason: error.reason)
        }
    }
}
