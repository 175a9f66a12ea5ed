import ArgumentParser
import Canonical
import Contracts
import Delivery
import ExactJSON
import NodeSettings
import Runtime
import Store
import WorldLive

struct ReplayCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "replay",
        abstract: "Puts the events of a time through a flow again, as its map is now.",
        discussion: """
            Without --send nothing is changed: it shows what the flow would make of the events that were stored in \
            that time, beside what was made of them.

            With --send the running node does it: commands that there were not are sent, those that wait are changed \
            where they stand or taken back, and what a shadow worked out is sent. What was carried out stays as it \
            is, unless --again says otherwise: then it is carried out once more, as another effect. What waits as an \
            exception is left to `millwright exceptions`.

            Run the node with the flow as it shall be before --send: it is the node's own settings that count.
            """)

    @OptionGroup var options: FolderOptions
    @Option(help: "The flow.") var flow: String
    @Option(help: "From when on they were stored: an instant, or how long ago (8h, 3d).") var since: String
    @Option(help: "Until when; without it, now.") var until: String?
    @Flag(help: "Do it.") var send = false
    @Option(help: "Carry out once more what was carried out: changed (where its command would differ), or all.")
    var again = ReplayOrder.Again.no
    @Option(help: "Events a second at most.") var rate: Int?
    @Option(help: "The most events to show.") var limit = 50
    @OptionGroup var request: NotedOptions<SendingNote>

    func validate() throws {
        if let rate, !(1...ReplayOrder.maximumRate).contains(rate) {
            throw ValidationError("--rate goes from 1 to \(ReplayOrder.maximumRate)")
        }
        guard send else {
            if request.note != nil { throw ValidationError("--note goes with --send") }
            return
        }
        guard request.note != nil else {
            throw ValidationError("say why with --note: it is kept in the audit trail")
        }
    }

    func run() async throws {
        let folder = try options.load()
        let now = LiveClock().now()
        let from = try TimeOption.instant(since, "--since", now)
        let end = try until.map { try TimeOption.instant($0, "--until", now) } ?? now
        guard from < end else { throw CommandFailure(description: "--since \(from) is not before \(end)", code: 2) }
        let order = ReplayOrder(flow: FlowName(flow), since: from, until: end, again: again, rate: rate)
        let flows = NodeEngine.replayable(try Composition.plans(folder), clock: LiveClock())
        guard let replayed = flows[order.flow] else {
            throw CommandFailure(
                description: "there is no flow \(flow) that makes commands; there are: "
                    + flows.keys.map(\.rawValue).sorted().joined(separator: ", "), code: 2)
        }
        if send { return try await request.carryOut([.init(.replay, 0, order.json)], options) }
        let report = try ReplayReport(replayed, order, reader: options.reader(of: folder), limit: limit)
        if request.json { Output.json(report.json) } else { Output.say(report.printed) }
    }
}

extension ReplayOrder.Again: ExpressibleByArgument {}

/// What a replay would do.
private struct ReplayReport {
    private let order: ReplayOrder
    private let target: TargetName
    private var seen = 0
    private var counts: [ReplayItem.Finding: Int] = [:]
    private var actions: [ReplayItem.Action: Int] = [:]
    /// Those worth a look, the first of them.
    private var shown: [ReplayItem] = []
    private var left = 0
    /// Events that one look into the store takes.
    private static let page = 200

    init(_ flow: ReplayFlow, _ order: ReplayOrder, reader: StoreReader, limit: Int) throws {
        self.order = order
        target = flow.target
        for lane in Lane.allCases {
            var mark: Int64 = 0
            while true {
                let from = mark
                let found = try reader.read {
                    try flow.items(order, lane, after: from, limit: Self.page, $0)
                }
                seen += found.seen
                for item in found.items { note(item, limit) }
                guard let last = found.last else { break }
                mark = last
            }
        }
    }

    private mutating func note(_ item: ReplayItem, _ limit: Int) {
        counts[item.finding, default: 0] += 1
        actions[item.action, default: 0] += 1
        guard item.finding != .same || item.action != .nothing else { return }
        if shown.count < limit { shown.append(item) } else { left += 1 }
    }

