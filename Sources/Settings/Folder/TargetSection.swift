package import Canonical
package import Contracts

/// One file of `targets/`: where commands go.
package struct TargetSection: Sendable {
    /// When a target that keeps failing is left alone for a while.
    package struct Breaker: Sendable, Hashable {
        /// Failures in a row that open it.
        package let failures: Int
        /// How long it stays open.
        package let cooldown: Duration
    }

    /// Where a target begins that this node's store has never seen.
    package enum Start: String, Sendable, CaseIterable {
        /// With what is stored from then on.
        case now
        /// With everything that is still in the journal.
        case beginning
    }

    package let name: TargetName
    /// The connector's name: `odoo`.
    package let protocolName: String
    /// The connector's own settings, checked by its spec.
    package let settings: Settings
    /// Commands that are under way at the same time.
    package let concurrency: Int
    package let breaker: Breaker
    /// Where it begins when it is new; nil leaves it to the connector.
    package let start: Start?
    package let location: SettingLocation
}

/// The keys that every target has, beside its connector's own.
package enum TargetFields {
    static let target = Field<String>(
        "target", .name, required: true, example: "odoo", "the target's name, as its file is called")
    static let protocolName = Field<String>("protocol", .name, required: true, example: "odoo", "the connector")
    static let concurrency = Field<Int>(
        "concurrency", .integer(1...64), default: "2", "how many commands may be under way at the same time")
    static let breaker = Field<Settings>(
        group: "breaker", [failures.spec, cooldown.spec], "when a target that keeps failing is left alone for a while")
    static let failures = Field<Int>(
        "failures", .integer(1...1_000), default: "5", "failures in a row after which it is left alone")
    static let cooldown = Field<Duration>(
        "cooldown", in: .milliseconds(100)...(.seconds(3_600)), default: "30s", "how long it is left alone")

    static let start = Field<String>(
        "start",
        .choice([
            .init(TargetSection.Start.now.rawValue, "what is stored from then on"),
            .init(TargetSection.Start.beginning.rawValue, "everything that is still in the journal"),
        ]),
        "where it begins when it is new to this node: commands begin now, hubs and files with the beginning. One that "
            + "was there before goes on where it stood")

    /// All keys that every target has.
    package static let all: [FieldSpec] = [
        target.spec, protocolName.spec, concurrency.spec, breaker.spec, start.spec,
    ]
}

extension TargetSection {
    init(_ settings: Settings) throws(SettingFault) {
        name = TargetName(try settings(TargetFields.target))
        protocolName = try settings(TargetFields.protocolName)
        self.settings = settings
        // A connector may describe concurrency itself, and then without a default.
        concurrency = try settings.optional(TargetFields.concurrency) ?? 1
        let breaker = try settings(TargetFields.breaker)
        self.breaker = Breaker(
            failures: try breaker(TargetFields.failures), cooldown: try breaker(TargetFields.cooldown))
        start = try settings.optional(TargetFields.start).flatMap { Start(rawValue: $0) }
        location = settings.location
    }
}
