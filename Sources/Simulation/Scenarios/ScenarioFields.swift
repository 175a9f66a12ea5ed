package import Contracts
import Delivery
import NodeSettings

/// The keys of a scenario's file. What a file leaves out is as ``PlantScenario/Plant`` has it.
package enum ScenarioFields {
    private static let usual = PlantScenario.Plant()
    private static let usualKeeping = Retention()
    private static let day = Duration.seconds(86_400)
    /// The longest time that a scenario may take.
    static let longest = day * 31
    /// Facts that one machine makes at most, one way or the other.
    private static let manyFacts = 10_000
    /// With those of a flood and the counting machine's they stay below the 1,000 that are listed of an Odoo.
    private static let manyOrders = 900

    static let scenario = Field<String>(
        "scenario", .name, required: true, example: "two-shifts", "what reports call it")
    static let summary = Field<String>("summary", example: "Two shifts over a bad link.", "one sentence about it")
    static let duration = Field<Duration>(
        "duration", in: .seconds(1)...longest, default: DurationText.format(usual.duration), example: "16h",
        "how long the machines work and things go wrong; then nothing does any more, and everything must arrive")
    static let plant = Field<Settings>(
        group: "plant",
        [
            machines.spec, hubs.spec, person.spec, keeps.spec, edgeKeeps.spec, pendingDeliveries.spec,
            storeChecks.spec, odooPatience.spec,
        ], "what the plant is made of")
    static let work = Field<Settings>(
        group: "work", [facts.spec, orders.spec, lateOrders.spec, repeats.spec, flood.spec, criticalWithin.spec],
        "what there is to do")
    static let faults = Field<[Settings]>(
        "faults", list: .variants(by: FaultFields.fault.spec.name, FaultWord.allCases.map(\.variant)),
        example: "[{ fault: kill, where: hub, every: 2h }]",
        "what goes wrong meanwhile: each fault once, and once for each place; nothing where there are none")

    /// All keys of the file.
    package static let all: [FieldSpec] = [
        scenario.spec, summary.spec, duration.spec, plant.spec, work.spec, faults.spec,
    ]

    // MARK: - The plant

    static let machines = Field<[PlantScenario.Machine]>(
        words: "machines", PlantScenario.Machine.allCases.map { FieldKind.Choice($0.rawValue, $0.summary) },
        default: "[\(words(usual.machines).joined(separator: ", "))]", example: "[pushing, following]",
        "the machines beside the edge")
    // The dice of a fourth would be the edge's.
    static let hubs = Field<Int>(
        "hubs", .integer(1...3), default: String(usual.hubs), example: "2",
        "the hubs that the edge sends everything to, each with an Odoo of its own")
    static let person = Field<PlantScenario.Person>(
        word: "person", PlantScenario.Person.allCases.map { FieldKind.Choice($0.rawValue, $0.summary) },
        default: usual.person.rawValue, example: "resubmits", "who looks at the exception queue")
    static let keeps = Field<Settings>(
        "keeps", fields: keeping, "how long edge and hubs keep what is done, in place of the usual time")
    static let edgeKeeps = Field<Settings>(
        "edgeKeeps", fields: keeping, "how long the edge alone keeps it, in place of what holds for the hubs")
    static let pendingDeliveries = Field<Int>(
        "pendingDeliveries", .integer(10...100_000), default: String(usual.pendingDeliveries), example: "20",
        "deliveries that a hub holds in memory at most")
    static let storeChecks = Field<String>(
        "storeChecks",
        .choice([
            FieldKind.Choice("yes", "what a disk does not say is found out by the store's own checksums"),
            FieldKind.Choice("no", "the store believes the disk"),
        ]), default: word(usual.isChecked), "whether the store's own checks lie over the disk")
    // With the time that a message to Odoo may be held it is what a hub waits until it believes that Odoo did nothing.
    static let odooPatience = Field<Duration>(
        "odooPatience", in: .seconds(1)...(.seconds(30)), default: DurationText.format(usual.patience), example: "10s",
        "how long a hub waits for an answer of Odoo")

    // What is kept.
    private static let kept = Duration.seconds(1)...(day * 3_650)
    static let events = Field<Duration>(
        "events", in: kept, default: DurationText.format(usualKeeping.events), example: "5s",
        "how long events are kept that every target has had")
    static let commands = Field<Duration>(
        "commands", in: kept, default: DurationText.format(usualKeeping.commands), example: "10s",
        "how long commands are kept whose fate is settled")
    static let identities = Field<Duration>(
        "identities", in: kept, default: DurationText.format(usualKeeping.identities), example: "30d",
        "how long an event is known again after it was trimmed")
    static let trimEvery = Field<Duration>(
        "trimEvery", in: .seconds(1)...day, default: DurationText.format(usualKeeping.interval), example: "2s",
        "the time between two rounds of trimming")
    static let keeping: [FieldSpec] = [events.spec, commands.spec, identities.spec, trimEvery.spec]

    // MARK: - The work

    static let facts = Field<Int>(
        "facts", .integer(0...manyFacts), default: String(usual.facts), example: "40", "facts that each machine makes")
    static let orders = Field<Int>(
        "orders", .integer(1...manyOrders), default: String(usual.orders), example: "5",
        "the orders that the facts are about; the counting machine works on one of its own")
    static let lateOrders = Field<Int>(
        "lateOrders", .integer(0...manyOrders), default: String(usual.lateOrders), example: "1",
        "how many of the orders Odoo learns of only at half time: what comes for them before is refused")
    static let repeats = Field<Int>(
        "repeats", .integer(0...manyFacts), default: String(usual.repeats), example: "8",
        "facts of the pushing machine that were told \"stored\" and come again all the same")
    static let flood = Field<Int>(
        "flood", .integer(0...manyFacts), default: String(usual.flood), example: "400",
        "facts that the following machine makes all at once, for many orders of their own")
    static let criticalWithin = Field<Duration>(
        "criticalWithin", in: .seconds(1)...day, example: "5s",
        "how old a fact of the pushing machine, which is critical, may be until it is in Odoo; nothing is promised "
            + "where this is not given")

    /// The machines' words, always in the same order.
    static func words(_ machines: Set<PlantScenario.Machine>) -> [String] {
        PlantScenario.Machine.allCases.filter(machines.contains).map(\.rawValue)
    }

    /// The word of ``storeChecks``.
    static func word(_ isChecked: Bool) -> String { isChecked ? "yes" : "no" }
}

