import Contracts

/// Finds the place in the file of a character within a scalar, for programs that stand in YAML.
struct ScalarPosition {
    let node: SettingsNode
    let source: SourceText?

    /// Where line `line`, column `column` (both from 1) of the scalar's text stands in its file. Nil where the way it
    /// is written (folded, with escapes, over several lines) does not let it be told.
    func location(line: Int, column: Int) -> SettingLocation? {
        guard let source, case .scalar(let text, let style) = node.content else { return nil }
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        switch style {
        case .literal: return inBlock(lines, line: line, column: column, source)
        case .plain: return lines.count == 1 ? inLine(text, quote: 0, column, source) : nil
        case .singleQuoted, .doubleQuoted: return lines.count == 1 ? inLine(text, quote: 1, column, source) : nil
        case .folded: return nil
        }
    }

    /// A literal block: each of its lines stands in a line of the file, behind the same indentation.
    private func inBlock(_ lines: [Substring], line: Int, column: Int, _ source: SourceText) -> SettingLocation? {
        var index = max(line, 1) - 1
        var column = column
        // A program that ends too early is reported behind its last line; the last line with text shows it.
        while index > 0, index >= lines.count || lines[index].isEmpty {
            index -= 1
            column = Int.max
        }
        guard lines.indices.contains(index) else { return nil }
        let number = node.location.line + 1 + index
        guard let written = source.line(number), written.hasSuffix(lines[index]) else { return nil }
        let length = lines[index].unicodeScalars.count
        let indentation = written.unicodeScalars.count - length
        return SettingLocation(file: source.path, line: number, column: indentation + min(max(column, 1), length + 1))
    }

    private func inLine(_ text: String, quote: Int, _ column: Int, _ source: SourceText) -> SettingLocation? {
        guard let written = source.line(node.location.line) else { return nil }
        let rest = written.unicodeScalars.dropFirst(node.location.column - 1 + quote)
        guard rest.starts(with: text.unicodeScalars) else { return nil }
        let offset = min(max(column, 1), text.unicodeScalars.count + 1) - 1
        return SettingLocation(
            file: source.path, line: node.location.line, column: node.location.column + quote + offset)
    }
}
