import Contracts
import Yams

/// Says in plain words what libyaml says in a parser's, and what to do.
struct SyntaxFault {
    let source: SourceText

    func fault(for error: any Error) -> CheckFault {
        guard let error = error as? YamlError else { return unplaced("\(error)") }
        switch error {
        case .scanner(let context, let problem, let mark, _), .parser(let context, let problem, let mark, _),
            .composer(let context, let problem, let mark, _):
            return fault(problem, context, mark)
        case .memory:
            return CheckFault(
                SettingsFailures.tooComplex, at: SettingLocation(file: source.path, line: 1, column: 1),
                "nested too deeply to be read")
        case .reader(let problem, _, _, _): return unplaced(problem)
        default: return unplaced("\(error)")
        }
    }

    private func unplaced(_ problem: String) -> CheckFault {
        CheckFault(
            SettingsFailures.syntax, at: SettingLocation(file: source.path, line: 1, column: 1),
            "the YAML cannot be read: \(problem)")
    }

    private func fault(_ problem: String, _ context: YamlError.Context?, _ mark: Mark) -> CheckFault {
        if let tab = tab(near: mark.line) { return tab }
        if let quote = openQuote(before: mark.line) { return quote }
        var place = clamped(mark)
        let (reason, suggestion) = plain(problem, context)
        // What was opened and never closed is shown where it was opened, not at the end of the file.
        if let context, problem.contains("end of stream") || problem.contains("document indicator") {
            place = clamped(context.mark)
        }
        return CheckFault(SettingsFailures.syntax, at: place, reason, suggestion: suggestion)
    }

    /// A place within the file: libyaml also points behind its end.
    func clamped(_ mark: Mark) -> SettingLocation {
        var line = min(max(mark.line, 1), source.lines.count)
        var column = mark.line > source.lines.count ? Int.max : max(mark.column, 1)
        while line > 1, source.lines[line - 1].isEmpty, mark.column <= 1 {
            line -= 1
            column = Int.max
        }
        return SettingLocation(
            file: source.path, line: line, column: min(column, source.lines[line - 1].unicodeScalars.count + 1))
    }

    /// A quote that is not closed in its line is closed by the next one that follows, lines below, and the error shows
    /// there: values of several lines are rare, so the line where it was opened is shown.
    private func openQuote(before line: Int) -> CheckFault? {
        for (index, text) in source.lines.prefix(max(line - 1, 0)).enumerated() {
            var quotes: [Int] = []
            var isSingle = false
            for (column, scalar) in text.unicodeScalars.enumerated() {
                if quotes.count.isMultiple(of: 2), scalar == "#" { break }
                if scalar == "'", quotes.count.isMultiple(of: 2) { isSingle.toggle() }
                if scalar == "\"", !isSingle { quotes.append(column) }
            }
            // Within a literal block a quote is a letter like any other.
            guard !quotes.count.isMultiple(of: 2), !text.contains("\\"), !isInBlock(index), let last = quotes.last
            else {
                continue
            }
            return CheckFault(
                SettingsFailures.syntax, at: SettingLocation(file: source.path, line: index + 1, column: last + 1),
                "a quote is opened here and not closed in its line", suggestion: "close the quote")
        }
        return nil
    }

    /// Whether a line belongs to a literal or folded block: the next one above that is less indented opens one.
    private func isInBlock(_ index: Int) -> Bool {
        func indentation(_ text: String) -> Int { text.prefix { $0 == " " }.count }
        let own = indentation(source.lines[index])
        guard let above = source.lines[..<index].last(where: { !$0.isEmpty && indentation($0) < own }) else {
            return false
        }
        return above.contains(": |") || above.contains(": >")
    }

