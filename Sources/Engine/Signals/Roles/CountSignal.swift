import Canonical
import Contracts
import ExactJSON

/// A quantity that a record states (roles `count` and `scrap`).
struct CountSignal: CountingRole {
    private enum Meaning { case run, total }

    let name: String
    let records: [String]
    private let template: EventTemplate
    private let mapping: RecordMapping
    private let field: FieldPath
    private let meaning: Meaning
    private let measure: Measure
    private let reason: FieldPath?
    private let reasonTag: String?

    var tags: [String] { [] }
    var eventType: String { template.type }
    var countedUnit: String? { measure.member == "quantity" ? measure.unit : nil }
    var watched: [String] { reasonTag.map { [$0] } ?? [] }

    init(name: String, on: [String], _ settings: Settings, plants: SignalPlants, fact: String) throws(SettingFault) {
        typealias F = SignalFields
        self.name = name
        records = on
        template = try EventTemplate(
            event: settings.optional(F.event(fact)) ?? fact, with: settings.optional(F.with) ?? [:], plants: plants,
            settings: settings)
        mapping = try RecordMapping(settings)
        guard let quantity = try settings.optional(F.quantity) else {
            throw SettingFault(
                location: settings.location, reason: "quantity is missing",
                suggestion: "say which field counts: quantity: { field: TotalGoodPieces, counts: run, unit: pcs }")
        }
        field = FieldPath(try quantity(F.quantityField))
        // What a run made and what was added since the record before are both just what this record adds.
        meaning = try quantity.optional(F.counts) == "total" ? .total : .run
        measure = try Measure(quantity, template: template, eventAt: settings)
        reason = try settings.optional(F.reason).map { FieldPath($0) }
        reasonTag = try settings.optional(F.reasonTag)
    }

    func take(_ reading: Reading, _ pass: inout SignalPass) throws {
        guard case .record(let record) = reading.value else { return }
        var attribution = mapping.read(record, shape: template.shape)
        guard attribution.missing.isEmpty, let raw = field.value(in: record) else {
            let names = (attribution.missing + (field.value(in: record) == nil ? [field.text] : [])).joined(
                separator: ", ")
            return pass.fault(SignalFailures.missingField, "\(reading.name) has no \(names)", reading, signal: name)
        }
        guard let value = raw.asNumber, !value.isNegative else {
            return pass.fault(
                raw.asNumber == nil ? SignalFailures.notANumber : SignalFailures.negativeQuantity,
                "\(field.text) of \(reading.name) says \(String(raw.description.prefix(100))), "
                    + "where a number from 0 is expected",
                reading, signal: name)
        }
        let context = try pass.context(of: reading.asset)
        guard let delta = try added(value, reading, subject: attribution.subject ?? context[.order], &pass) else {
            return
        }
        if let code = try reason?.text(in: record) ?? reasonTag.flatMap({ try pass.latest($0, of: reading.asset) }) {
            attribution.members.append(("reason", .string(code)))
        }
        var data = template.members(asset: reading.asset, context: context, own: attribution.members)
        guard let quantity = measure.quantity(delta) else {
            return pass.fault(
                SignalFailures.tooManyDigits, "\(field.text) × multiplier has too many digits", reading, signal: name)
        }
        data[measure.member] = quantity
        data["native"] = ["record": .string(reading.name), "field": .string(field.text), "value": .number(value)]
        let event = template.event(
            id: try pass.id(name, of: reading), asset: reading.asset, time: reading.time, subject: attribution.subject,
            data: data)
        template.emit(event, of: reading, signal: name, &pass)
    }

    /// What the record adds; nil where that is nothing or was reported as a fault.
    private func added(
        _ value: ExactNumber, _ reading: Reading, subject: String?, _ pass: inout SignalPass
    ) throws -> ExactNumber? {
        guard meaning == .total else { return value.isZero ? nil : value }
        let key = StateKey(asset: reading.asset, name: name, detail: subject ?? EventTemplate.unassigned)
        let slot = try pass.memory.counters.slot(key, load: pass.load)
        var rules = CounterRules()
        rules.countsFirst = true
        let before = pass.memory.counters[slot]
        let step: CounterStep
        do {
            step = try pass.memory.counters[slot].advance(to: value, at: reading.time, by: rules)
        } catch {
            pass.fault(
                SignalFailures.tooManyDigits, "\(field.text) cannot be counted with (\(error))", reading, signal: name)
            return nil
        }
        if before != pass.memory.counters[slot] { pass.memory.counters.markDirty(slot) }
        switch step {
        case .counted(let delta, _): return delta
        case .fellBack(let last):
            pass.fault(
                SignalFailures.fellBack, "\(field.text) of \(key.detail ?? "") fell from \(last) to \(value)", reading,
                signal: name)
            return nil
        case .nothing, .steppedBack, .jumped: return nil
        }
    }
}
