import Canonical
import Contracts
import ExactJSON

/// A number that must not cross a limit: crossings are conditions.
struct ThresholdSignal: WaitingRole {
    let name: String
    private let input: NumberInput
    private let watch: LimitReport
    private let minimum: Duration

    var tags: [String] { input.tags }
    var records: [String] { input.records }

    init(name: String, _ settings: Settings, plants: SignalPlants) throws(SettingFault) {
        self.name = name
        input = try NumberInput(settings)
        minimum = try settings.optional(SignalFields.lasts) ?? .zero
        watch = try LimitReport(settings, of: input.label, plants: plants)
    }

    func take(_ reading: Reading, _ pass: inout SignalPass) throws {
        let key = StateKey(asset: reading.asset, name: name)
        let slot = try pass.memory.thresholds.slot(key, load: pass.load)
        let value: ExactNumber?
        switch input.find(in: reading) {
        case .number(let number): value = number
        case .unknown: value = nil
        case .missing, .unreadable:
            _ = input.number(in: reading, signal: name, &pass)
            return
        }
        let crossing = value.map {
            ThresholdState.Crossing(
                value: $0, since: reading.time, factID: reading.factID, due: pass.now + minimum)
        }
        let before = pass.memory.thresholds[slot]
        let changes = pass.memory.thresholds[slot].take(
            crossing, at: reading.time, limits: watch.limits, minimum: minimum)
        guard before != pass.memory.thresholds[slot] else { return }
        pass.memory.thresholds.markDirty(slot)
        try pass.setDeadline(key, pass.memory.thresholds[slot].due)
        for change in changes {
            try watch.report(
                change, at: reading.time, value: value, factID: reading.factID, asset: reading.asset, signal: name,
                &pass)
        }
    }

    func expire(_ asset: AssetID, _ pass: inout SignalPass) throws {
        let key = StateKey(asset: asset, name: name)
        let slot = try pass.memory.thresholds.slot(key, load: pass.load)
        let before = pass.memory.thresholds[slot]
        pass.memory.thresholds[slot].keep(watch.limits)
        let changes = pass.memory.thresholds[slot].expire(at: pass.now, limits: watch.limits)
        try pass.setDeadline(key, pass.memory.thresholds[slot].due)
        if before != pass.memory.thresholds[slot] { pass.memory.thresholds.markDirty(slot) }
        for change in changes {
            try watch.report(change, at: pass.now, value: nil, factID: nil, asset: asset, signal: name, &pass)
        }
    }
}

/// How crossings of limits become conditions.
struct LimitReport: Sendable {
    let limits: [NumberLimit]
    private let label: String
    private let code: String?
    private let severity: String
    private let unit: String?
    /// What stands behind a number in the message: its unit, or the time that a rate is for.
    private let suffix: String
    private let raised: EventTemplate
    private let cleared: EventTemplate

    /// `label`: what is watched, in words; `per`: it is a rate for so long.
    init(_ settings: Settings, of label: String, per: Duration? = nil, plants: SignalPlants) throws(SettingFault) {
        typealias F = SignalFields
        self.label = label
        code = try settings.optional(F.conditionCode)
        severity = try settings.optional(F.severity) ?? "fault"
        unit = per == nil ? try settings.optional(F.valueUnit) : nil
        suffix = per.map { " per " + Self.words($0) } ?? unit.map { " " + $0 } ?? ""
        let constants = try settings.optional(F.with) ?? [:]
        raised = try EventTemplate(
            event: "equipment.condition-raised", with: constants, plants: plants, settings: settings)
        cleared = try EventTemplate(
            event: "equipment.condition-cleared", with: constants, plants: plants, settings: settings)
        limits = try Self.limits(settings)
        if let unit, UnitOfMeasure.named(unit) == nil {
            throw SettingFault(
                location: settings.locations["unit"] ?? settings.location, reason: "unit: \(unit) is not known",
                suggestion: "write a UN/ECE Rec 20 code or symbol, as kg, °C or kW")
        }
    }

