import Contracts
import FaultDisk
import NodeSettings
import SimulatedWorld

/// The word behind `fault:` in a scenario's file: the kind of ``PlantFault``, as reports and `--without` call it.
enum FaultWord: String, Sendable, CaseIterable {
    case link, odoo, kill, powerLoss, diskErrors, diskFull, cut, odooDown, keyRefused, clockJumps, clockDrift, upgrade
    case diskLost, restore, silentErrors, bitRot, reload, odooRestored

    /// The keys that stand beside it.
    var variant: FieldKind.Variant { FieldKind.Variant(rawValue, summary, fields) }

    /// What goes wrong, for those who write a file.
    var summary: String {
        switch self {
        case .link: "messages between edge and hubs go wrong"
        case .odoo: "messages between hubs and Odoo go wrong"
        case .kill: "the process ends between two of its steps; what it wrote is in the page cache"
        case .powerLoss: "the power goes, also in the middle of a disk operation: what was not synced is lost or torn"
        case .diskErrors: "disk operations fail and say so"
        case .diskFull: "the disk has no room for a while"
        case .cut: "nothing goes between edge and hubs for a while, once"
        case .odooDown: "Odoo is down for a while; what it works on then is undone"
        case .keyRefused: "Odoo does not know the key for a while"
        case .clockJumps: "the clock is set wrong"
        case .clockDrift: "the clock goes too fast or too slow"
        case .upgrade: "a new release takes over, with other facts and another schema of the store"
        case .diskLost: "the disk is lost with everything on it, once; an empty one takes its place"
        case .restore: "the node is backed up at some time, and put back to that at some later time"
        case .silentErrors: "disk operations go wrong and the disk says that all is well"
        case .bitRot: "bits of the store's files turn over while they lie there"
        case .reload: "the node gets other settings while it works"
        case .odooRestored: "Odoo is put back to a backup, once; a person has what it forgot posted again"
        }
    }

    private var fields: [FieldSpec] {
        typealias F = FaultFields
        return switch self {
        case .link: MessageFields.ofLink
        case .odoo: MessageFields.ofOdoo
        case .kill, .powerLoss, .reload: [F.place.spec, F.every.spec]
        case .diskErrors: [F.place.spec, F.errors.spec, F.share.spec]
        case .diskFull: [F.place.spec, F.every.spec, F.lasts.spec]
        case .cut: [F.after.spec, F.cutLasts.spec]
        case .odooDown, .keyRefused: [F.every.spec, F.lasts.spec]
        case .clockJumps: [F.place.spec, F.every.spec, F.upTo.spec]
        case .clockDrift: [F.place.spec, F.drift.spec]
        case .upgrade: [F.place.spec, F.about.spec]
        case .diskLost: [F.place.spec, F.after.spec]
        case .restore: [F.place.spec]
        case .silentErrors: [F.place.spec, F.lies.spec, F.atMost.spec]
        case .bitRot: [F.place.spec, F.atMost.spec]
        case .odooRestored: []
        }
    }
}

/// The keys of a fault in a scenario's file.
enum FaultFields {
    private static let longest = ScenarioFields.longest

    static let fault = Field<FaultWord>(
        word: "fault", FaultWord.allCases.map { FieldKind.Choice($0.rawValue, $0.summary) }, required: true,
        example: "kill", "what goes wrong")
    static let place = Field<[Side]>(
        words: "where", [FieldKind.Choice("edge", "the edge"), FieldKind.Choice("hub", "a hub, or each of them")],
        required: true, example: "[edge, hub]", "whose machine")
    static let every = Field<Duration>(
        "every", in: .milliseconds(100)...longest, required: true, example: "2h",
        "how often: the times between are drawn between nothing and twice as much")
    static let lasts = Field<Duration>(
        "lasts", in: .milliseconds(100)...longest, required: true, example: "5m",
        "how long: each time is drawn between nothing and twice as much")
    static let after = Field<Duration>(
        "after", in: .milliseconds(1)...longest, required: true, example: "6h", "when, from the start on")
    static let about = Field<Duration>(
        "after", in: .milliseconds(1)...longest, required: true, example: "6h",
        "when, from the start on: drawn between half as much and half as much again")
    static let cutLasts = Field<Duration>(
        "lasts", in: .milliseconds(1)...longest, required: true, example: "72h", "how long")

