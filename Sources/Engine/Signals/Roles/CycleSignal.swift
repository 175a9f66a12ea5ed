import Canonical
import Contracts
import ExactJSON

/// When the running cycle began.
struct CycleState: SignalState, Hashable {
    static let family = "cycle"
    var began: Instant?

    init() {}

    init?(json: JSON) {
        guard json.object != nil else { return nil }
        began = json["began"]?.int.map { Instant(microseconds: Int64($0)) }
    }

    var json: JSON { ["began": began.map { .int(Int($0.microseconds)) } ?? .null] }
}

/// Start and end of a cycle, from a tag or a pair of records.
struct CycleSignal: SignalRole {
    private enum Edge { case start, end, abort }

    let name: String
    private let tag: String?
    private let byValue: [String: Edge]
    private let byRecord: [String: Edge]
    private let template: EventTemplate

    var tags: [String] { tag.map { [$0] } ?? [] }
    var records: [String] { byRecord.keys.sorted() }

    init(name: String, _ settings: Settings, plants: SignalPlants) throws(SettingFault) {
        typealias F = SignalFields
        self.name = name
        tag = try settings.optional(F.tag)
        func edges(_ starts: Field<[String]>, _ ends: Field<[String]>, _ aborts: Field<[String]>) throws(SettingFault)
            -> [String: Edge]
        {
            var edges: [String: Edge] = [:]
            for word in try settings.optional(aborts) ?? [] { edges[word] = .abort }
            for word in try settings.optional(starts) ?? [] { edges[word] = .start }
            for word in try settings.optional(ends) ?? [] { edges[word] = .end }
            return edges
        }
        byValue = try edges(F.starts, F.ends, F.aborts)
        byRecord = try edges(F.startOn, F.endOn, F.abortOn)
        template = try EventTemplate(
            event: settings.optional(F.event("equipment.cycle-completed")) ?? "equipment.cycle-completed",
            with: settings.optional(F.with) ?? [:], plants: plants, settings: settings)
        try template.requireFillable(by: ["asset", "duration", "order"], settings)
        let edges = tag == nil ? byRecord : byValue
        guard edges.values.contains(.start), edges.values.contains(.end) else {
            throw SettingFault(
                location: settings.location, reason: "the cycle has no start or no end",
                suggestion: "give `tag:` with `starts:` and `ends:`, or `startOn:` and `endOn:`")
        }
    }

    func take(_ reading: Reading, _ pass: inout SignalPass) throws {
        let edge: Edge?
        switch reading.value {
        case .record: edge = byRecord[reading.name]
        case .value(let value): edge = value.plainText.flatMap { byValue[$0] }
        // A cycle that goes on while nobody listens is still one; its end tells its length by the machine's clock.
        case .unavailable: edge = nil
        }
        guard let edge else { return }
        let slot = try pass.memory.cycles.slot(StateKey(asset: reading.asset, name: name), load: pass.load)
        let began = pass.memory.cycles[slot].began
        switch edge {
        case .start:
            // A second start goes on with the same cycle: machines say ACTIVE again after each hold.
            guard began == nil else { return }
            pass.memory.cycles[slot].began = reading.time
        case .abort, .end:
            guard let began else { return }
            pass.memory.cycles[slot].began = nil
            if edge == .end { try complete(from: began, reading, &pass) }
        }
        pass.memory.cycles.markDirty(slot)
    }

    private func complete(from began: Instant, _ reading: Reading, _ pass: inout SignalPass) throws {
        let microseconds = reading.time.since(began).microseconds
        guard microseconds >= 0 else {
            return pass.fault(
                SignalFailures.backwardCycle, "the cycle that began at \(began) ended at \(reading.time)", reading,
                signal: name)
        }
        let duration = ExactNumber(coefficient: microseconds, scale: 6).trimmed()
        var data = template.members(asset: reading.asset, context: try pass.context(of: reading.asset))
        data["duration"] = .number(duration)
        data["native"] = ["began": .string(began.description)]
        let id = try pass.id(name, of: reading)
        pass.output.events.append(template.event(id: id, asset: reading.asset, time: reading.time, data: data))
    }
}
