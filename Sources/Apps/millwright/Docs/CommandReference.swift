import ArgumentParser
import Foundation

/// The page of all commands: the help that each of them shows.
enum CommandReference {
    /// Columns of the help's lines, whatever terminal there is.
    private static let columns = 100

    static var markdown: String {
        let sections = sections(of: Millwright.self, below: [])
        let contents = sections.map { section in
            let indent = String(repeating: "  ", count: section.depth)
            let anchor = section.name.replacing(" ", with: "-")
            return "\(indent)* [`\(section.name)`](#\(anchor))\n"
        }
        return "# Commands\n\nWhat `--help` says of each command.\n\n"
            + contents.joined() + sections.map { "\n## `\($0.name)`\n\n```text\n\($0.help)\n```\n" }.joined()
    }

    /// One command, and how many stand above it.
    private struct Section {
        let name: String
        let depth: Int
        let help: String
    }

    /// A command and those below it, in their order, without those that the help does not list.
    private static func sections(of command: any ParsableCommand.Type, below path: [String]) -> [Section] {
        let names = path + [command._commandName]
        let section = Section(name: names.joined(separator: " "), depth: path.count, help: help(of: command))
        let inner = command.configuration.subcommands.filter { $0.configuration.shouldDisplay }
        return [section] + inner.flatMap { sections(of: $0, below: names) }
    }

    private static func help(of command: any ParsableCommand.Type) -> String {
        let text = Millwright.helpMessage(for: command, includeHidden: false, columns: columns)
        // The one default that is another one for each user.
        let user = ProcessInfo.processInfo.environment["USER"] ?? "operator"
        let lines = text.replacing(
            "Who decides. (default: \(user))", with: "Who decides. (default: the variable USER, else operator)"
        ).split(separator: "\n", omittingEmptySubsequences: false)
        var kept = lines.map { line in
            var line = line
            while line.last == " " { line.removeLast() }
            return line
        }
        while kept.last?.isEmpty == true { kept.removeLast() }
        return kept.joined(separator: "\n")
    }
}
