/// Shows faults as a compiler does: place and reason, the line of the file, a caret below it, and what to do. What may
/// be a secret is shown as dots.
package struct FaultPrinter: Sendable {
    /// Scalars of a source line that are shown at most; of a longer one the part around the fault is shown.
    static let shownColumns = 100

    private let sources: [String: SourceText]
    /// Columns where secrets begin, by file and line.
    private var secrets: [String: [Int: [Int]]] = [:]

    /// A printer that can show lines of these files.
    package init(sources: [String: SourceText]) {
        self.sources = sources
    }

    /// All faults, an empty line between them, and a last line that counts them.
    package func print(_ faults: [CheckFault]) -> String {
        var printer = self
        printer.note(faults)
        return printer.printed(faults)
    }

    /// Where secrets stand, so that no fault on the same line shows them.
    private mutating func note(_ faults: [CheckFault]) {
        for fault in faults where fault.kind == SettingsFailures.secretLiteral {
            secrets[fault.file, default: [:]][fault.line, default: []].append(fault.column)
        }
    }

    private func printed(_ faults: [CheckFault]) -> String {
        let errors = faults.count { $0.severity == .error }
        let warnings = faults.count - errors
        let blocks = faults.map { printed($0) } + ["\(counted(errors, "error")), \(counted(warnings, "warning"))\n"]
        return blocks.joined(separator: "\n")
    }

    /// One fault over several lines, each ended by a newline.
    private func printed(_ fault: CheckFault) -> String {
        var text = fault.description + "\n"
        if fault.line > 0, let line = sources[fault.file]?.line(fault.line) {
            let number = String(fault.line)
            let margin = String(repeating: " ", count: number.count)
            let masked = LineMask.masked(line, from: secrets[fault.file]?[fault.line] ?? [])
            let (shown, column) = window(of: masked, around: fault.column)
            text += "  \(number) | \(shown)\n"
            text += "  \(margin) | \(String(repeating: " ", count: column - 1))^\n"
        }
        return text + "help: \(fault.suggestion)\n"
    }

    /// The part of `line` to show, tabs and control characters as one space each so that the caret stands below the
    /// right one, and the fault's column in it.
    private func window(of line: String, around column: Int) -> (String, Int) {
        let scalars = line.unicodeScalars.map { $0.value < 0x20 || $0.value == 0x7F ? " " : $0 }
        let column = min(max(column, 1), scalars.count + 1)
        let start = scalars.count <= Self.shownColumns ? 0 : max(0, column - 1 - Self.shownColumns / 2)
        let end = min(scalars.count, start + Self.shownColumns)
        var shown = String.UnicodeScalarView()
        shown.append(contentsOf: scalars[start..<end])
        let before = start > 0 ? "…" : ""
        return (before + String(shown) + (end < scalars.count ? "…" : ""), column - start + before.count)
    }

    private func counted(_ count: Int, _ noun: String) -> String {
        "\(count) \(noun)\(count == 1 ? "" : "s")"
    }
}
