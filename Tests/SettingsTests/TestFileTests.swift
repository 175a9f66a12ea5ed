import Canonical
import Contracts
import ExactJSON
import Testing

@testable import NodeSettings

/// The tests of a folder as values: read, compared, and filled in.
@Suite("Tests of a folder")
struct TestFileTests {
    static func folder() throws -> (folder: NodeFolder, files: [String: [UInt8]]) {
        let example = try #require(FolderCase.all.first { $0.name == "good-architecture-example" })
        return (try #require(example.report().folder), example.folder().files)
    }

    static func read(_ text: String, data: [String: String] = [:]) throws -> TestReport {
        var (folder, files) = try folder()
        files["/settings/tests/a.yaml"] = Array(text.utf8)
        for (path, text) in data { files["/settings/\(path)"] = Array(text.utf8) }
        let reader = TestReader(disk: MemoryDisk(files: files), checkProgram: SampleSpecs.checkProgram)
        return reader.read("/settings", of: folder)
    }

    private static let whole = """
        cases:
          - case: everything
            at: 2026-03-02T10:00:00+01:00
            given:
              - source: komax
                file: 03/Job.sdc
                text: |
                  [JobTerminated]
                  Pieces=1.10
              - after: 90s
                events:
                  - { type: a.b.v1, subject: 4711, data: { n: 1.10, code: "007", raw: 007, no: no, none: null } }
              - eventsFrom: tests/captured.jsonl
              - source: komax
                readings:
                  - { tag: speed, value: 17, time: 2026-03-02T09:00:00Z }
                  - { tag: speed, value: null }
                  - { tag: Done, asset: okuma-1, record: { Pieces: 3 } }
            wait: 1h
            expect:
              events: { type: a.b.v1, subject: 4711 }
              commands:
                odoo:
                  - { flow: progress, operation: production.progress, key: 4711, lane: bulk, arguments: { n: 1 } }
              exceptions:
                - { code: ROUTE-003, where: flow progress }
        """

    @Test("a case reads with its steps, times and expectations, numbers digit by digit")
    func reads() throws {
        let event = #"{"specversion":"1.0","id":"1","source":"/a/b","type":"c.v1","time":"2026-01-01T00:00:00Z"}"#
        let report = try Self.read(Self.whole, data: ["tests/captured.jsonl": event + "\n\n" + event + "\r\n"])
        #expect(report.faults.isEmpty, "\(report.printed())")
        let test = try #require(report.files.first?.cases.first)
        #expect(test.name == "everything" && test.start == Instant(text: "2026-03-02T09:00:00Z"))
        #expect(test.wait == .seconds(3_600) && test.steps.count == 4)
        guard case .bytes(let bytes, let file) = test.steps[0].input else { throw Missing() }
        #expect(String(decoding: bytes, as: UTF8.self) == "[JobTerminated]\nPieces=1.10\n" && file == "03/Job.sdc")
        guard case .events(let events) = test.steps[1].input else { throw Missing() }
        #expect(test.steps[1].after == .seconds(90) && test.steps[1].source == nil)
        #expect(
            events.first?["data"]?.description == #"{"n":1.10,"code":"007","raw":"007","no":"no","none":null}"#)
        guard case .documents(let documents) = test.steps[2].input else { throw Missing() }
        #expect(documents.map(\.envelope.id) == ["1", "1"])
        guard case .readings(let readings) = test.steps[3].input else { throw Missing() }
        #expect(readings.map(\.value) == [.value(17), .unavailable, .record(["Pieces": 3])])
        #expect(readings[0].time == Instant(text: "2026-03-02T09:00:00Z") && readings[2].asset == "okuma-1")
        #expect(test.expected[.events] == [["type": "a.b.v1", "subject": "4711"]])
        #expect(test.expected[.commands]?["odoo"]?[0]?["key"] == "4711")
        #expect(report.sampledEvents["a.b.v1"]?.count == 1 && report.sampledEvents["c.v1"]?.count == 2)
    }

    private struct Missing: Error {}

    @Test("the spec of the files is whole: documented, with examples that fit")
    func lint() {
        let lint = SpecLint(signals: SampleSpecs.signals, checkProgram: SampleSpecs.checkProgram)
        #expect(lint.faults(in: .object(TestFields.all), named: "tests") == [])
    }

    @Test("a folder without tests has none, and no fault")
    func none() throws {
        let (folder, files) = try Self.folder()
        let report = TestReader(disk: MemoryDisk(files: files), checkProgram: SampleSpecs.checkProgram)
            .read("/settings", of: folder)
        #expect(report.files.isEmpty && report.faults.isEmpty)
    }

    @Test(
        "a fault is reported in its place, with the nearest name",
        arguments: [
            ("source: komax", "source: komx", "tests/a.yaml:5:17: error", "SET-047", "did you mean \"komax\"?"),
            ("    odoo:\n", "    odo:\n", "tests/a.yaml:23:9: error", "SET-042", "did you mean \"odoo\"?"),
            ("flow: progress,", "flow: progres,", "tests/a.yaml:24:21: error", "SET-048", "did you mean \"progress\"?"),
            ("    wait: 1h", "    wiat: 1h", "tests/a.yaml:19:5: error", "SET-020", "did you mean wait?"),
            ("+01:00", "", "tests/a.yaml:3:9: error", "SET-097", "write it with a zone"),
            ("tests/captured.jsonl", "tests/gone.jsonl", "tests/a.yaml:13:21: error", "SET-001", "permissions"),
            ("- after: 90s\n", "- after: 90s\n        text: x\n", "tests/a.yaml:10:9: error", "SET-095", "one of"),
            ("type: a.b.v1, subject: 4711, data", "data", "tests/a.yaml:12:11: error", "SET-098", "write it like"),
            (", record: { Pieces: 3 } }", " }", "tests/a.yaml:18:13: error", "SET-095", "write it like"),
            ("lane: bulk", "lane: bluk", "tests/a.yaml:24:80: error", "SET-026", "did you mean bulk?"),
        ])
    func faults(_ old: String, _ new: String, _ place: String, _ code: String, _ advice: String) throws {
        #expect(Self.whole.contains(old))
        let event = #"{"specversion":"1.0","id":"1","source":"/a/b","type":"c.v1","time":"2026-01-01T00:00:00Z"}"#
        let report = try Self.read(
            Self.whole.replacing(old, with: new, maxReplacements: 1), data: ["tests/captured.jsonl": event])
        let found = report.faults.map(\.description)
        #expect(report.faults.map(\.code) == [code], "\(report.printed())")
        #expect(found.first?.hasPrefix(place) ?? false, "\(found)")
        #expect(report.faults.first?.suggestion.contains(advice) ?? false, "\(report.printed())")
    }

    @Test("a line of a file of events that is none is reported in that file")
    func badLine() throws {
        let event = #"{"specversion":"1.0","id":"1","source":"/a/b","type":"c.v1","time":"2026-01-01T00:00:00Z"}"#
        let report = try Self.read(Self.whole, data: ["tests/captured.jsonl": event + "\n{\"id\":}\n"])
        #expect(report.faults.map(\.place) == ["tests/captured.jsonl:2:7"], "\(report.printed())")
        #expect(report.printed().contains("| {\"id\":}"))
    }

    @Test("two cases of one name are a fault, and an empty expect: is none")
    func names() throws {
        let text = "cases:\n  - { case: a, given: [] }\n  - case: a\n    given: []\n    expect:\n"
        let report = try Self.read(text)
        #expect(report.faults.map(\.description).count == 1)
        #expect(report.faults.first?.code == "SET-041" && report.faults.first?.line == 3, "\(report.printed())")
        #expect(report.files.first?.cases.map(\.expected.isEmpty) == [true, true])
    }

    // MARK: - Comparison

    private static let got: [TestCase.Section: JSON] = [
        .events: [["type": "a.v1", "id": "1", "time": "2026-01-01T00:00:00.000000Z", "data": ["n": 1]]],
        .commands: ["odoo": [["operation": "p", "key": "k", "arguments": ["n": 1, "list": [1, 2]]]]],
        .exceptions: [["code": "X-1", "where": "flow f", "message": "no entry for B"]],
    ]

    @Test("what is named is compared as a whole, what is not named is not")
    func comparison() {
        let passing: [TestCase.Section: JSON] = [
            .events: [["type": "a.v1", "time": "2026-01-01T01:00:00+01:00"]],
            .commands: [
                "odoo": [["operation": "p", "arguments": ["list": [1, 2], "n": .number(ExactNumber(text: "1.0")!)]]]
            ],
            .exceptions: [["code": "X-1", "message": "no entry"]],
        ]
        #expect(TestComparison.differences(passing, Self.got).isEmpty)
        let only: [TestCase.Section: JSON] = [.exceptions: [["code": "X-1"]]]
        #expect(TestComparison.differences(only, Self.got).isEmpty)
    }

    @Test("a difference says where it is, what is expected and what came out")
    func differences() {
        let expected: [TestCase.Section: JSON] = [
            .commands: [
                "odoo": [["operation": "p", "arguments": ["n": 2, "list": [1, 2, 3], "more": "x"]]], "hub": [],
            ]
        ]
        let found = TestComparison.differences(expected, Self.got)
        #expect(
            found == [
                TestDifference(path: "commands.odoo[0].arguments.n", expected: 2, got: 1),
                TestDifference(path: "commands.odoo[0].arguments.list[2]", expected: 3, got: nil),
                TestDifference(path: "commands.odoo[0].arguments.more", expected: "x", got: nil),
                TestDifference(
                    path: "exceptions[0]", expected: nil, got: Self.got[.exceptions]?[0]),
            ])
    }

