import Canonical
import Contracts
import Foundation
import NodeSettings
import Testing

@testable import Delivery

@Suite("times of batches")
struct BatchTimesTests {
    private static let zones = [
        "UTC", "Europe/Paris", "America/New_York", "Australia/Lord_Howe", "America/St_Johns", "Asia/Kolkata",
        "Pacific/Chatham", "Africa/Casablanca", "America/Santiago",
    ]
    /// Days on which clocks are changed somewhere, and one on which none is.
    private static let days = [
        "2026-03-08", "2026-03-29", "2026-04-05", "2026-06-15", "2026-09-06", "2026-09-27", "2026-10-04",
        "2026-10-25", "2026-11-01", "2026-02-15", "2026-03-22",
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

    /// What happens, minute by minute and by Foundation's calendar: slow, and without any of the code under test.
    private struct Slow {
        let cron: CronExpression
        let calendar: Calendar
        let zone: TimeZone

        init(_ cron: CronExpression, _ zone: TimeZone) {
            self.cron = cron
            self.zone = zone
            var calendar = Calendar(identifier: .gregorian)
            calendar.timeZone = zone
            self.calendar = calendar
        }

        private func offset(_ seconds: Int) -> Int {
            zone.secondsFromGMT(for: Date(timeIntervalSince1970: Double(seconds)))
        }

        /// Whether the wall of another zone's clock, which is `offset` ahead, shows a time of the expression.
        private func fits(_ seconds: Int, offset: Int) -> Bool {
            var calendar = Calendar(identifier: .gregorian)
            calendar.timeZone = TimeZone(secondsFromGMT: 0) ?? zone
            let date = Date(timeIntervalSince1970: Double(seconds + offset))
            let parts = calendar.dateComponents([.month, .day, .weekday, .hour, .minute], from: date)
            guard cron.minutes.contains(parts.minute ?? -1), cron.hours.contains(parts.hour ?? -1),
                cron.months.contains(parts.month ?? -1)
            else { return false }
            let (month, week) = (
                cron.daysOfMonth.contains(parts.day ?? -1), cron.daysOfWeek.contains((parts.weekday ?? 0) - 1)
            )
            if cron.daysOfMonth.count == 31 { return week }
            return cron.daysOfWeek.count == 7 ? month : month || week
        }

        func happens(at seconds: Int) -> Bool {
            let (now, before) = (offset(seconds), offset(seconds - 60))
            if cron.isEveryHour { return fits(seconds, offset: now) }
            if now > before {
                // Clocks were put forward at this minute: what was skipped happens now.
                for skipped in stride(from: 0, to: now - before, by: 60) where fits(seconds + skipped, offset: before) {
                    return true
                }
            }
            guard fits(seconds, offset: now) else { return false }
            // Not a second time: the wall showed the same a while ago, when it was further ahead.
            for minutes in 1...180 where offset(seconds - minutes * 60) == now + minutes * 60 { return false }
            return true
        }
    }

    private static func set(_ range: ClosedRange<Int>, _ random: inout Generator) -> Set<Int> {
        if Int.random(in: 0..<3, using: &random) == 0 { return Set(range) }
        return Set((0..<Int.random(in: 1...3, using: &random)).map { _ in Int.random(in: range, using: &random) })
    }

    @Test("the next and the last time are those that the calendar finds minute by minute", arguments: [5, 77, 2_026])
    func calendar(_ seed: UInt64) throws {
        var random = Generator(state: seed)
        var compared = 0
        for name in Self.zones {
            let zone = try #require(TimeZone(identifier: name))
            for day in Self.days {
                let hours = Self.set(0...23, &random).union(Bool.random(using: &random) ? [1, 2, 3] : [0])
                let cron = CronExpression(
                    minutes: Self.set(0...59, &random), hours: hours, daysOfMonth: Self.set(1...31, &random),
                    months: Set(1...12), daysOfWeek: Self.set(0...6, &random), isEveryHour: hours.count == 24)
                let times = try #require(BatchTimes(cron, zone: name))
                let slow = Slow(cron, zone)
                let noon = try #require(Instant(text: day + "T12:00:00Z"))
                let start = Int(noon.microseconds / 1_000_000) - 36 * 3_600
                let found = stride(from: start, to: start + 72 * 3_600, by: 60).filter(slow.happens)
                for _ in 0..<12 {
                    let second = start + Int.random(in: 0..<72 * 3_600, using: &random)
                    let now = Instant(microseconds: Int64(second) * 1_000_000)
                    let words = "seed \(seed): \(name) \(now) \(cron)"
                    if let next = found.first(where: { $0 > second }) {
                        compared += 1
                        #expect(times.next(after: now)?.microseconds == Int64(next) * 1_000_000, "\(words)")
                    } else {
                        let next = try #require(times.next(after: now), "\(words)")
                        #expect(next.microseconds >= Int64(start + 72 * 3_600) * 1_000_000, "\(words)")
                    }
                    if let last = found.last(where: { $0 <= second }) {
                        #expect(times.last(upTo: now)?.microseconds == Int64(last) * 1_000_000, "\(words)")
                    } else {
                        let last = try #require(times.last(upTo: now), "\(words)")
                        #expect(last.microseconds < Int64(start) * 1_000_000, "\(words)")
                    }
                }
            }
        }
        #expect(compared > 300, "\(compared)")
    }

    @Test(
        "where clocks are changed, a named time happens once and an hourly one in each real hour",
        arguments: [
            // Put forward: 02:00 to 03:00 never comes.
            ("30 2 * * *", "2026-03-28T12:00:00Z", ["2026-03-29T01:00:00Z", "2026-03-30T00:30:00Z"]),
            ("0,30 2 * * *", "2026-03-28T12:00:00Z", ["2026-03-29T01:00:00Z", "2026-03-30T00:00:00Z"]),
            ("30 * * * *", "2026-03-29T00:00:00Z", ["2026-03-29T00:30:00Z", "2026-03-29T01:30:00Z"]),
            // Put back: 02:00 to 03:00 comes twice.
            ("30 2 * * *", "2026-10-24T12:00:00Z", ["2026-10-25T00:30:00Z", "2026-10-26T01:30:00Z"]),
            (
                "30 * * * *", "2026-10-25T00:00:00Z",
                ["2026-10-25T00:30:00Z", "2026-10-25T01:30:00Z", "2026-10-25T02:30:00Z"]
            ),
            // Of leap years alone.
            ("0 12 29 2 *", "2026-01-01T00:00:00Z", ["2028-02-29T11:00:00Z", "2032-02-29T11:00:00Z"]),
        ])
    func changes(_ text: String, _ from: String, _ expected: [String]) throws {
        let times = try #require(BatchTimes(try CronText.parse(text), zone: "Europe/Paris"))
        var now = try #require(Instant(text: from))
        for wanted in expected {
            let next = try #require(times.next(after: now))
            #expect(next == Instant(text: wanted), "\(next)")
            #expect(times.last(upTo: next) == next)
            now = next
        }
        #expect(BatchTimes(try CronText.parse(text), zone: "Mars/Olympus") == nil)
    }
}
