import Canonical
import Contracts
import ExactJSON

/// What one run consumed so far, or, under the file's name, which run the next counters belong to.
struct MaterialState: SignalState, Hashable {
    static let family = "material"
    /// The run at hand; set in the state of a place.
    var owner: String?
    /// What is counted so far by item; set in the state of a run.
    var used: [String: ExactNumber] = [:]
    /// The run's number under the same subject: a run that begins anew counts from zero.
    var run = 0

    init() {}

    init?(json: JSON) {
        guard json.object != nil, let run = json["run"]?.int else { return nil }
        self.run = run
        owner = json["owner"]?.string
        for (item, value) in json["used"]?.object ?? [:] {
            guard let number = value.number else { return nil }
            used[item] = number
        }
    }

    var json: JSON {
        var members: JSONObject = ["run": .int(run)]
        members["owner"] = owner.map { .string($0) }
        if !used.isEmpty {
            var items: JSONObject = [:]
            for item in used.keys.sorted() { items[item] = used[item].map { .number($0) } }
            members["used"] = .object(items)
        }
        return .object(members)
    }
}

/// What a run consumed, from cumulative counters by item, as the `Counter` sections of wire-processing machines.
///
/// A counter section names no order: it belongs to the record before it in the same file.
struct MaterialSignal: SignalRole {
    let name: String
    private let counters: Set<String>
    private let within: Set<String>
    private let resets: Set<String>
    private let items: [(field: String, path: FieldPath, unit: String)]
    private let itemPart: Int
    private let quantityPart: Int
    private let mapping: RecordMapping
    private let template: EventTemplate

    var tags: [String] { [] }
    var records: [String] { counters.union(within).union(resets).sorted() }

    init(name: String, on: [String], _ settings: Settings, plants: SignalPlants) throws(SettingFault) {
        typealias F = SignalFields
        self.name = name
        counters = Set(on)
        resets = Set(try settings.optional(F.resets) ?? [])
        within = Set(try settings.optional(F.within) ?? []).union(resets)
        var items: [(field: String, path: FieldPath, unit: String)] = []
        for (field, unit) in try settings(F.items) {
            guard UnitOfMeasure.named(unit) != nil else {
                throw SettingFault(
                    location: settings.locations["items"] ?? settings.location,
                    reason: "items: unit \(unit) is not known",
                    suggestion: "write a UN/ECE Rec 20 code or symbol, as pcs, mm or kg")
            }
            items.append((field, FieldPath(field), unit))
        }
        self.items = items
        itemPart = try settings.optional(F.itemPart) ?? 1
        quantityPart = try settings.optional(F.quantityPart) ?? 2
        template = try EventTemplate(
            event: "production.material-consumed", with: settings.optional(F.with) ?? [:], plants: plants,
            settings: settings)
        mapping = try RecordMapping(settings)
    }

    func take(_ reading: Reading, _ pass: inout SignalPass) throws {
        guard case .record(let record) = reading.value else { return }
        let place = StateKey(asset: reading.asset, name: name, detail: "@" + Self.file(of: reading.origin))
        if within.contains(reading.name) {
            let subject = mapping.read(record, shape: template.shape)
            guard subject.missing.isEmpty else {
                return pass.fault(
                    SignalFailures.missingField, "\(reading.name) has no \(subject.missing.joined(separator: ", "))",
                    reading,
                    signal: name)
            }
            try begin(
                subject.members.first { $0.name == "order" }?.value.string ?? subject.subject, reading, place, &pass)
        }
        guard counters.contains(reading.name) else { return }
        let slot = try pass.memory.materials.slot(place, load: pass.load)
        let context = try pass.context(of: reading.asset)
        let order = pass.memory.materials[slot].owner ?? context[.order] ?? EventTemplate.unassigned
        for item in items {
            for line in Self.lines(item.path.value(in: record)) {
                try take(line, item.field, unit: item.unit, order: order, context, reading, &pass)
            }
        }
    }

    private func begin(_ order: String?, _ reading: Reading, _ place: StateKey, _ pass: inout SignalPass) throws {
        let slot = try pass.memory.materials.slot(place, load: pass.load)
        if pass.memory.materials[slot].owner != order {
            pass.memory.materials[slot].owner = order
            pass.memory.materials.markDirty(slot)
        }
        guard resets.contains(reading.name), let order else { return }
        let key = StateKey(asset: reading.asset, name: name, detail: order)
        let run = try pass.memory.materials.slot(key, load: pass.load)
        pass.memory.materials[run].used = [:]
        pass.memory.materials[run].run += 1
        pass.memory.materials.markDirty(run)
    }

    private func take(
        _ line: String, _ field: String, unit: String, order: String, _ context: ContextState, _ reading: Reading,
        _ pass: inout SignalPass
    ) throws {
        let parts = line.split(separator: ",", omittingEmptySubsequences: false).map(\.trimmingSpaces)
        guard parts.count >= max(itemPart, quantityPart), !parts[itemPart - 1].isEmpty,
            let used = ExactNumber(text: parts[quantityPart - 1]), !used.isNegative
        else {
            return pass.fault(
                SignalFailures.notAMaterialCounter, "\(field) says \"\(String(line.prefix(100)))\"", reading,
                signal: name)
        }
        let item = parts[itemPart - 1]
        let slot = try pass.memory.materials.slot(
            StateKey(asset: reading.asset, name: name, detail: order), load: pass.load)
        let before = pass.memory.materials[slot].used[item] ?? ExactNumber(0)
        // Cumulative within a run: less than before is an older section read late, and adds nothing.
        guard used > before, let delta = try? ExactNumber.subtracting(used, before) else { return }
        pass.memory.materials[slot].used[item] = used
        pass.memory.materials.markDirty(slot)
        var data = template.members(
            asset: reading.asset, context: context,
            own: [("order", .string(order)), ("item", .string(item))])
        data["quantity"] = Quantity(delta, unit).json
        data["native"] = [
            "field": .string(field), "value": .string(line), "run": .int(pass.memory.materials[slot].run),
        ]
        let event = template.event(
            id: try pass.id(name, of: reading, detail: item), asset: reading.asset, time: reading.time, data: data)
        template.emit(event, of: reading, signal: name, &pass)
    }

    /// A field that stands several times comes as a list.
    private static func lines(_ value: JSON?) -> [String] {
        guard let value else { return [] }
        return value.array?.compactMap(\.plainText) ?? value.plainText.map { [$0] } ?? []
    }

    /// The file's own name: a log that goes on in a new folder each day is the same log.
    private static func file(of origin: Origin) -> String {
        String(origin.place.split(separator: "/").last ?? "")
    }
}
