package import ExactJSON

/// Where a setting stands: `sources/komax.yaml:7:12`.
package struct SettingLocation: Sendable, Hashable, CustomStringConvertible {
    package let file: String
    package let line: Int
    package let column: Int

    package init(file: String, line: Int, column: Int) {
        self.file = file
        self.line = line
        self.column = column
    }

    package var description: String { "\(file):\(line):\(column)" }
}

/// A setting's value after its spec gave it a type.
package indirect enum SettingValue: Sendable {
    /// Text, name, choice, path (absolute), URL, pattern, reference, time zone, jq program, host:port.
    case text(String)
    case integer(Int)
    case number(ExactNumber)
    case duration(Duration)
    case secret(SecretReference)
    case list([SettingValue])
    case map([(key: String, value: SettingValue)])
    case object(Settings)
    /// What stands where any value may.
    case json(JSON)
}

/// Where a secret is read from; the secret itself never is a setting.
package enum SecretReference: Sendable, Hashable, CustomStringConvertible {
    case file(String)
    case environment(String)

    package var description: String {
        switch self {
        case .file(let path): "${file:\(path)}"
        case .environment(let name): "${env:\(name)}"
        }
    }
}

/// The checked settings of one connector, flow or signal. They can be read only through the ``Field`` keys of its spec.
package struct Settings: Sendable {
    /// The values by field name, defaults filled in; a field without value and default is missing.
    package let values: [String: SettingValue]
    package let location: SettingLocation
    /// Where each given value stands, for errors that only the connector can find.
    package let locations: [String: SettingLocation]

    package init(values: [String: SettingValue], location: SettingLocation, locations: [String: SettingLocation] = [:])
    {
        self.values = values
        self.location = location
        self.locations = locations
    }

    /// The value of a field that is required or has a default. Throws ``SettingFault`` where it is missing or of another
    /// kind, which can only be where the settings were not checked by the field's own spec.
    package func callAsFunction<Value>(_ field: Field<Value>) throws(SettingFault) -> Value {
        guard let value = values[field.spec.name] else {
            throw SettingFault(location: location, reason: "\(field.spec.name) is missing")
        }
        guard let read = field.read(value) else {
            throw SettingFault(
                location: locations[field.spec.name] ?? location, reason: "\(field.spec.name) is not what its spec says"
            )
        }
        return read
    }

    /// The value of an optional field; nil where it was not given.
    package func optional<Value>(_ field: Field<Value>) throws(SettingFault) -> Value? {
        values[field.spec.name] == nil ? nil : try self(field)
    }
}

/// What is wrong with a setting, where, and the way out.
package struct SettingFault: Error, Sendable, CustomStringConvertible {
    package let location: SettingLocation
    package let reason: String
    package let suggestion: String?

    package init(location: SettingLocation, reason: String, suggestion: String? = nil) {
        self.location = location
        self.reason = reason
        self.suggestion = suggestion
    }

    package var description: String { "\(location): \(reason)\(suggestion.map { "; " + $0 } ?? "")" }
}

/// A typed key to one setting: the only way to read it.
package struct Field<Value: Sendable>: Sendable {
    package let spec: FieldSpec
    package let read: @Sendable (SettingValue) -> Value?

    package init(_ spec: FieldSpec, read: @escaping @Sendable (SettingValue) -> Value?) {
        self.spec = spec
        self.read = read
    }
}

extension Field where Value == String {
    /// A field whose value is text of some kind.
    package init(
        _ name: String, _ kind: FieldKind = .text, required: Bool = false, default defaultText: String? = nil,
        example: String? = nil, _ summary: String
    ) {
        self.init(FieldSpec(name, kind, required: required, default: defaultText, example: example, summary)) {
            if case .text(let text) = $0 { text } else { nil }
        }
    }
}

extension Field where Value == Int {
    /// A whole number, or bytes.
    package init(
        _ name: String, _ kind: FieldKind, required: Bool = false, default defaultText: String? = nil,
        example: String? = nil, _ summary: String
    ) {
        self.init(FieldSpec(name, kind, required: required, default: defaultText, example: example, summary)) {
            if case .integer(let value) = $0 { value } else { nil }
        }
    }
}

