import Console
import Contracts
import FilesConnector
import HTTPConnector
import MTConnectConnector
import NodeConnector
import NodeSettings
import OdooConnector

/// Finds what two parts of a node want for themselves: a path of the listener, a port, a file; and what two of them
/// would read, so that it counted twice.
struct ClashCheck {
    private let folder: NodeFolder

    init(_ folder: NodeFolder) { self.folder = folder }

    var faults: [CheckFault] {
        listenerPaths + adapters + folders + odoos + outputs + mailboxes + uplinks + storePlaces
    }

    private func sources(_ spec: ConnectorSpec) -> [SourceSection] {
        folder.sources.filter { $0.protocolName == spec.name }
    }

    private func targets(_ spec: ConnectorSpec) -> [TargetSection] {
        folder.targets.filter { $0.protocolName == spec.name }
    }

    /// Each pair of neighbours with one `key`, the later one with the first that has it.
    private func doubles<Part, Key: Hashable>(_ parts: [Part], _ key: (Part) -> Key?) -> [(first: Part, second: Part)] {
        var seen: [Key: Part] = [:]
        return parts.compactMap { part in
            guard let key = key(part) else { return nil }
            guard let first = seen[key] else {
                seen[key] = part
                return nil
            }
            return (first, part)
        }
    }

    // MARK: - The listener

    private var listenerPaths: [CheckFault] {
        let doors = sources(HTTPSpec.source)
        let taken = doubles(doors) { HTTPSpec.path(of: $0.settings) }.map { first, second in
            CheckFault(
                SettingsFailures.clash, at: second.settings.locations["path"] ?? second.location,
                "the source \(second.name) takes events at \(HTTPSpec.path(of: second.settings) ?? "") of the "
                    + "listener, and so does \(first.name)",
                suggestion: "give it a path of its own: path: /v1/events/\(second.name)")
        }
        let own = doors.compactMap { door -> CheckFault? in
            guard let path = HTTPSpec.path(of: door.settings), let route = OwnPaths.taken(by: path) else { return nil }
            return CheckFault(
                SettingsFailures.clash, at: door.settings.locations["path"] ?? door.location,
                "the source \(door.name) takes events at \(path), and \(route) is the node's own",
                suggestion: "give it a path of its own: path: /v1/events/\(door.name)")
        }
        let edges = sources(NodeSpec.intake).dropFirst().map { second in
            CheckFault(
                SettingsFailures.clash, at: second.settings.locations["protocol"] ?? second.location,
                "the source \(second.name) takes the batches of edges at the listener, and one that does so is there",
                suggestion: "remove one of them: one source takes the batches of all edges")
        }
        return taken + own + edges
    }

    // MARK: - What is read

    private var adapters: [CheckFault] {
        let machines = sources(MTConnectSpec.source)
        let same = doubles(machines) { $0.settings.text("endpoint")?.lowercased() }.map { first, second in
            CheckFault(
                SettingsFailures.readTwice, at: second.settings.locations["endpoint"] ?? second.location,
                "the sources \(first.name) and \(second.name) read one adapter, and each fact would count twice",
                suggestion: "remove one, or correct its endpoint; one source reads all devices of an adapter: devices:")
        }
        let own = machines.compactMap { machine -> CheckFault? in
            guard let listen = folder.node.listen, listen.port != 0,
                let endpoint = machine.settings.text("endpoint").flatMap(Address.init), endpoint.port == listen.port,
                ["127.0.0.1", "localhost", "::1", listen.host].contains(endpoint.host)
            else { return nil }
            return CheckFault(
                SettingsFailures.clash, at: machine.settings.locations["endpoint"] ?? machine.location,
                "the source \(machine.name) reads an adapter at \(endpoint), where this node itself listens",
                suggestion: "write the adapter's own port, or listen at another one")
        }
        return same + own
    }

    private var folders: [CheckFault] {
        let readers = sources(FilesSpec.source)
        return doubles(readers) { try? FilesSpec.reading(of: $0.settings) }.map { first, second in
            CheckFault(
                SettingsFailures.readTwice, at: second.settings.locations["folder"] ?? second.location,
                "the sources \(first.name) and \(second.name) read the same files, and each fact would count twice",
                suggestion: "give each its own folder or pattern")
        }
    }

    private var odoos: [CheckFault] {
        doubles(sources(OdooSpec.source)) { source -> String? in
            guard let place = try? OdooSpec.place(of: source.settings) else { return nil }
            let models = ((try? OdooSpec.models(of: source.settings)) ?? nil)?.sorted().joined(separator: ",") ?? "*"
            return "\(place.endpoint) \(place.database) \(source.settings.text("company") ?? "") \(models)"
        }.map { first, second in
            CheckFault(
                SettingsFailures.readTwice, at: second.settings.locations["database"] ?? second.location,
                "the sources \(first.name) and \(second.name) tell the changes of one Odoo, and each would count twice",
                suggestion: "remove one, or let each tell other models")
        }
    }

    // MARK: - What is written

    private var outputs: [CheckFault] {
        doubles(targets(FilesSpec.target) + targets(FilesSpec.tables)) { $0.settings.text("path") }.map {
            first, second in
            CheckFault(
                SettingsFailures.clash, at: second.settings.locations["path"] ?? second.location,
                "the targets \(first.name) and \(second.name) write the same files",
                suggestion: "give each files of its own")
        }
    }

    private var mailboxes: [CheckFault] {
        doubles(targets(NodeSpec.downlinkTarget)) { $0.settings.text("edge") }.map { first, second in
            CheckFault(
                SettingsFailures.clash, at: second.settings.locations["edge"] ?? second.location,
                "the targets \(first.name) and \(second.name) are for one edge, which asks at one place",
                suggestion: "remove one, and let its flows name the other one")
        }
    }

    private var uplinks: [CheckFault] {
        doubles(targets(NodeSpec.uplink)) { $0.settings.text("hub") }.map { first, second in
            CheckFault(
                SettingsFailures.clash, at: second.settings.locations["hub"] ?? second.location,
                "the targets \(first.name) and \(second.name) send this node's stream to one hub",
                suggestion: "remove one of them")
        }
    }

    /// The store's folder is the store's alone.
    private var storePlaces: [CheckFault] {
        let store = folder.node.store.path
        let readers = sources(FilesSpec.source).compactMap { source -> CheckFault? in
            guard let path = (try? FilesSpec.reading(of: source.settings))?.path, path == store else { return nil }
            return CheckFault(
                SettingsFailures.clash, at: source.settings.locations["folder"] ?? source.location,
                "the source \(source.name) reads the folder of the node's store",
                suggestion: "give the store, or the machine's files, a folder of their own")
        }
        let writers = (targets(FilesSpec.target) + targets(FilesSpec.tables)).compactMap { target -> CheckFault? in
            guard let path = target.settings.text("path"), path.hasPrefix(store + "/"),
                !path.dropFirst(store.count + 1).contains("/")
            else { return nil }
            return CheckFault(
                SettingsFailures.clash, at: target.settings.locations["path"] ?? target.location,
                "the target \(target.name) writes into the folder of the node's store",
                suggestion: "give the store, or the files, a folder of their own")
        }
        return readers + writers
    }
}

extension Settings {
    /// The text of a setting.
    func text(_ name: String) -> String? { if case .text(let text)? = values[name] { text } else { nil } }
}
