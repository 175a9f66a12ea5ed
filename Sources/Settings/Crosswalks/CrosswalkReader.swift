import Contracts

/// Reads a crosswalk: a header with key columns, then `to`, then `note` if there is one; below it a row for each key.
struct CrosswalkReader {
    /// The column that holds what a key becomes.
    static let valueColumn = "to"
    static let noteColumn = "note"

    let source: SourceText
    let name: String
    private(set) var faults: [CheckFault] = []

    init(source: SourceText, name: String) {
        self.source = source
        self.name = name
    }

    /// The table; rows that are wrong are left out of it and reported.
    mutating func read() -> Crosswalk? {
        let table = CSVRows(source)
        faults += table.faults
        guard let header = table.rows.first else {
            faults.append(
                CheckFault(
                    SettingsFailures.tableHeader, at: SettingLocation(file: source.path, line: 1, column: 1),
                    "the table is empty"))
            return nil
        }
        guard let keyColumns = keyColumns(header) else { return nil }
        var rows: [[String]: Crosswalk.Row] = [:]
        for cells in table.rows.dropFirst() {
            guard let first = cells.first, fits(cells, header) else { continue }
            for cell in cells { checkSpace(cell) }
            let key = cells.prefix(keyColumns.count).map(\.text)
            if let empty = cells.prefix(keyColumns.count).first(where: { $0.text.isEmpty }) {
                faults.append(
                    CheckFault(
                        SettingsFailures.tableKey, at: empty.location, "a key is empty",
                        suggestion: "write the key, or remove the row"))
                continue
            }
            if let earlier = rows[key] {
                let shown = key.joined(separator: ", ").quotedBriefly
                faults.append(
                    CheckFault(
                        SettingsFailures.tableKey, at: first.location,
                        "the key \(shown) is given twice: first in line \(earlier.line)"))
                continue
            }
            let note = cells.count > keyColumns.count + 1 ? cells[keyColumns.count + 1].text : nil
            rows[key] = Crosswalk.Row(value: cells[keyColumns.count].text, note: note, line: first.location.line)
        }
        return Crosswalk(name: name, keyColumns: keyColumns, rows: rows)
    }

    private mutating func keyColumns(_ header: [CSVRows.Cell]) -> [String]? {
        func refuse(_ cell: CSVRows.Cell, _ reason: String, _ suggestion: String? = nil) {
            faults.append(CheckFault(SettingsFailures.tableHeader, at: cell.location, reason, suggestion: suggestion))
        }
        let names = header.map(\.text)
        if header.count == 1, let separator = [";", "\t", "|"].first(where: { names[0].contains($0) }) {
            let shown = separator == "\t" ? "tabs" : "\"\(separator)\""
            refuse(
                header[0], "the cells are separated by \(shown), and commas are asked for", "save the table with commas"
            )
            return nil
        }
        guard let index = names.firstIndex(of: Self.valueColumn) else {
            let nearest = names.firstIndex { $0.trimmed.lowercased() == Self.valueColumn }
            refuse(
                header[nearest ?? header.count - 1], "the header has no column \"\(Self.valueColumn)\"",
                nearest.map { _ in "write to, without space and in small letters" })
            return nil
        }
        guard index > 0 else {
            refuse(header[0], "the header has no key column before \"\(Self.valueColumn)\"")
            return nil
        }
        for cell in header.dropFirst(index + 1) where cell.text != Self.noteColumn || header.count > index + 2 {
            refuse(
                cell,
                "the column \(cell.text.quotedBriefly) stands behind \"\(Self.valueColumn)\", where only \"note\" may",
                "move key columns before \"\(Self.valueColumn)\"")
            return nil
        }
        var seen: Set<String> = []
        for cell in header where !seen.insert(cell.text).inserted || cell.text.isEmpty {
            refuse(
                cell,
                cell.text.isEmpty ? "a column has no name" : "the column \(cell.text.quotedBriefly) is there twice")
            return nil
        }
        return Array(names.prefix(index))
    }

    private mutating func fits(_ cells: [CSVRows.Cell], _ header: [CSVRows.Cell]) -> Bool {
        // The note at the end may be left out.
        let isShortOfNote = header.last?.text == Self.noteColumn && cells.count == header.count - 1
        guard cells.count != header.count, !isShortOfNote, let first = cells.first else { return true }
        faults.append(
            CheckFault(
                SettingsFailures.tableRow, at: first.location,
                "the row has \(cells.count) cell\(cells.count == 1 ? "" : "s"), and the header \(header.count)",
                suggestion: cells.count > header.count ? "put a cell that has a comma in it in quotes" : nil))
        return false
    }

    private mutating func checkSpace(_ cell: CSVRows.Cell) {
        guard !cell.isQuoted, cell.text.trimmed != cell.text else { return }
        faults.append(
            CheckFault(
                SettingsFailures.tableSpace, .warning, at: cell.location,
                "the cell \(cell.text.quotedBriefly) has space around it, which is compared like any letter"))
    }
}

extension String {
    /// Without white space at both ends.
    fileprivate var trimmed: String {
        let start = drop { $0.isWhitespace }
        return String(start.reversed().drop { $0.isWhitespace }.reversed())
    }
}
