import ArgumentParser
import Contracts
import Foundation
import NodeSettings
import Runtime
import Store
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
        Output.note("millwright \(Version.text): node \(folder.node.node) starts, store \(folder.node.store.path)")
        try await Termination.run { try await Self.keepRunning(folder, world) }
        Output.note("node \(folder.node.node) stopped; everything it was told is stored")
    }

    /// How often one process starts its node anew over a store that was damaged, before it leaves that to a person.
    private static let restartsMaximum = 3

    /// Runs the node until cancelled; where its store turns out to be damaged, again over the mended store.
    private static func keepRunning(_ folder: NodeFolder, _ world: World) async throws {
        var restarts = 0
        while !Task.isCancelled {
            let host = try NodeHost(folder, world: world, environment: ProcessInfo.processInfo.environment)
            if let report = host.engine.store.mended {
                Output.note("WARNING the store was damaged and is mended: \(report.summary)")
                Output.note("the damaged store is kept as \(report.setAside)")
            }
            do {
                return try await host.run { port in
                    let scheme = folder.node.security.tls == nil ? "http" : "https"
                    Output.note("listening on \(scheme)://\(folder.node.listen?.host ?? "127.0.0.1"):\(port)/")
                }
            } catch let failure as Failure where failure.kind == StoreFailures.damaged && restarts < restartsMaximum {
                restarts += 1
                Output.note("WARNING \(failure); the node starts anew")
            }
        }
    }
}
