import ArgumentParser
import Canonical
import Contracts
import Delivery
import ExactJSON
import Store
import World

/// Has the node post again what a person has seen to be missing, as far as it is missing still.
struct RepostRun {
    let seen: SeenList
    /// What is missing now.
    let report: ReconciliationReport
    let target: any Reconcilable
    /// Commands that are to be left out.
    let except: Set<Int64>

    /// What one group is asked for, or why not.
    private enum Step {
        case ask(RepostOrder)
        case leave([Int64], String)
    }

    func run(
        _ reader: StoreReader, clock: any WorldClock, by person: String, note: String, wait: Int, json: Bool
    ) async throws {
        guard seen.epoch == report.epoch else {
            throw CommandFailure(description: "the store was restored or mended since the list was made; list anew")
        }
        let steps = try steps()
        var asked: [(request: Int64, order: RepostOrder)] = []
        var left: [(commands: [Int64], reason: String)] = []
        for step in steps {
            switch step {
            case .ask(let order):
                asked.append((try reader.request(order, by: person, note: note, now: clock.now()), order))
            case .leave(let commands, let reason): left.append((commands, reason))
            }
        }
        let before = done
        let results = try await reader.results(of: asked.map(\.request), clock: clock, seconds: wait)
        let all = asked.map { (commands: $0.order.commands, result: results[$0.request] ?? StoreReader.noted) }
        let isDone = all.allSatisfy { $0.result.hasPrefix("ok") } && left.isEmpty
        if json {
            Output.json([
                "list": .string(seen.digest),
                "groups": .array(all.map { ["commands": Self.ids($0.commands), "result": .string($0.result)] }),
                "left": .array(left.map { ["commands": Self.ids($0.commands), "reason": .string($0.reason)] }),
                "postedBefore": .int(before),
            ])
        } else {
            say(all, left, before)
        }
        if !isDone { throw ExitCode(1) }
    }

    private static func ids(_ commands: [Int64]) -> JSON { .array(commands.map { .int(Int($0)) }) }

    private func say(
        _ all: [(commands: [Int64], result: String)], _ left: [(commands: [Int64], reason: String)], _ before: Int
    ) {
        for (result, groups) in Dictionary(grouping: all, by: \.result).sorted(by: { $0.key < $1.key }) {
            let count = groups.reduce(0) { $0 + $1.commands.count }
            let words = result.hasPrefix("ok: ") ? "posted again in their keys' order" : result
            Output.say("\(Output.count(count, "command")): \(words)")
        }
        for (reason, groups) in Dictionary(grouping: left, by: \.reason).sorted(by: { $0.key < $1.key }) {
            let count = groups.reduce(0) { $0 + $1.commands.count }
            Output.say("\(Output.count(count, "command")) left out: \(reason)")
        }
        if before > 0 {
            Output.say("\(Output.count(before, "command")) of the list were posted again before, or are there")
        }
        Output.say("`millwright reconcile` says what is missing still; `millwright exceptions` what needs a person")
    }

    /// Commands of the list that are not absent any more.
    private var done: Int { seen.commands.subtracting(report.list.absent.map(\.done.command.id)).count }

    private func steps() throws -> [Step] {
        let missing = report.missing
        return try report.list.groups().compactMap { group in
            let ids = group.items.map(\.done.command.id)
            let known = ids.filter(seen.commands.contains)
            // What went missing since belongs to no list that anybody has seen.
            guard !known.isEmpty else { return nil }
            if ids.contains(where: except.contains) {
                return .leave(ids, "they hang together with what --except names")
            }
            guard known.count == ids.count else {
                return .leave(ids, "more is missing beside them than was listed; list anew")
            }
            let values = Set(
                group.items.flatMap(\.steps).map {
                    ReconciliationReport.name(line: $0.place.ledger.text, record: $0.place.record)
                })
            guard values.allSatisfy({ missing[$0] == seen.missing[$0] }) else {
                return .leave(ids, "their values were changed since they were listed; list anew")
            }
            return .ask(report.list.order(for: group, target: target, epoch: report.epoch, list: seen.digest))
        }
    }
}
