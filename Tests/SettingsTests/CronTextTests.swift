import Contracts
import Testing

@testable import NodeSettings

@Suite("Times of a batch")
struct CronTextTests {
    private static let hours = Set(0...23)

    @Test(
        "the five fields take numbers, names, ranges, lists and steps",
        arguments: [
            ("30 22 * * *", [30], [22], 31, 12, 7),
            ("*/15 * * * *", [0, 15, 30, 45], Array(0...23), 31, 12, 7),
            ("0 6,14,22 * * mon-fri", [0], [6, 14, 22], 31, 12, 5),
            ("5 4 1 jan,JUL *", [5], [4], 1, 2, 7),
            ("0 0 * * fri-sun", [0], [0], 31, 12, 3),
            ("0 0 * * 5-7", [0], [0], 31, 12, 3),
            ("0 0 * * 0,7", [0], [0], 31, 12, 1),
            ("50/5 8-10/2 * * *", [50, 55], [8, 10], 31, 12, 7),
            ("@daily", [0], [0], 31, 12, 7),
            ("@WEEKLY", [0], [0], 31, 12, 1),
            ("0  0\t29 2 *", [0], [0], 1, 1, 7),
        ] as [(String, [Int], [Int], Int, Int, Int)])
    func read(_ text: String, _ minutes: [Int], _ hours: [Int], _ days: Int, _ months: Int, _ weekdays: Int) throws {
        let cron = try CronText.parse(text)
        #expect(cron.minutes.sorted() == minutes && cron.hours.sorted() == hours)
        #expect(cron.daysOfMonth.count == days && cron.months.count == months && cron.daysOfWeek.count == weekdays)
        #expect(cron.isEveryHour == (hours.count == 24))
        #expect(cron.minutesOfDay == hours.flatMap { hour in minutes.map { hour * 60 + $0 } }.sorted())
    }

    @Test(
        "what is none is refused with what to write instead",
        arguments: [
            ("", "which has 0 fields", "mon-fri"), ("0 22 * *", "which has 4 fields", "mon-fri"),
            ("0 0 22 * * *", "which has 6 fields", "write \"0 22 * * *\""), ("22:30", "fields", "\"30 22 * * *\""),
            ("60 22 * * *", "has 60 as its minute", "from 0 to 59"), ("0 24 * * *", "has 24", "write 0 for midnight"),
            ("0 22 0 * *", "day of the month", "from 1 to 31"), ("0 22 * 13 *", "has 13 as its month", "from 1 to 12"),
            ("0 22 * * monday", "has \"monday\"", "did you mean mon?"), ("0 22 * * mom", "\"mom\"", "did you mean"),
            ("0 22 * * 1-8", "has 8", "from 0 to 7"), ("*/0 22 * * *", "step \"0\"", "*/5"),
            ("0 22-6 * * *", "ends before it begins", "22-23,0-6"), ("0 , * * *", "which is none", "0 to 23"),
            ("0 22 30 2 *", "no month that it names has such a day", "28"),
            ("@dayly", "which is none of", "did you mean @daily?"), ("0 1-2-3 * * *", "which is none", "0 to 23"),
            (String(repeating: "1,", count: 400), "longer than 512 bytes", "write it like"),
        ])
    func refused(_ text: String, _ reason: String, _ advice: String) {
        do {
            let cron = try CronText.parse(text)
            Issue.record("\(text) was read as \(cron)")
        } catch {
            #expect(error.kind == SettingsFailures.cron)
            #expect(error.reason.contains(reason), "\(error.reason)")
            #expect(error.suggestion?.contains(advice) ?? false, "\(error.suggestion ?? "")")
        }
    }

    @Test("what is advised can be written", arguments: ["0 22-6 * * *", "0 22 30 2 *", "0 0 22 * * *", "22:30"])
    func advice(_ text: String) throws {
        do {
            _ = try CronText.parse(text)
            Issue.record("\(text) was read")
        } catch {
            let advice = try #require(error.suggestion)
            let quoted = advice.split(separator: "\"").map(String.init)
            let part = try #require(quoted.count > 1 ? quoted[1] : nil)
            let whole = part.contains(" ") ? part : "0 \(part) * * *"
            _ = try CronText.parse(whole)
        }
    }

    @Test(
        "days by the month and by the week count either way where both are restricted, as in cron",
        arguments: [
            // 2026-03-13 is a Friday, 2026-03-14 a Saturday.
            ("0 0 13 * fri", 20_525, true), ("0 0 14 * fri", 20_526, true), ("0 0 14 * fri", 20_525, true),
            ("0 0 15 * fri", 20_526, false), ("0 0 * * fri", 20_526, false), ("0 0 14 * *", 20_526, true),
            ("0 0 29 2 *", 789, true), ("0 0 29 2 *", 1_154, false),
        ] as [(String, Int64, Bool)])
    func days(_ text: String, _ day: Int64, _ happens: Bool) throws {
        #expect(try CronText.parse(text).happens(on: day) == happens)
    }

    @Test("the longest wait is that over nights, weekends and years")
    func gaps() throws {
        #expect(try CronText.parse("*/5 * * * *").longestGap == 5)
        #expect(try CronText.parse("0 22 * * *").longestGap == 24 * 60)
        #expect(try CronText.parse("0 6,18 * * mon-fri").longestGap == 60 * 60)
        #expect(try CronText.parse("0 0 1 1 *").longestGap == 366 * 24 * 60)
    }
}