extension Field where Value: RawRepresentable, Value.RawValue == String {
    /// One word of an enumeration.
    init(
        word name: String, _ choices: [FieldKind.Choice], required: Bool = false, default defaultText: String? = nil,
        example: String? = nil, _ summary: String
    ) {
        self.init(
            FieldSpec(name, .choice(choices), required: required, default: defaultText, example: example, summary)
        ) {
            if case .text(let text) = $0 { Value(rawValue: text) } else { nil }
        }
    }
}

extension Field {
    /// Several words of an enumeration; one may stand alone.
    init<Word: RawRepresentable & Sendable>(
        words name: String, _ choices: [FieldKind.Choice], required: Bool = false, default defaultText: String? = nil,
        example: String? = nil, _ summary: String
    ) where Value == [Word], Word.RawValue == String {
        self.init(
            FieldSpec(
                name, .oneOrMany(.choice(choices)), required: required, default: defaultText, example: example, summary)
        ) {
            guard case .list(let values) = $0 else { return nil }
            return values.compactMap { if case .text(let text) = $0 { Word(rawValue: text) } else { nil } }
        }
    }
}

extension PlantScenario.Machine {
    /// What it is, for those who write a file.
    var summary: String {
        switch self {
        case .pushing: "forgets a fact as soon as it is told that it is stored; its facts are critical"
        case .following: "has a file that can be read again"
        case .counting: "has nothing but a counter that goes up"
        case .logging: "a second one with a file, on the same lane"
        }
    }
}

extension PlantScenario.Person {
    /// What the person does, for those who write a file.
    var summary: String {
        switch self {
        case .absent: "nobody"
        case .resubmits: "sends refused commands again, now and then too early"
        case .resubmitsAndDiscards: "sends most of them again and discards some"
        case .knows: "looks in Odoo first: discards what is there, sends again what is not, adds what is missing"
        }
    }
}
