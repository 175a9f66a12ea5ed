import Contracts
import ExactJSON

/// The typed keys to the settings of a signal; ``SignalSpec`` says which role takes which.
enum SignalFields {
    static let role = Field<String>("role", .name, required: true, "what the signal makes of its readings")
    static let name = Field<String>(
        "name", .name, example: "good-pieces",
        "the signal's own name: part of its state's key and of its event ids, so never change it; default: "
            + "its first tag, or role and event")
    static let with = Field<[String: String]>(
        "with", example: "{ operation: \"20\" }", "constants that every event carries")

    // What it listens to.
    static let tag = Field<String>("tag", .text, example: "ppartcount", "the tag")
    static let on = Field<[String]>("on", example: "[JobTerminated, JobAborted]", "the kinds of records it takes")

    // What the event says.
    static func event(_ fact: String) -> Field<String> {
        Field<String>(
            "event", .text, default: fact, example: fact, "the canonical fact, or a full type of the user's own")
    }
    static let anyEvent = Field<String>(
        "event", .text, required: true, example: "quality.inspected",
        "the canonical fact, or a full type of the user's own")
    static let subject = Field<[String]>(
        "subject", example: "[Job, ArticleKey]",
        "record fields, joined by \", \", that name what the event is about; default: the order at hand")
    static let order = Field<[String]>(
        "order", example: "Job", "record fields, joined by \", \", that name the order; default: the subject")
    static let item = Field<String>("item", .text, example: "ArticleKey", "the record field with the product's code")
    static let fields = Field<[String: String]>(
        "fields", example: "{ operator: UserName }", "further members of the event and the record fields they come from"
    )
    static let unit = Field<String>("unit", .text, default: "pcs", example: "kg", "UN/ECE Rec 20 code or its symbol")
    static let multiplier = Field<ExactNumber>(
        "multiplier", default: "1", example: "0.1", "what one count stands for: 2 for a double mould")

    // Counters.
    static let baseline = Field<String>(
        "baseline",
        .choice([
            .init("ignore", "the first value ever seen is where counting begins"),
            .init("count", "the first value ever seen is counted from zero"),
        ]), default: "ignore", "what the first value ever seen means")
    static let afterGap = Field<String>(
        "afterGap",
        .choice([
            .init("count", "what was counted while nobody listened was made"),
            .init("ignore", "the first value after a gap is where counting begins again"),
        ]), default: "count", "what the first value after a lost connection means")
    static let session = Field<String>(
        "session", .text, example: "avail",
        "a tag whose report says that the device begins anew with a snapshot: what follows is after a gap")
    static let rollover = Field<ExactNumber>(
        "rollover", example: "65535", "the highest value of the counter, behind which it goes on at 0")
    static let tolerance = Field<ExactNumber>(
        "tolerance", default: "0", example: "2", "a step back up to this is reported and changes nothing")
    static let resetBelow = Field<ExactNumber>(
        "resetBelow", default: "5", example: "0",
        "a value that falls to this or below, and to half or less, is a reset and counts from zero")
    static let maximumStep = Field<ExactNumber>(
        "maximumStep", example: "1000", "a larger step forward is reported and not counted until the next value agrees")

    // Quantities stated by a record.
    static let quantityField = Field<String>(
        "field", .text, required: true, example: "TotalGoodPieces", "the record field with the number")
    static let counts = Field<String>(
        "counts",
        .choice([
            .init("run", "what this run made; each record ends a run"),
            .init("delta", "what was added since the record before"),
            .init("total", "a running total of the subject: the difference counts"),
        ]), default: "run", "what the number means")
    static let quantity = Field<Settings>(
        "quantity", fields: [quantityField.spec, counts.spec, unit.spec, multiplier.spec],
        "the number, its meaning and its unit")

    // States and reasons.
    static let states = FieldKind.choice(
        EquipmentState.words.map { FieldKind.Choice($0, "the equipment is \($0)") })
    static let onStates = pairs(
        "on", example: "{ JobStarted: running, JobPaused: held }", "kinds of records and their states")
    static let map = pairs("map", example: "{ ACTIVE: running, READY: idle }", "the tag's codes and their states")
    static let overrides = Field<[(tag: String, map: [(key: String, value: String)])]>(
        FieldSpec(
            "overrides", .map(.map(states)), required: false, default: nil,
            example: "{ estop: { TRIGGERED: down } }",
            "further tags whose codes, while they hold, decide over the main one; the first one given is the strongest")
    ) {
        guard case .map(let tags) = $0 else { return nil }
        return tags.map { (tag: $0.key, map: texts($0.value) ?? []) }
    }
    static let debounce = Field<Duration>(
        "debounce", in: .zero...(.seconds(86_400)), default: "0s", example: "5s",
        "a state that does not last this long is not reported")
    static let reason = Field<String>("reason", .text, example: "Reason", "the record field with the reason's code")
    static let silent = Field<Duration>(
        "silent", in: .seconds(1)...(.seconds(7 * 86_400)), example: "5m",
        "the equipment is `unavailable` when nothing was heard of it for so long, until the next reading; without it "
            + "silence means nothing, as machines that report changes only are silent for hours")
    static let heartbeat = Field<[String]>(
        "heartbeat", example: "[\"*\"]",
        "further tags and kinds of records that end the silence; `*` at the begin or the end stands for anything")
    static let reasonTag = Field<String>(
        "reasonTag", .text, example: "stopcode", "the tag that holds the reason's code")

