import Contracts

/// A signal whose events count something.
protocol CountingRole: SignalRole {
    /// The type of its events.
    var eventType: String { get }
    /// The unit of their quantity; nil where they have none.
    var countedUnit: String? { get }
}

/// Which signals a window listens to.
struct WindowSources: Sendable {
    let state: StateSignal?
    let good: Set<String>
    let scrap: Set<String>
    let unit: String

    /// Reads `state:`, `good:` and `scrap:`; without them, the one state, and what makes good pieces and scrap.
    init(_ settings: Settings, _ others: [any SignalRole]) throws(SettingFault) {
        typealias F = SignalFields
        let states = others.compactMap { $0 as? StateSignal }
        let counting = others.compactMap { $0 as? any CountingRole }.filter { $0.countedUnit != nil }
        func fault(_ field: String, _ reason: String, _ suggestion: String) -> SettingFault {
            SettingFault(
                location: settings.locations[field] ?? settings.location, reason: reason, suggestion: suggestion)
        }
        if let wanted = try settings.optional(F.stateSignal) {
            guard let found = states.first(where: { $0.name == wanted }) else {
                throw fault(
                    "state", "state: no signal \(wanted) of this source tells states",
                    "the states are \(states.map(\.name).joined(separator: ", "))")
            }
            state = found
        } else {
            guard states.count <= 1 else {
                throw fault(
                    "role", "several signals tell states: \(states.map(\.name).joined(separator: ", "))",
                    "say which one counts, as state: \(states[0].name)")
            }
            state = states.first
        }
        func names(_ field: Field<[String]>, _ fact: String) throws(SettingFault) -> Set<String> {
            guard let wanted = try settings.optional(field) else {
                return Set(counting.filter { $0.eventType == "millwright.\(fact).v1" }.map(\.name))
            }
            for name in wanted where !counting.contains(where: { $0.name == name }) {
                throw fault(
                    field.spec.name, "\(field.spec.name): no signal \(name) of this source counts",
                    "those that do are \(counting.map(\.name).joined(separator: ", "))")
            }
            return Set(wanted)
        }
        let good = try names(F.good, "production.completed")
        let scrap = try names(F.scrapSignals, "production.scrapped")
        if let both = good.intersection(scrap).sorted().first {
            throw fault("scrap", "\(both) counts as good and as scrap", "name it under one of `good:` and `scrap:`")
        }
        let units = Set(counting.filter { good.contains($0.name) || scrap.contains($0.name) }.compactMap(\.countedUnit))
        guard units.count <= 1 else {
            throw fault(
                "good", "the signals count in different units: \(units.sorted().joined(separator: ", "))",
                "name those of one unit under `good:` and `scrap:`")
        }
        (self.good, self.scrap, unit) = (good, scrap, units.first ?? "pcs")
        guard state != nil || !good.isEmpty || !scrap.isEmpty else {
            throw fault(
                "role", "no other signal of this source tells states or counts",
                "give the source a signal of the role state, counter or count beside this one")
        }
    }
}
