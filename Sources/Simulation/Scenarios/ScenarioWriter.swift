import Contracts
import Delivery
import ExactJSON
import NodeSettings
import SimulatedWorld

extension PlantScenario {
    /// The scenario as a file that ``ScenarioReader`` reads back as this very scenario. What is as usual is left out.
    package var fileText: String { ScenarioWriter(scenario: self).text }
}

/// Writes a scenario as its file.
struct ScenarioWriter {
    private typealias F = ScenarioFields

    let scenario: PlantScenario

    var text: String {
        var head = YAMLText.lines(F.scenario.spec.name, .string(scenario.name), indent: 0)
        if !scenario.summary.isEmpty {
            head += YAMLText.lines(F.summary.spec.name, .string(scenario.summary), indent: 0)
        }
        head += YAMLText.lines(F.duration.spec.name, Self.json(scenario.plant.duration), indent: 0)
        let usual = PlantScenario.Plant()
        let plant = Self.unusual(
            Self.parts(scenario.plant), beside: Self.parts(usual), always: [F.machines.spec, F.hubs.spec])
        let work = Self.unusual(
            Self.work(scenario.plant), beside: Self.work(usual), always: [F.facts.spec, F.orders.spec])
        let blocks = [
            head, YAMLText.lines(F.plant.spec.name, plant, indent: 0),
            YAMLText.lines(F.work.spec.name, work, indent: 0),
            YAMLText.lines(F.faults.spec.name, .array(FaultEntry.all(scenario.faults).map(\.json)), indent: 0),
        ]
        return blocks.map { $0.joined(separator: "\n") + "\n" }.joined(separator: "\n")
    }

    /// The members that differ from those of `usual`, and some in any case: whoever goes on from the file wants them.
    private static func unusual(_ members: JSONObject, beside usual: JSONObject, always: [FieldSpec]) -> JSON {
        var kept = JSONObject()
        for (name, value) in members where usual[name] != value || always.contains(where: { $0.name == name }) {
            kept[name] = value
        }
        return .object(kept)
    }

    private static func parts(_ plant: PlantScenario.Plant) -> JSONObject {
        var members = JSONObject()
        members[F.machines.spec.name] = .array(F.words(plant.machines).map { .string($0) })
        members[F.hubs.spec.name] = .int(plant.hubs)
        members[F.person.spec.name] = .string(plant.person.rawValue)
        if let kept = plant.retention { members[F.keeps.spec.name] = keeping(kept) }
        if let kept = plant.edgeRetention { members[F.edgeKeeps.spec.name] = keeping(kept) }
        members[F.pendingDeliveries.spec.name] = .int(plant.pendingDeliveries)
        members[F.storeChecks.spec.name] = .string(F.word(plant.isChecked))
        members[F.odooPatience.spec.name] = json(plant.patience)
        return members
    }

    private static func work(_ plant: PlantScenario.Plant) -> JSONObject {
        var members = JSONObject()
        members[F.facts.spec.name] = .int(plant.facts)
        members[F.orders.spec.name] = .int(plant.orders)
        members[F.lateOrders.spec.name] = .int(plant.lateOrders)
        members[F.repeats.spec.name] = .int(plant.repeats)
        members[F.flood.spec.name] = .int(plant.flood)
        if let within = plant.criticalWithin { members[F.criticalWithin.spec.name] = json(within) }
        return members
    }

    private static func keeping(_ kept: Retention) -> JSON {
        func members(_ kept: Retention) -> JSONObject {
            var members = JSONObject()
            members[F.events.spec.name] = json(kept.events)
            members[F.commands.spec.name] = json(kept.commands)
            members[F.identities.spec.name] = json(kept.identities)
            members[F.trimEvery.spec.name] = json(kept.interval)
            return members
        }
        return unusual(members(kept), beside: members(Retention()), always: [])
    }

    static func json(_ duration: Duration) -> JSON { .string(DurationText.format(duration)) }
}

/// A fault of a scenario's file: the same one at one place or at both.
struct FaultEntry {
    private typealias Keys = FaultFields

    private let word: FaultWord
    private var places: [Side]
    private let members: JSONObject

    /// The entries of these faults; of neighbours that differ in nothing but the place one is made.
    static func all(_ faults: [PlantFault]) -> [FaultEntry] {
        var entries: [FaultEntry] = []
        for fault in faults {
            let entry = FaultEntry(fault)
            if let last = entries.last, last.word == entry.word, last.members == entry.members,
                let place = entry.places.first, !last.places.contains(place)
            {
                entries[entries.count - 1].places.append(place)
            } else {
                entries.append(entry)
            }
        }
        return entries
    }

