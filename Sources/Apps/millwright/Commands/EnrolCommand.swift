import ArgumentParser
import Canonical
import ExactJSON
import Foundation
import NodeSecurity
import WorldLive

struct EnrolCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "enrol", abstract: "Lets a hub take events from a node, ends that, or lists who is enrolled.",
        discussion:
            "A node may have several keys, so that they can be changed without a stop. A running hub sees the change at once."
    )

    @OptionGroup var options: FolderOptions
    @Argument(help: "The node's name; without it the list is shown.") var node: String?
    @Argument(help: "Its public key: ed25519:…") var key: String?
    @Flag(help: "End the node's keys instead.") var revoke = false
    @Option(help: "Who decides.") var by = ProcessInfo.processInfo.environment["USER"] ?? "operator"
    @Flag(help: "One line of JSON.") var json = false

    func run() throws {
        let folder = try options.load()
        let disk = LiveDisk()
        do {
            try disk.makeDirectory(folder.node.store.path)
        } catch {
            throw StoreLock.closed(folder.node.store.path, error.detail)
        }
        let enrolled = EnrolledNodes(path: folder.node.store.path + "/enrolled.json", disk: disk)
        let now = LiveClock().now()
        guard node != nil || !revoke else {
            throw CommandFailure(description: "--revoke wants the name of the node whose keys are to end", code: 2)
        }
        if let node {
            if revoke {
                let count = try enrolled.revoke(NodeID(node), keyID: nil, now: now)
                guard count > 0 else { throw CommandFailure(description: "\(node) has no key that is enrolled") }
            } else {
                guard let text = key, let publicKey = NodePublicKey(text) else {
                    throw CommandFailure(
                        description: "a public key is wanted: ed25519:BASE64, as `millwright keygen` prints it", code: 2
                    )
                }
                _ = try enrolled.enrol(NodeID(node), publicKey, by: by, now: now)
            }
        }
        let entries = try enrolled.entries()
        if json {
            Output.json([
                "nodes": .array(
                    entries.map {
                        [
                            "node": .string($0.node.rawValue), "keyID": .string($0.key.keyID),
                            "revoked": .bool($0.revoked != nil),
                        ]
                    })
            ])
        } else {
            Output.say(
                Output.table(
                    ["node", "key", "enrolled", "by", "state"],
                    entries.map {
                        [
                            $0.node.rawValue, $0.key.keyID, $0.enrolled.description, $0.by,
                            $0.revoked.map { "ended \($0)" } ?? "good",
                        ]
                    }))
        }
    }
}
