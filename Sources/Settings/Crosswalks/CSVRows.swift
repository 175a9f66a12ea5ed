import Contracts

/// A table in CSV (RFC 4180), each cell with its place. Line breaks may be LF or CR LF; empty lines are passed over.
struct CSVRows {
    struct Cell: Hashable {
        let text: String
        let isQuoted: Bool
        let location: SettingLocation
    }

    let rows: [[Cell]]
    let faults: [CheckFault]

    init(_ source: SourceText) {
        var reader = Reader(file: source.path, scalars: Array(source.text.unicodeScalars))
        reader.run()
        rows = reader.rows
        faults = reader.faults
    }

    private struct Reader {
        let file: String
        let scalars: [Unicode.Scalar]
        var index = 0
        var line = 1
        var column = 1
        var rows: [[Cell]] = []
        var faults: [CheckFault] = []

        var place: SettingLocation { SettingLocation(file: file, line: line, column: column) }
        var current: Unicode.Scalar? { index < scalars.count ? scalars[index] : nil }
        var isAtLineEnd: Bool { current == nil || current == "\n" || current == "\r" }

        init(file: String, scalars: [Unicode.Scalar]) {
            self.file = file
            self.scalars = scalars
        }

        mutating func advance() {
            if scalars[index] == "\n"
                || (scalars[index] == "\r" && !(index + 1 < scalars.count && scalars[index + 1] == "\n"))
            {
                line += 1
                column = 1
            } else {
                column += 1
            }
            index += 1
        }

        mutating func run() {
            while current != nil {
                if isAtLineEnd {
                    advance()
                    continue
                }
                var row = [cell()]
                while current == "," {
                    advance()
                    row.append(cell())
                }
                rows.append(row)
            }
        }

        mutating func cell() -> Cell {
            let start = place
            guard current == "\"" else {
                let text = plain()
                if text.unicodeScalars.contains("\"") {
                    faults.append(
                        CheckFault(
                            SettingsFailures.tableQuotes, at: start,
                            "a quote stands within the cell \(text.quotedBriefly)"))
                }
                return Cell(text: text, isQuoted: false, location: start)
            }
            advance()
            var text = String.UnicodeScalarView()
            while let scalar = current {
                advance()
                guard scalar == "\"" else {
                    text.append(scalar)
                    continue
                }
                guard current == "\"" else { return closed(String(text), start) }
                text.append("\"")
                advance()
            }
            faults.append(
                CheckFault(
                    SettingsFailures.tableQuotes, at: start, "the quote that opens this cell is never closed",
                    suggestion: "close it with \""))
            return Cell(text: String(text), isQuoted: true, location: start)
        }

        private mutating func plain() -> String {
            var text = String.UnicodeScalarView()
            while let scalar = current, scalar != ",", !isAtLineEnd {
                text.append(scalar)
                advance()
            }
            return String(text)
        }

        private mutating func closed(_ text: String, _ start: SettingLocation) -> Cell {
            let behind = place
            let rest = plain()
            if !rest.isEmpty {
                faults.append(
                    CheckFault(
                        SettingsFailures.tableQuotes, at: behind,
                        "\(rest.quotedBriefly) stands behind the closing quote of the cell"))
            }
            return Cell(text: text, isQuoted: true, location: start)
        }
    }
}
