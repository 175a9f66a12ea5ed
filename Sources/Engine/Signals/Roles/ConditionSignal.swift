import Canonical
import Contracts
import ExactJSON

/// The conditions that are active on one data item.
struct ConditionState: SignalState, Hashable {
    static let family = "condition"
    /// Codes active at once; beyond, the oldest is taken as cleared.
    static let limit = 256

    struct Active: Hashable, Sendable {
        var severity: String
        var since: Instant
    }

    var active: [String: Active] = [:]

    init() {}

    init?(json: JSON) {
        guard let members = json.object else { return nil }
        for (code, value) in members {
            guard let severity = value["severity"]?.string, let since = value["since"]?.int else { return nil }
            active[code] = Active(severity: severity, since: Instant(microseconds: Int64(since)))
        }
    }

    var json: JSON {
        var members: JSONObject = [:]
        for code in active.keys.sorted() {
            guard let entry = active[code] else { continue }
            members[code] = ["severity": .string(entry.severity), "since": .int(Int(entry.since.microseconds))]
        }
        return .object(members)
    }
}

/// MTConnect conditions and error records.
///
/// MTConnect (Part 2, Condition): WARNING and FAULT with a native code raise that code; NORMAL without a code clears
/// all of the data item, with one only that one. UNAVAILABLE changes nothing: what was active is taken as active
/// until NORMAL comes, so that a lost connection raises no alarm a second time.
struct ConditionSignal: SignalRole {
    let name: String
    let patterns: [NamePattern]
    let records: [String]
    private let raising: Set<String>
    private let clearing: Set<String>
    private let code: FieldPath?
    private let message: FieldPath?
    private let severity: String
    private let raised: EventTemplate
    private let cleared: EventTemplate
    private let maintenance: Maintenance?

    private struct Maintenance: Sendable {
        let codes: [NamePattern]
        let kind: String
        let priority: String
        let template: EventTemplate
    }

    var tags: [String] { [] }

    init(name: String, _ settings: Settings, plants: SignalPlants) throws(SettingFault) {
        typealias F = SignalFields
        self.name = name
        patterns = try (settings.optional(F.tags) ?? []).map { NamePattern($0) }
        raising = Set(try settings.optional(F.on) ?? [])
        clearing = Set(try settings.optional(F.clearOn) ?? [])
        records = raising.union(clearing).sorted()
        code = try settings.optional(F.code).map { FieldPath($0) }
        message = try settings.optional(F.message).map { FieldPath($0) }
        severity = try settings.optional(F.severity) ?? "fault"
        let constants = try settings.optional(F.with) ?? [:]
        func template(_ event: String) throws(SettingFault) -> EventTemplate {
            try EventTemplate(event: event, with: constants, plants: plants, settings: settings)
        }
        raised = try template("equipment.condition-raised")
        cleared = try template("equipment.condition-cleared")
        if let group = try settings.optional(F.maintenance) {
            maintenance = Maintenance(
                codes: try group(F.codes).map { NamePattern($0) }, kind: try group.optional(F.kind) ?? "corrective",
                priority: try group.optional(F.priority) ?? "normal", template: try template("maintenance.requested"))
        } else {
            maintenance = nil
        }
        guard !patterns.isEmpty || (!raising.isEmpty && code != nil) else {
            throw SettingFault(
                location: settings.location, reason: "the condition listens to nothing",
                suggestion: "give `tags:`, or `on:` with `code:`")
        }
    }

    /// Whether a plain value can only be a condition's level.
    static func isLevel(_ value: JSON) -> Bool {
        guard case .string(let text) = value else { return false }
        return text == "NORMAL" || text == "WARNING" || text == "FAULT"
    }

    func take(_ reading: Reading, _ pass: inout SignalPass) throws {
        switch reading.value {
        case .unavailable: return
        case .value(let value): try takeCondition(value, reading, &pass)
        case .record(let record): try takeRecord(record, reading, &pass)
        }
    }

    private func takeCondition(_ value: JSON, _ reading: Reading, _ pass: inout SignalPass) throws {
        let level = value["level"]?.string ?? value.plainText ?? ""
        let native = value["nativeCode"]?.string.flatMap { $0.isEmpty ? nil : $0 }
        switch level.uppercased() {
        case "UNAVAILABLE", "": return
        case "NORMAL": try clear(native, reading, &pass)
        case "WARNING", "FAULT":
            let finding = Finding(
                code: native ?? reading.name, severity: level.lowercased(), message: value["message"]?.string,
                native: value)
            try raise(finding, keeping: true, reading, &pass)
        default:
            pass.fault(
                SignalFailures.notACondition, "\(reading.name) has the level \"\(String(level.prefix(100)))\"", reading,
                signal: name)
        }
    }

