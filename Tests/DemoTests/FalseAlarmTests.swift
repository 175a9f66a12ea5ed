import Contracts
import Foundation
import NodeSettings
import Testing
import WorldLive

@testable import millwright

/// What works must check without a word.
@Suite("No false alarm")
struct FalseAlarmTests {
    private static func faults(_ folder: String) -> String {
        let report = WholeCheck(root: folder, disk: LiveDisk(), environment: [:], isHome: false).report(overlay: nil)
            .settings
        return report.faults.isEmpty && report.folder != nil ? "" : report.printed()
    }

    private static func check(_ files: [String: String]) throws -> String {
        let folder = try SettingsFolder(files)
        defer { folder.remove() }
        return faults(folder.path)
    }

    @Test("folders of all templates", arguments: FolderTemplate.Name.allCases)
    func templates(_ name: FolderTemplate.Name) throws {
        let files = name.template.files(node: "press-hall").map { ($0.path, $0.text) }
        #expect(try Self.check(Dictionary(files, uniquingKeysWith: { $1 })) == "")
    }

    @Test("secrets that may be on another machine are no faults, and counted")
    func secretsElsewhere() throws {
        func odoo(_ name: String, _ secret: String) -> String {
            "target: \(name)\nprotocol: odoo\nendpoint: https://\(name).example\ndatabase: d\nlogin: l\n"
                + "secret: \(secret)\n"
        }
        let folder = try SettingsFolder([
            "millwright.yaml": "node: lyon\n",
            "plants.yaml": "plants: { lyon: { zone: Europe/Paris, assets: { press-1: {} } } }\n",
            "targets/a.yaml": odoo("a", "${env:NOBODY_SETS_THIS}"),
            "targets/b.yaml": odoo("b", "${env:NOBODY_SETS_THIS}"),
            "targets/c.yaml": odoo("c", "${file:/nowhere/at/all}"),
        ])
        defer { folder.remove() }
        try folder.write("targets/d.yaml", odoo("d", "${file:\(folder.path)/keys/d}"))
        try folder.write("keys/d", "key-of-a-test")
        try FileManager.default.setAttributes(
            [.posixPermissions: 0o600], ofItemAtPath: "\(folder.path)/keys/d")
        func check(isHome: Bool) -> (unseen: Int?, codes: [String]) {
            let check = WholeCheck(root: folder.path, disk: LiveDisk(), environment: [:], isHome: isHome)
            let report = check.report(overlay: nil).settings
            return (report.folder.map { check.unseenSecrets(of: $0) }, report.faults.map(\.code))
        }
        let elsewhere = check(isHome: false)
        #expect(elsewhere.codes.isEmpty && elsewhere.unseen == 2, "\(elsewhere)")
        let home = check(isHome: true)
        #expect(home.codes == ["SET-108", "SET-108", "SET-108"] && home.unseen == nil, "\(home)")
        let told = try Program.run(["check", "--folder", folder.path])
        #expect(told.code == 0 && told.errors.contains("2 secrets of the folder were not looked at"), "\(told)")
        #expect(told.errors.contains("--here"))
    }

    @Test("the example folder")
    func example() {
        #expect(Self.faults(Program.root.appendingPathComponent("Examples/single-node").path) == "")
    }

    @Test("the demo's folders, with each of its machines", arguments: [(true, true), (true, false), (false, true)])
    func demo(_ machines: (komax: Bool, shdr: Bool)) throws {
        for isRecorded in [false, true] {
            let state = NSTemporaryDirectory() + "millwright-demo-" + UUID().uuidString
            defer { try? FileManager.default.removeItem(atPath: state) }
            let demo = DemoFolders(
                state: state, ports: DemoPorts(hub: 8443, link: 8444, front: 8070, standIn: 8069, shdr: 7878),
                machines: DemoMachines(komax: machines.komax, shdr: machines.shdr, isRecordedSHDR: isRecorded),
                odoo: ("http://127.0.0.1:8070", "demo", "mes", "3s"),
                hubKey: "ed25519:Gb9ECWmEzf6FQbrBZ9w7lshQhqowtrbLDFw4rXAxZuE=", orderAtMachine: "MO-1")
            try demo.write()
            #expect(Self.faults(demo.edge) == "")
            #expect(Self.faults(demo.hub) == "")
        }
    }

