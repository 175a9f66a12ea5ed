import Contracts
import Delivery
import ExactJSON
import NodeSettings

/// Reads one scenario: by the spec first, then what belongs together.
struct ScenarioReading {
    private typealias F = ScenarioFields

    private let source: SourceText
    private(set) var faults: [CheckFault] = []
    /// Whether the spec found a value that is missing or malformed: what comes of its absence is no fault of its own.
    private(set) var isMalformed = false

    init(_ source: SourceText) { self.source = source }

    /// The scenario; nil where something is wrong with it, which is then among the faults.
    mutating func read(_ root: SettingsNode) -> PlantScenario? {
        var checker = SpecChecker(root: "", sources: [source.path: source]) { _, _ in [] }
        let settings = checker.settings(root, F.all)
        faults = checker.faults
        isMalformed = !faults.isEmpty
        let duration = try? settings(F.duration)
        let made = attempt { try $0.plant(settings) }
        let found = attempt { try $0.allFaults(settings, within: duration) }
        let words = attempt { _ in (name: try settings(F.scenario), summary: try settings.optional(F.summary)) }
        guard faults.isEmpty, let plant = made, let wrong = found, let text = words else { return nil }
        return PlantScenario(text.name, text.summary ?? "", plant, wrong)
    }

    /// What `read` makes; nil where it finds a fault, which is noted.
    mutating func attempt<Value>(_ read: (inout ScenarioReading) throws -> Value) -> Value? {
        do {
            return try read(&self)
        } catch {
            if let fault = error as? CheckFault {
                faults.append(fault)
            } else if !isMalformed, let fault = error as? SettingFault {
                faults.append(CheckFault(fault))
            }
            return nil
        }
    }

    /// The fault of a setting.
    func fault(
        _ kind: FailureKind, _ field: FieldSpec, of settings: Settings, _ reason: String, _ suggestion: String?
    ) -> CheckFault {
        CheckFault(
            kind, at: settings.locations[field.name] ?? settings.location, reason,
            suggestion: suggestion ?? field.example.map { "write it like \($0)" })
    }

    // MARK: - Plant and work

    private mutating func plant(_ settings: Settings) throws -> PlantScenario.Plant {
        let (parts, work) = (try settings(F.plant), try settings(F.work))
        var plant = PlantScenario.Plant()
        plant.duration = try settings(F.duration)
        let machines = try parts(F.machines)
        plant.machines = Set(machines)
        plant.hubs = try parts(F.hubs)
        plant.person = try parts(F.person)
        plant.retention = try retention(parts.optional(F.keeps))
        plant.edgeRetention = try retention(parts.optional(F.edgeKeeps))
        plant.pendingDeliveries = try parts(F.pendingDeliveries)
        plant.isChecked = try parts(F.storeChecks) == F.word(true)
        plant.patience = try parts(F.odooPatience)
        plant.facts = try work(F.facts)
        plant.orders = try work(F.orders)
        plant.lateOrders = try work(F.lateOrders)
        plant.repeats = try work(F.repeats)
        plant.flood = try work(F.flood)
        plant.criticalWithin = try work.optional(F.criticalWithin)
        if !isMalformed {
            check(machines, of: parts)
            check(plant, work)
        }
        return plant
    }

    private func retention(_ settings: Settings?) throws -> Retention? {
        guard let settings else { return nil }
        return Retention(
            events: try settings(F.events), commands: try settings(F.commands),
            identities: try settings(F.identities), interval: try settings(F.trimEvery))
    }

    private mutating func check(_ machines: [PlantScenario.Machine], of parts: Settings) {
        if machines.isEmpty {
            faults.append(
                fault(
                    SettingsFailures.range, F.machines.spec, of: parts, "machines is empty, and nothing would be made",
                    "name one of \(F.words(Set(PlantScenario.Machine.allCases)).joined(separator: ", "))"))
        }
        if Set(machines).count < machines.count {
            faults.append(
                fault(
                    SettingsFailures.contradiction, F.machines.spec, of: parts, "machines names one twice",
                    "name each once"))
        }
    }

    /// What nothing would come of is no scenario that somebody can have meant.
    private mutating func check(_ plant: PlantScenario.Plant, _ work: Settings) {
        if plant.lateOrders > plant.orders {
            faults.append(
                fault(
                    SettingsFailures.contradiction, F.lateOrders.spec, of: work,
                    "lateOrders is \(plant.lateOrders), and orders \(plant.orders): late ones are some of them",
                    "write \(plant.orders) at most, or more orders"))
        }
        let makers: [(field: FieldSpec, isAsked: Bool, machine: PlantScenario.Machine)] = [
            (F.flood.spec, plant.flood > 0, .following), (F.repeats.spec, plant.repeats > 0, .pushing),
            (F.criticalWithin.spec, plant.criticalWithin != nil, .pushing),
        ]
        for (field, isAsked, machine) in makers where isAsked && !plant.machines.contains(machine) {
            faults.append(
                fault(
                    SettingsFailures.contradiction, field, of: work,
                    "\(field.name) is about the \(machine.rawValue) machine, which the plant does not have",
                    "add \(machine.rawValue) to machines, or remove \(field.name)"))
        }
    }

    // MARK: - Faults

    private mutating func allFaults(_ settings: Settings, within duration: Duration?) throws -> [PlantFault] {
        var all: [PlantFault] = []
        var places: [String: SettingLocation] = [:]
        for entry in try settings.optional(F.faults) ?? [] {
            for wrong in attempt({ try $0.read(entry, within: duration) }) ?? [] {
                if let first = places[wrong.name] {
                    faults.append(
                        CheckFault(
                            SettingsFailures.contradiction, at: entry.location,
                            "\(wrong.name) is given twice: first in line \(first.line)"))
                } else {
                    places[wrong.name] = entry.location
                }
                all.append(wrong)
            }
        }
        return all
    }
}