    static let share = Field<String>(
        "share", required: true, example: "0.2%", "how many of the disk's operations fail: 0% to 100%")
    static let errors = Field<[DiskFault]>(
        words: "kinds", choices(DiskFault.allCases.filter { !$0.isSilent && $0 != .powerLoss }), required: true,
        example: "[writeError, syncError]", "how they fail")
    // What a disk takes along that pretends to sync cannot be told of a plant that goes on.
    static let lies = Field<[DiskFault]>(
        words: "kinds", choices(DiskFault.allCases.filter { $0.isSilent && $0 != .lostSync }), required: true,
        example: "[readFlip, lostWrite]", "how they go wrong")
    static let atMost = Field<Int>(
        "atMost", .integer(1...100), required: true, example: "2", "how many: drawn between one and so many")

    // A hub tolerates a day between its own clock and the edge's: both jumps, and what the drifts add in a month.
    static let upTo = Field<Duration>(
        "upTo", in: .milliseconds(1)...(.seconds(11 * 3_600)), required: true, example: "8h",
        "by how much at most, either way")
    static let drift = Field<String>(
        "drift", required: true, example: "500ppm",
        "how much it gains, or loses with a minus, at most 0.1%: 500ppm are 43 seconds a day")

    private static func choices(_ faults: [DiskFault]) -> [FieldKind.Choice] {
        faults.map { FieldKind.Choice($0.rawValue, summary($0)) }
    }

    private static func summary(_ fault: DiskFault) -> String {
        switch fault {
        case .openError: "a file cannot be opened"
        case .readError: "nothing is read"
        case .readFlip: "one bit of what is read is wrong; the next read is right again"
        case .writeError: "nothing is written"
        case .shortWrite: "a part is written"
        case .tornWrite: "some sectors of what is written keep their old content"
        case .lostWrite: "nothing is written"
        case .writeFlip: "one bit of what is written is stored wrong"
        case .diskFull: "a write that would make a file larger finds no space"
        case .syncError: "what was unsynced is tried again later, or never"
        case .lostSync: "nothing is made durable"
        case .truncateError: "a file is not made shorter"
        case .deleteError: "a file is not deleted"
        case .powerLoss: "the power goes off in the middle of an operation"
        }
    }
}

/// The keys that say what goes wrong with messages.
enum MessageFields {
    /// How many of the messages have it, by the names that reports count them under. `isOfOdoo`: it can be said of
    /// messages to Odoo as well, which TCP does not double and which bear no signature that would find damage.
    static let shares:
        [(
            field: Field<String>, path: any WritableKeyPath<SimulatedNetwork.Faults, Double> & Sendable, isOfOdoo: Bool
        )] = [
            (share("requestLost", "requests that are lost"), \.requestLost, true),
            (share("answerLost", "answers that are lost, after the request had its effect"), \.answerLost, true),
            (share("doubled", "requests that come twice"), \.doubled, false),
            (share("answeredTwice", "answers that come twice"), \.answeredTwice, true),
            (share("corrupted", "requests of which one bit turns over on the way"), \.corrupted, false),
            (share("answerCut", "answers that break off"), \.answerCut, true),
            (share("gatewayDown", "requests that a gateway keeps and answers with 502"), \.gatewayDown, true),
            (
                share("gatewayGaveUp", "requests that are carried out, and that a gateway answers with 502"),
                \.gatewayGaveUp, true
            ),
            (share("held", "requests that are carried out only after holdTime, waited for or not"), \.held, true),
        ]

    // With the time that a hub waits for an answer it is what it waits until it believes that Odoo did nothing.
    static let heldFrom = bound("from", below: .seconds(100), "the least")
    static let heldTo = bound("to", below: .seconds(100), "the most")
    static let holdTime = Field<Settings>(
        "holdTime", fields: [heldFrom.spec, heldTo.spec],
        "how long messages are held; \(words(usual.holdTime)) where not given")
    static let lateFrom = bound("from", below: .seconds(1), "the least")
    static let lateTo = bound("to", below: .seconds(1), "the most")
    static let latency = Field<Settings>(
        "latency", fields: [lateFrom.spec, lateTo.spec],
        "how long each message takes, one way; \(words(usual.latency)) where not given")
    static let ofLink: [FieldSpec] = shares.map { $0.field.spec } + [holdTime.spec, latency.spec]
    static let ofOdoo: [FieldSpec] =
        shares.filter { $0.isOfOdoo }.map { $0.field.spec } + [holdTime.spec, latency.spec]

    private static let usual = SimulatedNetwork.Faults()

    private static func words(_ range: ClosedRange<Duration>) -> String {
        "\(DurationText.format(range.lowerBound)) to \(DurationText.format(range.upperBound))"
    }

    private static func share(_ name: String, _ summary: String) -> Field<String> {
        Field<String>(name, example: "5%", "how many: \(summary)")
    }

    private static func bound(_ name: String, below most: Duration, _ summary: String) -> Field<Duration> {
        Field<Duration>(name, in: .milliseconds(1)...most, required: true, example: "1s", summary)
    }
}
