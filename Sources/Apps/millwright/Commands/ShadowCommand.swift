import ArgumentParser
import Canonical
import Contracts
import Delivery
import ExactJSON
import Foundation
import NodeSettings
import Store
import World
import WorldLive

struct ShadowCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "shadow",
        abstract: "Compares what shadow flows would have done with what their target shows now.",
        discussion: """
            A flow with `shadow: yes`, or one to a target with it, sends nothing: what it would send is worked out \
            against the target as it is, and recorded. This reads the target and changes nothing there. What is \
            counted up is compared by its sum; of everything else the target is asked what would be left to do. \
            Targets that only take what they are sent (http, tables, nodes) cannot be asked: of those is said what \
            they would be sent, and what would be refused.

            Exit code 1 where something is missing at the target or other than expected, or could not be asked for \
            this time; 0 otherwise.
            """)

    @OptionGroup var options: FolderOptions
    @Option(help: "The target; needed where several have shadows.") var target: String?
    @Option(help: "Only this flow.") var flow: String?
    @Option(help: "From when on: an instant, or how long ago (8h, 3d).") var since = "24h"
    @Option(help: "Until when: an instant, or how long ago.") var until: String?
    @Option(help: "The most lines to print of each table.") var limit = 100
    @Flag(help: "One line of JSON.") var json = false

    func run() async throws {
        let folder = try options.load()
        let world = World.live()
        let now = world.clock.now()
        let from = try TimeOption.instant(since, "--since", now)
        let end = try until.map { try TimeOption.instant($0, "--until", now) } ?? now
        guard from < end else { throw CommandFailure(description: "--since \(from) is not before \(end)", code: 2) }
        let compared = try Composition.shadowed(
            folder, target: target, flow: flow, world: world, environment: ProcessInfo.processInfo.environment)
        let reader = try options.reader(of: folder)
        let name = compared.name
        let comparison = ShadowComparison(target: compared) { mark, limit in
            try reader.read { try $0.shadowCommands(name, after: mark, limit: limit) }
        }
        let report = try await comparison.report(since: from, until: end, flow: flow.map { FlowName($0) })
        await compared.close()
        let printed = ShadowReport(report: report, target: name, since: from, until: end)
        if json { Output.json(printed.json) } else { Output.say(printed.printed(limit: limit)) }
        if report.isMissing { throw ExitCode(1) }
    }
}

/// What shadows would have done and what their target shows, as people and programs are told of it.
private struct ShadowReport {
    let report: ShadowComparison.Report
    let target: TargetName
    let since: Instant
    let until: Instant

    private static func shown(_ value: ShadowComparison.Value) -> String {
        guard case .shows(let shown, let isClosed) = value.sight else { return "gone" }
        return "\(shown.trimmed())\(isClosed ? ", closed" : "")"
    }

    private static func words(_ standing: ShadowComparison.Standing) -> (state: String, detail: String) {
        switch standing {
        case .isThere(let summary): ("there", summary)
        case .isNot: ("not there", "")
        case .refused(let failure): ("would be refused now", "\(failure.kind.code) \(failure.message)")
        case .cannotTell(let failure): ("cannot tell", "\(failure.kind.code) \(failure.message)")
        case .neverKnown: ("cannot tell", "it would be sent; what such a target has is not looked at")
        }
    }

    var json: JSON {
        var value = compared
        value["isMissing"] = .bool(report.isMissing)
        value["isLookedAt"] = .bool(report.isLookedAt)
        return value
    }

    private var compared: JSON {
        var verdicts: JSONObject = [:]
        for verdict in ShadowRecord.Verdict.allCases {
            verdicts[verdict.rawValue] = .int(report.verdicts[verdict] ?? 0)
        }
        return [
            "target": .string(target.rawValue), "since": .string(since.description),
            "until": .string(until.description), "isEqual": .bool(report.isEqual), "commands": .object(verdicts),
            "refusals": .array(
                report.refusals.sorted { ($1.value, $0.key) < ($0.value, $1.key) }.map {
                    ["reason": .string($0.key), "count": .int($0.value)]
                }),
            "values": .array(
                report.values.map { value in
                    [
                        "order": .string(value.order), "line": .string(value.place.ledger.text),
                        "commands": .int(value.commands), "before": .number(value.before),
                        "expected": .number(value.expected.trimmed()), "shown": .string(Self.shown(value)),
                        "difference": value.difference.map { .number($0) } ?? .null,
                    ]
                }),
            "items": .array(
                report.items.map { item in
                    let (command, words) = (item.command.done.command, Self.words(item.standing))
                    return [
                        "command": .int(Int(command.id)), "flow": .string(command.flow.rawValue),
                        "operation": .string(command.operation), "key": .string(command.key.rawValue),
                        "arguments": command.arguments, "time": .string(command.time.description),
                        "state": .string(words.state), "detail": .string(words.detail),
                    ]
                }), "unasked": .int(report.unasked),
        ]
    }

    func printed(limit: Int) -> String {
        let counts = ShadowRecord.Verdict.allCases.map { "\(report.verdicts[$0] ?? 0) \($0.rawValue)" }
        var lines = ["\(target), shadows from \(since) to \(until): \(counts.joined(separator: ", "))"]
        let unequal = report.values.filter { $0.difference != ExactNumber(0) }
        if !report.values.isEmpty {
            lines.append(
                "\n\(Output.count(report.values.count, "value")) counted up, "
                    + (unequal.isEmpty ? "each as expected" : "\(unequal.count) not as expected:"))
        }
        if !unequal.isEmpty {
            lines.append(
                Output.table(
                    ["order", "line", "commands", "before", "expected", "shows", "difference"],
                    unequal.prefix(limit).map { value in
                        [
                            value.order, value.place.ledger.text, "\(value.commands)", "\(value.before)",
                            "\(value.expected.trimmed())", Self.shown(value),
                            value.difference.map { "\($0)" } ?? "",
                        ]
                    }))
        }
        let missing = report.items.filter { if case .isThere = $0.standing { false } else { true } }
        if !report.items.isEmpty {
            let found =
                if missing.isEmpty {
                    "nothing left to do for any"
                } else if report.isLookedAt {
                    "\(missing.count) not done at the target:"
                } else {
                    "what \(target) has of them cannot be asked:"
                }
            lines.append("\n\(Output.count(report.items.count, "other command")), \(found)")
        }
        if !missing.isEmpty {
            lines.append(
                Output.table(
                    ["flow", "operation", "key", "time", "state", "detail"],
                    missing.prefix(limit).map { item in
                        let (command, words) = (item.command.done.command, Self.words(item.standing))
                        return [
                            command.flow.rawValue, command.operation, command.key.rawValue,
                            command.time.description, words.state, words.detail,
                        ]
                    }))
        }
        for (reason, count) in report.refusals.sorted(by: { ($1.value, $0.key) < ($0.value, $1.key) }).prefix(limit) {
            lines.append("\n\(count) × would have been refused: \(reason)")
        }
        if report.unasked > 0 {
            lines.append("\n\(report.unasked) further commands were not looked at: give a later --since")
        }
        return lines.joined(separator: "\n")
    }
}
