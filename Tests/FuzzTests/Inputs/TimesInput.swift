import Canonical
import ExactJSON

@testable import FilesConnector
@testable import MTConnectConnector
@testable import NodeSettings

/// A byte that chooses, then a text: an instant, a duration, a size, an address, a name, a machine's time, or a time
/// pattern and a time with a line break between. What is read writes and reads the same.
enum TimesInput {
    private static let zones = ["UTC", "Europe/Paris", "Australia/Lord_Howe", "America/St_Johns"]
        .compactMap { PlantZone($0) }
    private static let now = Instant(microseconds: 1_700_000_000_000_000)

    static func check(_ input: [UInt8]) throws {
        guard let choice = input.first else { return }
        let rest = input.dropFirst()
        let text = String(decoding: rest, as: UTF8.self)
        switch choice & 3 {
        case 0: try quantities(text)
        case 1: try words(text)
        case 2: try machineTimes(text, perSecond: [1, 1_000, 1_000_000][Int(choice >> 2) % 3])
        default: pattern(rest, zones[Int(choice >> 2) % zones.count])
        }
    }

    private static func quantities(_ text: String) throws {
        if let instant = Instant(text: text), instant.microseconds >= -62_135_596_800_000_000 {
            try require(Instant(text: instant.description) == instant, "\(instant) reads otherwise")
        }
        if let duration = try? DurationText.parse(text) {
            try require((try? DurationText.parse(DurationText.format(duration))) == duration, "\(duration) differs")
        }
        if let bytes = try? ByteCountText.parse(text) {
            try require((try? ByteCountText.parse(ByteCountText.format(bytes))) == bytes, "\(bytes) bytes differ")
        }
    }

    private static func words(_ text: String) throws {
        if let cron = try? CronText.parse(text) {
            try require(cron.nearestDay(20_000, step: 1) != nil && !cron.minutesOfDay.isEmpty, "\(cron) never happens")
        }
        _ = try? AddressText.hostAndPort(text)
        _ = try? AddressText.url(text, schemes: ["https", "http"])
        _ = try? SecretText.parse(text)
        _ = try? TypePattern(text)
        _ = try? GlobText.check(text)
        _ = try? NameText.check(text)
        _ = LookupScanner(text)
    }

    private static func machineTimes(_ text: String, perSecond: Int) throws {
        var shdr = SHDRTime()
        for line in text.split(separator: "\n").prefix(4) { _ = shdr.read(String(line), now: now)?.time.description }
        var clock = RecordClock(.init(form: .epoch(perSecond: perSecond), fields: ["t"], zone: zones[0]))
        guard let read = try? clock.time(of: ["t": .string(text)], now: now) else { return }
        try require(read.time.microseconds >= 0, "\(text) is before 1970")
    }

    private static func pattern(_ bytes: ArraySlice<UInt8>, _ zone: PlantZone) {
        let parts = bytes.split(separator: 0x0A, maxSplits: 1, omittingEmptySubsequences: false)
        let pattern = String(decoding: parts[0], as: UTF8.self)
        _ = try? TimeFormatText.check(pattern)
        guard parts.count == 2, let time = try? TimePattern(pattern) else { return }
        let fields: JSONObject = ["t": .string(String(decoding: parts[1], as: UTF8.self))]
        var clock = RecordClock(.init(form: .pattern(time), fields: ["t"], zone: zone))
        // The second reading looks back at the first one, as in the hour that comes twice.
        _ = try? clock.time(of: fields, now: now).time.description
        _ = try? clock.time(of: fields, now: now)
    }
}