    // Numbers and their limits.
    static let number = Field<String>("field", .text, example: "Temperature", "the record field with the number")
    static let above = Field<ExactNumber>("above", example: "80", "a value above it is a condition")
    static let aboveUntil = Field<ExactNumber>(
        "aboveUntil", example: "75", "that condition is over when the value falls to this; default: the limit itself")
    static let below = Field<ExactNumber>("below", example: "5", "a value below it is a condition")
    static let belowUntil = Field<ExactNumber>(
        "belowUntil", example: "8", "that condition is over when the value rises to this; default: the limit itself")
    static let lasts = Field<Duration>(
        "lasts", in: .zero...(.seconds(86_400)), default: "0s", example: "30s",
        "a value that is not beyond the limit for so long is not reported")
    static let conditionCode = Field<String>(
        "condition", .text, example: "SPINDLE-HOT",
        "the condition's code; with both limits `.high` or `.low` stands behind it; default: the tag, with that")
    static let valueUnit = Field<String>("unit", .text, example: "°C", "UN/ECE Rec 20 code of the value, or its symbol")

    // Rates.
    static let per = Field<Duration>(
        "per", in: .seconds(1)...(.seconds(86_400)), default: "1h", example: "1m", "the time that a rate is for")
    static let rateWindow = Field<Duration>(
        "window", in: .seconds(20)...(.seconds(86_400)), default: "10m", example: "1h",
        "over how much time the rate is taken; it is looked at twenty times in it, first when it was known so long"
    )

    // Energy.
    static let reads = Field<String>(
        "reads",
        .choice([
            .init("meter", "a running total of the energy"),
            .init("power", "the power of the moment, which holds until the next reading"),
        ]), default: "meter", "what the number is")
    static let energyUnit = Field<String>(
        "unit", .text, example: "kWh",
        "UN/ECE Rec 20 code of the number, or its symbol; default: kWh of a meter, kW of a power")
    static let every = Field<Duration>(
        "every", in: .seconds(60)...(.seconds(86_400)), default: "15m", example: "1h",
        "how much time an event covers; spans end on whole multiples of it (UTC)")
    static let hold = Field<Duration>(
        "hold", in: .seconds(1)...(.seconds(86_400)), default: "5m", example: "30s",
        "how long a power holds without a further reading; beyond, it is not known")

    // Windows.
    static let shifts = Field<[String]>(
        "shifts", example: "[early, late]", "the plant's shifts that are summarised; default: all of them")
    static let stateSignal = Field<String>(
        "state", .name, example: "pexecution", "the signal that tells the states; default: the only one of the source")
    static let good = Field<[String]>(
        "good", example: "[good-pieces]",
        "the signals that count good pieces; default: all that make production.completed")
    static let scrapSignals = Field<[String]>(
        "scrap", example: "[scrap.bad]", "the signals that count scrap; default: all that make production.scrapped")
    static let grace = Field<Duration>(
        "grace", in: .zero...(.seconds(43_200)), default: "10m", example: "30m",
        "how long behind its end a shift waits for what comes late, before it is summarised")
    static let amend = Field<Duration>(
        "amend", in: .zero...(.seconds(7 * 86_400)), default: "1d", example: "3d",
        "how long a summary is told anew when something comes even later; beyond, that is reported")
    static let microStop = Field<Duration>(
        "microStop", in: .zero...(.seconds(3_600)), default: "0s", example: "2m",
        "a stop shorter than this, between two stretches of running, counts as running and as a micro-stop")
    static let runTimePerUnit = Field<Duration>(
        "runTimePerUnit", in: .zero...(.seconds(7 * 86_400)), example: "45s",
        "the planned run time of one piece (ISO 22400-2: PRI), without which there is no effectiveness and no OEE")

