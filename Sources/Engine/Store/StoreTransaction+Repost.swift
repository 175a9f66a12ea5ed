package import Canonical
package import Contracts
package import ExactJSON
import GRDB

/// What a target forgot and a person wants posted again: commands that hang together by their keys or by a line of the
/// ledger, all at once.
package struct RepostOrder: Sendable, Hashable {
    /// The epoch of the store whose commands these are.
    package let epoch: String
    package let target: TargetName
    /// Names the list that the person has seen.
    package let list: String
    package let commands: [Int64]
    /// What takes the forgotten counts back, by their lines of the ledger.
    package let lines: [LedgerEntry]

    package init(epoch: String, target: TargetName, list: String, commands: [Int64], lines: [LedgerEntry]) {
        self.epoch = epoch
        self.target = target
        self.list = list
        self.commands = commands
        self.lines = lines
    }

    package var json: JSON {
        [
            "epoch": .string(epoch), "target": .string(target.rawValue), "list": .string(list),
            "commands": .array(commands.map { .int(Int($0)) }),
            "lines": .array(lines.map { ["key": .string($0.key.text), "take": $0.value] }),
        ]
    }

    /// Reads what ``json`` wrote; nil for anything else.
    package init?(json: JSON) {
        guard let epoch = json["epoch"]?.string, let target = json["target"]?.string, let list = json["list"]?.string,
            let commands = json["commands"]?.array, let lines = json["lines"]?.array
        else { return nil }
        let ids = commands.compactMap(\.int)
        let entries = lines.compactMap { line in
            line["key"]?.string.map { LedgerEntry(key: LedgerKey($0), value: line["take"] ?? .null) }
        }
        guard ids.count == commands.count, entries.count == lines.count else { return nil }
        self.init(
            epoch: epoch, target: TargetName(target), list: list, commands: ids.map { Int64($0) }, lines: entries)
    }
}

/// Where a look at done commands goes on.
package struct DoneMark: Sendable, Hashable, Comparable {
    package let settled: Instant
    package let command: Int64

    package init(settled: Instant, command: Int64) {
        self.settled = settled
        self.command = command
    }

    package static func < (a: DoneMark, b: DoneMark) -> Bool { (a.settled, a.command) < (b.settled, b.command) }
}

extension DoneCommand {
    /// Its place among all of them.
    package var mark: DoneMark { DoneMark(settled: settled, command: command.id) }
}

extension StoreTransaction {
    /// Commands of a target that are done and count, in the order in which they were settled, behind `mark`. One whose
    /// deliveries were posted again counts no more.
    package func doneCommands(_ target: TargetName, after mark: DoneMark, limit: Int) throws -> [DoneCommand] {
        try settled(.accepted, target, after: mark, limit: limit).map { row in
            let stored = try stored(row)
            return DoneCommand(
                command: stored.command, intent: stored.intent, reference: row["reference"], started: stored.started,
                settled: Instant(microseconds: row["settled"]))
        }
    }

    /// Commands of a target that were settled so and count, in the order in which they were settled, behind `mark`.
    func settled(
        _ state: CommandState, _ target: TargetName, after mark: DoneMark, limit: Int
    ) throws -> [Row] {
        try Row.fetchAll(
            statement(
                """
                SELECT * FROM command INDEXED BY command_settled
                WHERE state >= 3 AND state = ?5 AND settled >= ?1 AND (settled > ?1 OR id > ?2) AND target = ?3
                AND EXISTS(SELECT 1 FROM delivery WHERE command = command.id)
                ORDER BY settled, id LIMIT ?4
                """),
            arguments: [mark.settled.microseconds, mark.command, target.rawValue, limit, state.rawValue])
    }

    /// Which of these commands are done and hold their deliveries still.
    package func done(_ commands: [Int64], _ target: TargetName) throws -> Set<Int64> {
        let look = try statement(
            """
            SELECT 1 FROM command WHERE id = ? AND target = ? AND state = 3
            AND EXISTS(SELECT 1 FROM delivery WHERE command = command.id AND state = 3)
            """)
        return Set(try commands.filter { try Row.fetchOne(look, arguments: [$0, target.rawValue]) != nil })
    }

    /// Whether a command is under way that shares a key or a line of the ledger with those of `order`.
    package func isUnderWay(_ order: RepostOrder) throws -> Bool {
        let open = try openCommands(order.target)
        guard !open.isEmpty else { return false }
        let lines = Set(order.lines.map(\.key))
        if open.contains(where: { !lines.isDisjoint(with: $0.ledger) }) { return true }
        let keys = Set(try order.commands.compactMap { try command($0)?.command.key })
        return open.contains { keys.contains($0.command.key) }
    }

    /// Puts the deliveries of a done command back into their key's order, to be posted again. ``order(_:_:)`` must
    /// follow for it.
    package func repeatDeliveries(ofCommand id: Int64) throws {
        try statement("UPDATE delivery SET state = 0, command = NULL, resubmitted = ? WHERE command = ?")
            .execute(arguments: [Self.repeated, id])
    }

    /// Stores lines of the ledger as they are from now on.
    package func replaceLedger(_ target: TargetName, _ entries: [LedgerEntry]) throws {
        try setLedger(target, entries)
    }
}

extension StoreTransaction {
    /// The store's epoch.
    package func epoch() throws -> String {
        try String.fetchOne(statement("SELECT value FROM meta WHERE name = 'epoch'")) ?? ""
    }
}
