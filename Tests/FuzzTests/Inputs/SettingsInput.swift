import Canonical
import Contracts
import HTTPConnector
import JQ
import MTConnectConnector
import NodeConnector
import OdooConnector
import Signals
import World

@testable import FilesConnector
@testable import NodeSettings

/// A byte that names a file of a settings folder, then the file: alone, beside what no folder can do without, or with the
/// rest of a good folder. The folder is read without faults, or with faults that have their places; so are its tests.
enum SettingsInput {
    private static let paths = [
        "millwright.yaml", "plants.yaml", "sources/komax.yaml", "flows/progress.yaml", "targets/odoo.yaml",
        "maps/progress.jq", "crosswalks/work-centers.csv", "sources/okuma.yaml",
        "schemas/acme.press.closed.v1.json", "schemas/acme.press.closed.v1.jq", "ownership.yaml", "tests/press.yaml",
        "sources/changes.yaml", "targets/mes.yaml", "sources/edges.yaml", "targets/uplink.yaml",
    ]
    /// All that a node has, but those that only tests use.
    private static let connectors = [
        MTConnectSpec.source, FilesSpec.source, HTTPSpec.source, NodeSpec.intake, NodeSpec.downlinkSource,
        OdooSpec.source, OdooSpec.target, HTTPSpec.target, FilesSpec.target, FilesSpec.tables, NodeSpec.uplink,
        NodeSpec.downlinkTarget,
    ]

    static func check(_ input: [UInt8]) throws {
        guard let choice = input.first else { return }
        var files: [String: [UInt8]]
        // Most of the time the rest of the folder would only be read once more.
        switch choice >> 5 {
        case 7: files = SettingsFolder.whole
        case 6: files = SettingsFolder.smallest
        default: files = [:]
        }
        files["/settings/" + paths[Int(choice & 15) % paths.count]] = Array(input.dropFirst())
        let disk = SettingsFolder(files: files)
        let reader = FolderReader(
            disk: disk, connectors: connectors, signals: SignalSpec.kind, checkProgram: compile)
        let report = reader.read("/settings")
        try require((report.folder == nil) == report.hasErrors, "neither read nor refused")
        if choice & 0x10 != 0 { _ = report.printed() }
        try YAMLInput.check(report.faults) { report.sources[$0] }
        guard let folder = report.folder else { return }
        let tests = TestReader(disk: disk, checkProgram: compile).read("/settings", of: folder)
        if choice & 0x10 != 0 { _ = tests.printed() }
        try YAMLInput.check(tests.faults) { tests.sources[$0] }
    }

    private static func compile(_ source: String, _ name: String) -> [ProgramFault] {
        do {
            _ = try JQProgram.compile(source, name: name)
            return []
        } catch {
            return [ProgramFault(line: error.line, column: error.column, reason: error.reason)]
        }
    }
}