    @Test("an argument that nobody expects, a further command and a command of another target are differences")
    func unexpected() {
        var expected: [TestCase.Section: JSON] = [.exceptions: [["code": "X-1"]]]
        expected[.commands] = ["odoo": [["arguments": ["n": 1]]]]
        #expect(TestComparison.differences(expected, Self.got).map(\.path) == ["commands.odoo[0].arguments.list"])
        expected[.commands] = ["odoo": []]
        #expect(TestComparison.differences(expected, Self.got).map(\.path) == ["commands.odoo[0]"])
        expected[.commands] = [:]
        #expect(TestComparison.differences(expected, Self.got).map(\.path) == ["commands.odoo[0]"])
    }

    @Test("one element too many or too few is named, whatever stands around it")
    func alignment() {
        let list: [JSON] = [["type": "a"], ["type": "b"], ["type": "c"]]
        for gone in 0..<3 {
            var short = list
            short.remove(at: gone)
            let more = TestComparison.differences([.events: .array(short)], [.events: .array(list)])
            #expect(more == [TestDifference(path: "events[\(gone)]", expected: nil, got: list[gone])])
            let fewer = TestComparison.differences([.events: .array(list)], [.events: .array(short)])
            #expect(fewer == [TestDifference(path: "events[\(gone)]", expected: list[gone], got: nil)])
        }
    }

