import Canonical
import Contracts
import ExactJSON
import Foundation
import Testing

@testable import Signals

/// The sections of a Komax log, read here in the plainest way, so that the roles are tested without any connector.
private func sections(_ url: URL) throws -> [(kind: String, fields: JSONObject, byte: Int)] {
    let text = String(decoding: try Data(contentsOf: url), as: UTF8.self)
    var result: [(kind: String, fields: JSONObject, byte: Int)] = []
    for line in text.split(whereSeparator: \.isNewline) {
        if line.hasPrefix("[") {
            result.append((String(line.dropFirst().dropLast()), [:], result.count))
        } else if let mark = line.firstIndex(of: "="), !result.isEmpty {
            result[result.count - 1].fields[String(line[..<mark])] = .string(String(line[line.index(after: mark)...]))
        }
    }
    return result
}

@Suite("Signals over recordings of real machines", .enabled(if: recordings != nil, "no recordings beside the package"))
struct RecordingTests {
    @Test("Komax: 9,643 pieces in 177 orders and 3,354 in local jobs")
    func komax() throws {
        let folder = try #require(recordings).appending(path: "komax-565")
        var bench = try Bench(
            signal(
                "count",
                [
                    "on": texts("JobTerminated", "JobAborted"), "subject": texts("Job", "ArticleKey"),
                    "item": .text("ArticleKey"), "quantity": group(["field": .text("TotalGoodPieces")]),
                ]))
        for day in ["03", "04", "05", "06", "07"] {
            for (index, section) in try sections(folder.appending(path: "\(day)/Job.sdc")).enumerated() {
                try bench.feed(record(section.kind, section.fields, Double(index), fact: "\(day):\(index)"))
            }
        }
        var orders: [String: Int] = [:]
        for event in bench.events {
            orders[event.subject ?? "", default: 0] += event.data["quantity"]?["value"]?.int ?? 0
        }
        let local = orders.filter { $0.key.hasPrefix("LOCAL") }
        #expect(local.values.reduce(0, +) == 3_354)
        #expect(orders.count - local.count == 177)
        #expect(orders.values.reduce(0, +) - 3_354 == 9_643)
        #expect(bench.faults.isEmpty)
    }

    @Test("Okuma: four pieces in four sessions, four cycles")
    func okuma() throws {
        let log = try #require(recordings).appending(path: "okuma-multus/shdr.log")
        var bench = try Bench(
            signal("counter", ["tag": .text("ppartcount"), "session": .text("avail"), "afterGap": .text("ignore")]),
            signal(
                "cycle", ["tag": .text("pexecution"), "starts": texts("ACTIVE"), "ends": texts("PROGRAM_COMPLETED")]),
            signal("context", ["tags": table(["program": "pprogram"])]))
        for line in String(decoding: try Data(contentsOf: log), as: UTF8.self).split(separator: "\n") {
            let parts = line.split(separator: "|", omittingEmptySubsequences: false).map(String.init)
            guard let time = Instant(text: parts[0]), parts.count >= 3, !parts[1].hasPrefix("@") else { continue }
            try bench.feed(
                stride(from: 1, to: parts.count - 1, by: 2).map { index in
                    Reading(
                        asset: "cnc01", name: parts[index], value: .value(.string(parts[index + 1])), time: time,
                        origin: Origin("shdr.log"))
                })
        }
        let pieces = bench.events.filter { $0.type.contains("production.completed") }
        #expect(pieces.map { $0.amount } == ["1", "1", "1", "1"])
        #expect(pieces.allSatisfy { $0.data["program"]?.string?.hasSuffix(".MIN") == true })
        #expect(bench.events.filter { $0.type.contains("cycle-completed") }.count == 4)
        #expect(bench.faults.isEmpty)
    }