    // Cycles.
    static let starts = Field<[String]>("starts", example: "[ACTIVE]", "values of the tag with which a cycle starts")
    static let ends = Field<[String]>("ends", example: "[PROGRAM_COMPLETED]", "values of the tag with which it ends")
    static let aborts = Field<[String]>(
        "aborts", example: "[READY]", "values of the tag that end it without a completed cycle")
    static let startOn = Field<[String]>("startOn", example: "[SampleStarted]", "kinds of records that start a cycle")
    static let endOn = Field<[String]>("endOn", example: "[SampleTerminated]", "kinds of records that end it")
    static let abortOn = Field<[String]>(
        "abortOn", example: "[SampleAborted]", "kinds of records that end it uncompleted")

    // Conditions.
    static let tags = Field<[String]>(
        "tags", example: "[\"*_cond\"]", "the conditions; `*` at the begin or the end stands for anything")
    static let clearOn = Field<[String]>(
        "clearOn", example: "[AlarmReset]", "kinds of records that end it; without one each record stands for itself")
    static let code = Field<String>("code", .text, example: "Code", "the record field with the condition's code")
    static let message = Field<String>("message", .text, example: "Text", "the record field with the machine's words")
    static let severity = Field<String>(
        "severity", .choice([.init("fault", "the machine cannot go on"), .init("warning", "it needs attention")]),
        default: "fault", "how bad a record is")
    static let codes = Field<[String]>(
        "codes", required: true, example: "[\"LUB*\"]", "the codes that need maintenance; `*` stands for anything")
    static let kind = Field<String>(
        "kind", .choice([.init("corrective", "repair"), .init("preventive", "upkeep")]), default: "corrective",
        "what is asked for")
    static let priority = Field<String>(
        "priority",
        .choice([.init("low", "some day"), .init("normal", "soon"), .init("high", "today"), .init("urgent", "now")]),
        default: "normal", "how urgent it is")
    static let maintenance = Field<Settings>(
        "maintenance", fields: [codes.spec, kind.spec, priority.spec],
        "codes for which a maintenance.requested is raised beside the condition")

    // Material.
    static let within = Field<[String]>(
        "within", example: "[JobStarted, JobTerminated]",
        "kinds of records that a counter section belongs to: the last one before it in the same file names the order")
    static let resets = Field<[String]>(
        "resets", example: "[JobStarted]", "of those, the kinds with which a run begins and its counters start at zero")
    static let items = Field<[(key: String, value: String)]>(
        FieldSpec(
            "items", .map(.text), required: true, example: "{ Wire: mm, Terminal: pcs }",
            "the record fields with item and quantity, and the unit of each")
    ) { texts($0) }
    static let itemPart = Field<Int>(
        "itemPart", .integer(1...20), default: "1", "which comma-separated part of the field is the item's code")
    static let quantityPart = Field<Int>(
        "quantityPart", .integer(1...20), default: "2", "which comma-separated part is the cumulative quantity")

    // Context.
    static let contextTags = pairs(
        "tags", kind: .text, example: "{ program: pprogram }", "what is at hand, and the tag that says it")
    static let set = Field<[(key: String, value: [String])]>(
        FieldSpec(
            "set", .map(.oneOrMany(.text)), example: "{ order: [Job, ArticleKey], operator: UserName }",
            "what is at hand, and the record fields, joined by \", \", that say it")
    ) {
        guard case .map(let pairs) = $0 else { return nil }
        return pairs.map { pair in
            switch pair.value {
            case .list(let values): (pair.key, values.compactMap { if case .text(let text) = $0 { text } else { nil } })
            case .text(let text): (pair.key, [text])
            default: (pair.key, [])
            }
        }
    }
    static let contextClearOn = Field<[String]>(
        "clearOn", example: "[JobTerminated, JobAborted]", "kinds of records behind which it is over")
    static let clears = Field<[String]>(
        "clears", .oneOrMany(.choice(ContextKey.allCases.map { .init($0.rawValue, "the \($0.rawValue)") })),
        example: "[order, item]", "what is over then; default: all that `set` sets")

    /// A table of texts in the order in which it was written.
    private static func pairs(
        _ name: String, kind: FieldKind = states, example: String, _ summary: String
    ) -> Field<[(key: String, value: String)]> {
        Field(FieldSpec(name, .map(kind), example: example, summary)) { texts($0) }
    }

    private static func texts(_ value: SettingValue) -> [(key: String, value: String)]? {
        guard case .map(let pairs) = value else { return nil }
        return pairs.compactMap { pair in
            if case .text(let text) = pair.value { (key: pair.key, value: text) } else { nil }
        }
    }
}
