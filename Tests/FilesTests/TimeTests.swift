import Canonical
import Contracts
import ExactJSON
import Testing

@testable import FilesConnector

@Suite("times of records")
struct TimeTests {
    private func clock(_ pattern: String, zone: String = "Europe/Paris", last: String? = nil) throws -> RecordClock {
        RecordClock(
            RecordClock.Options(
                form: .pattern(try TimePattern(pattern)), fields: ["t"], zone: try #require(PlantZone(zone))),
            last: last.flatMap { Instant(text: $0) })
    }

    @Test(
        "a text is read by its pattern",
        arguments: [
            ("dd/MM/yyyy,HH:mm:ss", "03/02/2025,07:00:19", "2025-02-03T06:00:19.000000Z"),
            ("yyyy-MM-dd'T'HH:mm:ss.SSS", "2025-07-03T07:00:19.123", "2025-07-03T05:00:19.123000Z"),
            ("d.M.yy H:mm", "3.2.25 7:05", "2025-02-03T06:05:00.000000Z"),
            ("MMM d, yyyy hh:mm:ss a", "Feb 3, 2025 12:00:01 AM", "2025-02-02T23:00:01.000000Z"),
            ("EEE dd MMMM yyyy h:mm a", "Mon 03 February 2025 1:07 pm", "2025-02-03T12:07:00.000000Z"),
            ("yyyy-MM-dd HH:mm:ssXXX", "2025-02-03 07:00:19+05:30", "2025-02-03T01:30:19.000000Z"),
            ("yyyyMMddHHmmssZ", "20250203070019-0800", "2025-02-03T15:00:19.000000Z"),
            ("yyyy-DDD HH:mm", "2025-034 07:00", "2025-02-03T06:00:00.000000Z"),
            ("yyyy-MM-dd HH:mm VV", "2025-02-03 07:00 America/New_York", "2025-02-03T12:00:00.000000Z"),
            ("dd.MM.yyyy HH 'Uhr' mm", "03.02.2025 07 Uhr 30", "2025-02-03T06:30:00.000000Z"),
            ("dd/MM/yyyy", "03/02/2025", "2025-02-02T23:00:00.000000Z"),
            ("yyyy-MM-dd HH:mm:ss", "2016-12-31 23:59:60", "2016-12-31T23:00:00.000000Z"),
        ])
    func patterns(_ pattern: String, _ text: String, _ expected: String) throws {
        var clock = try clock(pattern)
        let time = try clock.time(of: ["t": .string(text)], now: Instant(microseconds: 0)).time
        #expect(time.description == expected)
    }

    @Test(
        "an impossible time is refused with a reason",
        arguments: [
            ("30/02/2025,07:00:00", "no day 30 of month 2"), ("03/13/2025,07:00:00", "month 13"),
            ("03/02/2025,24:00:00", "no time 24"), ("03/02/2025,07:60:00", "no time"), ("03/02/2025", "missing"),
            ("03/02/2025,07:00:00 PM", "left over"), ("3/2/2025,07:00:00", "2 digits"), ("", ""),
        ])
    func impossible(_ text: String, _ reason: String) throws {
        var clock = try clock("dd/MM/yyyy,HH:mm:ss")
        if text.isEmpty {
            let now = Instant(microseconds: 7)
            #expect(try clock.time(of: ["t": ""], now: now).time == now)
            return
        }
        let error = #expect(throws: TimePattern.Mismatch.self) {
            try clock.time(of: ["t": .string(text)], now: Instant(microseconds: 0))
        }
        #expect(error?.reason.contains(reason) == true, "\(error?.reason ?? "")")
    }

