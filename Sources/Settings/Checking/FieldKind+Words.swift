package import Contracts

extension FieldKind {
    /// What errors and the reference call it: `a whole number from 1 to 64`.
    package var expected: String {
        switch self {
        case .text: "text"
        case .name: "a name"
        case .integer(let range) where range.upperBound == .max: "a whole number from \(range.lowerBound)"
        case .integer(let range): "a whole number from \(range.lowerBound) to \(range.upperBound)"
        case .number: "a number"
        case .duration(let range):
            "a duration from \(DurationText.format(range.lowerBound)) to \(DurationText.format(range.upperBound))"
        case .durationOrNever(let range): "\(FieldKind.duration(range).expected), or `never`"
        case .bytes(let range):
            "a size from \(ByteCountText.format(range.lowerBound)) to \(ByteCountText.format(range.upperBound))"
        case .choice(let choices): "one of " + choices.map { "`\($0.word)`" }.joined(separator: ", ")
        case .url(let schemes): "a URL" + (schemes.isEmpty ? "" : " (\(schemes.joined(separator: ", ")))")
        case .hostAndPort: "host:port"
        case .path: "a path"
        case .secret: "a secret's place"
        case .timeZone: "an IANA time zone"
        case .quietWindow: "a stretch of the day or the week"
        case .cron: "times in cron's five fields"
        case .timeFormat: "a time pattern"
        case .glob: "a file name pattern"
        case .jq: "a jq program"
        case .json: "any value"
        case .reference(let referent): "the name of a \(referent.rawValue)".replacing("a asset", with: "an asset")
        case .list(let element): "a list: \(element.expected)"
        case .oneOrMany(let element): "\(element.expected), or a list of such"
        case .map(let element): "free keys, each with \(element.expected)"
        case .object: "keys with values"
        case .variants(let key, let variants):
            "keys with values, by `\(key)`: " + variants.map { "`\($0.word)`" }.joined(separator: ", ")
        }
    }

    /// A value of this kind as a person would write it, for errors where the field gives none.
    package var exampleText: String? {
        switch self {
        case .text, .json, .list, .map, .variants: nil
        case .oneOrMany(let element): element.exampleText
        case .object(let fields): Self.example(of: fields)
        case .name: "komax-565"
        case .integer(let range): String(range.lowerBound == .min ? 1 : range.lowerBound)
        case .number: "1.5"
        case .duration(let range): DurationText.format(range.contains(.seconds(30)) ? .seconds(30) : range.lowerBound)
        case .durationOrNever(let range): FieldKind.duration(range).exampleText
        case .bytes(let range): ByteCountText.format(range.contains(64 << 10) ? 64 << 10 : range.lowerBound)
        case .choice(let choices): choices.first?.word
        case .url(let schemes): "\(schemes.first ?? "https")://host.example"
        case .hostAndPort: "192.168.1.20:7878"
        case .path: "/data/in"
        case .secret: "${file:/run/secrets/name}"
        case .timeZone: "Europe/Paris"
        case .quietWindow: "sun 02:00-04:00"
        case .cron: "\"30 22 * * mon-fri\""
        case .timeFormat: "dd/MM/yyyy,HH:mm:ss"
        case .glob: "\"*.csv\""
        case .jq: "."
        case .reference(.map): "maps/name.jq"
        case .reference: "name"
        }
    }

    /// `{ base: 500ms, cap: 60s }`: what must be given, or else the first keys.
    private static func example(of fields: [FieldSpec]) -> String? {
        let required = fields.filter(\.isRequired)
        let pairs = (required.isEmpty ? Array(fields.prefix(2)) : required).compactMap { field in
            field.exampleText.map { "\(field.name): \($0)" }
        }
        return pairs.isEmpty ? nil : "{ \(pairs.joined(separator: ", ")) }"
    }

    /// Whether `${…}` may stand in it: in a secret as a reference, in a program as the program's own text.
    var mayHoldReference: Bool {
        switch self {
        case .secret, .jq: true
        default: false
        }
    }
}

extension FieldSpec {
    /// A value as a person would write it: the field's own example, else its default, else one of its kind.
    package var exampleText: String? {
        // A group's default is {}, which shows nothing.
        if case .object = kind { return example ?? kind.exampleText ?? defaultText }
        return example ?? defaultText ?? kind.exampleText
    }
}
