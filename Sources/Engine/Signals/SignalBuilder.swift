import Canonical
import Contracts

/// Makes the roles of a source from its settings and checks them against each other.
enum SignalBuilder {
    /// The roles in the order in which they take a reading. Throws the first fault found.
    static func build(_ signals: [Settings], plants: SignalPlants) throws(SettingFault) -> [any SignalRole] {
        var contexts: [any SignalRole] = []
        var others: [any SignalRole] = []
        var watched: Set<String> = []
        var names: [String: SettingLocation] = [:]
        // A window listens to other signals, wherever they stand.
        func isWindow(_ settings: Settings) -> Bool { (try? settings(SignalFields.role)) == "window" }
        for settings in signals.filter({ !isWindow($0) }) + signals.filter(isWindow) {
            let role: any SignalRole =
                isWindow(settings)
                ? try WindowSignal(
                    name: settings.optional(SignalFields.name) ?? "shift", settings, plants: plants, others: others)
                : try build(settings, plants: plants, watched: &watched)
            if let first = names[role.name] {
                throw SettingFault(
                    location: settings.location,
                    reason: "two signals are called \(role.name) (the other one at \(first))",
                    suggestion: "give this one a `name:` of its own")
            }
            names[role.name] = settings.location
            if role is ContextSignal { contexts.append(role) } else { others.append(role) }
        }
        return contexts + watched.sorted().map { LatestSignal(name: $0) } + others
    }

    private static func build(
        _ settings: Settings, plants: SignalPlants, watched: inout Set<String>
    ) throws(SettingFault) -> any SignalRole {
        let word = try settings(SignalFields.role)
        let standard = try defaultName(word, settings)
        let name = try settings.optional(SignalFields.name) ?? standard
        switch word {
        case "counter": return try counter(name, settings, plants, "production.completed", &watched)
        case "count": return try count(name, settings, plants, "production.completed", &watched)
        case "scrap":
            return try settings.optional(SignalFields.tag) != nil
                ? try counter(name, settings, plants, "production.scrapped", &watched)
                : try count(name, settings, plants, "production.scrapped", &watched)
        case "state":
            let signal = try StateSignal(name: name, settings, plants: plants)
            watched.formUnion(signal.watched)
            return signal
        case "cycle": return try CycleSignal(name: name, settings, plants: plants)
        case "condition": return try ConditionSignal(name: name, settings, plants: plants)
        case "threshold": return try ThresholdSignal(name: name, settings, plants: plants)
        case "rate": return try RateSignal(name: name, settings, plants: plants)
        case "energy": return try EnergySignal(name: name, settings, plants: plants)
        case "material": return try MaterialSignal(name: name, on: kinds(settings), settings, plants: plants)
        case "record": return try RecordSignal(name: name, on: kinds(settings), settings, plants: plants)
        case "context": return try ContextSignal(name: name, settings)
        default:
            throw SettingFault(
                location: settings.locations["role"] ?? settings.location, reason: "role: \(word) is not known",
                suggestion:
                    "roles are counter, count, state, scrap, cycle, condition, threshold, rate, energy, window, "
                    + "material, record and context"
            )
        }
    }

    private static func counter(
        _ name: String, _ settings: Settings, _ plants: SignalPlants, _ fact: String, _ watched: inout Set<String>
    ) throws(SettingFault) -> any SignalRole {
        let signal = try CounterSignal(
            name: name, tag: try settings(SignalFields.tag), settings, plants: plants, fact: fact)
        watched.formUnion(signal.watched)
        return signal
    }

    private static func count(
        _ name: String, _ settings: Settings, _ plants: SignalPlants, _ fact: String, _ watched: inout Set<String>
    ) throws(SettingFault) -> any SignalRole {
        let signal = try CountSignal(name: name, on: kinds(settings), settings, plants: plants, fact: fact)
        watched.formUnion(signal.watched)
        return signal
    }

    private static func kinds(_ settings: Settings) throws(SettingFault) -> [String] {
        let kinds = try settings.optional(SignalFields.on) ?? []
        guard !kinds.isEmpty else {
            throw SettingFault(
                location: settings.location, reason: "the signal listens to nothing",
                suggestion: "name the kinds of records under `on:`")
        }
        return kinds
    }

    /// Stable whatever other signals there are: the first tag, or role and event.
    private static func defaultName(_ word: String, _ settings: Settings) throws(SettingFault) -> String {
        // A context has no events of its own, so where it stands may name it.
        if word == "context" { return "context.\(settings.location.line).\(settings.location.column)" }
        if word == "condition" { return "condition" }
        if let tag = try settings.optional(SignalFields.tag) {
            return word == "counter" || word == "state" ? tag : "\(word).\(tag)"
        }
        if let event = try settings.optional(SignalFields.anyEvent) { return "\(word).\(event)" }
        return word
    }
}
