import ArgumentParser
import Canonical
import Console
import ExactJSON
import Foundation
import Store

struct TraceCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "trace",
        abstract:
            "Follows an event, order, lot, asset or line of a file: captured, stored, mapped, accepted, with times."
    )

    @OptionGroup var options: FolderOptions
    @Argument(
        help: """
            An event's id, a subject such as an order, a lot, an asset, or the line of a file that a record begins in: \
            Job.sdc:14.
            """) var what: String
    @Option(help: "The most events to show, newest last.") var limit = 20
    @Flag(help: "One line of JSON.") var json = false

    func validate() throws {
        guard limit > 0 else { throw ValidationError("--limit is at least 1") }
    }

    func run() throws {
        let findings = try TraceFindings.find(what, limit: limit, in: try options.reader())
        if json, !findings.traces.isEmpty { return Output.json(findings.json) }
        guard !findings.traces.isEmpty else {
            let looked = findings.reachText.map { "; \($0)" } ?? ""
            throw CommandFailure(
                description: "nothing was found here of \"\(what)\": \(TraceFindings.wanted)\(looked)")
        }
        for trace in findings.traces { Output.say(trace.text + "\n") }
        if let looked = findings.reachText { Output.note("found by what the events hold: \(looked)") }
    }
}

extension EventTrace {
    /// For people, as several lines.
    fileprivate var text: String {
        var lines = ["\(type)  \(subject ?? "")", "  id \(id), source \(source)"]
        for step in steps {
            let since = step.after.map { " +" + $0.short } ?? ""
            let name = step.name.padding(toLength: 10, withPad: " ", startingAt: 0)
            let settings = step.settingsText.map { "; \($0)" } ?? ""
            lines.append("  \(name) \(step.time?.description ?? "-")\(since)  \(step.detail)\(settings)")
        }
        return lines.joined(separator: "\n")
    }
}