extension Field where Value == ExactNumber {
    /// A decimal number.
    package init(
        _ name: String, required: Bool = false, default defaultText: String? = nil, example: String? = nil,
        _ summary: String
    ) {
        self.init(FieldSpec(name, .number, required: required, default: defaultText, example: example, summary)) {
            if case .number(let value) = $0 { value } else { nil }
        }
    }
}

extension Field where Value == Duration {
    /// A span of time.
    package init(
        _ name: String, in range: ClosedRange<Duration>, required: Bool = false, default defaultText: String? = nil,
        example: String? = nil, _ summary: String
    ) {
        self.init(
            FieldSpec(name, .duration(range), required: required, default: defaultText, example: example, summary)
        ) {
            if case .duration(let value) = $0 { value } else { nil }
        }
    }
}

extension Field where Value == SecretReference {
    /// A secret's whereabouts.
    package init(_ name: String, required: Bool = false, example: String? = nil, _ summary: String) {
        self.init(FieldSpec(name, .secret, required: required, example: example, summary)) {
            if case .secret(let reference) = $0 { reference } else { nil }
        }
    }
}

extension Field where Value == JSON {
    /// Any value.
    package init(_ name: String, required: Bool = false, example: String? = nil, _ summary: String) {
        self.init(FieldSpec(name, .json, required: required, example: example, summary)) {
            if case .json(let value) = $0 { value } else { nil }
        }
    }
}

extension Field where Value == [JSON] {
    /// A list of any values; one may stand alone.
    package init(values name: String, example: String? = nil, _ summary: String) {
        self.init(FieldSpec(name, .oneOrMany(.json), example: example, summary)) {
            guard case .list(let values) = $0 else { return nil }
            return values.compactMap { if case .json(let value) = $0 { value } else { nil } }
        }
    }
}

extension Field where Value == [String] {
    /// Several texts; with ``FieldKind/oneOrMany(_:)`` one may stand alone.
    package init(
        _ name: String, _ kind: FieldKind = .oneOrMany(.text), required: Bool = false,
        default defaultText: String? = nil,
        example: String? = nil, _ summary: String
    ) {
        self.init(FieldSpec(name, kind, required: required, default: defaultText, example: example, summary)) {
            guard case .list(let values) = $0 else { return nil }
            return values.compactMap { if case .text(let text) = $0 { text } else { nil } }
        }
    }
}

extension Field where Value == [String: String] {
    /// A table of texts.
    package init(_ name: String, required: Bool = false, example: String? = nil, _ summary: String) {
        self.init(FieldSpec(name, .map(.text), required: required, example: example, summary)) {
            guard case .map(let pairs) = $0 else { return nil }
            var table: [String: String] = [:]
            for (key, value) in pairs { if case .text(let text) = value { table[key] = text } }
            return table
        }
    }
}

extension Field where Value == Settings {
    /// A group of settings.
    package init(_ name: String, fields: [FieldSpec], required: Bool = false, _ summary: String) {
        self.init(FieldSpec(name, .object(fields), required: required, summary)) {
            if case .object(let settings) = $0 { settings } else { nil }
        }
    }
}

extension Field where Value == [Settings] {
    /// A list of groups: plain, or with fields by variant.
    package init(
        _ name: String, list kind: FieldKind, required: Bool = false, example: String? = nil, _ summary: String
    ) {
        self.init(FieldSpec(name, .list(kind), required: required, example: example, summary)) {
            guard case .list(let values) = $0 else { return nil }
            return values.compactMap { if case .object(let settings) = $0 { settings } else { nil } }
        }
    }
}

extension Field where Value == [SecretReference] {
    /// Where several secrets are; one may stand alone.
    package init(secrets name: String, required: Bool = false, example: String? = nil, _ summary: String) {
        self.init(FieldSpec(name, .oneOrMany(.secret), required: required, example: example, summary)) {
            guard case .list(let values) = $0 else { return nil }
            return values.compactMap { if case .secret(let reference) = $0 { reference } else { nil } }
        }
    }
}

extension Field where Value == [Int] {
    /// Several whole numbers; one may stand alone.
    package init(
        integers name: String, in range: ClosedRange<Int>, required: Bool = false, example: String? = nil,
        _ summary: String
    ) {
        self.init(FieldSpec(name, .oneOrMany(.integer(range)), required: required, example: example, summary)) {
            guard case .list(let values) = $0 else { return nil }
            return values.compactMap { if case .integer(let value) = $0 { value } else { nil } }
        }
    }
}
