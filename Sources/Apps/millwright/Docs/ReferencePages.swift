import Canonical
import Contracts
import NodeSettings
import Signals
import Telemetry

/// One page of the reference.
struct ReferencePage: Sendable {
    /// Below the reference's folder: `connectors/target-odoo.md`.
    let path: String
    /// Markdown.
    let text: String

    /// What a person calls it, the usual name first: `target-odoo`, `connectors/target-odoo`, and `odoo` for both sides
    /// of a connector.
    var names: [String] {
        let whole = path.hasSuffix(".md") ? String(path.dropLast(3)) : path
        let stem = whole.split(separator: "/").last.map(String.init) ?? whole
        let roles = ["source-", "target-"].filter { stem.hasPrefix($0) }
        return [stem, whole, path] + roles.map { String(stem.dropFirst($0.count)) }
    }
}

/// The pages of the reference, which are made from the code.
enum ReferencePages {
    static var all: [ReferencePage] {
        let connectors = Composition.connectors.filter {
            ![NullStream.spec.name, PacedTarget.spec.name].contains($0.name)
        }
        let pages = connectors.map {
            ReferencePage(
                path: "connectors/\($0.role.rawValue)-\($0.name).md", text: NodeSettings.Reference.markdown(for: $0))
        }
        return pages + files + [
            ReferencePage(path: "cli.md", text: CommandReference.markdown),
            ReferencePage(path: "events.md", text: FactShape.reference),
            ReferencePage(path: "errors.md", text: ErrorReference.markdown),
            ReferencePage(path: "metrics.md", text: MetricReference.markdown),
        ]
    }

    /// The files of a settings folder that belong to no connector.
    private static var files: [ReferencePage] {
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
            ReferencePage(
                path: "settings/\(name).md",
                text: NodeSettings.Reference.markdown(title: "`\(title)`", summary: summary, fields: fields))
        }
    }
}
