import Console
import Contracts
import FilesConnector
import HTTPConnector
import MTConnectConnector
import NodeConnector
import NodeSettings
import OdooConnector

/// Finds what a folder's connectors need of the node and do not get: a listener, a key, signals.
struct ConnectorNeeds {
    private let folder: NodeFolder

    init(_ folder: NodeFolder) { self.folder = folder }

    var faults: [CheckFault] {
        folder.sources.compactMap(listener) + folder.targets.compactMap(answers)
            + folder.targets.compactMap(settings) + folder.sources.compactMap(signals)
            + folder.sources.compactMap { key("source", $0.name.rawValue, $0.protocolName, $0.location) }
            + folder.targets.compactMap { key("target", $0.name.rawValue, $0.protocolName, $0.location) }
    }

    private func listener(_ source: SourceSection) -> CheckFault? {
        let listens = [HTTPSpec.source.name, NodeSpec.intake.name].contains(source.protocolName)
        let takesHints = source.protocolName == OdooSpec.source.name && source.settings.locations["hints"] != nil
        guard listens || takesHints, folder.node.listen == nil else { return nil }
        return CheckFault(
            SettingsFailures.noListener, at: source.location,
            "source \(source.name) is reached over the node's listener, and millwright.yaml has no listen:")
    }

    private func settings(_ target: TargetSection) -> CheckFault? {
        do throws(SettingFault) {
            switch target.protocolName {
            case HTTPSpec.target.name: try HTTPSpec.check(target: target.settings)
            case FilesSpec.tables.name: try FilesSpec.check(tables: target.settings)
            default: break
            }
            return nil
        } catch { return CheckFault(error) }
    }

    private func answers(_ target: TargetSection) -> CheckFault? {
        guard target.protocolName == OdooSpec.target.name,
            let answers = try? target.settings.optional(OdooAnswersSpec.answers)
        else { return nil }
        guard let listen = folder.node.listen else {
            return CheckFault(
                SettingsFailures.noListener, at: answers.location,
                "target \(target.name) answers questions on the node's listener, and millwright.yaml has no listen:")
        }
        let isOpen = (try? OdooAnswersSpec.token(in: answers)) == nil
        guard isOpen, !ListenerSettings(host: listen.host, port: listen.port).isLoopback else { return nil }
        return CheckFault(
            SettingsFailures.noToken, at: answers.location,
            "target \(target.name) answers questions of everybody who reaches \(listen.host):\(listen.port)")
    }

    private func key(_ what: String, _ name: String, _ protocolName: String, _ place: SettingLocation) -> CheckFault? {
        let signs =
            what == "source"
            ? [NodeSpec.downlinkSource.name] : [NodeSpec.uplink.name, NodeSpec.downlinkTarget.name]
        guard signs.contains(protocolName), folder.node.security.key == nil else { return nil }
        return CheckFault(
            SettingsFailures.noNodeKey, at: place,
            "\(what) \(name) signs with the node's key, and millwright.yaml has no security.key")
    }

    private func signals(_ source: SourceSection) -> CheckFault? {
        let readings = [FilesSpec.source.name, MTConnectSpec.source.name].contains(source.protocolName)
        guard readings, source.signals.isEmpty, !FilesSpec.carriesEvents(source.settings) else { return nil }
        return CheckFault(
            SettingsFailures.noSignals, at: source.location,
            "source \(source.name) has no signals: what it reads would lead to no event")
    }
}
