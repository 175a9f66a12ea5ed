import Canonical
import Contracts
import ExactJSON

/// The energy used in each span of time, from a meter or from the power of the moment.
struct EnergySignal: WaitingRole {
    private enum Kind { case meter, power }

    let name: String
    private let input: NumberInput
    private let kind: Kind
    private let session: String?
    private let rules: CounterRules
    private let every: Duration
    private let hold: Duration
    private let template: EventTemplate
    /// The unit of the events: a meter's own, kWh of a power.
    private let unit: String
    /// What the events' amounts are of what the state adds up.
    private let multiplier: ExactNumber
    /// Power × microseconds that make one unit of energy.
    private let divisor: ExactNumber

    /// Digits behind the point of kWh that come of a power: thousandths of a watt-hour. What is left counts in the next
    /// span.
    private static let decimals = 6

    var tags: [String] { input.tags + (session.map { [$0] } ?? []) }
    var records: [String] { input.records }

    init(name: String, _ settings: Settings, plants: SignalPlants) throws(SettingFault) {
        typealias F = SignalFields
        self.name = name
        input = try NumberInput(settings)
        kind = try settings.optional(F.reads) == "power" ? .power : .meter
        session = try settings.optional(F.session)
        rules = try CounterRules(settings)
        every = try settings.optional(F.every) ?? .seconds(900)
        hold = try settings.optional(F.hold) ?? .seconds(300)
        template = try EventTemplate(
            event: "equipment.energy-measured", with: settings.optional(F.with) ?? [:], plants: plants,
            settings: settings)
        multiplier = try settings.optional(F.multiplier) ?? ExactNumber(1)
        guard !multiplier.isNegative, !multiplier.isZero else {
            throw SettingFault(
                location: settings.locations["multiplier"] ?? settings.location,
                reason: "multiplier: must be above 0, not \(multiplier)")
        }
        let given = try settings.optional(F.energyUnit) ?? (kind == .meter ? "kWh" : "kW")
        guard let measure = UnitOfMeasure.named(given), measure.dimension == (kind == .meter ? .energy : .power) else {
            throw SettingFault(
                location: settings.locations["unit"] ?? settings.location,
                reason: "unit: \(given) is no unit of \(kind == .meter ? "energy" : "power")",
                suggestion: kind == .meter ? "write kWh, Wh, MWh or J" : "write kW or W")
        }
        unit = kind == .meter ? given : "kWh"
        divisor = try Self.divisor(of: measure, multiplier, settings)
    }

    /// How much power × microseconds, in `measure` and before the multiplier, one kWh is.
    private static func divisor(
        of measure: UnitOfMeasure, _ multiplier: ExactNumber, _ settings: Settings
    ) throws(SettingFault) -> ExactNumber {
        guard measure.dimension == .power else { return ExactNumber(1) }
        // 3.6 MJ are 3,600,000 W s, and a second has a million microseconds.
        guard
            let watts = try? ExactNumber.multiplying(multiplier, measure.numerator),
            let whole = try? ExactNumber.multiplying(
                ExactNumber(3_600_000), ExactNumber.multiplying(ExactNumber(1_000_000), measure.denominator)),
            let divisor = try? ExactNumber.dividing(whole, by: watts, decimals: 30, .halfUp)
        else {
            throw SettingFault(
                location: settings.locations["multiplier"] ?? settings.location,
                reason: "multiplier: \(multiplier) has too many digits")
        }
        return divisor.trimmed()
    }

    func take(_ reading: Reading, _ pass: inout SignalPass) throws {
        let value: ExactNumber?
        switch input.countable(in: reading, session: session, signal: name, &pass) {
        case .number(let number): value = number
        case .unknown: value = nil
        case .refused: return
        }
        do {
            switch kind {
            case .meter: try meter(value, reading, &pass)
            case .power: try power(value, reading, &pass)
            }
        } catch is ExactNumberError {
            pass.fault(
                SignalFailures.tooManyDigits, "\(input.label) cannot be counted with", reading, signal: name)
        }
    }

