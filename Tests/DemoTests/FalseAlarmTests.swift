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