    private func takeRecord(_ record: JSONObject, _ reading: Reading, _ pass: inout SignalPass) throws {
        let code = code?.text(in: record)
        if clearing.contains(reading.name) { try clear(code, reading, &pass) }
        guard raising.contains(reading.name) else { return }
        guard let code else {
            return pass.fault(
                SignalFailures.missingField, "\(reading.name) has no \(self.code?.text ?? "code")", reading,
                signal: name)
        }
        let finding = Finding(
            code: code, severity: severity, message: message?.text(in: record), native: .object(record))
        try raise(finding, keeping: !clearing.isEmpty, reading, &pass)
    }

    private struct Finding {
        let code: String
        let severity: String
        let message: String?
        let native: JSON
    }

    private func key(_ reading: Reading) -> StateKey {
        // A data item's conditions are its own; those of records are told apart by their codes alone.
        if case .record = reading.value { return StateKey(asset: reading.asset, name: name) }
        return StateKey(asset: reading.asset, name: name, detail: reading.name)
    }

    private func raise(_ finding: Finding, keeping: Bool, _ reading: Reading, _ pass: inout SignalPass) throws {
        if keeping {
            let slot = try pass.memory.conditions.slot(key(reading), load: pass.load)
            let known = pass.memory.conditions[slot].active[finding.code]
            guard known?.severity != finding.severity else { return }
            let oldest = pass.memory.conditions[slot].active.min { ($0.value.since, $0.key) < ($1.value.since, $1.key) }
            if known == nil, pass.memory.conditions[slot].active.count >= ConditionState.limit, let oldest {
                pass.memory.conditions[slot].active[oldest.key] = nil
            }
            pass.memory.conditions[slot].active[finding.code] = .init(
                severity: finding.severity, since: known?.since ?? reading.time)
            pass.memory.conditions.markDirty(slot)
        }
        let context = try pass.context(of: reading.asset)
        var own: [(name: String, value: JSON)] = [
            ("condition", .string(finding.code)), ("severity", .string(finding.severity)),
        ]
        if let message = finding.message, !message.isEmpty { own.append(("message", .string(message))) }
        var data = raised.members(asset: reading.asset, context: context, own: own)
        data["native"] = ["name": .string(reading.name), "value": finding.native]
        let id = try pass.id(name, of: reading, detail: "raised:\(finding.code)")
        pass.output.events.append(raised.event(id: id, asset: reading.asset, time: reading.time, data: data))
        if let maintenance, maintenance.codes.contains(where: { $0.matches(finding.code) }) {
            try request(maintenance, finding, context, reading, &pass)
        }
    }

    private func request(
        _ maintenance: Maintenance, _ finding: Finding, _ context: ContextState, _ reading: Reading,
        _ pass: inout SignalPass
    ) throws {
        let words = finding.message.flatMap { $0.isEmpty ? nil : "\(finding.code): \($0)" } ?? finding.code
        var data = maintenance.template.members(
            asset: reading.asset, context: context,
            own: [
                ("kind", .string(maintenance.kind)), ("priority", .string(maintenance.priority)),
                ("description", .string(words)),
            ])
        data["native"] = ["name": .string(reading.name), "code": .string(finding.code)]
        let id = try pass.id(name, of: reading, detail: "maintenance:\(finding.code)")
        pass.output.events.append(
            maintenance.template.event(id: id, asset: reading.asset, time: reading.time, data: data))
    }

    /// Clears `code`, or everything of the data item.
    private func clear(_ code: String?, _ reading: Reading, _ pass: inout SignalPass) throws {
        let slot = try pass.memory.conditions.slot(key(reading), load: pass.load)
        let active = pass.memory.conditions[slot].active
        for condition in code.map({ [$0] }) ?? active.keys.sorted() {
            guard let entry = active[condition] else { continue }
            pass.memory.conditions[slot].active[condition] = nil
            pass.memory.conditions.markDirty(slot)
            var data = cleared.members(
                asset: reading.asset, context: try pass.context(of: reading.asset),
                own: [("condition", .string(condition)), ("since", .string(entry.since.description))])
            data["native"] = ["name": .string(reading.name)]
            let id = try pass.id(name, of: reading, detail: "cleared:\(condition)")
            pass.output.events.append(cleared.event(id: id, asset: reading.asset, time: reading.time, data: data))
        }
    }
}

/// A name with `*` at its begin, its end, or both.
struct NamePattern: Sendable, Hashable {
    let text: String
    private let stem: String
    private let isOpenAtBegin: Bool
    private let isOpenAtEnd: Bool

    init(_ text: String) {
        self.text = text
        isOpenAtBegin = text.hasPrefix("*")
        isOpenAtEnd = text.hasSuffix("*") && text.count > 1
        stem = String(text.dropFirst(isOpenAtBegin ? 1 : 0).dropLast(isOpenAtEnd ? 1 : 0))
    }

    func matches(_ name: String) -> Bool {
        switch (isOpenAtBegin, isOpenAtEnd) {
        case (false, false): name == stem
        case (true, false): name.hasSuffix(stem)
        case (false, true): name.hasPrefix(stem)
        case (true, true): stem.isEmpty || name.contains(stem)
        }
    }
}