    private func meter(_ value: ExactNumber?, _ reading: Reading, _ pass: inout SignalPass) throws {
        let key = StateKey(asset: reading.asset, name: name)
        let counter = try pass.memory.counters.slot(key, load: pass.load)
        let slot = try pass.memory.energies.slot(key, load: pass.load)
        guard let value else {
            if pass.memory.counters[counter].interrupt() { pass.memory.counters.markDirty(counter) }
            if !rules.countsGaps {
                try emit([pass.memory.energies[slot].breakOff(at: nil)], slot, reading.asset, &pass)
            }
            return
        }
        guard !value.isNegative else {
            return pass.fault(
                SignalFailures.negativeQuantity,
                "\(input.label) says \(value) where a meter's value from 0 is expected",
                reading, signal: name)
        }
        let step = try pass.memory.counters[counter].advance(to: value, at: reading.time, by: rules)
        pass.memory.counters.markDirty(counter)
        pass.fault(step, to: value, of: input.label, rules, reading, signal: name)
        let span: EnergySpan?
        switch step {
        case .fellBack: span = pass.memory.energies[slot].breakOff(at: reading.time)
        case .counted(let delta, _):
            span = try pass.memory.energies[slot].read(delta, at: reading.time, every: every)
        case .nothing:
            span = try pass.memory.energies[slot].read(ExactNumber(0), at: reading.time, every: every)
        case .steppedBack, .jumped: span = nil
        }
        try emit([span], slot, reading.asset, &pass)
    }

    private func power(_ value: ExactNumber?, _ reading: Reading, _ pass: inout SignalPass) throws {
        let key = StateKey(asset: reading.asset, name: name)
        let slot = try pass.memory.energies.slot(key, load: pass.load)
        let spans = try pass.memory.energies[slot].hold(
            value, at: reading.time, due: pass.now + hold, every: every, hold: hold, take: takeWhole)
        try emit(spans, slot, reading.asset, &pass)
        if let due = pass.memory.energies[slot].due {
            try pass.setDeadline(key, atLatest: due)
        } else {
            try pass.setDeadline(key, nil)
        }
    }

    /// Nobody said another power for as long as one holds.
    func expire(_ asset: AssetID, _ pass: inout SignalPass) throws {
        let key = StateKey(asset: asset, name: name)
        let slot = try pass.memory.energies.slot(key, load: pass.load)
        if let due = pass.memory.energies[slot].due, due <= pass.now {
            let end = pass.memory.energies[slot].said + hold
            let spans = try? pass.memory.energies[slot].pass(to: end, every: every, hold: hold, take: takeWhole)
            try emit(spans ?? [], slot, asset, &pass)
        }
        let due = pass.memory.energies[slot].due
        try pass.setDeadline(key, due.flatMap { $0 > pass.now ? $0 : nil })
    }

    /// Takes what can be said in ``decimals`` out of `sum`.
    private func takeWhole(_ sum: inout ExactNumber) throws(ExactNumberError) -> ExactNumber {
        let whole = try ExactNumber.dividing(sum, by: divisor, decimals: Self.decimals, .down)
        sum = try ExactNumber.subtracting(sum, ExactNumber.multiplying(whole, divisor)).trimmed()
        return whole
    }

    private func emit(_ spans: [EnergySpan?], _ slot: Int, _ asset: AssetID, _ pass: inout SignalPass) throws {
        pass.memory.energies.markDirty(slot)
        for case let span? in spans {
            // A power's amount is in kWh already.
            let amount = kind == .power ? span.amount : try ExactNumber.multiplying(span.amount, multiplier)
            var data = template.members(asset: asset, context: try pass.context(of: asset))
            data["energy"] = Quantity(amount.trimmed(), unit).json
            data["from"] = .string(span.from.description)
            data["to"] = .string(span.to.description)
            data["native"] = ["name": .string(input.label)]
            let id = try pass.id(name, factID: nil, time: span.to, detail: nil, of: asset)
            pass.output.events.append(template.event(id: id, asset: asset, time: span.to, data: data))
        }
    }
}
