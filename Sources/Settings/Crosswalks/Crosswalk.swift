package import Contracts
package import ExactJSON

/// A code table of `crosswalks/`: asset to work center, item code to product, reason code to loss. Keys are compared
/// exactly.
package struct Crosswalk: Sendable, Hashable {
    /// What one key becomes.
    package struct Row: Sendable, Hashable {
        package let value: String
        package let note: String?
        /// The row's line in its file.
        package let line: Int
    }

    /// The table's name in `lookup("name"; key)`.
    package let name: String
    /// The columns that make the key; one in most tables.
    package let keyColumns: [String]
    /// By the key's cells.
    package let rows: [[String]: Row]

    /// A table with these rows; each key has as many cells as there are key columns.
    package init(name: String, keyColumns: [String], rows: [[String]: Row]) {
        self.name = name
        self.keyColumns = keyColumns
        self.rows = rows
    }

    /// What the table says of `key`: text, a number (by its digits), or a list of these where the key has several
    /// columns.
    package func value(for key: JSON) throws(CrosswalkMiss) -> String {
        let cells: [String]
        if case .array(let parts) = key {
            cells = parts.compactMap(Self.cell)
            guard cells.count == parts.count else { throw miss(key, "a key is made of texts and numbers only") }
        } else if let cell = Self.cell(key) {
            cells = [cell]
        } else {
            throw miss(key, "a key is text or a number")
        }
        guard cells.count == keyColumns.count else {
            throw miss(key, "the table's key has \(keyColumns.count) columns: \(keyColumns.joined(separator: ", "))")
        }
        guard let row = rows[cells] else {
            let nearest = cells.count == 1 ? NearestName.of(cells[0], among: rows.keys.compactMap(\.first)) : nil
            throw miss(key, nearest.map { "the nearest key there is \($0.quotedBriefly)" })
        }
        return row.value
    }

    private static func cell(_ key: JSON) -> String? {
        switch key {
        case .string(let text): text
        case .number: key.description
        default: nil
        }
    }

    private func miss(_ key: JSON, _ detail: String?) -> CrosswalkMiss {
        CrosswalkMiss(table: name, key: key, detail: detail)
    }
}

/// A key that a crosswalk does not have: an exception for a person, never a null.
package struct CrosswalkMiss: Error, Sendable, Hashable, CustomStringConvertible {
    package let table: String
    package let key: JSON
    /// More that helps: the nearest key, or what is wrong with this one.
    package let detail: String?

    /// The entry of the error reference.
    package static let kind = FailureKind(
        "SET-065", "a crosswalk lacks a key", remedy: "add the key to the table and resubmit")

    /// The miss as a person meets it.
    package var failure: Failure {
        Failure(
            Self.kind, description, suggestion: "add a row for it to crosswalks/\(table).csv, then resubmit the event")
    }

    package var description: String {
        "crosswalk \"\(table)\" has no key \(shownKey)\(detail.map { "; \($0)" } ?? "")"
    }

    private var shownKey: String {
        let text = key.description
        return text.count > 80 ? text.prefix(79) + "…" : text
    }
}