    var json: JSON {
        var all = JSONObject()
        all[Keys.fault.spec.name] = .string(word.rawValue)
        if let place = places.first {
            let words = places.map { JSON.string($0.rawValue) }
            all[Keys.place.spec.name] = places.count == 1 ? .string(place.rawValue) : .array(words)
        }
        for (name, value) in members { all[name] = value }
        return .object(all)
    }

    private init(_ word: FaultWord, _ place: Side?, _ values: [(field: FieldSpec, value: JSON)] = []) {
        self.word = word
        places = [place].compactMap(\.self)
        var members = JSONObject()
        for (field, value) in values { members[field.name] = value }
        self.members = members
    }

    private init(_ fault: PlantFault) {
        func time(_ duration: Duration) -> JSON { ScenarioWriter.json(duration) }
        switch fault {
        case .link(let messages): self.init(.link, nil, Self.values(messages))
        case .odoo(let messages): self.init(.odoo, nil, Self.values(messages))
        case .kill(let side, let every): self.init(.kill, side, [(Keys.every.spec, time(every))])
        case .powerLoss(let side, let every): self.init(.powerLoss, side, [(Keys.every.spec, time(every))])
        case .reload(let side, let every): self.init(.reload, side, [(Keys.every.spec, time(every))])
        case .diskErrors(let side, let kinds, let share):
            let words = kinds.map { JSON.string($0.rawValue) }
            self.init(
                .diskErrors, side, [(Keys.errors.spec, .array(words)), (Keys.share.spec, Self.json(share: share))])
        case .diskFull(let side, let every, let lasts):
            self.init(.diskFull, side, [(Keys.every.spec, time(every)), (Keys.lasts.spec, time(lasts))])
        case .cut(let after, let lasts):
            self.init(.cut, nil, [(Keys.after.spec, time(after)), (Keys.cutLasts.spec, time(lasts))])
        case .odooDown(let every, let lasts):
            self.init(.odooDown, nil, [(Keys.every.spec, time(every)), (Keys.lasts.spec, time(lasts))])
        case .keyRefused(let every, let lasts):
            self.init(.keyRefused, nil, [(Keys.every.spec, time(every)), (Keys.lasts.spec, time(lasts))])
        case .clockJumps(let side, let every, let most):
            self.init(.clockJumps, side, [(Keys.every.spec, time(every)), (Keys.upTo.spec, time(most))])
        case .clockDrift(let side, let parts):
            let share = ShareText.format(ExactNumber(coefficient: parts, scale: 6))
            self.init(.clockDrift, side, [(Keys.drift.spec, .string(share))])
        case .upgrade(let side, let after): self.init(.upgrade, side, [(Keys.about.spec, time(after))])
        case .diskLost(let side, let after): self.init(.diskLost, side, [(Keys.after.spec, time(after))])
        case .restore(let side): self.init(.restore, side)
        case .silentErrors(let side, let kinds, let most):
            let words = kinds.map { JSON.string($0.rawValue) }
            self.init(.silentErrors, side, [(Keys.lies.spec, .array(words)), (Keys.atMost.spec, .int(most))])
        case .bitRot(let side, let most): self.init(.bitRot, side, [(Keys.atMost.spec, .int(most))])
        case .odooRestored: self.init(.odooRestored, nil)
        }
    }

    private static func values(_ messages: SimulatedNetwork.Faults) -> [(field: FieldSpec, value: JSON)] {
        let usual = SimulatedNetwork.Faults()
        var values: [(field: FieldSpec, value: JSON)] = []
        for (field, path, _) in MessageFields.shares where messages[keyPath: path] != 0 {
            values.append((field.spec, json(share: messages[keyPath: path])))
        }
        if messages.holdTime != usual.holdTime {
            values.append((MessageFields.holdTime.spec, json(messages.holdTime)))
        }
        // Where nothing goes wrong, how long messages take is all that there is to say.
        if messages.latency != usual.latency || values.isEmpty {
            values.append((MessageFields.latency.spec, json(messages.latency)))
        }
        return values
    }

    private static func json(share: Double) -> JSON {
        .string(ExactNumber(share).map { ShareText.format($0) } ?? "\(share)")
    }

    private static func json(_ range: ClosedRange<Duration>) -> JSON {
        var members = JSONObject()
        members[MessageFields.heldFrom.spec.name] = ScenarioWriter.json(range.lowerBound)
        members[MessageFields.heldTo.spec.name] = ScenarioWriter.json(range.upperBound)
        return .object(members)
    }
}
