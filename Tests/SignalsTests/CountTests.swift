import Canonical
import Contracts
import ExactJSON
import Testing

@testable import Signals

private let komaxCount: [String: SettingValue] = [
    "on": texts("JobTerminated", "JobAborted"), "subject": texts("Job", "ArticleKey"), "item": .text("ArticleKey"),
    "fields": table(["operator": "UserName"]), "reason": .text("Reason"),
    "quantity": group(["field": .text("TotalGoodPieces"), "counts": .text("run"), "unit": .text("pcs")]),
]

private func job(_ pieces: String, _ extra: JSONObject = [:]) -> JSONObject {
    var fields: JSONObject = [
        "Job": "ZSK/1, 1", "ArticleKey": "10-51", "UserName": "KXOP", "TotalGoodPieces": .string(pieces),
    ]
    for (name, value) in extra { fields[name] = value }
    return fields
}

@Suite("Quantities that records state")
struct CountTests {
    @Test("a run's pieces go to order, line and article")
    func run() throws {
        var bench = try Bench(signal("count", komaxCount))
        let events = try bench.feed(
            record("JobTerminated", job("50"), 1, fact: "fp:000412"), record("JobAborted", job("0"), 2),
            record("JobPaused", job("7"), 3), record("JobAborted", job("3", ["Reason": "4"]), 4))
        #expect(events.map { $0.amount } == ["50", "3"])
        #expect(events[0].id == "fp:000412:count")
        #expect(events[0].subject == "ZSK/1, 1, 10-51")
        #expect(events[0].data["order"] == "ZSK/1, 1, 10-51")
        #expect(events[0].data["item"] == "10-51" && events[0].data["operator"] == "KXOP")
        #expect(events[1].data["reason"] == "4")
        #expect(events[1].data["native"] == ["record": "JobAborted", "field": "TotalGoodPieces", "value": 3])
    }

    @Test("a running total counts its differences, order by order")
    func total() throws {
        var settings = komaxCount
        settings["quantity"] = group(["field": .text("TotalGoodPieces"), "counts": .text("total")])
        var bench = try Bench(signal("count", settings))
        for (index, (order, total)) in [
            ("A", "5"), ("B", "2"), ("A", "9"), ("A", "9"), ("B", "4"), ("A", "0"), ("A", "1"),
        ]
        .enumerated() {
            try bench.feed(record("JobTerminated", job(total, ["Job": .string(order)]), Double(index)))
            bench.memory.forget()
        }
        #expect(
            bench.events.map { "\($0.data["order"]?.string ?? "")+\($0.amount ?? "")" } == [
                "A, 10-51+5", "B, 10-51+2", "A, 10-51+4", "B, 10-51+2", "A, 10-51+1",
            ])
    }

    @Test(
        "what cannot be counted is reported with its original and holds nothing up",
        arguments: [
            (["Job": .null], "SIG-006", "Job"), (["TotalGoodPieces": .null], "SIG-001", "null"),
            (["TotalGoodPieces": "many"], "SIG-001", "many"), (["TotalGoodPieces": "-3"], "SIG-011", "-3"),
        ] as [(JSONObject, String, String)])
    func faults(_ change: JSONObject, _ code: String, _ words: String) throws {
        var bench = try Bench(signal("count", komaxCount))
        try bench.feed(record("JobTerminated", job("5", change), 1), record("JobTerminated", job("6"), 2))
        #expect(bench.events.map { $0.amount } == ["6"])
        let fault = try #require(bench.faults.first)
        #expect(fault.failure.kind.code == code)
        #expect(fault.failure.message.contains(words) && fault.failure.message.contains("03/Job.sdc line 7"))
        #expect(fault.original == Array("JobTerminated".utf8))
        #expect(fault.factID == "f:JobTerminated:1.0:count:\(code)")
    }

    @Test("scrap from records carries its reason")
    func scrap() throws {
        var bench = try Bench(
            signal(
                "scrap",
                [
                    "on": texts("Scrap"), "order": texts("order"), "reason": .text("why.code"),
                    "quantity": group(["field": .text("amount"), "unit": .text("kg")]),
                ]))
        let events = try bench.feed(record("Scrap", ["order": "MO/1", "amount": 1, "why": ["code": "S3"]], 1))
        #expect(events.first?.data["reason"] == "S3" && events.first?.subject == "MO/1")
        #expect(events.first?.data["quantity"] == ["value": 1, "unit": "kg"])
    }

    @Test("a record becomes any fact, and is refused where it does not fit")
    func anyRecord() throws {
        var bench = try Bench(
            signal(
                "record",
                [
                    "on": texts("Check"), "event": .text("quality.inspected"), "item": .text("part"),
                    "fields": table(["result": "verdict", "lot": "lot", "measures": "measures"]),
                ]))
        let good: JSONObject = [
            "part": "P1", "verdict": "PASS", "lot": "L7", "measures": [["name": "height", "value": 1]],
        ]
        var bad = good
        bad["verdict"] = "perhaps"
        try bench.feed(record("Check", good, 1), record("Check", bad, 2))
        #expect(bench.events.count == 1)
        #expect(bench.events[0].data["result"] == "pass" && bench.events[0].data["measures"]?[0]?["value"] == 1)
        #expect(bench.faults.map(\.failure.kind.code) == ["SIG-007"])
        #expect(bench.faults[0].failure.message.contains("perhaps"))
    }

    @Test("material is what a run's counters add, each item in its unit, and a restarted job begins anew")
    func material() throws {
        var bench = try Bench(
            signal(
                "material",
                [
                    "on": texts("Counter"), "within": texts("JobTerminated", "JobPaused"),
                    "resets": texts("JobStarted"),
                    "subject": texts("Job", "ArticleKey"), "items": table(["Wire": "mm", "Terminal": "pcs"]),
                ]))
        func counter(_ wire: String, _ terminals: JSON, _ time: Double, place: String = "03/Job.sdc") -> Reading {
            record("Counter", ["Wire": .string(wire), "Terminal": terminals], time, place: place)
        }
        try bench.feed(
            record("JobStarted", job(""), 1), counter("W1, 0, 0", ["T1, 0, 0", "T2, 0, 0"], 2),
            record("JobPaused", job(""), 3), counter("W1, 480, 240", ["T1, 1, 1", "T2, 0, 0"], 4),
            record("JobTerminated", job(""), 5), counter("W1, 1500, 1200", ["T1, 5, 5", "T2, 4, 4"], 6),
            counter("W1, 900, 700", "T1, 2, 2", 7))
        bench.memory.forget()
        try bench.feed(
            record("JobStarted", job(""), 8, place: "04/Job.sdc"),
            counter("W1, 100, 90", "broken", 9, place: "04/Job.sdc"))
        let all = bench.events.map { "\($0.data["item"]?.string ?? "") \($0.amount ?? "")" }
        #expect(all == ["W1 480", "T1 1", "W1 1020", "T1 4", "T2 4", "W1 100"])
        #expect(bench.events.allSatisfy { $0.subject == "ZSK/1, 1, 10-51" && $0.data["order"] == "ZSK/1, 1, 10-51" })
        #expect(bench.events.first?.data["quantity"]?["unit"] == "mm")
        #expect(Set(bench.events.map(\.id)).count == bench.events.count)
        #expect(bench.faults.map(\.failure.kind.code) == ["SIG-014"])
    }
}
