package import Contracts
package import ExactJSON

/// Writes what came out into the `expect:` of cases, and leaves every other line of the file as it is.
package struct TestFileEditor {
    /// Why a case could not be written; nothing of its file is then.
    package struct Refusal: Error, Sendable, CustomStringConvertible {
        package let location: SettingLocation
        package let reason: String
        package var description: String { "\(location): \(reason)" }
    }

    private let file: TestFile
    private let lines: [String]
    private let isCRLF: Bool
    /// Lines to be replaced by others, each counted in the file as it was.
    private var edits: [(range: Range<Int>, with: [String])] = []

    package init(_ file: TestFile) {
        self.file = file
        isCRLF = file.source.text.contains("\r\n")
        let end: Character = isCRLF ? "\r\n" : "\n"
        lines = file.source.text.split(separator: end, omittingEmptySubsequences: false).map { String($0) }
    }

    /// Takes what came out of a case into its `expect:`: the sections that differ, or all where it is empty.
    package mutating func fill(_ test: TestCase, with got: [TestCase.Section: JSON]) throws(Refusal) {
        let sections = TestComparison.differing(test.expected, got)
        guard !sections.isEmpty else { return }
        let name = TestFields.expect.spec.name
        guard let entries = test.node.entries, let first = entries.first, !isFlow(test.node) else {
            throw refusal(test, "the case is written in braces: write it with a key a line")
        }
        let indent = first.keyLocation.column - 1
        func made(_ section: TestCase.Section) -> JSON {
            Self.shown(section, got[section] ?? .array([]), as: test.expected[section])
        }
        guard let expect = entries.first(where: { $0.key == name }) else {
            let all = JSON.object(JSONObject(sections.map { ($0.rawValue, made($0)) }, uniquingKeysWith: { a, _ in a }))
            var end = 0
            for entry in entries { end = max(end, try block(entry, of: test).upperBound) }
            return edits.append((end..<end, YAMLText.lines(name, all, indent: indent)))
        }
        let range = try block(expect, of: test)
        if expect.value.isEmpty || isFlow(expect.value) {
            var all = JSONObject()
            for section in TestCase.Section.allCases {
                if sections.contains(section) {
                    all[section.rawValue] = made(section)
                } else if let given = test.expected[section] {
                    all[section.rawValue] = given
                }
            }
            return replace(range, YAMLText.lines(name, .object(all), indent: indent), keepsKey: expect.value.isEmpty)
        }
        let given = expect.value.entries ?? []
        let inner = (given.first?.keyLocation.column ?? indent + 3) - 1
        for section in sections {
            let lines = YAMLText.lines(section.rawValue, made(section), indent: inner)
            if let entry = given.first(where: { $0.key == section.rawValue }) {
                replace(try block(entry, of: test), lines, keepsKey: entry.value.location.line > entry.keyLocation.line)
            } else {
                edits.append((range.upperBound..<range.upperBound, lines))
            }
        }
    }

    /// The file's text with everything that was filled in.
    package func text() -> String {
        var lines = lines
        // From the end, so that the numbers of the lines before stay. Of two at one place, the first one given stands
        // first.
        let ordered = edits.enumerated().sorted {
            ($0.element.range.lowerBound, $0.offset) > ($1.element.range.lowerBound, $1.offset)
        }
        for (_, edit) in ordered { lines.replaceSubrange(edit.range, with: edit.with) }
        return lines.joined(separator: isCRLF ? "\r\n" : "\n")
    }

    /// The comment behind a key stays where what follows stands below it.
    private mutating func replace(_ range: Range<Int>, _ new: [String], keepsKey: Bool) {
        if keepsKey, new.count > 1 {
            edits.append(((range.lowerBound + 1)..<range.upperBound, Array(new.dropFirst())))
        } else {
            edits.append((range, new))
        }
    }

    /// The lines of a key and of what stands behind it, counted from 0; empty lines and comments at their end are not
    /// among them.
    private func block(_ entry: SettingsNode.Entry, of test: TestCase) throws(Refusal) -> Range<Int> {
        let start = entry.keyLocation.line - 1
        let indent = entry.keyLocation.column - 1
        guard lines.indices.contains(start), entry.keyLocation.file == file.path,
            file.source.lines.count == lines.count, start >= test.node.location.line - 1
        else { throw refusal(test, "\(entry.key) stands elsewhere: write it into the case itself") }
        let hangs = entry.value.elements?.isEmpty == false && entry.value.location.column == entry.keyLocation.column
        var end = start + 1
        var last = end
        while end < lines.count {
            let line = lines[end]
            let spaces = line.prefix { $0 == " " }.count
            let rest = line.dropFirst(spaces)
            let isBlank = rest.allSatisfy(\.isWhitespace)
            guard isBlank || spaces > indent || hangs && spaces == indent && rest.hasPrefix("-") else { break }
            end += 1
            if !isBlank { last = end }
        }
        return start..<last
    }

    /// Whether it is written in braces.
    private func isFlow(_ node: SettingsNode) -> Bool {
        guard let line = file.source.line(node.location.line) else { return false }
        return line.unicodeScalars.dropFirst(node.location.column - 1).first == "{"
    }

    private func refusal(_ test: TestCase, _ reason: String) -> Refusal {
        Refusal(location: test.location, reason: reason)
    }

    // MARK: - What is written

    /// The members that say what a case is about, where it does not name others.
    private static let usual: [TestCase.Section: [String]] = [
        .events: ["type", "source", "subject", "time", "data"], .commands: ["operation", "key", "arguments"],
        .exceptions: ["code", "where"],
    ]

    /// What came out, with the members that the case names, or else the usual ones.
    private static func shown(_ section: TestCase.Section, _ got: JSON, as expected: JSON?) -> JSON {
        guard section != .context else { return got }
        let usual = usual[section] ?? []
        if let targets = got.object {
            return .object(
                JSONObject(
                    targets.map { ($0, items($1, as: expected?[$0], usual)) }, uniquingKeysWith: { first, _ in first }))
        }
        return items(got, as: expected, usual)
    }

    private static func items(_ got: JSON, as expected: JSON?, _ usual: [String]) -> JSON {
        .array(
            (got.array ?? []).enumerated().map { index, item in
                let names = expected?[index]?.object.map { Array($0.keys) } ?? usual
                var kept = JSONObject()
                for name in names { kept[name] = item[name] }
                return .object(kept)
            })
    }
}