    @Test("the hour that comes twice is daylight saving time first, and standard time when the file steps back")
    func autumn() throws {
        var clock = try clock("yyyy-MM-dd HH:mm:ss")
        let texts = ["01:59:00", "02:10:00", "02:50:00", "02:49:30", "02:05:00", "02:30:00", "02:59:59", "03:00:00"]
        let times = try texts.map { text in
            try clock.time(of: ["t": .string("2025-10-26 " + text)], now: Instant(microseconds: 0)).time.description
        }
        #expect(
            times.map { String($0.dropFirst(11).prefix(8)) }
                == ["23:59:00", "00:10:00", "00:50:00", "00:49:30", "01:05:00", "01:30:00", "01:59:59", "02:00:00"])
    }

    @Test("after a restart within the doubled hour, the remembered time decides")
    func autumnRestart() throws {
        var second = try clock("yyyy-MM-dd HH:mm:ss", last: "2025-10-26T01:05:00Z")
        let time = try second.time(of: ["t": "2025-10-26 02:30:00"], now: Instant(microseconds: 0)).time
        #expect(time == Instant(text: "2025-10-26T01:30:00Z"))
    }

    @Test("the hour that does not exist in spring is shifted on, with a note")
    func spring() throws {
        var clock = try clock("yyyy-MM-dd HH:mm:ss")
        let resolved = try clock.time(of: ["t": "2025-03-30 02:30:00"], now: Instant(microseconds: 0))
        #expect(resolved.time == Instant(text: "2025-03-30T01:30:00Z"))
        #expect(resolved.note?.contains("does not exist in Europe/Paris") == true)
        let after = try clock.time(of: ["t": "2025-03-30 03:00:00"], now: Instant(microseconds: 0))
        #expect(after == RecordClock.Resolved(time: try #require(Instant(text: "2025-03-30T01:00:00Z"))))
    }

    @Test(
        "every wall time of a year is read so that the wall shows it again",
        arguments: ["Europe/Paris", "America/St_Johns", "Australia/Lord_Howe", "Asia/Kolkata"])
    func roundTrip(_ name: String) throws {
        let zone = try #require(PlantZone(name))
        var kinds: [String: Int] = [:]
        for quarter in 0..<(365 * 96) {
            let wall = Int64(1_735_689_600 + quarter * 900)
            switch zone.read(wall) {
            case .once(let instant): #expect(zone.read(wall) == .once(instant))
            case .twice(let first, let second):
                #expect(first < second)
                kinds["twice", default: 0] += 1
            case .never(_, let shift):
                #expect(shift > .zero)
                kinds["never", default: 0] += 1
            }
        }
        let expected: [String: Int] =
            switch name {
            case "Asia/Kolkata": [:]
            case "Australia/Lord_Howe": ["twice": 2, "never": 2]
            default: ["twice": 4, "never": 4]
            }
        #expect(kinds == expected)
    }

    @Test(
        "numbers of seconds and parts of them",
        arguments: [
            (1, "1738562419.25", "2025-02-03T06:00:19.250000Z"),
            (1_000, "1738562419123", "2025-02-03T06:00:19.123000Z"),
            (1_000_000, "1738562419123456", "2025-02-03T06:00:19.123456Z"), (1, "1738562419123", nil), (1, "soon", nil),
            (1, "1e400", nil), (1, "-5", nil),
        ] as [(Int, String, String?)])
    func epochs(_ perSecond: Int, _ text: String, _ expected: String?) throws {
        var clock = RecordClock(
            RecordClock.Options(form: .epoch(perSecond: perSecond), fields: ["t"], zone: try #require(PlantZone("UTC")))
        )
        let time = try? clock.time(of: ["t": .string(text)], now: Instant(microseconds: 0)).time.description
        #expect(time == expected)
    }

    @Test("a record whose time is impossible waits for a person, and the rest goes on")
    func faulty() async throws {
        var bench = try Bench.sections("Job.sdc")
        bench.disk.write(
            "[A]\nDateTimeStamp=31/02/2025,07:00:00\n\n[B]\nDateTimeStamp=01/02/2025,07:00:00\n\n[C]\nk=v\n\n",
            to: "/data/Job.sdc")
        try await bench.read(then: .seconds(3))
        #expect(bench.intake.names == ["B", "C"])
        #expect(
            bench.intake.readings.map(\.time.description) == Array(repeating: "2025-02-01T06:00:00.000000Z", count: 2))
        let fault = try #require(bench.intake.faults.first)
        #expect(fault.failure.kind.code == "FILES-012")
        #expect(fault.failure.message.contains("Job.sdc line 1"))
        #expect(String(decoding: fault.original, as: UTF8.self).hasPrefix("[A]"))
    }

    @Test(
        "a pattern that is no date is refused",
        arguments: ["HH:mm:ss", "dd/MM HH:mm", "yyyy-MM-dd zzz", "yyyy-MM-dd QQ"])
    func refused(_ pattern: String) {
        #expect(throws: TimePattern.PatternFault.self) { try TimePattern(pattern) }
    }
}
