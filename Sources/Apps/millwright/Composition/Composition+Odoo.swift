import Contracts
import NodeSecurity
import NodeSettings
import OdooConnector
import World

// The Odoo targets of a folder, for commands that look at them or change their keys.
extension Composition {
    /// An Odoo target, to look at: with the operations that flows use there.
    struct OdooTargetView {
        let name: String
        let operations: [String]
        let doctor: OdooDoctor
        let fields: OdooFieldList
        let codes: OdooCodeList
        let target: any Target
    }

    /// What changes the key of an Odoo target, which must be kept in a file.
    static func keyRotation(
        _ section: TargetSection, world: World, environment: [String: String]
    ) throws -> OdooKeyRotation {
        let reference = try section.settings(OdooSpec.secret)
        guard case .file(let path) = reference else {
            throw CommandFailure(
                description: "the secret of \(section.name) is \(reference): only one in a file can be changed", code: 2
            )
        }
        let reader = SecretReader(disk: world.disk, environment: environment)
        let disk = world.disk
        return try OdooKeyRotation(settings: section.settings, world: world) { () throws(Failure) in
            try reader.read(reference).reveal
        } write: { (key: String) throws(Failure) in
            do throws(DiskFailure) {
                try disk.replace(path, with: Array((key + "\n").utf8), mode: 0o600)
            } catch {
                throw Failure(OdooFailures.keyRotation, "\(path) cannot be written: \(error.detail)")
            }
        }
    }

    /// The folder's targets that speak to Odoo, or the one of that name.
    static func odooTargets(
        _ folder: NodeFolder, target name: String?, world: World, environment: [String: String]
    ) throws -> [OdooTargetView] {
        let builder = PartsBuilder(folder: folder, world: world, environment: environment)
        let sections = folder.targets.filter {
            $0.protocolName == OdooSpec.target.name && (name == nil || $0.name.rawValue == name)
        }
        guard !sections.isEmpty else {
            throw CommandFailure(
                description: name.map { "the folder has no Odoo target \"\($0)\"" }
                    ?? "the folder has no target with `protocol: odoo`", code: 2)
        }
        return try sections.map { section in
            let secret = try builder.secret(section.settings(OdooSpec.secret))
            let used = Set(folder.flows.filter { $0.target == section.name }.compactMap(\.operation))
            return OdooTargetView(
                name: section.name.rawValue, operations: used.sorted(),
                doctor: try OdooDoctor(settings: section.settings, secret: secret, world: world),
                fields: try OdooFieldList(settings: section.settings, secret: secret, world: world),
                codes: try OdooCodeList(settings: section.settings, secret: secret, world: world),
                target: try OdooTarget(
                    name: section.name, settings: section.settings, secret: secret,
                    timeZone: folder.plants.first?.zone ?? "UTC", world: world))
        }
    }
}
