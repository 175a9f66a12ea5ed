package import Canonical
package import Contracts
package import ExactJSON
package import Store

/// What a target shows of the commands of a time: what is there is counted, everything else stands in the list.
package struct ReconciliationList: Sendable {
    /// A command that is not there, or that a person must look at.
    package struct Item: Sendable {
        package let done: DoneCommand
        /// Nil where it is absent: it would be posted again.
        package let unclear: Failure?
        package let steps: [CountStep]
    }

    /// How many commands of an operation are there and how many are not.
    package struct Sums: Sendable, Hashable {
        package var present = 0
        package var absent = 0
        package var unclear = 0
        /// The quantities of those that are absent, by unit.
        package var quantities: [String: ExactNumber] = [:]
    }

    /// One value of which something is forgotten or unclear.
    package struct Value: Sendable {
        package let place: CountPlace
        package let order: String
        /// What it shows now, or showed when this node first wrote to it again; nil where it is gone.
        package let shown: ExactNumber?
        /// What the node left there.
        package let left: ExactNumber
        /// What posting again will add.
        package let missing: ExactNumber
    }

    package let target: TargetName
    package let span: Reconciler.Span
    package private(set) var items: [Item] = []
    package private(set) var sums: [String: Sums] = [:]
    private var values: [CountPlace: Value] = [:]
    /// The ledger's lines of what is absent, as they stood.
    var ledger: [LedgerKey: LedgerEntry] = [:]
    /// Lines that were written behind the time looked at.
    private let movedOn: Set<LedgerKey>

    init(target: TargetName, span: Reconciler.Span, movedOn: Set<LedgerKey>) {
        self.movedOn = movedOn
        self.target = target
        self.span = span
    }

    mutating func add(_ done: DoneCommand, _ recall: Recall, steps: [CountStep]) throws {
        let operation = done.command.operation
        switch recall {
        case .present:
            sums[operation, default: Sums()].present += 1
            return
        case .absent:
            sums[operation, default: Sums()].absent += 1
            if let quantity = done.command.arguments["quantity"], let value = quantity["value"]?.number {
                let unit = quantity["unit"]?.string ?? ""
                let sum = sums[operation]?.quantities[unit] ?? ExactNumber(0)
                sums[operation]?.quantities[unit] = try ExactNumber.adding(sum, value).trimmed()
            }
            items.append(Item(done: done, unclear: nil, steps: steps))
            for step in steps { try miss(step) }
        case .unclear(let failure):
            sums[operation, default: Sums()].unclear += 1
            items.append(Item(done: done, unclear: failure, steps: steps))
        }
        guard items.count <= Reconciler.maximumHeld else { throw Reconciler.tooMuch(span) }
    }

    private mutating func miss(_ step: CountStep) throws {
        let missing = values[step.place]?.missing ?? ExactNumber(0)
        values[step.place] = Value(
            place: step.place, order: step.order, shown: nil, left: step.after,
            missing: try ExactNumber.adding(missing, ExactNumber.subtracting(step.after, step.before)).trimmed())
    }

    mutating func note(_ place: CountPlace, _ sight: CountSight, isWhole: Bool) {
        guard !isWhole, let value = values[place], case .shows(let shown, _) = sight else { return }
        values[place] = Value(
            place: place, order: value.order, shown: shown, left: value.left, missing: value.missing)
    }

    /// The values that were set back, in the order of their names.
    package var setBack: [Value] {
        values.values.sorted { ($0.place.ledger.text, $0.place.record) < ($1.place.ledger.text, $1.place.record) }
    }

    /// The commands that would be posted again.
    package var absent: [Item] { items.filter { $0.unclear == nil } }

    var forgottenKeys: [LedgerKey] {
        Set(absent.flatMap { $0.steps.map(\.place.ledger) }).sorted { $0.text < $1.text }
    }
}

// MARK: - Posting again

extension ReconciliationList {
    /// Commands that must be posted again together: they share an ordering key or a line of the ledger.
    package struct Group: Sendable {
        package let items: [Item]
        package let lines: [ForgottenCounts]
    }

    /// The absent commands in groups, each in the order in which they were settled.
    package func groups() throws -> [Group] {
        let absent = absent
        var leader = Array(absent.indices)
        func find(_ index: Int) -> Int {
            var index = index
            while leader[index] != index {
                leader[index] = leader[leader[index]]
                index = leader[index]
            }
            return index
        }
        var owners: [String: Int] = [:]
        for (index, item) in absent.enumerated() {
            let names = ["k \(item.done.command.key)"] + item.steps.map { "l \($0.place.ledger.text)" }
            for name in names {
                if let owner = owners[name] {
                    let (a, b) = (find(owner), find(index))
                    leader[max(a, b)] = min(a, b)
                } else {
                    owners[name] = index
                }
            }
        }
        var members: [Int: [Item]] = [:]
        for (index, item) in absent.enumerated() { members[find(index), default: []].append(item) }
        return try members.sorted { $0.key < $1.key }.map { Group(items: $0.value, lines: try lines($0.value)) }
    }

    private func lines(_ items: [Item]) throws -> [ForgottenCounts] {
        var lines: [LedgerKey: ForgottenCounts] = [:]
        for step in items.flatMap(\.steps) {
            let key = step.place.ledger
            let line = lines[key]
            lines[key] = ForgottenCounts(
                ledger: key, record: line?.record ?? step.place.record,
                shown: line?.shown ?? values[step.place]?.shown ?? step.before, hasMovedOn: movedOn.contains(key),
                amount: try ExactNumber.adding(line?.amount ?? ExactNumber(0), step.amount).trimmed(),
                posted: try ExactNumber.adding(line?.posted ?? ExactNumber(0), step.posted).trimmed())
        }
        return lines.values.sorted { $0.ledger.text < $1.ledger.text }
    }

    /// What the node is asked for one group; `list` names what the person has seen.
    package func order(for group: Group, target: any Reconcilable, epoch: String, list: String) -> RepostOrder {
        RepostOrder(
            epoch: epoch, target: self.target, list: list, commands: group.items.map(\.done.command.id),
            lines: group.lines.map { line in
                let listed = ledger[line.ledger] ?? LedgerEntry(key: line.ledger, value: .null)
                return LedgerEntry(key: line.ledger, value: type(of: target).takeBack(line, listed: listed))
            })
    }
}
