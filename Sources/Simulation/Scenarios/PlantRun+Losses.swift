import Canonical
import Contracts
import Store

// Whether what is lost is told, where disks lie.
extension PlantRun {
    /// What the machines have not got rid of yet, or the edge has not.
    func notForwarded(_ edge: PlantNode) -> [String] {
        var found: [String] = []
        if let memory = machines[.pushing], memory.acknowledged < memory.count {
            found.append("\(memory.acknowledged) of \(memory.count) pushed facts are acknowledged")
        }
        let inStore = try? StoreReader.read(edge.store) { transaction in
            var found: [String] = []
            for lane in Lane.allCases {
                for cursor in try transaction.cursors() where cursor.lane == lane {
                    let next = try transaction.journal(lane: lane, after: cursor.position, limit: 1).first
                    guard let next else { continue }
                    found.append(
                        "\(cursor.target) is at \(cursor.position) in lane \(lane.name); \(next.number.number) is there"
                    )
                }
            }
            for machine in [PlantScenario.Machine.following, .logging] {
                guard let memory = machines[machine] else { continue }
                let name = SourceName(machine.rawValue)
                let position = try transaction.position(name, FollowingSource.position)?.int ?? 0
                if position < memory.count { found.append("\(name) is at \(position) of \(memory.count)") }
            }
            return found
        }
        return found + (inStore ?? ["the edge's store cannot be read"])
    }

    /// Facts that are not in Odoo, do not wait for a person, and that no exception covers. Those that are lost are
    /// counted against what is told of the place where they were last.
    func lostSilently(_ state: HubState, _ hub: Int) throws -> [String] {
        guard let edge else { return [] }
        var states: [String: [DeliveryState]] = [:]
        for (delivery, what) in state.deliveries { states[delivery.identity, default: []].append(what) }
        for node in [edge, hubs[hub]] {
            let exceptions = try StoreReader.read(node.store) { try $0.exceptions(openOnly: false, limit: 1_000) }
            told.note(node.side, exceptions)
        }
        let numbers = try edgeNumbers(edge)
        var (found, routed): ([String], [String]) = ([], [])
        var received: [Lane: [String]] = [:]
        var stored: [Lane: [String]] = [:]
        for machine in PlantScenario.Machine.allCases {
            let facts = machines[machine]?.made ?? []
            for fact in facts {
                guard let id = machine.eventID(fact) else { continue }
                let identity = "\(Self.flowName):\(machine.source):\(id)"
                if odoos[hub].posted.holds(identity) { continue }
                if let known = states[identity] {
                    if !known.contains(.blocked), !known.contains(.rejected) {
                        found.append("\(identity) is not in Odoo, and the hub says \(known)")
                    }
                } else if state.events["\(machine.source) \(id)"] != nil {
                    routed.append(identity)
                } else if numbers["\(machine.source) \(id)"] != nil {
                    received[machine.lane, default: []].append(identity)
                } else {
                    // A machine alone on its lane: the number of the fact is that of its event.
                    let number = Int64(fact.number)
                    if told.isTold(.hub, ToldLosses.trimmed(machine.lane), between: number - 1, and: number + 1) {
                        continue
                    }
                    stored[machine.lane, default: []].append(identity)
                    if let words = untold(fact, machine, facts, numbers) { found.append(words) }
                }
            }
        }
        found += excess(routed, .hub, "delivery rows")
        for (lane, lost) in received { found += excess(lost, .hub, "events of lane \(lane.name)") }
        for (lane, lost) in stored { found += excess(lost, .edge, "events of lane \(lane.name)") }
        return found.isEmpty ? [] : Array(found.prefix(10)) + ["told: \(told)"]
    }

    /// More facts than were said to be lost.
    private func excess(_ lost: [String], _ side: Side, _ what: String) -> [String] {
        guard !lost.isEmpty, let count = told.count(side, what), lost.count > count else { return [] }
        return [
            "\(lost.count) facts are lost, as \(lost[0]), and the \(side.rawValue) tells of \(count) \(what)"
        ]
    }

    /// Why the range that an edge tells does not cover a fact: it lies between the machine's facts before and behind.
    private func untold(
        _ fact: MachineFact, _ machine: PlantScenario.Machine, _ facts: [MachineFact], _ numbers: [String: Int64]
    ) -> String? {
        func number(_ fact: MachineFact) -> Int64? {
            machine.eventID(fact).flatMap { numbers["\(machine.source) \($0)"] }
        }
        let before = facts[..<(fact.number - 1)].compactMap(number).max() ?? 0
        let after = facts[fact.number...].compactMap(number).min() ?? .max
        let what = "events of lane \(machine.lane.name)"
        guard before < after, !told.isTold(.edge, what, between: before, and: after) else { return nil }
        return "fact \(fact.number) of \(machine.source) is lost between \(before) and \(after), where nothing is told"
    }

    /// Where each fact stands in the edge's journal, by source and id.
    private func edgeNumbers(_ edge: PlantNode) throws -> [String: Int64] {
        try StoreReader.read(edge.store) { transaction in
            var numbers: [String: Int64] = [:]
            for lane in Lane.allCases {
                for entry in try transaction.journal(lane: lane, after: 0, limit: 100_000) {
                    let envelope = entry.document.envelope
                    numbers["\(envelope.source) \(envelope.id)"] = entry.number.number
                }
            }
            return numbers
        }
    }
}
