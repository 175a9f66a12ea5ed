import ExactJSON
import Foundation
import Testing

@testable import millwright

/// `millwright simulate` with a scenario that stands in a file.
@Suite("millwright simulate with files")
struct SimulateFileTests {
    @Test("a printed scenario runs as a file: alone, shared among processes, and with a fault left out")
    func runs() throws {
        let folder = try SettingsFolder()
        defer { folder.remove() }
        let printed = try Program.run(["simulate", "--print", "crashes"])
        #expect(printed.code == 0, "\(printed.errors)")
        try folder.write("my crashes.yaml", printed.output.replacing("scenario: crashes", with: "scenario: mine"))
        let file = "\(folder.path)/my crashes.yaml"
        let (code, json) = try Program.json(["simulate", "--scenario-file", file, "--seed", "4"])
        #expect(code == 0 && json["scenarios"] == ["mine": 1], "\(json)")
        #expect(json["faults"]?["edge.kill"]?.int ?? 0 > 0, "\(json)")
        let shared = try Program.json(["simulate", "--scenario-file", file, "--seeds", "2", "--jobs", "2"])
        #expect(shared.code == 0 && shared.json["scenarios"] == ["mine": 2], "\(shared.json)")
        let fewer = try Program.json(["simulate", "--scenario-file", file, "--seed", "4", "--without", "kill.edge"])
        #expect(fewer.code == 0 && fewer.json["faults"]?["edge.kill"] == nil, "\(fewer.json)")
        let told = try Program.json(["simulate", "--print", "crashes"])
        #expect(told.json["file"]?.string == printed.output)
    }

    @Test("the command that a failing seed prints names the file, and repeats the failure")
    func repeats() throws {
        let folder = try SettingsFolder()
        defer { folder.remove() }
        try folder.write("crashes.yaml", try Program.run(["simulate", "--print", "crashes"]).output)
        let file = "\(folder.path)/crashes.yaml"
        let first = try Program.run([
            "simulate", "--scenario-file", file, "--seeds", "1", "--bug", "baseline-not-stored",
        ])
        #expect(first.code == 1, "\(first.output)\(first.errors)")
        let lines = first.errors.split(separator: "\n").map(String.init)
        let printed = lines.first(where: { $0.hasPrefix("  millwright simulate ") })
        let line = try #require(printed, "\(first.errors)")
        #expect(line.contains(" --scenario-file \(file) --seed "), "\(line)")
        let words = line.split(separator: " ").dropFirst().map(String.init)
        let again = try Program.run(words)
        #expect(again.code == 1, "\(again.output)\(again.errors)")
        #expect(again.errors.contains(line), "\(again.errors)")
    }

    @Test("a file with faults is not run: they are shown with their lines, and the exit code is 2")
    func faulty() throws {
        let folder = try SettingsFolder(["day.yaml": "scenario: day\nduratoin: 5s\n"])
        defer { folder.remove() }
        let arguments = ["simulate", "--scenario-file", "\(folder.path)/day.yaml"]
        let told = try Program.run(arguments)
        #expect(told.code == 2 && told.output.isEmpty, "\(told.output)\(told.errors)")
        for part in ["day.yaml:2:1: error: ", "2 | duratoin: 5s", "help: did you mean duration?", "SET-020"] {
            #expect(told.errors.contains(part), "\(told.errors)")
        }
        let (code, json) = try Program.json(arguments)
        #expect(code == 2 && json["ok"] == false && json["faults"]?[0]?["line"] == 2, "\(json)")
        let absent = try Program.run(["simulate", "--scenario-file", "\(folder.path)/night.yaml"])
        #expect(absent.code == 2 && absent.errors.contains("SET-001"), "\(absent.errors)")
    }

    @Test(
        "options that contradict each other are refused",
        arguments: [
            ("--scenario calm --scenario-file a.yaml", "one of --scenario, --scenario-file and --print"),
            ("--scenario calm --print calm", "one of --scenario, --scenario-file and --print"),
            ("--planted --scenario-file a.yaml", "--planted takes the scenario that finds each bug"),
        ])
    func contradictions(_ options: String, _ words: String) throws {
        let told = try Program.run(["simulate"] + options.split(separator: " ").map(String.init))
        #expect(told.code == 64, "\(told.errors)")
        #expect(told.errors.contains(words), "\(told.errors)")
    }

    @Test("a scenario that there is not is refused with the nearest name")
    func unknown() throws {
        for option in ["--print", "--scenario"] {
            let told = try Program.run(["simulate", option, "strom"])
            #expect(told.code == 2 && told.errors.contains("did you mean storm?"), "\(told.errors)")
        }
    }

    @Test("a command is written so that a shell reads the same words")
    func shell() {
        #expect(ShellLine.text(["millwright", "--seed", "7", "a/b-c_d.yaml"]) == "millwright --seed 7 a/b-c_d.yaml")
        #expect(ShellLine.text(["two words", "it's", "", "$x"]) == #"'two words' 'it'\''s' '' '$x'"#)
    }
}