    @Test("the chaos plant's folders, in each release")
    func chaos() throws {
        let plant = NSTemporaryDirectory() + "millwright-chaos-" + UUID().uuidString
        defer { try? FileManager.default.removeItem(atPath: plant) }
        let ports = ChaosPorts(
            hub: 8443, edge: 8444, standIn: 8069, shdr: 7878, link: 8445, front: 8070, door: 8446, edgeDoor: 8447,
            adapter: 7879)
        let folders = ChaosFolders(
            plant: plant, ports: ports,
            hubKey: "ed25519:Gb9ECWmEzf6FQbrBZ9w7lshQhqowtrbLDFw4rXAxZuE=")
        try folders.write()
        for release in 0..<ChaosFolders.releases {
            #expect(Self.faults(folders.edge(release)) == "")
            #expect(Self.faults(folders.hub(release)) == "")
        }
    }

    /// The examples of the connectors, each in a folder of its own with what it names.
    @Test("the connectors' examples", arguments: ["Files", "HTTP", "MTConnect", "Node", "Odoo"])
    func connectors(_ name: String) throws {
        let path = Program.root.appendingPathComponent("Sources/Connectors/\(name)/example.yaml").path
        let text = try String(contentsOfFile: path, encoding: .utf8)
        for document in text.components(separatedBy: "\n---\n") {
            let lines = document.components(separatedBy: "\n")
            let first = try #require(lines.first { !$0.isEmpty && !$0.hasPrefix("#") })
            let parts = first.components(separatedBy: ": ")
            let files = [
                "millwright.yaml": """
                node: lyon
                listen: 127.0.0.1:8480
                security: { key: /etc/millwright/node.key }

                """,
                "plants.yaml": """
                plants:
                  lyon:
                    zone: Europe/Paris
                    assets: { komax-565: {}, okuma-multus: {} }

                """,
                "\(parts[0])s/\(parts[1]).yaml": document + "\n",
            ]
            #expect(try Self.check(files) == "", "\(first)")
        }
        let specs = Composition.connectors.filter { !["null", "paced"].contains($0.name) }
        for spec in specs {
            let folder = spec.role == .source ? "sources" : "targets"
            let line = try #require(
                spec.example.split(separator: "\n").first { $0.hasPrefix("\(spec.role.rawValue): ") })
            let name = line.split(separator: " ")[1]
            let files = [
                "millwright.yaml": "node: lyon\nlisten: 127.0.0.1:8480\nsecurity: { key: /etc/millwright/node.key }\n",
                "plants.yaml":
                    "plants: { lyon: { zone: Europe/Paris, assets: { komax-565: {}, okuma-multus: {}, okuma: {} } } }\n",
                "\(folder)/\(name).yaml": spec.example + "\n",
            ]
            #expect(try Self.check(files) == "", "\(spec.name)")
        }
    }

    /// What the guide has its readers write, in the order in which they write it.
    @Test("the folders of the guide")
    func guide() throws {
        let root = NSTemporaryDirectory() + "millwright-guide-" + UUID().uuidString
        defer { try? FileManager.default.removeItem(atPath: root) }
        try FileManager.default.createDirectory(atPath: root, withIntermediateDirectories: true)
        let example = Program.root.appendingPathComponent("Examples/single-node").path
        func copy(_ name: String) throws {
            try FileManager.default.copyItem(atPath: example, toPath: "\(root)/\(name)")
        }
        try copy("node")
        let guide = try String(
            contentsOf: Program.root.appendingPathComponent("docs/guide.md"), encoding: .utf8)
        var written = 0
        let sections = guide.components(separatedBy: "\n## ")
        for section in sections where !section.hasPrefix("8. ") {
            written += try write(section, below: root)
            #expect(Self.faults("\(root)/node") == "", "\(section.prefix(40))")
        }
        let last = try #require(sections.first { $0.contains("Two nodes") })
        for name in ["edge", "hub"] { try copy(name) }
        for line in last.components(separatedBy: "\n") where line.hasPrefix("rm -r ") {
            for path in line.split(separator: " ").dropFirst(2) {
                try FileManager.default.removeItem(atPath: root + path.dropFirst("/tmp".count))
            }
        }
        written += try write(last, below: root)
        #expect(Self.faults("\(root)/edge") == "")
        #expect(Self.faults("\(root)/hub") == "")
        #expect(written >= 8, "\(written)")
    }

    /// What the tutorial has its readers type, as far as it needs neither Odoo nor a running node.
    @Test("the folder of the tutorial")
    func tutorial() throws {
        let folder = NSTemporaryDirectory() + "millwright-tutorial-" + UUID().uuidString
        defer { try? FileManager.default.removeItem(atPath: folder) }
        func run(_ line: String) throws -> Int32 {
            let process = Process()
            process.executableURL = URL(fileURLWithPath: "/bin/sh")
            process.arguments = [
                "-c",
                "millwright() { '\(Program.found.path)' \"$@\"; }\n" + line.replacing("/tmp/wires", with: folder),
            ]
            process.standardOutput = FileHandle.nullDevice
            process.standardError = FileHandle.nullDevice
            try process.run()
            process.waitUntilExit()
            return process.terminationStatus
        }
        let text = try String(contentsOf: Program.root.appendingPathComponent("docs/tutorial.md"), encoding: .utf8)
        let blocks = text.components(separatedBy: "```sh\n").dropFirst().map {
            $0.components(separatedBy: "\n```")[0]
        }
        let starts = ["millwright init ", "millwright check ", "millwright test ", "sed -i ", "echo ", "mkdir "]
        let lines = blocks.flatMap { $0.components(separatedBy: "\n") }.filter { line in
            starts.contains { line.hasPrefix($0) }
        }
        #expect(lines.count >= 9, "\(lines)")
        var codes: [Int32] = []
        for line in lines { codes.append(try run(line)) }
        for (line, code) in zip(lines, codes).dropLast() { #expect(code == 0, "\(line)") }
        // The map was changed, and the test expects the old words, as the tutorial says.
        #expect(codes.last == 1 && lines.last?.hasPrefix("millwright test ") == true, "\(lines)")
        #expect(try run("millwright test --update --folder /tmp/wires") == 0)
        #expect(try run("millwright test --folder /tmp/wires") == 0)
        #expect(Self.faults(folder) == "")
    }

    /// Does what `cat > FILE <<'END'` and `printf 'TEXT' > FILE` do to settings; answers how many there were.
    private func write(_ section: String, below root: String) throws -> Int {
        var count = 0
        for match in section.matches(of: /cat > \/tmp\/(\S+) <<'END'\n((?:.*\n)*?)END\n/) {
            try NodeProcess.write("\(root)/\(match.1)", String(match.2))
            count += 1
        }
        for match in section.matches(of: /printf '([^']*)' (>>?) \/tmp\/(\S+\.yaml)/) {
            // What `--update` fills in is another test's.
            guard !match.3.contains("/tests/") else { continue }
            let path = "\(root)/\(match.3)"
            let before = match.2 == ">>" ? (try? String(contentsOfFile: path, encoding: .utf8)) ?? "" : ""
            try NodeProcess.write(path, before + match.1.replacing("\\n", with: "\n"))
            count += 1
        }
        return count
    }
}
