import ArgumentParser
import Canonical
import Console
import Contracts
import Delivery
import FilesConnector
import Foundation
import HTTPConnector
import Intake
import MTConnectConnector
import NodeConnector
import NodeSettings
import OdooConnector
import Routing
import Runtime
import Security
import Signals
import Store

struct DocsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "docs", abstract: "Writes the reference: settings, connectors, canonical events, errors.")

    @Option(help: "The folder to write to.") var output: String
    @Flag(help: "Write nothing; say what is stale, with exit code 1.") var check = false

    func run() throws {
        var stale: [String] = []
        for (name, text) in Reference.pages {
            let url = URL(fileURLWithPath: output).appendingPathComponent(name)
            let present = try? String(contentsOf: url, encoding: .utf8)
            guard present != text else { continue }
            stale.append(name)
            if !check {
                try FileManager.default.createDirectory(
                    at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
                try Data(text.utf8).write(to: url)
            }
        }
        guard check else { return print(stale.isEmpty ? "nothing to do" : "written: \(stale.joined(separator: ", "))") }
        if !stale.isEmpty {
            throw CommandFailure(description: "stale: \(stale.joined(separator: ", ")). `make docs` writes them anew")
        }
    }
}

/// The pages that are made from the code.
private enum Reference {
    static var pages: [(String, String)] {
        let connectors = Composition.connectors.filter {
            ![NullStream.spec.name, PacedTarget.spec.name].contains($0.name)
        }
        return connectors.map {
            ("connectors/\($0.role.rawValue)-\($0.name).md", NodeSettings.Reference.markdown(for: $0))
        }
            + files + [("events.md", FactShape.reference), ("errors.md", errors)]
    }

    /// The files of a settings folder that belong to no connector.
    private static var files: [(String, String)] {
        let signals = FieldSpec("signals", SignalSpec.kind, "what the tags and records of a source mean")
        return [
            (
                "millwright.yaml", "The node itself: its name, its listener, its store and its key.", NodeFields.all,
                "node"
            ),
            (
                "plants.yaml", "The plants that the node works for, and their equipment by ISA-95's levels.",
                PlantFields.file, "plants"
            ),
            (
                "ownership.yaml",
                "The systems of record: which system has the last word about which object of business. A flow that "
                    + "would write what its target's system does not own, because of what another system than "
                    + "the owner tells, fails `check`.",
                OwnershipFields.all, "ownership"
            ),
            (
                "flows/NAME.yaml",
                "A flow: which events it takes, in which order, and what it asks of which target.", FlowFields.all,
                "flows"
            ),
            (
                "signals: of a source",
                "What the tags and records of a source mean. Each signal has a `role`, which decides about the rest.",
                [signals], "signals"
            ),
            (
                "tests/NAME.yaml",
                "Tests of the folder, which `millwright test` runs: what comes in, and what must come out.",
                TestFields.all, "tests"
            ),
        ].map { title, summary, fields, name in
            (
                "settings/\(name).md",
                NodeSettings.Reference.markdown(title: "`\(title)`", summary: summary, fields: fields)
            )
        }
    }

    private static var errors: String {
        let kinds =
            StoreFailures.all + IntakeFailures.all + RoutingFailures.all + DeliveryFailures.all + RuntimeFailures.all
            + SecurityFailures.all + NodeFailures.all + OdooFailures.all + SettingsFailures.all
            + [CrosswalkMiss.kind] + SignalFailures.all + SHDRFailures.all + FilesFailures.all + HTTPFailures.all
            + HTTPTargetFailures.all + ListenerFailures.all + QueryFailures.all
        var text =
            "# Errors\n\nCodes are stable. Each says what happened and what to do next.\n\n| code | what happened | what to do |\n| --- | --- | --- |\n"
        for kind in kinds.sorted(by: { $0.code < $1.code }) {
            text += "| `\(kind.code)` | \(kind.title) | \(kind.remedy) |\n"
        }
        return text
    }
}
