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
        commandName: "run",
        abstract: "Runs the node of a settings folder until it is told to stop (Ctrl-C or SIGTERM).",
        discussion: """
            A folder that changes is read again, and SIGHUP or an integrator at /settings has it read at once: what \
            checks runs without a stop, what does not is refused, and the node goes on.
            """)

    @OptionGroup var options: FolderOptions
    @Flag(inversion: .prefixedNo, help: "Run the folder's changes as they are made; who asks is heard either way.")
    var watch = true

    func run() async throws {
        HangupSignal.outlive()
        let folder = try options.load()
        let world = World.live()
        let lock = try StoreLock(folder.node.store.path)
        defer { lock.release() }
        Output.note("millwright \(Version.text): node \(folder.node.node) starts, store \(folder.node.store.path)")
        let run = NodeRun(path: options.absoluteFolder, overlay: options.overlay, watches: watch, world: world)
        try await Termination.run { try await run.keepRunning(folder) }
        Output.note("node \(folder.node.node) stopped; everything it was told is stored")
    }
}
