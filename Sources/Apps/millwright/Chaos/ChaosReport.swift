import Canonical
import ExactJSON

/// What a chaos run showed, in figures; those of several processes can be added up.
struct ChaosReport: Sendable {
    var rounds = 0
    var failed = 0
    var plants = 0
    /// Faults that happened, by kind.
    var faults: [String: Int] = [:]
    /// Facts that machines made, by the way they came in.
    var facts: [String: Int] = [:]
    /// Deliveries that Odoo accepted: several facts can go as one.
    var posted = 0
    var exceptions = 0
    var lost = 0
    var doubled = 0
    var outOfOrder = 0
    /// From the end of a round's last fault until everything was where it belongs, in milliseconds.
    var recoveries: [Int] = []
    /// How often a process ended without having been asked to, by name.
    var crashes: [String: Int] = [:]
    /// How often a node did not end within five seconds when it was asked to.
    var forcedStops = 0
    /// How often a node gave up because its disk was full, and was started again.
    var refusedStarts = 0
    /// Kinds of faults that this machine does not let happen, and why.
    var leftOut: [String: String] = [:]
    /// The seeds that failed, with what differed.
    var failures: [(seed: UInt64, differences: [String])] = []

    var isExact: Bool { failed == 0 && lost == 0 && doubled == 0 && outOfOrder == 0 && crashes.isEmpty }

    init() {}

    mutating func add(_ outcome: ChaosPlant.Outcome, of round: ChaosRound) {
        rounds += 1
        for fault in round.faults { faults[fault.kind.rawValue, default: 0] += 1 }
        recoveries.append(Int(outcome.recovery.microseconds / 1_000))
        guard !outcome.differences.isEmpty else { return }
        failed += 1
        lost += outcome.lost
        doubled += outcome.doubled
        outOfOrder += outcome.outOfOrder
        failures.append((round.seed, outcome.differences))
    }

    /// Adds what another process reported of its rounds (``part``); false where that is no report.
    mutating func add(_ part: JSON) -> Bool {
        guard let count = part["rounds"]?.int, let times = part["recoveries"]?.array else { return false }
        rounds += count
        recoveries += times.compactMap(\.int)
        func add(_ name: String, to total: inout Int) { total += part[name]?.int ?? 0 }
        func add(_ name: String, to counts: inout [String: Int]) {
            for (key, value) in part[name]?.object ?? [:] { counts[key, default: 0] += value.int ?? 0 }
        }
        add("failed", to: &failed)
        add("plants", to: &plants)
        add("posted", to: &posted)
        add("exceptions", to: &exceptions)
        add("lost", to: &lost)
        add("doubled", to: &doubled)
        add("outOfOrder", to: &outOfOrder)
        add("forcedStops", to: &forcedStops)
        add("refusedStarts", to: &refusedStarts)
        add("faults", to: &faults)
        add("factsByWay", to: &facts)
        add("crashes", to: &crashes)
        for (kind, reason) in part["leftOut"]?.object ?? [:] { leftOut[kind] = reason.string ?? "" }
        for failure in part["failures"]?.array ?? [] {
            let differences = failure["differences"]?.array?.compactMap(\.string) ?? []
            failures.append((UInt64(failure["seed"]?.string ?? "") ?? 0, differences))
        }
        return true
    }

    /// The report of a part of the rounds, to be added up.
    var part: JSON {
        var value = json
        value["recoveries"] = .array(recoveries.map { .int($0) })
        return value
    }

    var json: JSON {
        let sorted = recoveries.sorted()
        func recovery(_ share: Int) -> JSON { sorted.isEmpty ? .null : .int(sorted[(sorted.count - 1) * share / 100]) }
        var value: JSON = [
            "rounds": .int(rounds), "failed": .int(failed), "plants": .int(plants), "faults": Self.members(faults),
            "facts": .int(facts.values.reduce(0, +)), "factsByWay": Self.members(facts), "posted": .int(posted),
            "exceptions": .int(exceptions), "lost": .int(lost), "doubled": .int(doubled),
            "outOfOrder": .int(outOfOrder),
            "recoveryMs": [
                "median": recovery(50), "p90": recovery(90), "p99": recovery(99), "longest": recovery(100),
            ],
            "crashes": Self.members(crashes), "forcedStops": .int(forcedStops),
            "refusedStarts": .int(refusedStarts),
        ]
        var missing: JSONObject = [:]
        for (kind, reason) in leftOut.sorted(by: { $0.key < $1.key }) { missing[kind] = .string(reason) }
        value["leftOut"] = .object(missing)
        value["failures"] = .array(
            failures.map { seed, differences in
                ["seed": .string(String(seed)), "differences": .array(differences.map { .string($0) })]
            })
        return value
    }

    private static func members(_ counts: [String: Int]) -> JSON {
        var members: JSONObject = [:]
        for (name, count) in counts.sorted(by: { $0.key < $1.key }) { members[name] = .int(count) }
        return .object(members)
    }

    var text: String {
        let sorted = recoveries.sorted()
        let kinds = faults.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" }.joined(separator: ", ")
        var lines = [
            "\(Output.count(rounds, "round")) on \(Output.count(plants, "plant")), \(failed) failed. Faults: \(kinds).",
            "Made \(facts.values.reduce(0, +)) facts, posted \(posted) commands, "
                + Output.count(exceptions, "exception") + ".",
            "Lost \(lost), doubled \(doubled), out of order \(outOfOrder).",
        ]
        if forcedStops > 0 { lines.append("\(Output.count(forcedStops, "stop")) took more than five seconds.") }
        if refusedStarts > 0 {
            lines.append("\(Output.count(refusedStarts, "start")) waited for room on a disk that was full.")
        }
        if let longest = sorted.last {
            lines.append("Recovered in \(sorted[sorted.count / 2]) ms (median), \(longest) ms at most.")
        }
        for (name, count) in crashes.sorted(by: { $0.key < $1.key }) {
            lines.append("The process \(name) ended \(count) times without having been asked to: its log says why.")
        }
        for (kind, reason) in leftOut.sorted(by: { $0.key < $1.key }) { lines.append("Left out: \(kind), \(reason).") }
        return lines.joined(separator: "\n")
    }
}