    @Test("Komax: the good pieces of each of five days are those of its shift")
    func komaxShifts() throws {
        let folder = try #require(recordings).appending(path: "komax-565")
        var bench = try Bench(
            signals: [
                signal(
                    "count",
                    [
                        "on": texts("JobTerminated", "JobAborted"), "subject": texts("Job", "ArticleKey"),
                        "quantity": group(["field": .text("TotalGoodPieces")]),
                    ]),
                signal(
                    "state",
                    [
                        "on": table([
                            "JobStarted": "running", "JobRestarted": "running", "JobPaused": "held",
                            "JobInterrupted": "down", "JobTerminated": "idle", "JobAborted": "idle",
                        ])
                    ]),
                signal("window", ["microStop": .duration(.seconds(120))]),
            ], plants: shifts(zone: "Europe/Warsaw", QuietWindow(days: Set(0...4), start: 360, length: 1_080)))
        var last = instant("2025-02-03T00:00:00Z")
        for day in ["03", "04", "05", "06", "07"] {
            for (index, section) in try sections(folder.appending(path: "\(day)/Job.sdc")).enumerated() {
                let stamp = try #require(section.fields["DateTimeStamp"]?.string)
                let parts = stamp.split(whereSeparator: { "/,".contains($0) })
                var reading = record(section.kind, section.fields, 0, fact: "\(day):\(index)")
                reading.time = instant("\(parts[2])-\(parts[1])-\(parts[0])T\(parts[3])+01:00")
                last = max(last, reading.time)
                try bench.feed(reading, now: Double(last.since(at(0)).microseconds) / 1e6)
            }
        }
        try bench.feed([], now: Double(last.since(at(0)).microseconds) / 1e6 + 86_400)
        let told = bench.events.filter { $0.type.contains("shift.summarized") }
        #expect(told.map { $0.data["good"]?["value"]?.int } == [3_722, 1_339, 3_400, 2_466, 2_070])
        for event in told {
            let states = event.data["states"]?.object?.values.compactMap { $0.int }.reduce(0, +) ?? 0
            #expect(states + (event.data["unknown"]?.int ?? 0) == 64_800 && event.data["planned"] == 64_800)
            #expect(
                (event.data["running"]?.int ?? 0) > 10_000
                    && FactShape.of(type: event.type)?.faults(in: event.data) == [])
        }
        #expect(bench.faults.isEmpty)
    }

    @Test("Okuma: four sessions that do not follow the order of time are one shift of four pieces")
    func okumaShift() throws {
        let log = try #require(recordings).appending(path: "okuma-multus/shdr.log")
        var bench = try Bench(
            signals: [
                signal(
                    "counter", ["tag": .text("ppartcount"), "session": .text("avail"), "afterGap": .text("ignore")]),
                signal(
                    "state",
                    [
                        "tag": .text("pexecution"),
                        "map": table(["ACTIVE": "running", "READY": "idle", "PROGRAM_COMPLETED": "idle"]),
                    ]), signal("threshold", ["tag": .text("S1load"), "above": .number(ExactNumber(20))]),
                signal("window"),
            ], plants: shifts(zone: "UTC", QuietWindow(days: Set(0...6), start: 720, length: 240)))
        let now = Double(instant("2022-08-08T15:00:00Z").since(at(0)).microseconds) / 1e6
        var active: [(time: Instant, isRunning: Bool)] = []
        for line in String(decoding: try Data(contentsOf: log), as: UTF8.self).split(separator: "\n") {
            let parts = line.split(separator: "|", omittingEmptySubsequences: false).map(String.init)
            guard let time = Instant(text: parts[0]), parts.count >= 3, !parts[1].hasPrefix("@") else { continue }
            for index in stride(from: 1, to: parts.count - 1, by: 2) {
                if parts[index] == "pexecution" { active.append((time, parts[index + 1] == "ACTIVE")) }
                try bench.feed(
                    Reading(
                        asset: "cnc01", name: parts[index], value: .value(.string(parts[index + 1])), time: time,
                        origin: Origin("shdr.log")), now: now)
            }
        }
        try bench.feed([], now: now + 2 * 3_600)
        let told = bench.events.filter { $0.type.contains("shift.summarized") }
        #expect(told.count == 1 && told.first?.data["good"]?["value"] == 4, "\(told.map(\.data))")
        // Running is from each ACTIVE to what is said next, in the order of time.
        var running: Int64 = 0
        active.sort { $0.time < $1.time }
        for (one, next) in zip(active, active.dropFirst()) where one.isRunning {
            running += next.time.since(one.time).microseconds
        }
        #expect(
            running > 0 && told.first?.data["running"] == .number(ExactNumber(coefficient: running, scale: 6).trimmed())
        )
    }

    private func shifts(zone: String, _ window: QuietWindow) -> SignalPlants {
        SignalPlants(
            standard: lyon.standard, assets: lyon.assets,
            calendars: [
                "lyon": ShiftCalendar(ShiftPlan(shifts: [.init(name: "day", times: [window])]), zone: zone)!
            ])
    }
}
