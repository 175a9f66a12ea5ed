import Console
import Contracts
import Delivery
import FilesConnector
import HTTPConnector
import Intake
import MTConnectConnector
import NodeConnector
import NodeSecurity
import NodeSettings
import OdooConnector
import Routing
import Runtime
import Signals
import Store
import Telemetry

/// The page of all codes: what each means, what to do, how to see it, and where the runbook of its family is.
enum ErrorReference {
    /// Every failure that a person can meet.
    static var kinds: [FailureKind] {
        StoreFailures.all + IntakeFailures.all + RoutingFailures.all + DeliveryFailures.all + RuntimeFailures.all
            + SecurityFailures.all + NodeFailures.all + OdooFailures.all + SettingsFailures.all
            + [CrosswalkMiss.kind] + SignalFailures.all + SHDRFailures.all + FilesFailures.all + HTTPFailures.all
            + HTTPTargetFailures.all + ListenerFailures.all + QueryFailures.all + TelemetryFailures.all
    }

    static var markdown: String {
        var page = """
            # Errors

            Codes are stable. Each section says what happened, what to do, and how to see it; the runbook of its family
            says what to look at first, and when to resubmit, to discard or to call an integrator. What waits as an
            exception is decided about as in [Exceptions](../operations/exceptions.md).

            """
        for family in ErrorFamily.all {
            page += "\n* [`\(family.area)`](#\(family.area.lowercased())): \(family.title)"
        }
        page += "\n"
        let kinds = Dictionary(grouping: Self.kinds) { area(of: $0.code) }
        for family in ErrorFamily.all {
            page += "\n## \(family.area)\n\nCodes of \(family.title). [Runbook](\(family.runbook)).\n"
            let codes = Dictionary(grouping: kinds[family.area] ?? [], by: \.code)
            for code in codes.keys.sorted() { page += section(code, codes[code] ?? [], family) }
        }
        return page
    }

    /// `ODOO` of `ODOO-021`.
    static func area(of code: String) -> String { String(code.prefix { $0 != "-" }) }

    /// A code that two parts of the node give has both meanings in its one section.
    private static func section(_ code: String, _ kinds: [FailureKind], _ family: ErrorFamily) -> String {
        let meanings = kinds.map { kind in
            """

            **What it means.** \(sentence(kind.title))

            **What to do.** \(sentence(kind.remedy))

            """
        }
        return "\n### \(code)\n" + meanings.joined()
            + "\n**How to see it.** \(family.seen.replacing("CODE", with: code)) [Runbook](\(family.runbook)).\n"
    }

    /// With a capital letter and a full stop.
    private static func sentence(_ text: String) -> String {
        let ended = [".", "?", "!"].contains { text.hasSuffix($0) } ? text : text + "."
        // A word such as `format.kind` or `onReject` is written as it is.
        let first = ended.prefix { $0 != " " }
        let isWord = first.allSatisfy { $0.isLowercase || $0 == "'" || $0 == "," || $0 == ":" }
        return isWord ? ended.prefix(1).uppercased() + ended.dropFirst() : ended
    }
}
