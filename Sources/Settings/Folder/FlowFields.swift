import Canonical
package import Contracts

/// The keys of a flow's file.
package enum FlowFields {
    static let flow = Field<String>(
        "flow", .name, required: true, example: "progress", "the flow's name, as its file is called")
    static let owner = Field<String>("owner", required: true, example: "production", "who answers for it")

    static let when = Field<Settings>(
        "when", fields: [types.spec, plants.spec, assets.spec, predicate.spec], required: true, "which events start it")
    static let types = Field<[String]>(
        "type", required: true, example: "\"millwright.production.completed.*\"", "event types; * stands for anything")
    static let plants = Field<[String]>(
        "plant", .oneOrMany(.reference(.plant)), example: "lyon", "only events of these plants")
    static let assets = Field<[String]>(
        "asset", .oneOrMany(.reference(.asset)), example: "komax-565", "only events of these assets")
    static let predicate = Field<String>(
        "where", .jq, example: "'.data.quantity.value > 0'", "only events for which this jq expression gives true")

    static let target = Field<String>(
        "target", .reference(.target), example: "odoo",
        "where its commands go; without it to the target that the plants of `when.plant` have in plants.yaml")
    static let operation = Field<String>("operation", example: "production.progress", "what the target is to do")
    static let map = Field<String>(
        "map", .reference(.map), example: "maps/progress.jq",
        "the jq program that makes the operation's arguments of an event")
    static let jq = Field<String>("jq", .jq, example: "'{order: .data.order}'", "the same program, in place")

    /// The word for the default ordering key.
    static let subjectKey = "subject"
    /// Text to the spec, because the word is no program; anything else is checked as one with the flow.
    static let key = Field<String>(
        "key", default: subjectKey, example: ".data.order",
        "what orders its commands: subject, or a jq expression over the event")
    static let conflictKeys = Field<String>(
        "conflictKeys", .jq, example: "'[.data.item]'",
        "a jq expression that gives a list: commands that share one of it never run at the same time")

    static let coalesce = Field<Settings>(
        "coalesce", fields: [window.spec, maximumEvents.spec], "waits and makes one command of several events of a key")
    static let window = Field<Duration>(
        "window", in: .milliseconds(10)...(.seconds(3_600)), required: true, example: "1s",
        "how long the first event waits for more")
    static let maximumEvents = Field<Int>(
        "max", .integer(2...Limits().coalescedEvents), default: String(Limits().coalescedEvents),
        "events that one command may stand for")

    static let lane = Field<String>(
        "lane", .choice(Lane.choices), "how urgent it is; where nothing is given, as urgent as its events")
    static let retry = Field<Settings>(
        group: "retry", [base.spec, cap.spec, attempts.spec], "how a command that did not get through is tried again")
    static let base = Field<Duration>(
        "base", in: .milliseconds(10)...(.seconds(3_600)), default: "500ms",
        "the longest wait before the first new try; doubles each time")
    static let cap = Field<Duration>(
        "cap", in: .milliseconds(10)...(.seconds(86_400)), default: "60s", "the longest wait of all")
    static let attempts = Field<Int>(
        "attempts", .integer(1...1_000_000), example: "20",
        "tries after which a person is asked; without it there is no end")

    /// The words of `sync.class`.
    package enum SyncClass: String, Sendable { case realTime = "real-time", microBatch = "micro-batch", batch }
    static let syncClass = Field<String>(
        "class", .text, required: true, example: SyncClass.batch.rawValue, "when its commands go")
    static let size = Field<Int>(
        "size", .integer(2...1_000), default: "100", "commands that wait, at which all of them go")
    static let age = Field<Duration>(
        "age", in: .milliseconds(100)...(.seconds(86_400)), default: "10s",
        "how long the first one waits at most, until all of them go")
    static let at = Field<String>(
        "at", .cron, required: true, example: "\"30 22 * * mon-fri\"",
        "when all that wait go, in the five fields of cron: minute, hour, day of the month, month, day of the week. "
            + "Where clocks are changed, a time that the wall shows twice counts once and one that it skips counts "
            + "when they are put forward; an expression of every hour counts in each real hour")
    static let zone = Field<String>(
        "zone", .timeZone, example: "Europe/Paris", "the zone of these times; else that of the flow's plant")
    static let sync = Field<Settings>(
        FieldSpec(
            "sync",
            .variants(
                by: "class",
                [
                    FieldKind.Variant(SyncClass.realTime.rawValue, "each goes as soon as it is its turn", []),
                    FieldKind.Variant(
                        SyncClass.microBatch.rawValue, "they wait for each other, and go together",
                        [size.spec, age.spec]),
                    FieldKind.Variant(
                        SyncClass.batch.rawValue, "they wait for a time of the day, and go together",
                        [at.spec, zone.spec]),
                ]), example: "{ class: batch, at: \"30 22 * * mon-fri\" }",
            "when its commands go; without it each goes as soon as it is its turn. Commands that wait are in order "
                + "among themselves, and not with those of other flows of the same key")
    ) {
        if case .object(let settings) = $0 { settings } else { nil }
    }

    static let onReject = Field<String>(
        "onReject",
        .choice([
            FieldKind.Choice("hold", "later events of the key wait until a person has decided"),
            FieldKind.Choice("continue", "later events of the key go on"),
        ]), default: "hold", "what becomes of later events of a key whose command was rejected")
    static let late = Field<String>(
        "late",
        .choice([FieldKind.Choice("review", "a person decides")]), default: "review",
        "what becomes of facts whose order or period is closed")
    static let expires = Field<Duration>(
        "expires", in: .seconds(1)...(.seconds(86_400 * 366)), example: "4h",
        "how old an event may be when its command would first be sent; without it there is no limit")

    static let shadow = Field<String>(
        "shadow",
        .choice([
            FieldKind.Choice("yes", "what would be sent is worked out and recorded, and nothing is sent"),
            FieldKind.Choice("no", "its commands are sent"),
        ]), default: "no",
        "whether the flow only shows what it would do; `millwright shadow` compares that with what the target shows. "
            + "Its commands are in order among themselves alone, so that they hold nobody up")

    /// All keys of the file.
    package static let all: [FieldSpec] = [
        flow.spec, owner.spec, when.spec, target.spec, operation.spec, map.spec, jq.spec, key.spec, conflictKeys.spec,
        coalesce.spec, sync.spec, lane.spec, retry.spec, onReject.spec, late.spec, expires.spec,
        shadow.spec,
    ]
}
