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

    /// When nothing is sent: maintenance, backups.
    package struct Quiet: Sendable, Hashable {
        /// What becomes of the lane `critical` meanwhile.
        package enum Critical: String, Sendable, CaseIterable { case waits, goes }

        package let windows: [QuietWindow]
        /// The IANA zone of the windows; nil for that of the plant.
        package let zone: String?
        package let critical: Critical
    }

    /// How many commands are begun in a span of time at most.
    package struct Rate: Sendable, Hashable {
        package let commands: Int
        package let per: Duration
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
    package let quiet: Quiet?
    package let rate: Rate?
    /// Where it begins when it is new; nil leaves it to the connector.
    package let start: Start?
    /// Whether all flows that lead to it only show what they would do.
    package let shadow: Bool
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

    /// Windows that one target may have.
    static let maximumWindows = 32
    static let quiet = Field<Settings>(
        "quiet", fields: [windows.spec, zone.spec, critical.spec],
        "when nothing is sent: what comes waits, and goes on by itself afterwards")
    static let windows = Field<[String]>(
        "windows", .oneOrMany(.quietWindow), required: true, example: "[\"22:00-22:30\", \"sun 02:00-04:00\"]",
        "the stretches of the day or the week, by the clock on the wall. Where clocks are put back within one it "
            + "lasts until its end comes the second time; together they last at most three days without a break")
    static let zone = Field<String>(
        "zone", .timeZone, example: "Europe/Paris", "the zone of the windows; else that of the target's plant")
    static let critical = Field<String>(
        "critical",
        .choice([
            .init(TargetSection.Quiet.Critical.waits.rawValue, "it waits like the others"),
            .init(TargetSection.Quiet.Critical.goes.rawValue, "it goes all the same"),
        ]), default: "waits", "what becomes of the lane `critical` meanwhile")
    static let rate = Field<Settings>(
        "rate", fields: [commands.spec, per.spec],
        "how many commands are begun in a span of time at most, evenly; without it as many as the concurrency lets "
            + "through")
    static let commands = Field<Int>(
        "commands", .integer(1...1_000_000), required: true, example: "300", "how many commands")
    static let per = Field<Duration>(
        "per", in: .seconds(1)...(.seconds(86_400)), default: "1m", "in which span of time")

    static let start = Field<String>(
        "start",
        .choice([
            .init(TargetSection.Start.now.rawValue, "what is stored from then on"),
            .init(TargetSection.Start.beginning.rawValue, "everything that is still in the journal"),
        ]),
        "where it begins when it is new to this node: commands begin now, hubs and files with the beginning. One that "
            + "was there before goes on where it stood")

    static let shadow = Field<String>(
        "shadow",
        .choice([
            .init("yes", "nothing is sent: what its flows would do is worked out and recorded"),
            .init("no", "commands are sent, but those of flows with a `shadow` of their own"),
        ]), default: "no", "whether all flows that lead here only show what they would do, as `shadow` of a flow")

    /// All keys that every target has.
    package static let all: [FieldSpec] = [
        target.spec, protocolName.spec, concurrency.spec, breaker.spec, quiet.spec, rate.spec,
        start.spec, shadow.spec,
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
        quiet = try settings.optional(TargetFields.quiet).map { given throws(SettingFault) in try Quiet(given) }
        rate = try settings.optional(TargetFields.rate).map { given throws(SettingFault) in
            Rate(commands: try given(TargetFields.commands), per: try given(TargetFields.per))
        }
        start = try settings.optional(TargetFields.start).flatMap { Start(rawValue: $0) }
        shadow = try settings(TargetFields.shadow) == "yes"
        location = settings.location
    }
}

extension NodeFolder {
    /// Whether a flow only shows what it would do, by its own word or by its target's.
    package func isShadow(_ flow: FlowSection) -> Bool {
        flow.shadow || targets.contains { $0.name == flow.target && $0.shadow }
    }
}

extension TargetSection.Quiet {
    init(_ settings: Settings) throws(SettingFault) {
        var windows: [QuietWindow] = []
        for text in try settings(TargetFields.windows) {
            do {
                windows.append(try QuietWindowText.parse(text))
            } catch {
                throw SettingFault(location: settings.location, reason: error.reason, suggestion: error.suggestion)
            }
        }
        self.windows = windows
        zone = try settings.optional(TargetFields.zone)
        critical = Critical(rawValue: try settings(TargetFields.critical)) ?? .waits
    }
}
