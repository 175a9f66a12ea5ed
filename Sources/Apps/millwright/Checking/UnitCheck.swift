import Canonical
import Contracts
import NodeSettings

/// Finds units that do not measure what their fact states: pieces of energy, degrees of products.
struct UnitCheck {
    private let folder: NodeFolder

    init(_ folder: NodeFolder) { self.folder = folder }

    var faults: [CheckFault] { folder.sources.flatMap(\.signals).compactMap(fault) }

    private func fault(_ signal: Settings) -> CheckFault? {
        guard case .text(let event)? = signal.values["event"],
            let shape = FactShape.named(event) ?? FactShape.of(type: event)
        else { return nil }
        var place = signal
        if case .object(let quantity)? = signal.values["quantity"] { place = quantity }
        guard let name = place.text("unit"), let unit = UnitOfMeasure.named(name) else { return nil }
        let isEnergy = shape.fact == "energy-measured"
        let isWrong = isEnergy ? unit.dimension != .energy : Self.noAmounts.contains(unit.dimension)
        guard isWrong else { return nil }
        return CheckFault(
            SettingsFailures.unit, at: place.locations["unit"] ?? place.locations["field"] ?? signal.location,
            "\(name) measures \(Self.words(unit.dimension)), and \(shape.family).\(shape.fact) states "
                + "\(isEnergy ? "an energy" : "an amount")",
            suggestion: isEnergy
                ? "write unit: kWh, Wh, MWh or J" : "write unit: pcs, kg, m, L or what it is counted in")
    }

    /// Nobody makes or scraps so many of these.
    private static let noAmounts: Set<UnitOfMeasure.Dimension> = [.temperature, .power, .force, .ratio]

    private static func words(_ dimension: UnitOfMeasure.Dimension) -> String {
        switch dimension {
        case .count: "a number of pieces"
        case .mass: "a mass"
        case .length: "a length"
        case .area: "an area"
        case .volume: "a volume"
        case .time: "a time"
        case .energy: "an energy"
        case .power: "a power"
        case .force: "a force"
        case .temperature: "a temperature"
        case .ratio: "a ratio"
        }
    }
}