    @Test("what is at hand reads by asset, at the begin and as it is expected, and an asset that is none is a fault")
    func context() throws {
        let text = """
            cases:
              - case: a
                context: { okuma-1: { order: 4711, operator: anna } }
                given: []
                expect:
                  context:
                    komax-565: { order: MO-7, lot: "007" }
            """
        let report = try Self.read(text)
        #expect(report.faults.isEmpty, "\(report.printed())")
        let test = try #require(report.files.first?.cases.first)
        #expect(test.context == ["okuma-1": ["order": "4711", "operator": "anna"]])
        #expect(test.expected == [.context: ["komax-565": ["order": "MO-7", "lot": "007"]]])
        let wrong = try Self.read(text.replacing("okuma-1:", with: "okuma-2:"))
        #expect(wrong.faults.map { "\($0.code) \($0.line)" } == ["SET-044 3"], "\(wrong.printed())")
        #expect(wrong.faults.first?.suggestion.contains("did you mean \"okuma-") == true)
        let misspelt = try Self.read(text.replacing("lot:", with: "lott:"))
        #expect(misspelt.faults.map(\.code) == ["SET-020"], "\(misspelt.printed())")
    }

    @Test("what is at hand is compared as a whole where it is given, and not otherwise")
    func contextCompared() {
        let got: [TestCase.Section: JSON] = [
            .commands: [:], .context: ["press-1": ["order": "MO-7", "item": "B"], "turn-1": [:]],
        ]
        func differences(_ expected: JSON) -> [String] {
            TestComparison.differences([.context: expected], got).map(\.path)
        }
        #expect(differences(["press-1": ["item": "B", "order": "MO-7"]]).isEmpty)
        #expect(differences(["press-1": ["item": "B", "order": "MO-7"], "saw-1": [:]]).isEmpty)
        #expect(differences(["press-1": ["order": "MO-8"]]) == ["context.press-1.order", "context.press-1.item"])
        #expect(differences(["turn-1": ["lot": "L"]]) == ["context.turn-1", "context.press-1"])
        #expect(differences([:]) == ["context.press-1"])
        #expect(TestComparison.differences([.commands: [:]], got).isEmpty)
        // A case that expects nothing yet is filled with what follows from the context, and not with it.
        #expect(TestComparison.differing([:], got) == [.commands])
    }

    @Test("a case that expects nothing does not pass, also where nothing came out")
    func nothing() {
        #expect(
            TestComparison.differences([:], [.events: [], .commands: [:], .exceptions: []]).map(\.path) == ["expect"])
    }
}
