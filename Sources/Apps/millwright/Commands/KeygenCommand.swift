import ArgumentParser
import ExactJSON
import Foundation
import NodeSecurity
import WorldLive

struct KeygenCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "keygen", abstract: "Makes a node's Ed25519 key and prints the public part, which a hub enrols.")

    @Argument(help: "The file for the private key; it must not exist.") var file: String
    @Flag(help: "Make nothing; print the public part of the key in the file.") var show = false
    @Flag(help: "One line of JSON.") var json = false

    func run() throws {
        let disk = LiveDisk()
        if show {
            let publicKey = try NodeKey.load(file, disk: disk).publicKey
            return json ? Output.json(["publicKey": .string(publicKey.description)]) : Output.say(publicKey.description)
        }
        let folder = URL(fileURLWithPath: file).deletingLastPathComponent().path
        guard FileManager.default.fileExists(atPath: folder) else {
            throw CommandFailure(
                description: "there is no folder \(folder) for the key: make it first, with mkdir -p", code: 2)
        }
        let key = NodeKey()
        try key.save(file, disk: disk)
        if json {
            Output.json([
                "file": .string(file), "publicKey": .string(key.publicKey.description),
                "keyID": .string(key.publicKey.keyID),
            ])
        } else {
            Output.say(key.publicKey.description)
            Output.note(
                "private key written to \(file) (mode 0600). At the hub: millwright enrol NODE '\(key.publicKey)'")
        }
    }
}
