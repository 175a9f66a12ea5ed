import ArgumentParser
import Canonical
import Contracts
import ExactJSON
import Foundation

/// How commands speak: results on standard output, everything else on standard error.
enum Output {
    /// The one line of `--json`.
    static func json(_ value: JSON) { StandardStream.output.write(value.bytes + [0x0A]) }

    /// A line for the person at the terminal, on standard error.
    static func note(_ text: String) { StandardStream.errors.write(Array((shown(text) + "\n").utf8)) }

    /// Text for a person, on standard output, with a line break behind it.
    static func say(_ text: String) { StandardStream.output.write(Array((shown(text) + "\n").utf8)) }

    /// Colours of words on a terminal.
    enum Ink: String { case red = "31", green = "32", dim = "2" }

    /// Whether standard output is a terminal that takes colours.
    static var takesColours: Bool {
        let environment = ProcessInfo.processInfo.environment
        return isatty(STDOUT_FILENO) == 1 && (environment["NO_COLOR"] ?? "").isEmpty && environment["TERM"] != "dumb"
    }

    /// The text as it may go to a terminal, in a colour where one is given.
    static func inked(_ text: String, _ ink: Ink?) -> String {
        guard let ink else { return shown(text) }
        return "\u{1B}[\(ink.rawValue)m\(shown(text))\u{1B}[0m"
    }

    /// A line made of ``inked(_:_:)`` pieces, on standard output.
    static func sayInked(_ pieces: String) { StandardStream.output.write(Array((pieces + "\n").utf8)) }

    /// The text as it may go to a terminal or a log: what machines and partners sent stands in it, and control
    /// characters or marks of writing direction from there could hide, forge or recolour lines. Line breaks and tabs
    /// stay, unless the text must stay on `oneLine`.
    static func shown(_ text: String, oneLine: Bool = false) -> String {
        var output = String.UnicodeScalarView()
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\n", "\t": output.append(oneLine ? " " : scalar)
            case "\u{00}"..."\u{1F}", "\u{7F}"..."\u{9F}", "\u{200E}", "\u{200F}", "\u{2028}"..."\u{202E}",
                "\u{2066}"..."\u{2069}":
                output.append(contentsOf: "\\u{\(String(scalar.value, radix: 16))}".unicodeScalars)
            default: output.append(scalar)
            }
        }
        return String(output)
    }

    /// Ends the process after a command that worked: with 1 where standard output did not take what it said.
    static func end() {
        guard let reason = StandardStream.output.failure else { return }
        note("Error: standard output cannot be written: \(reason)")
        exit(1)
    }

    /// Ends the process: the failure on standard error and, with `--json`, as the one line on standard output.
    static func end(with error: any Error) -> Never {
        let (code, json): (Int32, JSON)
        switch error {
        case let failure as CommandFailure:
            (code, json) = (failure.code, ["error": ["message": .string(failure.description)]])
        case let failure as Failure:
            code = 1
            json = [
                "error": [
                    "code": .string(failure.kind.code), "message": .string(failure.message),
                    "suggestion": .string(failure.suggestion),
                ]
            ]
        default: Millwright.exit(withError: error)
        }
        if CommandLine.arguments.contains("--json") { self.json(json) }
        note("Error: \(error)")
        exit(code)
    }

    /// `1 exception`, `2 exceptions`.
    static func count(_ number: Int, _ noun: String) -> String { "\(number) \(noun)\(number == 1 ? "" : "s")" }

    /// Columns, each as wide as its widest cell.
    static func table(_ header: [String], _ rows: [[String]]) -> String {
        let all = [header] + rows.map { row in row.map { shown($0, oneLine: true) } }
        let widths = header.indices.map { column in all.map { $0[column].count }.max() ?? 0 }
        return all.map { row in
            row.indices.map { column in
                column == row.count - 1
                    ? row[column] : row[column].padding(toLength: widths[column], withPad: " ", startingAt: 0)
            }.joined(separator: "  ")
        }.joined(separator: "\n")
    }
}

/// A failure that ends a command: said on standard error, with the exit code that the help documents.
struct CommandFailure: Error, CustomStringConvertible {
    let description: String
    var code: Int32 = 1
}

extension Duration {
    /// `350 ms`, `12.4 s`, `7 min`, `5.2 h`, `12 days`.
    var short: String {
        let milliseconds = Double(microseconds) / 1_000
        if milliseconds < 1_000 { return String(format: "%.0f ms", milliseconds) }
        if milliseconds < 120_000 { return String(format: "%.1f s", milliseconds / 1_000) }
        if milliseconds < 7_200_000 { return String(format: "%.0f min", milliseconds / 60_000) }
        if milliseconds < 172_800_000 { return String(format: "%.1f h", milliseconds / 3_600_000) }
        return String(format: "%.0f days", milliseconds / 86_400_000)
    }
}