    private static func command(_ delivery: Delivery?) -> JSON {
        delivery.map {
            ["operation": .string($0.operation), "key": .string($0.key.rawValue), "arguments": $0.arguments]
        } ?? .null
    }

    private static func words(_ state: DeliveryState?) -> String {
        switch state {
        case nil: "nothing"
        case .pending: "waits"
        case .taken: "under way"
        case .blocked: "waits behind an exception"
        case .accepted: "carried out"
        case .rejected: "an exception"
        case .discarded: "discarded"
        case .shadowed: "shadow"
        }
    }

    var json: JSON {
        var findings: JSONObject = [:]
        for finding in ReplayItem.Finding.allCases { findings[finding.rawValue] = .int(counts[finding] ?? 0) }
        var doings: JSONObject = [:]
        for action in ReplayItem.Action.allCases { doings[action.rawValue] = .int(actions[action] ?? 0) }
        return [
            "order": order.json, "target": .string(target.rawValue), "events": .int(seen),
            "findings": .object(findings), "actions": .object(doings),
            "items": .array(
                shown.map { item in
                    let envelope = item.entry.document.envelope
                    return [
                        "event": .string(envelope.id), "type": .string(envelope.type),
                        "subject": envelope.subject.map { .string($0) } ?? .null,
                        "stored": .string(item.entry.recorded.description), "finding": .string(item.finding.rawValue),
                        "was": .string(Self.words(item.oldState)), "action": .string(item.action.rawValue),
                        "reason": (item.failure?.description ?? item.reason).map { .string($0) } ?? .null,
                        "old": Self.command(item.old), "new": Self.command(item.new),
                    ]
                }), "notShown": .int(left),
        ]
    }

    var printed: String {
        let findings = ReplayItem.Finding.allCases.map { "\(counts[$0] ?? 0) \($0.rawValue)" }
        var lines = [
            "\(seen) events stored from \(order.since) to \(order.until), through \(order.flow) to \(target)",
            "beside what was made of them: \(findings.joined(separator: ", "))",
        ]
        for item in shown {
            let envelope = item.entry.document.envelope
            let reason = (item.failure?.description ?? item.reason).map { " (\($0))" } ?? ""
            lines.append(
                "\n\(item.finding.rawValue)  \(envelope.subject ?? envelope.source)  \(envelope.type)  "
                    + "\(envelope.time)\n  was: \(Self.words(item.oldState)); to do: \(item.action.rawValue)\(reason)")
            for difference in Self.differences(item.old, item.new) { lines.append("  \(difference)") }
        }
        if left > 0 { lines.append("\n… and \(left) more: --limit shows more, --json --limit all of them") }
        let doings = ReplayItem.Action.allCases.filter { $0 != .nothing && (actions[$0] ?? 0) > 0 }
        guard !doings.isEmpty else { return (lines + ["\nnothing would be done"]).joined(separator: "\n") }
        let sum = doings.map { "\(actions[$0] ?? 0) to \($0.rawValue)" }.joined(separator: ", ")
        return (lines + ["\n\(sum): --send --note WHY does it"]).joined(separator: "\n")
    }

    /// What differs, member by member.
    private static func differences(_ old: Delivery?, _ new: Delivery?) -> [String] {
        guard let old, let new else {
            return [old.map { "- \($0.operation) \($0.arguments)" }, new.map { "+ \($0.operation) \($0.arguments)" }]
                .compactMap { $0 }
        }
        var lines: [String] = []
        func compare(_ name: String, _ a: String, _ b: String) {
            if a != b { lines.append("\(name): \(a) → \(b)") }
        }
        compare("operation", old.operation, new.operation)
        compare("key", old.key.rawValue, new.key.rawValue)
        let (before, after) = (old.arguments.object ?? [:], new.arguments.object ?? [:])
        for name in Array(before.keys) + after.keys.filter({ before[$0] == nil }) {
            compare(name, before[name]?.description ?? "nothing", after[name]?.description ?? "nothing")
        }
        return lines
    }
}
