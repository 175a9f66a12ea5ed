/// A crosswalk for an engineer to fill in: the rows that there are, and behind them one with an empty key for each code
/// of Odoo that none of them leads to. `check` names each key that is still empty. Pure.
package struct CrosswalkDraft: Sendable, Hashable {
    /// A row that an engineer wrote before.
    package struct Row: Sendable, Hashable {
        /// One cell for each key column.
        package let key: [String]
        package let value: String
        package let note: String

        package init(key: [String], value: String, note: String = "") {
            self.key = key
            self.value = value
            self.note = note
        }
    }

    /// The rows, in order.
    package let rows: [Row]
    /// The codes that no row led to, each with a row that wants a key.
    package let unkeyed: [String]
    /// What rows lead to and Odoo does not have, each once.
    package let strays: [String]
    /// Codes that several records of Odoo have, which no command can tell apart.
    package let shared: [String]
    private let keyColumns: [String]

    /// `keyColumns` and `known`: of the crosswalk that there is.
    package init(_ codes: [OdooCode], keyColumns: [String] = ["from"], known: [Row] = []) {
        let records = Dictionary(grouping: codes, by: \.code)
        let reached = Set(known.map(\.value))
        shared = records.filter { $0.value.count > 1 }.keys.sorted()
        strays = reached.filter { records[$0] == nil }.sorted()
        unkeyed = records.keys.filter { !reached.contains($0) }.sorted()
        let empty = [String](repeating: "", count: keyColumns.count)
        let kept = known.map { row in
            row.note.isEmpty ? Row(key: row.key, value: row.value, note: Self.note(records[row.value] ?? [])) : row
        }
        rows = kept + unkeyed.map { Row(key: empty, value: $0, note: Self.note(records[$0] ?? [])) }
        self.keyColumns = keyColumns
    }

    /// The file, as `crosswalks/` takes it (RFC 4180).
    package var text: String {
        let header = keyColumns + ["to", "note"]
        let lines: [[String]] = [header] + rows.map { $0.key + [$0.value, $0.note] }
        return lines.map { $0.map(Self.cell).joined(separator: ",") + "\n" }.joined()
    }

    private static func note(_ records: [OdooCode]) -> String {
        guard records.count > 1 else { return records.first?.note ?? "" }
        let names = records.prefix(3).map(\.note).filter { !$0.isEmpty }.joined(separator: "; ")
        return "\(records.count) records in Odoo have this code" + (names.isEmpty ? "" : ": \(names)")
    }

    /// In quotes where a reader would take it for something else, or would ask about the space around it.
    private static func cell(_ text: String) -> String {
        let isPlain = !text.unicodeScalars.contains { [",", "\"", "\n", "\r"].contains($0) }
        let hasSpace = text.first?.isWhitespace == true || text.last?.isWhitespace == true
        return isPlain && !hasSpace ? text : "\"\(text.replacing("\"", with: "\"\""))\""
    }
}
