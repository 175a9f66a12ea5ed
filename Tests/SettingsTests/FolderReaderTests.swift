import Canonical
import Contracts
import ExactJSON
import Testing

@testable import NodeSettings

@Suite("A folder that checks")
struct FolderReaderTests {
    private func base() throws -> NodeFolder {
        let example = try #require(FolderCase.all.first { $0.name == "good-architecture-example" })
        let report = example.report()
        return try #require(report.folder, "\(report.printed())")
    }

    @Test("the node's own settings read as they were written, with paths below the folder")
    func node() throws {
        let node = try base().node
        #expect(node.node == "lyon")
        #expect(node.listen?.description == "0.0.0.0:8443")
        #expect(
            node.store
                == .init(
                    path: "/settings/data", ceilingBytes: 20 << 30, retention: .seconds(30 * 86_400),
                    history: .seconds(90 * 86_400), identities: .seconds(730 * 86_400)))
        #expect(node.security.tls == .init(certificate: "/settings/tls/node.pem", key: "/settings/tls/node.key"))
        #expect(node.security.key == "/settings/keys/node.key")
        #expect(node.security.trustedRoots == ["/settings/tls/ca.pem"])
        #expect(node.logLevel == .debug)
    }

    @Test("plants and assets keep their order, and text that YAML would change stays as it is")
    func plants() throws {
        let folder = try base()
        #expect(folder.plants.map(\.name) == ["lyon", "graz"])
        let lyon = try #require(folder.plant("lyon"))
        #expect(lyon.target == "odoo")
        let komax = try #require(lyon.asset("komax-565"))
        #expect(komax.attributes == ["serial": "1.10", "spare": "no"])
        #expect(komax.workCenter == "WC-CUT")
        #expect(lyon.asset("okuma-1")?.attributes == [:])
    }

    @Test("a source has its connector's settings and its signals")
    func source() throws {
        let source = try #require(try base().sources.first)
        #expect(source.name == "komax")
        #expect(source.plant == "lyon")
        #expect(source.lane == .normal)
        let path = Field<String>("path", .path, "")
        let folder = try source.settings(Field<Settings>("folder", fields: [path.spec], ""))
        #expect(try folder(path) == "/data/komax")
        #expect(try source.settings(Field<Int>("lineBytes", .bytes(0...1), "")) == 64 << 10)
        #expect(
            try source.signals.map { try $0(Field<[String]>("subject", .oneOrMany(.text), "")) } == [
                ["Job", "ArticleKey"]
            ])
    }

    @Test("a flow reads with its defaults")
    func flow() throws {
        let flow = try #require(try base().flows.first)
        #expect(flow.when.types.map(\.description) == ["millwright.production.completed.*"])
        #expect(flow.when.plants == ["lyon"])
        #expect(flow.map == .file("maps/progress.jq"))
        #expect(flow.key == .subject)
        #expect(flow.coalesce == .init(window: .seconds(1), maximumEvents: 500))
        #expect(flow.retry == .init(base: .milliseconds(500), cap: .seconds(60), attempts: nil))
        #expect(flow.onReject == .hold)
        #expect(flow.late == .review)
        #expect(flow.location.description == "flows/progress.yaml:1:1")
    }

    @Test(
        "a flow that names no target has that of its plants",
        arguments: ["good-target-of-plant", "good-target-of-plants"])
    func targetOfPlant(_ name: String) throws {
        let example = try #require(FolderCase.all.first { $0.name == name })
        let flow = try #require(example.report().folder?.flows.first)
        #expect(flow.target == "odoo")
        #expect(flow.place("target").file == "flows/progress.yaml" && flow.place("target").line == 3)
    }

    @Test("what is said of a key or word that is gone, and of a port alone, is what to do")
    func removed() throws {
        for (name, advice) in [
            ("choice-alone", "write review"), ("address-port-alone", "write 127.0.0.1:8443"),
            ("target-missing", "write target: …, one of: hub, odoo"),
            ("plant-key-removed", "a target's own settings name its database"),
        ] {
            let example = try #require(FolderCase.all.first { $0.name == name })
            #expect(example.report().faults.first?.suggestion.contains(advice) == true, "\(name)")
        }
    }

    @Test("a target has its own and the common settings")
    func target() throws {
        let target = try #require(try base().targets.first { $0.name == "odoo" })
        #expect(target.concurrency == 2)
        #expect(target.breaker == .init(failures: 5, cooldown: .seconds(30)))
        let secret = Field<SecretReference>("secret", "")
        #expect(try target.settings(secret) == .file("/run/secrets/odoo"))
    }

    @Test("the files come with the folder, so that a caller can tell whether anything changed")
    func files() throws {
        let paths = try base().files.map(\.path)
        #expect(paths == paths.sorted() && paths.count == 8)
        #expect(paths.contains("crosswalks/work-centers.csv"))
    }

    @Test("an overlay changes values, and the folder tells which files it came from")
    func overlay() throws {
        let example = try #require(FolderCase.all.first { $0.name == "good-overlay" })
        let folder = try #require(example.report().folder)
        let target = try #require(folder.targets.first { $0.name == "odoo" })
        #expect(try target.settings(Field<String>("database", .text, "")) == "test")
        #expect(try target.settings(Field<String>("login", .text, "")) == "mes")
        #expect(folder.node.node == "lyon-test")
        #expect(folder.node.store.retention == .seconds(30 * 86_400))
        #expect(folder.node.store.path == "/settings/test-data")
        #expect(try folder.crosswalks["work-centers"]?.value(for: "komax-565") == "WC-TEST")
        #expect(folder.files.contains { $0.path == "overlays/test/targets/odoo.yaml" })
    }

    @Test("a disk that gives few bytes at a time gives the same folder")
    func smallReads() throws {
        let example = try #require(FolderCase.all.first { $0.name == "good-architecture-example" })
        let report = FolderCase.reader(MemoryDisk(files: example.folder().files, chunk: 7)).read("/settings/")
        #expect(report.folder != nil && report.faults.isEmpty)
    }

    @Test("a file that cannot be read is reported with the system's words, and nothing follows from it")
    func denied() throws {
        let example = try #require(FolderCase.all.first { $0.name == "good-architecture-example" })
        for path in ["targets/odoo.yaml", "plants.yaml", "maps/progress.jq", "crosswalks/work-centers.csv", "flows"] {
            let disk = MemoryDisk(files: example.folder().files, denied: ["/settings/\(path)"])
            let report = FolderCase.reader(disk).read("/settings")
            let errors = report.faults.filter { $0.severity == .error }
            #expect(errors.map(\.code) == ["SET-001"], "\(path): \(report.printed())")
            #expect(errors.first?.file == path)
        }
        let none = FolderCase.reader(MemoryDisk()).read("/nowhere")
        #expect(none.faults.map(\.code) == ["SET-001"])
    }

    @Test("a file beyond its limit is reported and not read")
    func large() throws {
        var files = try #require(FolderCase.all.first { $0.name == "good-architecture-example" }).folder().files
        files["/settings/targets/odoo.yaml", default: []] += [UInt8](repeating: 0x23, count: 1 << 20)
        let report = FolderCase.reader(MemoryDisk(files: files)).read("/settings")
        #expect(
            report.faults.map(\.description) == ["targets/odoo.yaml: error: the file is larger than 1MiB [SET-003]"])
        var limits = SettingsLimits()
        limits.files = 5
        files["/settings/targets/odoo.yaml"] = nil
        let few = FolderCase.reader(MemoryDisk(files: files), limits: limits).read("/settings")
        #expect(few.faults.filter { $0.code == "SET-003" }.count == 1)
    }

    @Test("a report is cut at its limit and says so")
    func manyFaults() throws {
        var files = try #require(FolderCase.all.first { $0.name == "good-architecture-example" }).folder().files
        files["/settings/targets/odoo.yaml", default: []] += (0..<5_000).map { "key\($0): 1\n" }.joined().utf8
        let report = FolderCase.reader(MemoryDisk(files: files)).read("/settings")
        #expect(report.faults.count == 1_001)
        #expect(report.faults.last?.reason == "4000 further faults are not listed")
    }

    @Test("faults print with the line, a caret below the place, and the way out")
    func printed() throws {
        let example = try #require(FolderCase.all.first { $0.name == "key-unknown" })
        #expect(
            example.report().printed() == """
                targets/odoo.yaml:7:1: error: "concurency" is not a known key [SET-020]
                  7 | concurency: 2
                    | ^
                help: did you mean concurrency?

                1 error, 0 warnings

                """)
    }
}
