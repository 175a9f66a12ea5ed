import Canonical
import Contracts
import ExactJSON

/// Counts per time over a window that moves on: a rate beyond its limits is a condition.
///
/// There is no event for the rate itself: what is counted is an event already, and a rate that is right needs nobody.
struct RateSignal: WaitingRole {
    let name: String
    private let input: NumberInput
    private let session: String?
    private let rules: CounterRules
    private let watch: LimitReport
    private let per: Duration
    private let window: Duration
    private let multiplier: ExactNumber

    /// Digits behind the point of a rate.
    private static let decimals = 3

    var tags: [String] { input.tags + (session.map { [$0] } ?? []) }
    var records: [String] { input.records }
    private var step: Duration { .microseconds(window.microseconds / RateState.steps) }

    init(name: String, _ settings: Settings, plants: SignalPlants) throws(SettingFault) {
        typealias F = SignalFields
        self.name = name
        input = try NumberInput(settings)
        session = try settings.optional(F.session)
        rules = try CounterRules(settings)
        per = try settings.optional(F.per) ?? .seconds(3_600)
        window = try settings.optional(F.rateWindow) ?? .seconds(600)
        multiplier = try settings.optional(F.multiplier) ?? ExactNumber(1)
        watch = try LimitReport(
            settings, of: input.label, per: per, plants: plants)
        guard !multiplier.isNegative, !multiplier.isZero else {
            throw SettingFault(
                location: settings.locations["multiplier"] ?? settings.location,
                reason: "multiplier: must be above 0, not \(multiplier)")
        }
        guard per > .zero else {
            throw SettingFault(
                location: settings.locations["per"] ?? settings.location, reason: "per: must be above 0",
                suggestion: "give the time that the limits are for, as 1h")
        }
    }

    func take(_ reading: Reading, _ pass: inout SignalPass) throws {
        let value: ExactNumber?
        switch input.countable(in: reading, session: session, signal: name, &pass) {
        case .number(let number): value = number
        case .unknown: value = nil
        case .refused: return
        }
        if let value, value.isNegative {
            return pass.fault(
                SignalFailures.negativeQuantity,
                "\(input.label) says \(value) where a counter's value from 0 is expected",
                reading, signal: name)
        }
        do {
            try count(value, reading, &pass)
        } catch is ExactNumberError {
            pass.fault(SignalFailures.tooManyDigits, "\(input.label) cannot be counted with", reading, signal: name)
        }
    }

    private func count(_ value: ExactNumber?, _ reading: Reading, _ pass: inout SignalPass) throws {
        let key = StateKey(asset: reading.asset, name: name)
        let slot = try pass.memory.rates.slot(key, load: pass.load)
        let counter = try pass.memory.counters.slot(key, load: pass.load)
        let now = number(reading.time)
        try tell(pass.memory.rates[slot].pass(to: now), reading.asset, &pass)
        guard let value else {
            if pass.memory.counters[counter].interrupt() { pass.memory.counters.markDirty(counter) }
            pass.memory.rates[slot].interrupt()
            pass.memory.rates.markDirty(slot)
            return try pass.setDeadline(key, nil)
        }
        let counted = try pass.memory.counters[counter].advance(to: value, at: reading.time, by: rules)
        pass.memory.counters.markDirty(counter)
        pass.fault(counted, to: value, of: input.label, rules, reading, signal: name)
        // What was counted while nobody listened did not come at once.
        let hasBegun = pass.memory.rates[slot].begun != nil
        pass.memory.rates[slot].begin(in: now)
        if hasBegun, case .counted(let delta, _) = counted { try pass.memory.rates[slot].add(delta, in: now) }
        // By the node's clock a step is told one step later, so that what is under way still comes.
        let rest = begin(now + 1).since(reading.time) + step
        pass.memory.rates[slot].due = pass.now + rest
        pass.memory.rates.markDirty(slot)
        try pass.setDeadline(key, atLatest: pass.now + rest)
    }

    func expire(_ asset: AssetID, _ pass: inout SignalPass) throws {
        let key = StateKey(asset: asset, name: name)
        let slot = try pass.memory.rates.slot(key, load: pass.load)
        while let due = pass.memory.rates[slot].due, due <= pass.now {
            let isAtRest = pass.memory.rates[slot].isAtRest
            let next = pass.memory.rates[slot].told + 2
            pass.memory.rates[slot].due = isAtRest ? nil : due + step
            try tell((try? pass.memory.rates[slot].pass(to: next)) ?? [], asset, &pass)
            pass.memory.rates.markDirty(slot)
        }
        try pass.setDeadline(key, pass.memory.rates[slot].due)
    }

    /// Compares the rates at the ends of steps with the limits.
    private func tell(
        _ sums: [(step: Int64, sum: ExactNumber)], _ asset: AssetID, _ pass: inout SignalPass
    ) throws {
        let key = StateKey(asset: asset, name: name)
        for (step, sum) in sums {
            let slot = try pass.memory.thresholds.slot(key, load: pass.load)
            let scaled = try ExactNumber.multiplying(
                ExactNumber.multiplying(sum, multiplier), ExactNumber(Int(per.microseconds)))
            let rate = try ExactNumber.dividing(
                scaled, by: ExactNumber(Int(window.microseconds)), decimals: Self.decimals, .halfUp
            ).trimmed()
            let time = begin(step + 1)
            let crossing = ThresholdState.Crossing(value: rate, since: time, factID: nil, due: pass.now)
            let before = pass.memory.thresholds[slot]
            let changes = pass.memory.thresholds[slot].take(crossing, at: time, limits: watch.limits, minimum: .zero)
            guard before != pass.memory.thresholds[slot] else { continue }
            pass.memory.thresholds.markDirty(slot)
            for change in changes {
                try watch.report(change, at: time, value: rate, factID: nil, asset: asset, signal: name, &pass)
            }
        }
    }

    private func number(_ time: Instant) -> Int64 {
        let (quotient, remainder) = time.microseconds.quotientAndRemainder(dividingBy: step.microseconds)
        return remainder < 0 ? quotient - 1 : quotient
    }

    private func begin(_ number: Int64) -> Instant { Instant(microseconds: number * step.microseconds) }
}
