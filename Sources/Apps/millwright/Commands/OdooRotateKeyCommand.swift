import ArgumentParser
import Contracts
import ExactJSON
import Foundation
import NodeSettings
import OdooConnector
import World
import WorldLive

struct OdooRotateKeyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "rotate-key", abstract: "Makes a new API key for an Odoo target in place of the one it uses.",
        discussion: """
            Makes the key in Odoo, writes it to the secret's file, tries it, and only then revokes the old one. Nodes \
            that run go on with the new key by themselves. Needs a newer release of Odoo 19 that allows it (system \
            parameter base.enable_programmatic_api_keys); of other versions it says what to do by hand. The key is \
            never shown. Exit code 1 where nothing was changed.
            """)

    @OptionGroup var options: FolderOptions
    @Option(help: "The target; needed where the node has several that speak to Odoo.") var target: String?
    @Option(help: "How long the new key is good for; Odoo allows an ordinary user 90 days.") var days = 89
    @Flag(help: "One line of JSON.") var json = false

    func validate() throws {
        guard (1...3_650).contains(days) else { throw ValidationError("--days is from 1 to 3650") }
    }

    func run() async throws {
        let folder = try options.load()
        let able = folder.targets.filter {
            $0.protocolName == OdooSpec.target.name && (target == nil || $0.name.rawValue == target)
        }
        guard let section = able.first, able.count == 1 else {
            throw CommandFailure(
                description: "name one target with --target: \(able.map(\.name.rawValue).joined(separator: ", "))",
                code: 2)
        }
        if case .environment(let variable) = try section.settings(OdooSpec.secret) {
            throw CommandFailure(
                description: """
                    the secret of target \(section.name) is ${env:\(variable)}, and a variable of the environment \
                    cannot be changed from here. Put the key into a file that this user alone can read (chmod 600), \
                    write secret: ${file:secrets/odoo} with its path in targets/\(section.name).yaml, and run this again
                    """)
        }
        let rotation = try Composition.keyRotation(
            section, world: World.live(), environment: ProcessInfo.processInfo.environment)
        let report: OdooKeyRotation.Report
        do {
            report = try await rotation.run(days: days)
        } catch {
            throw CommandFailure(description: "\(error)", code: 1)
        }
        if json {
            return Output.json([
                "target": .string(section.name.rawValue), "key": .string(report.name),
                "ends": .string(report.ends.description), "oldRevoked": .bool(report.kept == nil),
            ])
        }
        Output.say("target \(section.name): the key \"\(report.name)\" is in use, until \(report.ends)")
        if let kept = report.kept { Output.say("the old key could not be revoked; delete it in Odoo: \(kept.message)") }
    }
}