    /// `1 h`, `90 s`
    private static func words(_ duration: Duration) -> String {
        let seconds = duration.components.seconds
        if seconds % 3_600 == 0 { return "\(seconds / 3_600) h" }
        return seconds % 60 == 0 ? "\(seconds / 60) min" : "\(seconds) s"
    }

    private static func limits(_ settings: Settings) throws(SettingFault) -> [NumberLimit] {
        typealias F = SignalFields
        func fault(_ field: String, _ reason: String, _ suggestion: String) -> SettingFault {
            SettingFault(
                location: settings.locations[field] ?? settings.location, reason: reason, suggestion: suggestion)
        }
        var limits: [NumberLimit] = []
        let (above, below) = (try settings.optional(F.above), try settings.optional(F.below))
        if let above {
            let clear = try settings.optional(F.aboveUntil) ?? above
            guard clear <= above else {
                throw fault(
                    "aboveUntil", "aboveUntil: \(clear) lies beyond the limit \(above)",
                    "a crossing is over at a value within the limit: give at most \(above)")
            }
            limits.append(NumberLimit(side: .high, limit: above, clear: clear))
        }
        if let below {
            let clear = try settings.optional(F.belowUntil) ?? below
            guard clear >= below else {
                throw fault(
                    "belowUntil", "belowUntil: \(clear) lies beyond the limit \(below)",
                    "a crossing is over at a value within the limit: give at least \(below)")
            }
            limits.append(NumberLimit(side: .low, limit: below, clear: clear))
        }
        if let above, let below, below >= above {
            throw fault("below", "below: \(below) is not below above: \(above)", "swap the two, or give one of them")
        }
        guard !limits.isEmpty else {
            throw fault("role", "there is no limit", "give `above:`, `below:` or both")
        }
        return limits
    }

    /// The condition's code on one side of it.
    func condition(_ side: NumberLimit.Side) -> String {
        if let code, limits.count == 1 { return code }
        return "\(code ?? label).\(side.rawValue)"
    }

    /// `value` and `factID`: of the reading at `time` that ended it.
    func report(
        _ change: ThresholdState.Change, at time: Instant, value: ExactNumber?, factID: String?, asset: AssetID,
        signal: String, _ pass: inout SignalPass
    ) throws {
        let context = try pass.context(of: asset)
        switch change {
        case .raised(let limit, let crossing):
            let condition = condition(limit.side)
            let side = limit.side == .high ? "above" : "below"
            var data = raised.members(
                asset: asset, context: context,
                own: [
                    ("condition", .string(condition)), ("severity", .string(severity)),
                    ("value", quantity(crossing.value)), ("threshold", quantity(limit.limit)),
                    ("message", .string("\(label) is \(crossing.value)\(suffix), \(side) \(limit.limit)\(suffix)")),
                ])
            data["native"] = ["name": .string(label), "value": .number(crossing.value)]
            let id = try pass.id(
                signal, factID: crossing.factID, time: crossing.since, detail: "raised:\(condition)", of: asset)
            pass.output.events.append(raised.event(id: id, asset: asset, time: crossing.since, data: data))
        case .cleared(let limit, let since):
            let condition = condition(limit.side)
            var data = cleared.members(
                asset: asset, context: context,
                own: [("condition", .string(condition)), ("since", .string(since.description))])
            var native: JSONObject = ["name": .string(label)]
            native["value"] = value.map { .number($0) }
            data["native"] = .object(native)
            let id = try pass.id(signal, factID: factID, time: time, detail: "cleared:\(condition)", of: asset)
            pass.output.events.append(cleared.event(id: id, asset: asset, time: time, data: data))
        }
    }

    private func quantity(_ value: ExactNumber) -> JSON {
        unit.map { Quantity(value, $0).json } ?? .number(value)
    }
}
