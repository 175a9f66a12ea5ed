import Contracts
import NodeSettings
import Testing

@testable import Scenarios

/// What is wrong with a scenario's file, and how it is said.
@Suite("Faults of scenario files")
struct ScenarioFaultTests {
    /// A file with one fault: where it stands, as a line and the text at the column, and what is said of it.
    struct Wrong: Sendable, CustomTestStringConvertible {
        let text: String
        let line: Int
        let at: String
        let code: String
        let says: String
        let help: String
        var testDescription: String { "\(code) \(says)" }

        /// `text` stands behind the scenario's name, from line 2 on.
        init(_ text: String, _ line: Int, _ at: String, _ code: String, _ says: String, _ help: String) {
            self.text = "scenario: day\n" + text + "\n"
            self.line = line
            self.at = at
            self.code = code
            self.says = says
            self.help = help
        }

        /// One fault in a list, in line 3.
        static func fault(_ entry: String, _ at: String, _ code: String, _ says: String, _ help: String) -> Wrong {
            Wrong("faults:\n  - { \(entry) }", 3, at, code, says, help)
        }
    }

    private static let keys: [Wrong] = [
        Wrong("duratoin: 5s", 2, "duratoin", "SET-020", "\"duratoin\" is not a known key", "did you mean duration?"),
        Wrong("work:\n  fact: 5", 3, "fact", "SET-020", "\"fact\" is not a known key in work", "did you mean facts?"),
        .fault(
            "fault: kill, where: hub, evry: 5s", "evry", "SET-020", "\"evry\" is not a known key",
            "did you mean every?"),
        .fault(
            "fault: odoo, answerLost: 5%, doubled: 5%", "doubled", "SET-020", "\"doubled\" is not a known key",
            "the keys here are: "),
        .fault("fault: powerloss, where: hub", "powerloss", "SET-026", "\"powerloss\"", "did you mean powerLoss?"),
        .fault("fault: kill, where: hub", "{", "SET-021", "every is missing", "write every: 2h"),
        .fault("fault: link", "link", "SET-021", "nothing is said to go wrong", "answerLost: 5%"),
        Wrong("plant:\n  machines: [folowing]", 3, "folowing", "SET-026", "\"folowing\"", "did you mean following?"),
        Wrong("plant:\n  person: anna", 3, "anna", "SET-026", "\"anna\"", "write one of the words"),
        .fault(
            "fault: silentErrors, where: hub, kinds: [lostSync], atMost: 1", "lostSync", "SET-026", "\"lostSync\"",
            "write one of the words"),
        Wrong("duration: 5s\nduration: 6s", 3, "duration", "SET-014", "given twice: first in line 2", "keep one"),
        Wrong("plant: [pushing]", 2, "[pushing]", "SET-023", "plant must be keys with values", "write it like {"),
    ]

    private static let values: [Wrong] = [
        Wrong("duration: 30", 2, "30", "SET-028", "which has no unit", "write 30s or 30ms"),
        Wrong("duration: 2 weeks", 2, "2 weeks", "SET-028", "whose unit is none of", "write 2s"),
        Wrong("duration: 90d", 2, "90d", "SET-025", "must be from 1s to 31d", "from 1s to 31d"),
        Wrong("work:\n  facts: -1", 3, "-1", "SET-025", "from 0 to 10000", "write 0"),
        Wrong("work:\n  orders: 5000", 3, "5000", "SET-025", "from 1 to 900", "write 900"),
        Wrong("plant:\n  hubs: 4", 3, "4", "SET-025", "from 1 to 3", "write 3"),
        Wrong("plant:\n  odooPatience: 5m", 3, "5m", "SET-025", "from 1s to 30s", "from 1s to 30s"),
        .fault("fault: link, answerLost: -5%", "-5%", "SET-025", "from 0% to 100%", "from 0% to 100%"),
        .fault("fault: link, answerLost: 101%", "101%", "SET-025", "from 0% to 100%", "from 0% to 100%"),
        .fault("fault: link, answerLost: 0.05", "0.05", "SET-024", "which has no unit", "write 5%"),
        .fault("fault: link, answerLost: 5s", "5s", "SET-024", "neither % nor ppm", "write 5%"),
        .fault("fault: clockDrift, where: hub, drift: 1%", "1%", "SET-025", "from -0.1% to 0.1%", "to 0.1%"),
        .fault("fault: clockDrift, where: hub, drift: 0.5ppm", "0.5ppm", "SET-024", "no whole ppm", "like 500ppm"),
        .fault("fault: clockJumps, where: hub, every: 5s, upTo: 12h", "12h", "SET-025", "to 11h", "to 11h"),
        .fault("fault: bitRot, where: hub, atMost: 101", "101", "SET-025", "from 1 to 100", "write 100"),
        .fault("fault: diskErrors, where: hub, kinds: [], share: 1%", "[]", "SET-025", "kinds is empty", "syncError"),
        .fault("fault: link, holdTime: { from: 2m, to: 3s }", "2m", "SET-025", "from 1ms to 100s", "to 100s"),
    ]

