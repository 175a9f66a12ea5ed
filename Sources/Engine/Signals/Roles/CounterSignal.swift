import Canonical
import Contracts
import ExactJSON

/// A tag that counts up: each step becomes an event with what it added (roles `counter` and `scrap`).
struct CounterSignal: CountingRole {
    let name: String
    private let tag: String
    private let session: String?
    private let template: EventTemplate
    private let measure: Measure
    private let rules: CounterRules
    private let reasonTag: String?

    var tags: [String] { session.map { [tag, $0] } ?? [tag] }
    var records: [String] { [] }
    var eventType: String { template.type }
    var countedUnit: String? { measure.member == "quantity" ? measure.unit : nil }
    /// The tag that must be remembered for this signal.
    var watched: [String] { reasonTag.map { [$0] } ?? [] }

    init(name: String, tag: String, _ settings: Settings, plants: SignalPlants, fact: String) throws(SettingFault) {
        typealias F = SignalFields
        self.name = name
        self.tag = tag
        session = try settings.optional(F.session)
        template = try EventTemplate(
            event: settings.optional(F.event(fact)) ?? fact, with: settings.optional(F.with) ?? [:], plants: plants,
            settings: settings)
        measure = try Measure(settings, template: template, eventAt: settings)
        try template.requireFillable(by: Measure.members, settings)
        reasonTag = try settings.optional(F.reasonTag)
        rules = try CounterRules(settings)
    }

    func take(_ reading: Reading, _ pass: inout SignalPass) throws {
        let slot = try pass.memory.counters.slot(StateKey(asset: reading.asset, name: name), load: pass.load)
        guard reading.name == tag, case .value(let raw) = reading.value, raw.plainText?.isEmpty != true else {
            // The device began anew, or nothing is known of the counter for now: what comes next is after a gap.
            if pass.memory.counters[slot].interrupt() { pass.memory.counters.markDirty(slot) }
            return
        }
        guard let value = raw.asNumber, !value.isNegative else {
            let words = raw.plainText.map { "\"\($0)\"" } ?? "\(raw)"
            return pass.fault(
                raw.asNumber == nil ? SignalFailures.notANumber : SignalFailures.negativeQuantity,
                "\(tag) says \(String(words.prefix(100))) where a counter's value from 0 is expected", reading,
                signal: name)
        }
        let before = pass.memory.counters[slot]
        let step: CounterStep
        do {
            step = try pass.memory.counters[slot].advance(to: value, at: reading.time, by: rules)
        } catch {
            return pass.fault(
                SignalFailures.tooManyDigits, "\(tag) cannot be counted with (\(error))", reading, signal: name)
        }
        if before != pass.memory.counters[slot] { pass.memory.counters.markDirty(slot) }
        try follow(step, value, reading, slot, &pass)
    }

    private func follow(
        _ step: CounterStep, _ value: ExactNumber, _ reading: Reading, _ slot: Int, _ pass: inout SignalPass
    ) throws {
        if case .counted(let delta, let from) = step {
            try count(delta, from: from, value, reading, epoch: pass.memory.counters[slot].epoch, &pass)
        } else {
            pass.fault(step, to: value, of: tag, rules, reading, signal: name)
        }
    }

    private func count(
        _ delta: ExactNumber, from: Instant, _ value: ExactNumber, _ reading: Reading, epoch: Int64,
        _ pass: inout SignalPass
    ) throws {
        let id =
            reading.factID.map { EventIdentity.fact($0, name) }
            ?? EventIdentity.counter(name, epoch: epoch, value: value)
        var own: [(name: String, value: JSON)] = []
        if let reasonTag, let reason = try pass.latest(reasonTag, of: reading.asset) {
            own.append(("reason", .string(reason)))
        }
        var data = template.members(asset: reading.asset, context: try pass.context(of: reading.asset), own: own)
        guard let quantity = measure.quantity(delta) else {
            return pass.fault(
                SignalFailures.tooManyDigits, "\(tag) × multiplier has too many digits", reading, signal: name)
        }
        data[measure.member] = quantity
        if measure.hasSpan {
            data["from"] = .string(min(from, reading.time).description)
            data["to"] = .string(reading.time.description)
        }
        data["native"] = ["tag": .string(tag), "value": .number(value)]
        pass.output.events.append(template.event(id: id, asset: reading.asset, time: reading.time, data: data))
    }
}

extension CounterRules {
    /// The rules that the settings of a signal give.
    init(_ settings: Settings) throws(SettingFault) {
        typealias F = SignalFields
        self.init()
        countsFirst = try settings.optional(F.baseline) == "count"
        countsGaps = try settings.optional(F.afterGap) != "ignore"
        tolerance = try settings.optional(F.tolerance) ?? tolerance
        resetBelow = try settings.optional(F.resetBelow) ?? resetBelow
        rollover = try settings.optional(F.rollover)
        maximumStep = try settings.optional(F.maximumStep)
    }
}

extension SignalPass {
    /// Reports a step of the counter `label` that could not be counted; others are none of its business.
    mutating func fault(
        _ step: CounterStep, to value: ExactNumber, of label: String, _ rules: CounterRules, _ reading: Reading,
        signal: String
    ) {
        switch step {
        case .nothing, .counted: break
        case .steppedBack(let last):
            fault(
                SignalFailures.steppedBack, "\(label) went from \(last) back to \(value); \(last) stays counted",
                reading, signal: signal)
        case .fellBack(let last):
            fault(
                SignalFailures.fellBack,
                "\(label) fell from \(last) to \(value), which is neither a reset nor a rollover",
                reading, signal: signal)
        case .jumped(let last):
            fault(
                SignalFailures.jumped,
                "\(label) jumped from \(last) to \(value), more than \(rules.maximumStep ?? value) at once", reading,
                signal: signal)
        }
    }
}
