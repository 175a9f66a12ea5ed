import Canonical
import Testing

@testable import FilesConnector

@Suite("in which order files are read")
struct ReadingOrderTests {
    private func candidate(_ path: String, _ modified: Int64, isBegun: Bool = false) -> ReadingOrder.Candidate {
        ReadingOrder.Candidate(
            path: path, series: ReadingOrder.name(of: path), isBegun: isBegun,
            modified: Instant(microseconds: modified))
    }

    @Test(
        "with equal times the names say which is older, the one that is written to last",
        arguments: [
            ["log-2.jsonl", "log-9.jsonl", "log-10.jsonl", "log.jsonl"],
            ["Job.sdc.10", "Job.sdc.9", "Job.sdc.1", "Job.sdc"],
            ["Job.sdc.old", "Job.sdc"], ["Job.sdc.bak", "Job.sdc"],
            ["app.log-20250203", "app.log-20250204", "app.log"],
            ["app.log.2025-02-03", "app.log.2025-02-04", "app.log"],
            ["app-2025-02-03.log.2", "app-2025-02-03.log.1", "app-2025-02-03.log", "app-2025-02-04.log.1", "app.log"],
            ["a_20250203T061500Z.csv", "a_20250203T061501Z.csv", "a.csv"],
            ["03/Job.sdc", "04/Job.sdc", "11/Job.sdc"],
            ["2025/02/28/Job.sdc.1", "2025/02/28/Job.sdc", "2025/03/01/Job.sdc"],
        ])
    func names(_ names: [String]) {
        var random = SeededRandom(7)
        for _ in 0..<10 {
            let mixed = names.shuffled(using: &random).map { candidate($0, 5) }
            #expect(ReadingOrder.series(mixed) == [names])
        }
    }

    @Test("times go before names, and what was read in part before both")
    func times() {
        let files = [candidate("log-1.jsonl", 9), candidate("log.jsonl", 3), candidate("log-2.jsonl", 6)]
        #expect(ReadingOrder.series(files) == [["log.jsonl", "log-2.jsonl", "log-1.jsonl"]])
        let begun = files + [candidate("log-3.jsonl", 12, isBegun: true), candidate("log-4.jsonl", 11, isBegun: true)]
        #expect(
            ReadingOrder.series(begun) == [
                ["log-4.jsonl", "log-3.jsonl", "log.jsonl", "log-2.jsonl", "log-1.jsonl"]
            ])
    }

    @Test(
        "files of other names, endings and folders do not wait for one another",
        arguments: [
            ["a.sdc", "b.sdc"], ["Job.sdc", "Job.edc"], ["line-a/Job.sdc", "line-b/Job.sdc"],
            ["line1/Job.sdc", "line2/Job.sdc"], ["Job.sdc", "archive/Job.sdc"],
        ])
    func others(_ names: [String]) {
        #expect(ReadingOrder.series(names.map { candidate($0, 5) }) == names.sorted().map { [$0] })
    }

    @Test(
        "what a rotation puts into a name is found in other names",
        arguments: [
            (
                "Job.sdc", "Job.sdc.3", ["Job.sdc.2", "Job.sdc.10"],
                ["Job.sdc", "Job.sdc.old", "Job.sdc-3", "Job2.sdc.2"]
            ),
            ("Job.sdc", "Job-9.sdc", ["Job-10.sdc"], ["Job.sdc.9", "Job9.sdc", "Job-9.edc", "Job-x.sdc"]),
            ("log1.txt", "log1.txt.1", ["log1.txt.2"], ["log2.txt.2", "log2.txt", "log11.txt"]),
            ("03/a.log", "03/a.log-20250203", ["03/a.log-20250204"], ["04/a.log-20250204", "03/a.log.1"]),
        ])
    func insertion(_ path: String, _ moved: String, _ given: [String], _ others: [String]) throws {
        let rotation = try #require(ReadingOrder.Insertion(path, became: moved))
        #expect(rotation.gave(moved))
        for name in given { #expect(rotation.gave(name), "\(name)") }
        for name in others { #expect(!rotation.gave(name), "\(name)") }
    }

    @Test("a name that is no longer one of the file's own tells nothing of others")
    func noInsertion() {
        #expect(ReadingOrder.Insertion("Job.sdc", became: "Done.sdc") == nil)
        #expect(ReadingOrder.Insertion("Job.sdc", became: "Job.sdc") == nil)
        #expect(ReadingOrder.Insertion("Job.sdc.1", became: "Job.sdc.2") == nil)
        #expect(ReadingOrder.Insertion("Job.sdc.1", became: "Job.sdc") == nil)
    }
}
