import Canonical
import Contracts
import ExactJSON

/// How a raw number becomes the quantity of an event.
struct Measure: Sendable {
    /// Members that a counter or count fills by itself.
    static let members: Set<String> = ["order", "asset", "quantity", "energy", "from", "to"]

    /// The member that takes the quantity: `quantity`, or `energy` of `equipment.energy-measured`.
    let member: String
    /// The fact covers a span of time.
    let hasSpan: Bool
    let unit: String
    /// Nil where one count is one unit.
    private let multiplier: ExactNumber?

    /// `settings` hold unit and multiplier, `place` the event's name.
    init(_ settings: Settings, template: EventTemplate, eventAt place: Settings) throws(SettingFault) {
        unit = try settings.optional(SignalFields.unit) ?? "pcs"
        guard UnitOfMeasure.named(unit) != nil else {
            throw SettingFault(
                location: settings.locations["unit"] ?? settings.location, reason: "unit: \(unit) is not known",
                suggestion: "write a UN/ECE Rec 20 code or symbol, as pcs, kg or kWh")
        }
        let factor = try settings.optional(SignalFields.multiplier) ?? ExactNumber(1)
        guard !factor.isNegative, !factor.isZero else {
            throw SettingFault(
                location: settings.locations["multiplier"] ?? settings.location,
                reason: "multiplier: must be above 0, not \(factor)")
        }
        multiplier = factor == ExactNumber(1) ? nil : factor
        let names = template.shape?.fields ?? []
        let quantities = names.filter { if case .quantity = $0.kind { true } else { false } }
        guard let field = quantities.first(where: \.isRequired) ?? quantities.first else {
            guard template.shape == nil else {
                throw SettingFault(
                    location: place.locations["event"] ?? place.location,
                    reason: "event: \(template.type) has no quantity")
            }
            member = "quantity"
            hasSpan = false
            return
        }
        member = field.name
        hasSpan = names.contains { $0.name == "from" } && names.contains { $0.name == "to" }
    }

    /// `{value, unit}`; nil where the exact product has too many digits.
    func quantity(_ raw: ExactNumber) -> JSON? {
        guard let multiplier else { return Quantity(raw, unit).json }
        return (try? ExactNumber.multiplying(raw, multiplier)).map { Quantity($0.trimmed(), unit).json }
    }
}

extension EventTemplate {
    /// Throws where the fact needs a member that neither the signal, its constants nor the context can give.
    func requireFillable(by members: Set<String>, _ settings: Settings) throws(SettingFault) {
        let given = members.union(constantNames).union(ContextKey.allCases.map(\.rawValue))
        guard let missing = shape?.fields.first(where: { $0.isRequired && !given.contains($0.name) }) else { return }
        throw SettingFault(
            location: settings.locations["event"] ?? settings.location,
            reason: "\(type) needs `\(missing.name)` (\(missing.summary)), which this signal cannot give",
            suggestion: "add it under `with:`, or take the role `record`")
    }
}
