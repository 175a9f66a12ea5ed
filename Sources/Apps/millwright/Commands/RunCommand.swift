import ArgumentParser
import Dispatch
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

/// Ends work in good order on SIGINT and SIGTERM.
enum Termination {
    /// Runs `body` until it returns or the process is told to stop; then `body` is cancelled and waited for.
    static func run(_ body: @escaping @Sendable () async throws -> Void) async throws {
        let work = Task { try await body() }
        let sources = [SIGINT, SIGTERM].map { number in
            signal(number, SIG_IGN)
            let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
            source.setEventHandler { work.cancel() }
            source.resume()
            return source
        }
        defer { for source in sources { source.cancel() } }
        do {
            try await work.value
        } catch is CancellationError {
            // Asked to stop, and stopped.
        }
    }
}

/// Keeps two processes from running one store: an advisory lock on a file beside it, gone with the process.
struct StoreLock {
    private let descriptor: Int32

    init(_ folder: String) throws {
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        let path = folder + "/lock"
        descriptor = open(path, O_CREAT | O_RDWR | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else {
            throw CommandFailure(description: "cannot open \(path): \(String(cString: strerror(errno)))")
        }
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
            close(descriptor)
            throw CommandFailure(
                description:
                    "STORE-006 another process runs the store in \(folder). Stop it, or give this node a store of its own"
            )
        }
    }

    func release() { close(descriptor) }
}