    private static let together: [Wrong] = [
        .fault("fault: link, holdTime: { from: 5s, to: 3s }", "3s }", "SET-053", "to is 3s, and from 5s", "shorter"),
        Wrong(
            "duration: 31d\nfaults:\n  - { fault: kill, where: hub, every: 100ms }", 4, "100ms", "SET-025",
            "more than 10000 times within 31d", "write every: 267841ms"),
        Wrong(
            "duration: 1h\nfaults:\n  - { fault: cut, after: 2h, lasts: 5m }", 4, "2h", "SET-053",
            "after is 2h, and all is over after 1h", "a longer duration"),
        Wrong(
            "faults:\n  - { fault: kill, where: [edge, hub], every: 5s }\n  - { fault: kill, where: hub, every: 6s }",
            4, "{", "SET-053", "kill.hub is given twice: first in line 3", "keep one"),
        Wrong("work:\n  lateOrders: 4", 3, "4", "SET-053", "lateOrders is 4, and orders 3", "write 3 at most"),
        Wrong(
            "plant:\n  machines: pushing\nwork:\n  flood: 5", 5, "5", "SET-053", "flood is about the following machine",
            "add following to machines"),
        Wrong(
            "plant:\n  machines: following\nwork:\n  criticalWithin: 5s", 5, "5s", "SET-053",
            "criticalWithin is about the pushing machine", "add pushing to machines"),
        Wrong("plant:\n  machines: []", 3, "[]", "SET-025", "machines is empty", "name one of pushing"),
        Wrong(
            "plant:\n  machines: [logging, logging]", 3, "[logging", "SET-053", "machines names one twice",
            "name each once"),
    ]

    @Test(
        "what is wrong is said once, with line, column and what to write instead", arguments: keys + values + together)
    func refused(_ wrong: Wrong) throws {
        let source = SourceText(path: "day.yaml", text: wrong.text)
        let report = ScenarioReader.read(source)
        #expect(report.scenario == nil)
        #expect(report.faults.count == 1, "\(report.printed())")
        let fault = try #require(report.faults.first)
        let line = try #require(source.line(wrong.line))
        let place = try #require(line.firstRange(of: wrong.at))
        let column = line.distance(from: line.startIndex, to: place.lowerBound) + 1
        #expect(fault.place == "day.yaml:\(wrong.line):\(column)", "\(report.printed())")
        #expect(fault.code == wrong.code, "\(report.printed())")
        #expect(fault.reason.contains(wrong.says), "\(report.printed())")
        #expect(fault.suggestion.contains(wrong.help), "\(report.printed())")
    }

    @Test("everything that is wrong with a file is said at once, in the order of its lines")
    func all() {
        let text = """
            duration: 5
            work: { orders: 0 }
            faults:
              - { fault: link, answerLost: 5, requestLost: -1% }
              - { fault: explosion }
              - { fault: kill, every: 1h }
            """
        let faults = ScenarioReader.read(SourceText(path: "day.yaml", text: text)).faults
        #expect(faults.map(\.line) == [1, 1, 2, 4, 4, 5, 6])
        #expect(
            faults.map(\.code) == ["SET-021", "SET-028", "SET-025", "SET-024", "SET-025", "SET-026", "SET-021"],
            "\(faults)")
    }

    @Test("a file that grows without end by its aliases, or is nested too deeply, is refused")
    func bounded() {
        var bomb = "a: &a [x, x, x, x, x, x, x, x, x, x]\n"
        for (name, before) in [("b", "a"), ("c", "b"), ("d", "c"), ("e", "d"), ("f", "e")] {
            bomb += "\(name): &\(name) [" + Array(repeating: "*\(before)", count: 10).joined(separator: ", ") + "]\n"
        }
        let nested = "scenario: day\nplant: " + String(repeating: "[", count: 40) + String(repeating: "]", count: 40)
        for text in [bomb, nested] {
            let report = ScenarioReader.read(SourceText(path: "day.yaml", text: text))
            #expect(report.scenario == nil)
            #expect(report.faults.contains(where: { $0.code == "SET-012" }), "\(report.printed())")
        }
    }

    @Test("the spec of the files is whole: documented, with examples and defaults that fit")
    func lint() {
        let lint = SpecLint(signals: .object([])) { _, _ in [] }
        #expect(lint.faults(in: .object(ScenarioFields.all), named: "scenario") == [])
    }
}
