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
            "Follows an event, an order or an asset: captured, stored, forwarded, mapped, delivered, accepted, with times."
    )

    @OptionGroup var options: FolderOptions
    @Argument(help: "An event's id, a subject such as an order, or an asset.") var what: String
    @Option(help: "The most events to show, newest last.") var limit = 20
    @Flag(help: "One line of JSON.") var json = false

    func run() throws {
        let reader = try options.reader()
        let traces = try reader.read { try EventTrace.find(what, limit: limit, $0) }
        if json, !traces.isEmpty { return Output.json(["events": .array(traces.map(\.json))]) }
        guard !traces.isEmpty else {
            throw CommandFailure(
                description: "nothing is known here of \"\(what)\": an event's id, a subject or an asset is wanted")
        }
        for trace in traces { Output.say(trace.text + "\n") }
    }
}

extension EventTrace {
    /// For people, as several lines.
    fileprivate var text: String {
        var lines = ["\(type)  \(subject ?? "")", "  id \(id), source \(source)"]
        var last: Instant?
        for step in steps {
            let since = step.time.flatMap { time in last.map { " +" + time.since($0).short } } ?? ""
            lines.append(
                "  \(step.name.padding(toLength: 10, withPad: " ", startingAt: 0)) \(step.time?.description ?? "-")\(since)  \(step.detail)"
            )
            last = step.time ?? last
        }
        return lines.joined(separator: "\n")
    }
}
