import Canonical
import Contracts
import ExactJSON

/// What is at hand on an asset: set by tags and records, cleared by others, carried by the asset's events.
///
/// On one reading all contexts are set first, then the other signals read, then contexts are cleared: the record that
/// ends a job still belongs to it.
struct ContextSignal: SignalRole {
    let name: String
    private let byTag: [String: ContextKey]
    private let setters: [(key: ContextKey, paths: [FieldPath])]
    let records: [String]
    /// Kinds of records behind which the context is over.
    let clearing: [String]
    private let cleared: [ContextKey]

    var tags: [String] { byTag.keys.sorted() }

    init(name: String, _ settings: Settings) throws(SettingFault) {
        typealias F = SignalFields
        self.name = name
        func key(_ text: String, _ field: String) throws(SettingFault) -> ContextKey {
            if let key = ContextKey(rawValue: text) { return key }
            throw SettingFault(
                location: settings.locations[field] ?? settings.location, reason: "\(field): \(text) is no context",
                suggestion: "contexts are " + ContextKey.allCases.map(\.rawValue).joined(separator: ", "))
        }
        var byTag: [String: ContextKey] = [:]
        for (word, tag) in try settings.optional(F.contextTags) ?? [] { byTag[tag] = try key(word, "tags") }
        self.byTag = byTag
        var setters: [(key: ContextKey, paths: [FieldPath])] = []
        for (word, fields) in try settings.optional(F.set) ?? [] {
            setters.append((try key(word, "set"), fields.map { FieldPath($0) }))
        }
        self.setters = setters
        records = try settings.optional(F.on) ?? []
        clearing = try settings.optional(F.contextClearOn) ?? []
        var cleared: [ContextKey] = []
        for word in try settings.optional(F.clears) ?? [] { cleared.append(try key(word, "clears")) }
        self.cleared = cleared.isEmpty ? setters.map(\.key) : cleared
        guard !byTag.isEmpty || !records.isEmpty || !clearing.isEmpty else {
            throw SettingFault(
                location: settings.location, reason: "the context listens to nothing",
                suggestion: "give `tags:`, or `on:` with `set:`")
        }
    }

    func take(_ reading: Reading, _ pass: inout SignalPass) throws {
        switch reading.value {
        case .unavailable: return  // What is at hand does not change because nobody listens.
        case .value(let value):
            guard let key = byTag[reading.name] else { return }
            let text = value.plainText?[...].trimmingSpaces
            try store([(key, text?.isEmpty == false ? text : nil)], reading.asset, &pass)
        case .record(let record):
            try store(
                setters.map { setter in
                    let parts = setter.paths.compactMap { $0.text(in: record) }
                    return (setter.key, parts.count == setter.paths.count ? parts.joined(separator: ", ") : nil)
                }, reading.asset, &pass)
        }
    }

    /// Ends the context behind a record of a kind in ``clearing``.
    func clear(_ reading: Reading, _ pass: inout SignalPass) throws {
        try store(cleared.map { ($0, nil) }, reading.asset, &pass)
    }

    private func store(_ values: [(key: ContextKey, text: String?)], _ asset: AssetID, _ pass: inout SignalPass) throws
    {
        let slot = try pass.memory.contexts.slot(StateKey(asset: asset, name: ""), load: pass.load)
        for (key, text) in values where pass.memory.contexts[slot].set(key, text) {
            pass.memory.contexts.markDirty(slot)
        }
    }
}
