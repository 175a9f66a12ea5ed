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
}
