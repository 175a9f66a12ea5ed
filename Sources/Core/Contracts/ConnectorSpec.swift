/// What a connector is called, takes and promises: feeds the parser, the linter, the reference and the JSON Schema alike.
package struct ConnectorSpec: Sendable {
    package enum Role: String, Sendable { case source, target }

    /// The word behind `protocol:` in the settings: `odoo`.
    package let name: String
    package let role: Role
    package let summary: String
    /// The connector's own settings, beside those that every source or target has.
    package let fields: [FieldSpec]
    /// What a target can do; empty for sources and stream targets.
    package let operations: [OperationSpec]
    /// What a target answers while somebody waits; empty for most.
    package let queries: [QuerySpec]
    /// A complete settings file that works, in YAML.
    package let example: String
    /// What is promised and what may be missed, in sentences for the docs.
    package let promises: [String]

    package init(
        name: String, role: Role, summary: String, fields: [FieldSpec], operations: [OperationSpec] = [],
        queries: [QuerySpec] = [], example: String, promises: [String]
    ) {
        self.name = name
        self.role = role
        self.summary = summary
        self.fields = fields
        self.operations = operations
        self.queries = queries
        self.example = example
        self.promises = promises
    }
}

/// One setting: its name, what it takes, and what it means.
package struct FieldSpec: Sendable {
    package let name: String
    package let kind: FieldKind
    /// Must be given; a field with a default is never required.
    package let isRequired: Bool
    /// What holds where nothing is given, as it would be written in YAML.
    package let defaultText: String?
    package let summary: String
    /// A value as a person would write it; the linter's errors quote it.
    package let example: String?

    package init(
        _ name: String, _ kind: FieldKind, required: Bool = false, default defaultText: String? = nil,
        example: String? = nil, _ summary: String
    ) {
        self.name = name
        self.kind = kind
        isRequired = required && defaultText == nil
        self.defaultText = defaultText
        self.summary = summary
        self.example = example
    }
}

/// What a setting takes. A scalar gets the type that stands here, never YAML's guess.
package indirect enum FieldKind: Sendable {
    case text
    /// A name: letters, digits, `-`, `_`, `.`; at most 64 characters.
    case name
    case integer(ClosedRange<Int>)
    case number
    /// `500ms`, `30s`, `5m`, `12h`, `7d`.
    case duration(ClosedRange<Duration>)
    /// The same, or the word `never`, which is read as text.
    case durationOrNever(ClosedRange<Duration>)
    /// `64KiB`, `20GiB`, or plain bytes.
    case bytes(ClosedRange<Int>)
    case choice([Choice])
    /// An absolute URL with one of these schemes.
    case url(schemes: [String])
    /// `host:port`
    case hostAndPort
    /// A path; relative ones start at the settings folder.
    case path
    /// `${file:/path}` or `${env:NAME}`; a literal is refused. Read at start, never shown.
    case secret
    /// An IANA time zone: `Europe/Paris`.
    case timeZone
    /// A stretch of the week by the clock on the wall: `22:00-22:30`, `sun 02:00-04:00`. See ``QuietWindow``.
    case quietWindow
    /// Times by the clock on the wall: `30 22 * * mon-fri`. See ``CronExpression``.
    case cron
    /// A date pattern: `dd/MM/yyyy,HH:mm:ss`.
    case timeFormat
    /// A file name pattern: `*.csv`.
    case glob
    /// A jq program in place.
    case jq
    /// Any value, written as YAML; read as JSON: a plain number, `true`, `false` and `null` are what they look like,
    /// everything else is text.
    case json
    /// The name of something that the folder defines.
    case reference(Referent)
    case list(FieldKind)
    /// One value or a list of them; always read as a list.
    case oneOrMany(FieldKind)
    /// Free keys, values of one kind.
    case map(FieldKind)
    case object([FieldSpec])
    /// A list of objects whose fields depend on the value of one of them: signals by their `role`.
    case variants(by: String, [Variant])

    /// One word of a choice.
    package struct Choice: Sendable, Hashable {
        package let word: String
        package let summary: String
        package init(_ word: String, _ summary: String) {
            self.word = word
            self.summary = summary
        }
    }

    /// The fields that hold where the deciding field has the value `word`.
    package struct Variant: Sendable {
        package let word: String
        package let summary: String
        package let fields: [FieldSpec]
        package init(_ word: String, _ summary: String, _ fields: [FieldSpec]) {
            self.word = word
            self.summary = summary
            self.fields = fields
        }
    }

    package enum Referent: String, Sendable { case plant, asset, target, source, flow, map, crosswalk }
}