    /// YAML forbids tabs in indentation, and says so in the least helpful way.
    private func tab(near line: Int) -> CheckFault? {
        for number in [line, line - 1] {
            guard let text = source.line(number) else { continue }
            let indentation = text.unicodeScalars.prefix { $0 == " " || $0 == "\t" }
            guard let tab = indentation.firstIndex(of: "\t"), indentation.count < text.unicodeScalars.count else {
                continue
            }
            let column = text.unicodeScalars.distance(from: text.unicodeScalars.startIndex, to: tab) + 1
            return CheckFault(
                SettingsFailures.tab, at: SettingLocation(file: source.path, line: number, column: column),
                "a tab stands in the indentation, where YAML allows spaces only")
        }
        return nil
    }

    private func plain(_ problem: String, _ context: YamlError.Context?) -> (reason: String, suggestion: String?) {
        let opened = context.map { " in line \($0.mark.line)" } ?? ""
        for phrase in Self.phrases where problem.contains(phrase.problem) {
            guard phrase.context.map({ context?.text.contains($0) ?? false }) ?? true else { continue }
            return (phrase.reason.replacing("@", with: opened), phrase.suggestion)
        }
        return (problem + (context.map { " (\($0.text)\(opened))" } ?? ""), nil)
    }

    private struct Phrase {
        let problem: String
        var context: String?
        /// `@` stands for " in line N", the place where the construct began.
        let reason: String
        let suggestion: String
    }

    private static let phrases: [Phrase] = [
        Phrase(
            problem: "mapping values are not allowed", reason: "a \":\" stands where no key can be",
            suggestion: "quote a value that has \": \" in it, or correct the indentation"),
        Phrase(
            problem: "did not find expected key", reason: "the indentation fits none of the lines above",
            suggestion: "indent the line like the keys beside it"),
        Phrase(
            problem: "did not find expected '-' indicator", reason: "the list that began@ goes on without a \"-\"",
            suggestion: "begin the line with \"- \", or indent it like the key that it belongs to"),
        Phrase(
            problem: "could not find expected ':'", reason: "a key has no \":\" behind it",
            suggestion: "write key: value, with a space behind the colon"),
        Phrase(
            problem: "found character that cannot start any token", reason: "no value can begin with this character",
            suggestion: "put the value in quotes: values that begin with @, ` or % need them"),
        Phrase(
            problem: "did not find expected alphabetic", context: "alias",
            reason: "an unquoted value cannot begin with \"*\": YAML takes it for an alias",
            suggestion: "put the value in quotes: \"*.csv\""),
        Phrase(
            problem: "did not find expected alphabetic", context: "anchor",
            reason: "an unquoted value cannot begin with \"&\": YAML takes it for an anchor",
            suggestion: "put the value in quotes"),
        Phrase(
            problem: "found undefined alias", reason: "an alias names an anchor that does not stand above it",
            suggestion: "put a value that begins with * in quotes, or define the &anchor above"),
        Phrase(
            problem: "found unexpected end of stream", reason: "a quote is opened here and never closed",
            suggestion: "close the quote"),
        Phrase(
            problem: "found unexpected document indicator", reason: "a quote is opened here and never closed",
            suggestion: "close the quote"),
        Phrase(
            problem: "did not find expected ',' or ']'", reason: "the list that began@ is not closed",
            suggestion: "separate its values with commas and close it with ]"),
        Phrase(
            problem: "did not find expected ',' or '}'", reason: "the { that was opened@ is not closed",
            suggestion: "separate its keys with commas and close it with }; quote ${…} within braces"),
        Phrase(
            problem: "block sequence entries are not allowed", reason: "a \"- \" stands where no list can be",
            suggestion: "put the list on the lines below its key"),
        Phrase(
            problem: "found unknown escape character", reason: "no escape begins with this character",
            suggestion: "write \\\\ for a backslash, or use single quotes"),
        Phrase(
            problem: "did not find expected node content", reason: "a value is missing",
            suggestion: "write the value, or remove the comma before it"),
        Phrase(
            problem: "did not find expected <document start>",
            reason: "something stands behind the end of the settings",
            suggestion: "correct the indentation: the first line decides how keys are indented"),
        Phrase(
            problem: "found a tab character", reason: "a tab stands where YAML allows spaces only",
            suggestion: "indent with spaces"),
    ]
}
