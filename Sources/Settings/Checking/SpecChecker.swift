package import Contracts

/// Gives settings the types that a spec says, and collects everything that is wrong with them.
///
/// It goes on after each fault: a value that is wrong is left out, and nothing that follows from its absence is
/// reported.
package struct SpecChecker {
    /// A name of something else in the folder, to be looked up once everything is read.
    package struct FoundReference: Sendable {
        package let referent: FieldKind.Referent
        package let name: String
        package let location: SettingLocation
        /// The setting that holds it: `when.plant`.
        package let field: String
    }

    /// A jq program that stands in the YAML.
    package struct FoundProgram: Sendable {
        package let text: String
        package let node: SettingsNode
    }

    /// Where relative paths start.
    let root: String
    /// The files' texts, to place faults within programs.
    let sources: [String: SourceText]
    let checkProgram: ProgramCheck

    /// What is wrong, in the order in which it was found.
    package internal(set) var faults: [CheckFault] = []
    /// The names of other things that the settings give.
    package internal(set) var references: [FoundReference] = []
    /// The jq programs that stand in the settings.
    package internal(set) var programs: [FoundProgram] = []

    /// A checker for the folder at `root`, whose files' texts are `sources` by path.
    package init(root: String, sources: [String: SourceText], checkProgram: @escaping ProgramCheck) {
        self.root = root
        self.sources = sources
        self.checkProgram = checkProgram
    }

    mutating func fault(
        _ kind: FailureKind, at location: SettingLocation, _ reason: String, suggestion: String? = nil
    ) {
        faults.append(CheckFault(kind, at: location, reason, suggestion: suggestion))
    }

    /// Checks a group of settings. `path` names it in errors (empty: the file itself). With `knowsAll` false, keys that
    /// no field has are passed over: what they may be is not known because of another fault.
    package mutating func settings(
        _ node: SettingsNode, _ fields: [FieldSpec], path: String = "", knowsAll: Bool = true
    ) -> Settings {
        guard let entries = node.entries ?? (node.isEmpty ? [] : nil) else {
            fault(
                SettingsFailures.shape, at: node.location,
                "\(path.isEmpty ? "the file" : path) must have keys with values, and here stands \(node.shapeName)",
                suggestion: fields.first.map { "begin with \($0.name): …; the keys are: \(Self.list(fields))" })
            return Settings(values: [:], location: node.location)
        }
        var values: [String: SettingValue] = [:]
        var locations: [String: SettingLocation] = [:]
        for entry in entries {
            guard let field = fields.first(where: { $0.name == entry.key }) else {
                if knowsAll || isMisspelt(entry.key, fields, entries) { unknownKey(entry, fields, path) }
                continue
            }
            locations[field.name] = entry.value.location
            values[field.name] = value(entry, field, path: path)
        }
        let given = Self.meant(entries, fields)
        for field in fields where !given.contains(field.name) {
            if field.isRequired {
                missing(field, path, node.location)
            } else if let text = field.defaultText {
                values[field.name] = standard(field, text, path, node.location)
            }
        }
        return Settings(values: values, location: node.location, locations: locations)
    }

    /// Whether a key is most likely a required one that is missing.
    private func isMisspelt(_ key: String, _ fields: [FieldSpec], _ entries: [SettingsNode.Entry]) -> Bool {
        let missing = fields.filter { field in field.isRequired && !entries.contains { $0.key == field.name } }
        return NearestName.of(key, among: missing.map(\.name)) != nil
    }

    /// The keys that are given, and those that unknown keys were most likely meant to be: they are not missing as well.
    static func meant(_ entries: [SettingsNode.Entry], _ fields: [FieldSpec]) -> Set<String> {
        let known = fields.map(\.name)
        let given = Set(entries.map(\.key))
        return given.union(given.subtracting(known).compactMap { NearestName.of($0, among: known) })
    }

    /// The value that holds where nothing is given. A default that does not fit its own field is the spec's fault,
    /// which ``SpecLint`` reports; here it is left out.
    private func standard(_ field: FieldSpec, _ text: String, _ path: String, _ place: SettingLocation) -> SettingValue?
    {
        let node: SettingsNode
        switch field.kind {
        case .list, .oneOrMany, .map, .object, .variants:
            let read = YAMLReader().read(SourceText(path: place.file, text: text))
            guard let root = read.root, read.faults.isEmpty else { return nil }
            node = root
        default:
            node = SettingsNode(content: .scalar(text, .doubleQuoted), location: place)
        }
        var checker = SpecChecker(root: root, sources: [:], checkProgram: checkProgram)
        let value = checker.value(node, field.kind, name: Self.join(path, field.name), example: field.example)
        return checker.faults.isEmpty ? value : nil
    }

    private mutating func value(_ entry: SettingsNode.Entry, _ field: FieldSpec, path: String) -> SettingValue? {
        let name = Self.join(path, field.name)
        guard !entry.value.isEmpty else {
            fault(
                SettingsFailures.noValue, at: entry.keyLocation, "\(name) has no value",
                suggestion: Self.exampleAdvice(field) ?? "give a value, or remove the key")
            return nil
        }
        return value(entry.value, field.kind, name: name, example: field.example ?? field.defaultText)
    }

    private mutating func unknownKey(_ entry: SettingsNode.Entry, _ fields: [FieldSpec], _ path: String) {
        let known = fields.map(\.name)
        let place = path.isEmpty ? "" : " in \(path)"
        let advice =
            RemovedKeys.advice(entry.key, in: path)
            ?? NearestName.of(entry.key, among: known).map { "did you mean \($0)?" }
            ?? (known.isEmpty ? "remove it" : "the keys here are: \(Self.list(fields))")
        fault(
            SettingsFailures.unknownKey, at: entry.keyLocation,
            "\(entry.key.quotedBriefly) is not a known key\(place)", suggestion: advice)
    }

    private mutating func missing(_ field: FieldSpec, _ path: String, _ place: SettingLocation) {
        fault(
            SettingsFailures.missing, at: place, "\(Self.join(path, field.name)) is missing: \(field.summary)",
            suggestion: Self.exampleAdvice(field) ?? "add \(field.name): …")
    }

    static func exampleAdvice(_ field: FieldSpec) -> String? {
        field.exampleText.map { "write \(field.name): \($0)" }
    }

    static func join(_ path: String, _ name: String) -> String { path.isEmpty ? name : "\(path).\(name)" }

    static func list(_ fields: [FieldSpec]) -> String { fields.map(\.name).joined(separator: ", ") }
}
