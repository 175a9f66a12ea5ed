import Contracts
import NodeSettings
import OdooConnector

/// Finds addresses of Odoo as a browser shows them: what stands behind the host is a page, and no call reaches Odoo
/// below it.
struct EndpointCheck {
    private let folder: NodeFolder

    init(_ folder: NodeFolder) { self.folder = folder }

    var faults: [CheckFault] {
        let sources = folder.sources.filter { $0.protocolName == OdooSpec.source.name }.map {
            ("source \($0.name)", $0.settings)
        }
        let targets = folder.targets.filter { $0.protocolName == OdooSpec.target.name }.map {
            ("target \($0.name)", $0.settings)
        }
        return (sources + targets).compactMap { name, settings in fault(name, settings) }
    }

    private func fault(_ name: String, _ settings: Settings) -> CheckFault? {
        guard let endpoint = settings.text("endpoint"), let base = Self.base(of: endpoint), base != endpoint else {
            return nil
        }
        let rest = endpoint.dropFirst(base.count)
        return CheckFault(
            SettingsFailures.url, at: settings.locations["endpoint"] ?? settings.location,
            "endpoint of \(name) is \"\(endpoint)\", and Odoo's base address has nothing behind its host, "
                + "such as \(rest)",
            suggestion: "write \(base)")
    }

    /// Scheme, host and port of a URL.
    private static func base(of url: String) -> String? {
        guard let separator = url.firstRange(of: "://") else { return nil }
        let authority = url[separator.upperBound...].prefix { $0 != "/" && $0 != "?" && $0 != "#" }
        return String(url[..<authority.endIndex])
    }
}
