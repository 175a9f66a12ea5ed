import Canonical
import Contracts
import Foundation
import Testing

@testable import Delivery

@Suite("quiet hours")
struct QuietHoursTests {
    private static let zones = [
        "UTC", "Europe/Paris", "America/New_York", "Australia/Lord_Howe", "America/St_Johns", "Asia/Kolkata",
        "Pacific/Chatham", "Africa/Casablanca",
    ]
    /// Days on which clocks are changed somewhere, and one on which none is.
    private static let days = [
        "2026-03-08", "2026-03-29", "2026-04-05", "2026-06-15", "2026-09-27", "2026-10-04", "2026-10-25", "2026-11-01",
        "2026-02-15", "2026-03-22",
    ]

    private struct Generator: RandomNumberGenerator {
        var state: UInt64
        mutating func next() -> UInt64 {
            state &+= 0x9E37_79B9_7F4A_7C15
            var z = state
            z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
            z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
            return z ^ (z >> 31)
        }
    }

    private static func hours(_ windows: [QuietWindow], _ zone: String) throws -> QuietHours {
        try #require(QuietHours(windows: windows, zone: zone, exemptsCritical: false))
    }

    private static func instant(_ text: String) throws -> Instant { try #require(Instant(text: text)) }

    /// Whether the wall shows a time of a window: by the calendar, without knowing how clocks are changed.
    private static func isShown(_ windows: [QuietWindow], _ zone: TimeZone, _ instant: Instant) -> Bool {
        var calendar = Calendar(identifier: .gregorian)
        calendar.timeZone = zone
        let date = Date(timeIntervalSince1970: Double(instant.microseconds) / 1_000_000)
        let parts = calendar.dateComponents([.weekday, .hour, .minute], from: date)
        let today = ((parts.weekday ?? 1) + 5) % 7
        let minute = (parts.hour ?? 0) * 60 + (parts.minute ?? 0)
        return windows.contains { window in
            (window.days.contains(today) && (window.start..<window.start + window.length).contains(minute))
                || (window.days.contains((today + 6) % 7)
                    && (window.start..<window.start + window.length).contains(minute + QuietWindow.day))
        }
    }

    private static func offset(_ zone: TimeZone, _ instant: Instant) -> Int {
        zone.secondsFromGMT(for: Date(timeIntervalSince1970: Double(instant.microseconds) / 1_000_000))
    }

    @Test("where no clock is changed they hold exactly while the wall shows them; else never shorter", arguments: [7, 42, 4711])
    func wall(_ seed: UInt64) throws {
        var random = Generator(state: seed)
        var (exact, changed) = (0, 0)
        for name in Self.zones {
            let zone = try #require(TimeZone(identifier: name))
            for day in Self.days {
                let windows = (0..<Int.random(in: 1...3, using: &random)).map { _ in
                    QuietWindow(
                        days: Set((0..<7).filter { _ in Bool.random(using: &random) } + [Int.random(in: 0..<7, using: &random)]),
                        start: Int.random(in: 0..<QuietWindow.day, using: &random),
                        length: Int.random(in: 1...600, using: &random))
                }
                let hours = try Self.hours(windows, name)
                let noon = try Self.instant(day + "T12:00:00Z")
                for _ in 0..<40 {
                    let now = noon + .seconds(Int.random(in: -129_600...129_600, using: &random))
                    let state = hours.state(at: now)
                    let isShown = Self.isShown(windows, zone, now)
                    let near = [-180_000, 180_000].map { Self.offset(zone, now + .seconds($0)) }
                    let words = "seed \(seed): \(name) \(now) \(windows) \(state)"
                    if near[0] == near[1] {
                        exact += 1
                        #expect((state.end != nil) == isShown, "\(words)")
                    } else {
                        changed += 1
                        #expect(!isShown || state.end != nil, "\(words)")
                    }
                    #expect(state.until > now, "\(words)")
                    // Until it changes it is the same, and then it is another one.
                    let middle = now + .microseconds(state.until.since(now).microseconds / 2)
                    #expect(hours.state(at: middle).end == state.end, "\(words)")
                    if let end = state.end {
                        #expect(hours.state(at: end).end == nil, "\(words)")
                        let bound = QuietWindow.longest(windows) + 120
                        #expect(end.since(now) <= .seconds(bound * 60), "\(words)")
                    } else if state.until.since(now) < .seconds(86_400) {
                        #expect(hours.state(at: state.until).end != nil, "\(words)")
                    }
                }
            }
        }
        #expect(exact > 500 && changed > 400, "\(exact) \(changed)")
    }

    @Test(
        "where clocks are changed within a window it ends when the wall shows its end for the last time",
        arguments: [
            // Put forward: 02:00 to 03:00 never comes.
            (90, 120, "2026-03-29T00:45:00Z", "2026-03-29T01:30:00Z"),
            (135, 30, "2026-03-29T01:05:00Z", nil),
            // Put back: 02:00 to 03:00 comes twice.
            (135, 30, "2026-10-25T00:20:00Z", "2026-10-25T01:45:00Z"),
            (135, 30, "2026-10-25T01:05:00Z", "2026-10-25T01:45:00Z"),
            (60, 180, "2026-10-24T23:30:00Z", "2026-10-25T03:00:00Z"),
        ] as [(Int, Int, String, String?)])
    func changes(_ start: Int, _ length: Int, _ now: String, _ end: String?) throws {
        let hours = try Self.hours([QuietWindow(days: Set(0..<7), start: start, length: length)], "Europe/Paris")
        #expect(hours.state(at: try Self.instant(now)).end == (try end.map(Self.instant)))
    }

    @Test("windows that touch are one, and one over midnight belongs to the day on which it begins")
    func joined() throws {
        let hours = try Self.hours(
            [
                QuietWindow(days: [6], start: 22 * 60, length: 240), QuietWindow(days: [0], start: 120, length: 60),
            ], "UTC")
        // 2026-03-01 is a Sunday.
        #expect(hours.state(at: try Self.instant("2026-03-01T23:00:00Z")).end == (try Self.instant("2026-03-02T03:00:00Z")))
        #expect(hours.state(at: try Self.instant("2026-03-02T23:00:00Z")).end == nil)
        #expect(hours.state(at: try Self.instant("2026-03-03T01:00:00Z")).end == nil)
        #expect(QuietWindow.longest(hours.windows) == 300)
        let always = QuietWindow(days: Set(0..<7), start: 9, length: QuietWindow.day)
        #expect(QuietWindow.longest([always]) == 10_080)
        #expect(QuietHours(windows: [], zone: "Mars/Olympus", exemptsCritical: false) == nil)
    }

    @Test("a rate is never exceeded over any span, nor by a burst of more than a second's share", arguments: [3, 99])
    func rate(_ seed: UInt64) {
        var random = Generator(state: seed)
        for (commands, seconds) in [(1, 1), (300, 60), (10, 1), (7, 3_600), (5_000, 60)] {
            var rate = CommandRate(commands: commands, per: .seconds(seconds))
            var now = Instant(microseconds: 0)
            var begun: [Instant] = []
            for _ in 0..<2_000 {
                if let wait = rate.wait(now) {
                    #expect(wait > now)
                    now = Bool.random(using: &random) ? wait : now + .milliseconds(Int.random(in: 1...50, using: &random))
                    continue
                }
                rate.begin(now)
                begun.append(now)
                if Int.random(in: 0..<50, using: &random) == 0 { now = now + .seconds(Int.random(in: 0...5, using: &random)) }
            }
            let burst = max(1, commands / seconds) + 1
            for (index, first) in begun.enumerated() {
                let within = begun[index...].prefix { $0.since(first) < .seconds(seconds) }.count
                #expect(within <= commands + burst, "seed \(seed): \(commands) in \(seconds) s, \(within)")
            }
        }
    }
}
