import ArgumentParser
import Foundation
import NodeSettings
import World
import WorldLive

struct RunCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "run", abstract: "Runs the node of a settings folder until it is told to stop (Ctrl-C or SIGTERM)."
    )

    @OptionGroup var options: FolderOptions

    func run() async throws {
        let folder = try options.load()
        let world = World.live()
        let lock = try StoreLock(folder.node.store.path)
        defer { lock.release() }
        let host = try NodeHost(folder, world: world, environment: ProcessInfo.processInfo.environment)
        Output.note("millwright \(Version.text): node \(folder.node.node) starts, store \(folder.node.store.path)")
        let address = folder.node.listen
        try await Termination.run {
            try await host.run { port in
                let scheme = folder.node.security.tls == nil ? "http" : "https"
                Output.note("listening on \(scheme)://\(address?.host ?? "127.0.0.1"):\(port)/")
            }
        }
        Output.note("node \(folder.node.node) stopped; everything it was told is stored")
    }
}
