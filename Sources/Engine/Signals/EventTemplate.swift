import Canonical
import Contracts
import ExactJSON

/// How the events of one signal look: type, shape, constants, and what of the context they carry.
struct EventTemplate: Sendable {
    let type: String
    /// Nil for a type of the user's own.
    let shape: FactShape?
    /// Constants from `with:`, typed by the shape.
    private let constants: [(name: String, value: JSON)]
    private let contextKeys: [ContextKey]
    private let hasAsset: Bool
    /// The fact is about an order and must name one.
    let isAboutOrder: Bool
    private let plants: SignalPlants
    private let identities: [AssetID: AssetIdentity]

    /// What stands as the order while none is known: such pieces are not lost, they wait for a person at the target.
    static let unassigned = "UNASSIGNED"

    /// Resolves `event`, the name of a canonical fact (`production.completed`) or a full type of the user's own.
    init(
        event: String, with constants: [String: String], plants: SignalPlants, settings: Settings,
        field: String = "event"
    ) throws(SettingFault) {
        let location = settings.locations[field] ?? settings.location
        if let shape = FactShape.named(event) ?? FactShape.of(type: event) {
            self.shape = shape
            type = shape.type
        } else {
            guard event.split(separator: ".").count >= 3, !event.hasPrefix("millwright.") else {
                throw SettingFault(
                    location: location, reason: "\(field): \(event) is no canonical fact",
                    suggestion: "write one of the reference, as production.completed, or a full type of your own, "
                        + "as acme.tool.changed.v1")
            }
            shape = nil
            type = event
        }
        let fields = shape?.fields ?? []
        let names = Set(fields.map(\.name))
        hasAsset = shape == nil || names.contains("asset")
        isAboutOrder = fields.contains { $0.name == "order" && $0.isRequired }
        let isOwnType = shape == nil
        contextKeys = ContextKey.allCases.filter { isOwnType || names.contains($0.rawValue) }
        var typed: [(name: String, value: JSON)] = []
        for name in constants.keys.sorted() {
            guard let text = constants[name] else { continue }
            guard let value = Self.typed(text, for: name, in: shape) else {
                throw SettingFault(
                    location: settings.locations["with"] ?? location,
                    reason: "with: \(name) cannot be \"\(text)\" in \(type)")
            }
            typed.append((name, value))
        }
        self.constants = typed
        self.plants = plants
        var identities: [AssetID: AssetIdentity] = [:]
        for (asset, place) in plants.assets {
            identities[asset] = AssetIdentity(asset: asset, place: place, schema: shape?.dataSchema)
        }
        self.identities = identities
    }

    /// `text` as the shape wants the member `name`; nil where it cannot be read so.
    static func typed(_ text: String, for name: String, in shape: FactShape?) -> JSON? {
        guard let kind = shape?.fields.first(where: { $0.name == name })?.kind else { return .string(text) }
        switch kind {
        case .text, .any: return .string(text)
        case .code(let words):
            return words.first { $0.lowercased() == text.lowercased() }.map { .string($0) }
        case .number, .integer, .seconds:
            return ExactNumber(text: text).map { .number($0) }
        case .boolean:
            return ["true": true, "1": true, "false": false, "0": false][text.lowercased()].map { .bool($0) }
        case .instant: return Instant(text: text).map { .string($0.description) }
        case .quantity:
            let parts = text.split(separator: " ", maxSplits: 1)
            guard parts.count == 2, let value = ExactNumber(text: String(parts[0])) else { return nil }
            return Quantity(value, parts[1].trimmingSpaces).json
        case .list: return .array(text.split(separator: ",").map { .string($0.trimmingSpaces) })
        case .object: return nil
        }
    }

    /// The names of the constants.
    var constantNames: [String] { constants.map(\.name) }

    /// The members that an event of `asset` begins with. `own` are values from the record itself and win over
    /// constants, these over the context; the context's item, operation and lot count only for the context's own order.
    func members(asset: AssetID, context: ContextState, own: [(name: String, value: JSON)] = []) -> JSONObject {
        var members: JSONObject = [:]
        members.reserveCapacity(8)
        for (name, value) in own { members[name] = value }
        for (name, value) in constants where members[name] == nil { members[name] = value }
        let order = context[.order]
        let isContextsOrder = members["order"].map { $0.string == order } ?? true
        for key in contextKeys {
            guard let text = context[key], key == .operator || key == .program || isContextsOrder else { continue }
            if members[key.rawValue] == nil { members[key.rawValue] = .string(text) }
        }
        if isAboutOrder, members["order"] == nil { members["order"] = .string(Self.unassigned) }
        if hasAsset { members["asset"] = .string(asset.rawValue) }
        return members
    }

    /// The event. Its subject is the one given, else the order of a fact that is about one.
    func event(id: String, asset: AssetID, time: Instant, subject: String? = nil, data: JSONObject) -> Event {
        let identity =
            identities[asset]
            ?? AssetIdentity(asset: asset, place: plants.place(of: asset), schema: shape?.dataSchema)
        var subject = subject
        if subject == nil, isAboutOrder, let order = data["order"]?.string {
            // Pieces of no order must not make the assets wait for each other.
            subject = order == Self.unassigned ? "\(order), \(asset)" : order
        }
        return Event(
            id: id, source: identity.source, type: type, subject: subject, time: time, attributes: identity.attributes,
            data: .object(data))
    }

    /// Appends the event, or the fault that says why it is none.
    func emit(_ event: Event, of reading: Reading, signal: String, _ pass: inout SignalPass) {
        let faults = shape?.faults(in: event.data) ?? []
        if faults.isEmpty {
            pass.output.events.append(event)
        } else {
            let reasons = faults.map(\.description).joined(separator: "; ")
            pass.fault(
                SignalFailures.unfitEvent, "the signal \(signal) made no \(type): \(reasons)", reading, signal: signal)
        }
    }
}
