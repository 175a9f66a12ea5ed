import Canonical
import Contracts
import ExactJSON
import Testing

@testable import FilesConnector

@Suite("settings, names and patterns")
struct SettingsTests {
    @Test(
        "settings that cannot work together are refused with a way out",
        arguments: [
            (["format": ["kind": "cloudevents"]], "whole documents"),
            (["format": ["kind": "csv", "time": "dd/MM/yyyy"]], "timeField is missing"),
            (
                ["format": ["kind": "csv", "time": "dd/MM/yyyy", "timeField": "day", "columns": ["a"]]],
                "not among the columns"
            ),
            (["format": ["kind": "csv", "columns": ["a", "a"]]], "twice"),
            (["format": ["kind": "csv", "delimiter": "::"]], "no single ASCII character"),
            (["format": ["kind": "csv", "delimiter": "\""]], "same character"),
            (["format": ["kind": "sections", "time": "HH:mm"]], "no whole date"),
            (["format": ["kind": "sections", "time": "dd/MM/yyyy", "epoch": "seconds"]], "exclude each other"),
            (["format": ["kind": "sections"], "zone": "Mars/Olympus"], "no time zone"),
        ] as [(JSON, String)])
    func refused(_ json: JSON, _ reason: String) {
        var json = json
        json["folder"] = ["path": "/data"]
        let fault = #expect(throws: SettingFault.self) {
            try FilesSource(
                name: "files", settings: SettingsMaker.settings(json, FilesSpec.source.fields),
                plantZone: "Europe/Paris",
                defaultAsset: "a", world: .test(MemoryDisk()), limits: Limits())
        }
        #expect(fault?.reason.contains(reason) == true, "\(fault?.reason ?? "")")
        #expect(fault?.suggestion != nil)
    }

    @Test("the source runs by its public door until it is cancelled")
    func runs() async throws {
        let disk = MemoryDisk()
        let intake = TestIntake()
        disk.write("{\"n\":1}\n{\"n\":2}\n", to: "/data/a.jsonl")
        let json: JSON = ["folder": ["path": "/data"], "format": ["kind": "jsonlines"]]
        let source = try FilesSource(
            name: "files", settings: SettingsMaker.settings(json, FilesSpec.source.fields), plantZone: "UTC",
            defaultAsset: "m",
            world: .test(disk), limits: Limits())
        intake.die(after: 0, storing: true)
        await #expect(throws: CancellationError.self) { try await source.run(intake) }
        #expect(intake.readings.map(\.asset) == ["m", "m"])
    }

    @Test(
        "patterns fit names",
        arguments: [
            ("*", "a.csv", true), ("*", ".hidden", false), ("*", "d/a", false), ("*/Job.sdc", "03/Job.sdc", true),
            ("*/Job.sdc", "03/x/Job.sdc", false), ("**", "a/b/c", true), ("**/*.csv", "a.csv", true),
            ("**/*.csv", "x/.y/a.csv", false),
            ("a?c[0-9].{csv,txt}", "abc5.txt", true), ("[!a]*", "abc", false), ("[!a]*", "bc", true),
            ("*a*b*", "xxaxxbxx", true),
            ("*a*b", "xxaxxbxx", false), ("[]]x", "]x", true), ("x{,.1}", "x.1", true), ("x[", "x[", true),
        ])
    func patterns(_ pattern: String, _ path: String, _ fits: Bool) throws {
        #expect(try #require(GlobPattern(pattern)).matches(path) == fits)
        let disk = MemoryDisk()
        disk.write("x", to: "/d/" + path)
        let scan = FolderScan(root: "/d", pattern: try #require(GlobPattern(pattern)), maximum: 10)
        #expect(try scan.run(disk).paths == (fits ? [path] : []))
    }

    @Test("braces that stand for too many patterns are refused")
    func braces() { #expect(GlobPattern("{a,b}{a,b}{a,b}{a,b}{a,b}{a,b}{a,b}") == nil) }

    @Test(
        "what a rotation adds to a name is not part of it",
        arguments: [
            ("d/Job.sdc", "d/Job.sdc"), ("d/Job.sdc.1", "d/Job.sdc"), ("d/Job.sdc.12", "d/Job.sdc"),
            ("Job.sdc.old", "Job.sdc"),
            ("Job.sdc.BAK", "Job.sdc"), ("Job.sdc-20250203", "Job.sdc"), ("Job.sdc.2025-02-03", "Job.sdc"),
            ("data.1", "data.1"),
            ("prod-20250203.csv", "prod-20250203.csv"), ("2025.02", "2025.02"), ("Job.sdc.1234", "Job.sdc.1234"),
            (".x.1", ".x.1"),
        ])
    func stems(_ path: String, _ stem: String) { #expect(FileKey.stem(of: path) == stem) }

    @Test("keys are read back, ascend with the offset, and depend on folder, name and first record")
    func keys() {
        let key = FileKey(path: "03/Job.sdc", head: [1, 2])
        #expect(FileKey(key.description) == key)
        var second = key
        second.generation = 2
        #expect(FileKey(second.description) == second)
        #expect(second.description.hasSuffix("-2"))
        #expect(FileKey("zz") == nil)
        #expect(key.fact(at: 9) < key.fact(at: 10))
        #expect(key.fact(at: 1_000_000_000_000).hasSuffix(":1000000000000"))
        #expect(FileKey(path: "04/Job.sdc", head: [1, 2]) != key)
        #expect(FileKey(path: "03/Job.sdc", head: [1, 3]) != key)
    }

    @Test("a stored position is read back, and a broken one is none")
    func positions() throws {
        let position = FilePosition(
            key: FileKey(path: "a", head: [1]), point: ReadingPoint(offset: 70, line: 3), headLength: 5, headHash: 7,
            guardHash: 9,
            guardCount: 64, encoding: .utf16BigEndian, header: ["a", "b"], lastTime: Instant(microseconds: 5))
        #expect(FilePosition(try JSONReader.read(position.json.bytes), key: position.key) == position)
        var broken = position.json
        broken["offset"] = -1
        #expect(FilePosition(broken, key: position.key) == nil)
    }

    @Test("every setting is explained, every code is unique")
    func spec() {
        func check(_ fields: [FieldSpec]) {
            #expect(Set(fields.map(\.name)).count == fields.count)
            for field in fields {
                #expect(field.summary.count > 10, "\(field.name)")
                if case .object(let inner) = field.kind { check(inner) }
            }
        }
        check(FilesSpec.source.fields)
        check(FilesSpec.target.fields)
    }
}
