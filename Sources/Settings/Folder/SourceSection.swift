package import Canonical
package import Contracts

/// One file of `sources/`: where facts come from and what they mean.
package struct SourceSection: Sendable {
    package let name: SourceName
    /// The connector's name: `files`.
    package let protocolName: String
    package let plant: String?
    package let asset: AssetID?
    package let lane: Lane
    /// The connector's own settings, checked by its spec.
    package let settings: Settings
    package let signals: [Settings]
    /// Whether what no signal takes is reported.
    package let isStrict: Bool
    /// How long it may bring nothing before it counts as silent; nil where it may for ever.
    package let silentAfter: Duration?
    package let location: SettingLocation
}

/// The keys that every source has, beside its connector's own.
package enum SourceFields {
    static let source = Field<String>(
        "source", .name, required: true, example: "komax", "the source's name, as its file is called")
    static let protocolName = Field<String>("protocol", .name, required: true, example: "files", "the connector")
    static let plant = Field<String>("plant", .reference(.plant), example: "lyon", "the plant that its facts belong to")
    static let asset = Field<String>(
        "asset", .reference(.asset), example: "komax-565", "the equipment that its facts belong to")
    static let lane = Field<String>("lane", .choice(Lane.choices), default: "normal", "how urgent its events are")

    static let strict = Field<String>(
        "strict",
        .choice([
            FieldKind.Choice("yes", "reported, each once"), FieldKind.Choice("no", "passed over"),
        ]), default: "no", "what happens with a tag or record that no signal takes")

    static let silentAfter = Field<SilenceLimit>.silentAfter(
        "how long it may bring nothing before it counts as silent in `/health`, the metrics and the overview; without "
            + "it, and with `never`, it may be silent for ever")

    /// The list of signals, each of the kind that the signals' own module describes.
    static func signals(_ kind: FieldKind) -> Field<[Settings]> {
        Field<[Settings]>("signals", list: kind, "what the tags and fields mean")
    }

    /// All keys of a source's file, with `signals` of this kind.
    package static func all(signals kind: FieldKind) -> [FieldSpec] {
        [
            source.spec, protocolName.spec, plant.spec, asset.spec, lane.spec, strict.spec, silentAfter.spec,
            signals(kind).spec,
        ]
    }
}

extension SourceSection {
    /// `plant` is the one that the asset's name alone stands for, where the file names none.
    init(_ settings: Settings, signals: FieldKind, plant: String?) throws(SettingFault) {
        name = SourceName(try settings(SourceFields.source))
        protocolName = try settings(SourceFields.protocolName)
        self.plant = try settings.optional(SourceFields.plant) ?? plant
        asset = try settings.optional(SourceFields.asset).map { AssetID($0) }
        lane = Lane(name: try settings(SourceFields.lane)) ?? .normal
        isStrict = try settings(SourceFields.strict) == "yes"
        silentAfter = try settings.optional(SourceFields.silentAfter)?.duration
        self.settings = settings
        self.signals = try settings.optional(SourceFields.signals(signals)) ?? []
        location = settings.location
    }
}

extension Lane {
    /// The lanes as words of a setting.
    static let choices: [FieldKind.Choice] = [
        FieldKind.Choice("critical", "before everything else"), FieldKind.Choice("normal", "in turn"),
        FieldKind.Choice("bulk", "when nothing else waits"),
    ]
}
