import Canonical
import Contracts
import ExactJSON

/// Any record as any fact, field by field.
struct RecordSignal: CountingRole {
    let name: String
    let records: [String]
    private let template: EventTemplate
    private let mapping: RecordMapping
    private let quantity: (field: FieldPath, measure: Measure)?

    var tags: [String] { [] }
    var eventType: String { template.type }
    var countedUnit: String? { quantity.flatMap { $0.measure.member == "quantity" ? $0.measure.unit : nil } }

    init(name: String, on: [String], _ settings: Settings, plants: SignalPlants) throws(SettingFault) {
        typealias F = SignalFields
        self.name = name
        records = on
        template = try EventTemplate(
            event: settings(F.anyEvent), with: settings.optional(F.with) ?? [:], plants: plants, settings: settings)
        mapping = try RecordMapping(settings)
        if let group = try settings.optional(F.quantity) {
            quantity = (
                FieldPath(try group(F.quantityField)), try Measure(group, template: template, eventAt: settings)
            )
        } else {
            quantity = nil
        }
    }

    func take(_ reading: Reading, _ pass: inout SignalPass) throws {
        guard case .record(let record) = reading.value else { return }
        let attribution = mapping.read(record, shape: template.shape)
        guard attribution.missing.isEmpty else {
            return pass.fault(
                SignalFailures.missingField, "\(reading.name) has no \(attribution.missing.joined(separator: ", "))",
                reading, signal: name)
        }
        var data = template.members(
            asset: reading.asset, context: try pass.context(of: reading.asset), own: attribution.members)
        if let (field, measure) = quantity {
            guard let value = field.value(in: record)?.asNumber, let amount = measure.quantity(value) else {
                return pass.fault(
                    SignalFailures.notANumber, "\(field.text) of \(reading.name) is no number", reading, signal: name)
            }
            data[measure.member] = amount
        }
        data["native"] = ["record": .string(reading.name), "fields": .object(record)]
        let event = template.event(
            id: try pass.id(name, of: reading), asset: reading.asset, time: reading.time, subject: attribution.subject,
            data: data)
        template.emit(event, of: reading, signal: name, &pass)
    }
}
