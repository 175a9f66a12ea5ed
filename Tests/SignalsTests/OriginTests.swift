import Canonical
import Contracts
import ExactJSON
import Testing

@testable import Signals

@Suite("where events were read")
struct OriginTests {
    private static var count: Settings {
        signal(
            "count",
            [
                "on": texts("JobTerminated"), "subject": texts("Job"), "quantity": group(["field": .text("Good")]),
            ])
    }

    @Test("an event of a record says which file and line it stands in, and has the same id wherever that is")
    func ofRecord() throws {
        var bench = try Bench(Self.count)
        try bench.feed(record("JobTerminated", ["Job": "A", "Good": "5"], 0, fact: "f:1", place: "03/Job.sdc"))
        var renamed = try Bench(Self.count)
        try renamed.feed(record("JobTerminated", ["Job": "A", "Good": "5"], 0, fact: "f:1", place: "old/Job.sdc"))
        #expect(bench.events.map { $0.attributes["origin"] } == ["03/Job.sdc line 7"])
        #expect(renamed.events.map { $0.attributes["origin"] } == ["old/Job.sdc line 7"])
        #expect(bench.events.map(\.id) == renamed.events.map(\.id))
        #expect(bench.events.map(\.data) == renamed.events.map(\.data))
    }

    @Test("a state that had to last is not said to be read where the next thing was")
    func waited() throws {
        let state = signal(
            "state",
            ["on": table(["JobStarted": "running", "JobEnded": "idle"]), "debounce": .duration(.seconds(5))])
        var bench = try Bench(state)
        try bench.feed(record("JobStarted", [:], 0, fact: "f:1"), now: 0)
        try bench.feed(record("JobEnded", [:], 60, fact: "f:2", place: "04/Job.sdc"), now: 60)
        let event = try #require(bench.events.first)
        #expect(event.data["state"] == "running" && event.attributes["origin"] == nil, "\(event)")
    }

    @Test("a path is kept up to a bound, from its end")
    func longPlace() {
        let place = String(repeating: "folder/", count: 100) + "Job.sdc"
        let text = Origin(place, line: 3).attributeText
        #expect(text.count < 300 && text.hasPrefix("…") && text.hasSuffix("folder/Job.sdc line 3"))
        #expect(OriginLine("folder/Job.sdc:3")?.isNamed(in: text) == true)
    }

    @Test(
        "what names no line of a file is none",
        arguments: ["MO-1", "12", ":12", "Job.sdc:", "Job.sdc:0", "Job.sdc line", "/:3", "Job.sdc 14"])
    func noLine(_ text: String) { #expect(OriginLine(text) == nil) }
}
