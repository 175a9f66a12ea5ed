import Canonical
import Contracts
import Delivery
import ExactJSON
import NodeSecurity
import Store

/// A list of what a target has forgotten, as people and programs are told of it.
struct ReconciliationReport {
    let list: ReconciliationList
    let epoch: String

    /// Binds the list: what would be posted again, from which store, and what each value would become.
    var digest: String { Self.digest(epoch: .string(epoch), target: .string(list.target.rawValue), commands, values) }

    private static func digest(epoch: JSON, target: JSON, _ commands: [JSON], _ values: [JSON]) -> String {
        let absent = commands.filter { $0["standing"]?.string == "absent" }
        let bound: JSON = ["epoch": epoch, "target": target, "commands": .array(absent), "values": .array(values)]
        return Digest.hex(bound.bytes)
    }

    private var commands: [JSON] {
        list.items.map { item in
            let command = item.done.command
            return [
                "command": .int(Int(command.id)), "standing": item.unclear == nil ? "absent" : "unclear",
                "operation": .string(command.operation), "event": .string(command.idempotencyKey),
                "key": .string(command.key.rawValue), "order": command.arguments["order"] ?? .null,
                "arguments": command.arguments, "time": .string(command.time.description),
                "accepted": .string(item.done.settled.description),
                "reference": item.done.reference.map { .string($0) } ?? .null,
                "trace": command.traceparent.map { .string($0) } ?? .null,
                "reason": item.unclear.map { .string("\($0.kind.code) \($0.message)") } ?? .null,
                "suggestion": item.unclear.map { .string($0.suggestion) } ?? .null,
            ]
        }
    }

    private var values: [JSON] {
        list.setBack.map { value in
            [
                "line": .string(value.place.ledger.text), "record": .int(value.place.record),
                "order": .string(value.order), "shown": value.shown.map { .number($0) } ?? .null,
                "left": .number(value.left), "missing": .number(value.missing),
            ]
        }
    }

    var json: JSON {
        var sums: JSON = [:]
        for (operation, sum) in list.sums.sorted(by: { $0.key < $1.key }) {
            var quantities: JSON = [:]
            for (unit, quantity) in sum.quantities.sorted(by: { $0.key < $1.key }) {
                quantities[unit] = .number(quantity)
            }
            sums[operation] = [
                "present": .int(sum.present), "absent": .int(sum.absent), "unclear": .int(sum.unclear),
                "absentQuantity": quantities,
            ]
        }
        return [
            "target": .string(list.target.rawValue), "epoch": .string(epoch),
            "since": .string(list.span.since.description), "until": .string(list.span.until.description),
            "endsAtRestore": .bool(list.span.endsAtRestore), "digest": .string(digest), "sums": sums,
            "values": .array(values), "commands": .array(commands),
        ]
    }

    /// Reads what ``json`` wrote; nil for anything else, or where it is not what its digest says.
    static func seen(_ json: JSON) -> SeenList? {
        guard let digest = json["digest"]?.string, let target = json["target"]?.string,
            let epoch = json["epoch"]?.string, let since = json["since"]?.string.flatMap({ Instant(text: $0) }),
            let until = json["until"]?.string.flatMap({ Instant(text: $0) }),
            let ends = json["endsAtRestore"]?.bool, let commands = json["commands"]?.array,
            let values = json["values"]?.array,
            digest == Self.digest(epoch: .string(epoch), target: .string(target), commands, values)
        else { return nil }
        let absent = commands.filter { $0["standing"]?.string == "absent" }.compactMap { $0["command"]?.int }
        return SeenList(
            digest: digest, target: TargetName(target), epoch: epoch,
            span: Reconciler.Span(since: since, until: until, endsAtRestore: ends),
            commands: Set(absent.map { Int64($0) }), missing: missing(in: values))
    }

    /// A value's name in the list.
    static func name(line: String, record: Int) -> String { "\(line) \(record)" }

    /// What is to be added to each value, by its name.
    private static func missing(in values: [JSON]) -> [String: String] {
        Dictionary(
            values.map {
                (name(line: $0["line"]?.string ?? "", record: $0["record"]?.int ?? 0), $0["missing"]?.description ?? "")
            }, uniquingKeysWith: { first, _ in first })
    }

    /// What is to be added to each value now, by its name.
    var missing: [String: String] { Self.missing(in: values) }

    // MARK: - For people

    func printed(limit: Int) -> String {
        var lines = ["\(list.target): accepted from \(list.span.since) to \(list.span.until)", ""]
        lines.append(
            Output.table(
                ["operation", "present", "absent", "a person decides", "absent quantity"],
                list.sums.sorted { $0.key < $1.key }.map { operation, sum in
                    [
                        operation, "\(sum.present)", "\(sum.absent)", "\(sum.unclear)",
                        sum.quantities.sorted { $0.key < $1.key }.map { "\($1) \($0)" }.joined(separator: ", "),
                    ]
                }))
        let setBack = list.setBack
        if !setBack.isEmpty {
            lines += [
                "",
                Output.table(
                    ["order", "line of the ledger", "shows", "was left at", "missing"],
                    setBack.prefix(limit).map { value in
                        [
                            value.order, value.place.ledger.text, value.shown.map { "\($0)" } ?? "gone",
                            "\(value.left)", "\(value.missing)",
                        ]
                    }),
            ]
        }
        guard !list.items.isEmpty else { return (lines + ["", "nothing is missing"]).joined(separator: "\n") }
        lines += ["", table(limit)]
        if list.items.count > limit { lines.append("… and \(list.items.count - limit) more: --json has all of them") }
        for (reason, count) in reasons { lines += ["", "\(count) × \(reason)"] }
        lines += ["", "list \(digest)"]
        if !list.absent.isEmpty {
            lines.append(
                "`millwright reconcile --post --list FILE --note WHY` posts again what is absent; FILE is what --json "
                    + "prints"
            )
        }
        return lines.joined(separator: "\n")
    }

    private func table(_ limit: Int) -> String {
        Output.table(
            ["command", "standing", "operation", "order", "quantity", "time", "event", "trace"],
            list.items.prefix(limit).map { item in
                let command = item.done.command
                let quantity = command.arguments["quantity"]
                return [
                    "\(command.id)", item.unclear == nil ? "absent" : "unclear", command.operation,
                    command.arguments["order"]?.string ?? command.key.rawValue,
                    [quantity?["value"]?.number.map { "\($0)" }, quantity?["unit"]?.string].compactMap { $0 }
                        .joined(separator: " "), command.time.description, command.idempotencyKey,
                    command.traceparent ?? "",
                ]
            })
    }

    private var reasons: [(String, Int)] {
        var counts: [String: Int] = [:]
        for failure in list.items.compactMap(\.unclear) {
            counts["\(failure.kind.code) \(failure.message). \(failure.suggestion)", default: 0] += 1
        }
        return counts.sorted { ($1.value, $0.key) < ($0.value, $1.key) }.prefix(20).map { ($0.key, $0.value) }
    }
}
