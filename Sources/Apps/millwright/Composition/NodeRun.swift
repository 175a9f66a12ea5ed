import Contracts
import Foundation
import NodeSettings
import Runtime
import Store
import Synchronization
import World

/// A node over the time: the same process, socket and store, whatever becomes of its settings.
struct NodeRun: Sendable {
    /// The settings folder.
    let path: String
    let overlay: String?
    /// Whether changes run as they are made; else only when somebody asks.
    let watches: Bool
    let world: World

    /// How often one process starts its node anew over a store that was damaged, before it leaves that to a person.
    private static let restartsMaximum = 3

    /// Runs the node until cancelled.
    func keepRunning(_ folder: NodeFolder) async throws {
        let news = SettingsNews()
        // Who waits for the folder to be read is told at once when the node is to stop, and holds nothing up.
        try await withTaskCancellationHandler {
            try await keepRunning(folder, news)
        } onCancel: {
            news.close()
        }
    }

    private func keepRunning(_ folder: NodeFolder, _ news: SettingsNews) async throws {
        var (folder, reason) = (folder, "start")
        var before: NodeFolder?
        while !Task.isCancelled {
            let isUp = Mutex(false)
            do {
                let front = try NodeFront(folder, news: news, world: world)
                return try await serve(folder, front, reason) {
                    isUp.withLock { $0 = true }
                    news.arrive()
                }
            } catch let change as SettingsChanged {
                // Another address or certificate: another socket.
                (before, folder, reason) = (change.running ?? folder, change.folder, change.reason)
            } catch {
                // An address that is taken shows only when it is listened at: then those go on that ran.
                guard let last = before, !isUp.withLock({ $0 }), !(error is CancellationError) else { throw error }
                news.refused(folder.files, error, at: world.clock.now())
                Output.note(Output.shown("WARNING the changed settings cannot run: \(error)", oneLine: true))
                (folder, reason, before) = (last, "refused", nil)
            }
        }
    }

    /// Serves one socket. Throws ``SettingsChanged`` where the settings ask for another one. `isUp` is called when
    /// somebody listens at it.
    private func serve(
        _ folder: NodeFolder, _ front: NodeFront, _ reason: String, isUp: @escaping @Sendable () -> Void
    ) async throws {
        // Before anybody can connect: who comes first is served as well.
        let first = try make(folder, front, reason)
        let signals = HangupSignal.listen { front.news.ask() }
        defer { signals.cancel() }
        try await withThrowingTaskGroup { group in
            if let listener = front.listener {
                group.addTask {
                    // Who comes first finds all of it at work.
                    for await _ in front.nodes { break }
                    try await listener.run { port in
                        isUp()
                        let scheme = folder.node.security.tls == nil ? "http" : "https"
                        Output.note("listening on \(scheme)://\(folder.node.listen?.host ?? "127.0.0.1"):\(port)/")
                    }
                }
            } else {
                isUp()
            }
            group.addTask { try await runNodes(folder, front, first) }
            defer { group.cancelAll() }
            try await group.next()
        }
    }

    /// Runs one node after the other over the same socket: again where its store was damaged, and with other settings.
    private func runNodes(_ start: NodeFolder, _ front: NodeFront, _ first: NodeHost) async throws {
        var (folder, reason, restarts) = (start, "start", 0)
        var before: NodeFolder?
        var made: NodeHost? = first
        while !Task.isCancelled {
            let host: NodeHost
            do {
                host = try made ?? make(folder, front, reason)
                made = nil
            } catch {
                // What could not be seen before it was tried: then those go on that ran.
                guard let last = before else { throw error }
                front.news.refused(folder.files, error, at: world.clock.now())
                front.log.say(.warning, "the changed settings cannot run: \(error)")
                (folder, reason, before) = (last, "refused", nil)
                continue
            }
            if let report = host.engine.store.mended {
                front.log.say(.warning, "the store was damaged and is mended: \(report.summary)")
                front.log.note("the damaged store is kept as \(report.setAside)")
            }
            do {
                return try await host.run()
            } catch let change as SettingsChanged {
                guard change.folder.node.isServed(as: folder.node) else {
                    // The listener lets those have their answers who wait, and ends.
                    front.news.move()
                    throw SettingsChanged(folder: change.folder, reason: change.reason, running: folder)
                }
                front.log.note("the settings changed; the node goes on with them")
                (before, folder, reason) = (folder, change.folder, change.reason)
            } catch let failure as Failure
                where failure.kind == StoreFailures.damaged && restarts < Self.restartsMaximum
            {
                // The folder has run: whatever comes now is not its fault.
                before = nil
                restarts += 1
                front.log.say(.warning, "\(failure); the node starts anew")
            }
        }
    }

    private func make(_ folder: NodeFolder, _ front: NodeFront, _ reason: String) throws -> NodeHost {
        let environment = ProcessInfo.processInfo.environment
        let watch = SettingsWatch(
            look: { Composition.reader(disk: world.disk).files(path, overlay: overlay) },
            read: { Composition.read(path, overlay: overlay, disk: world.disk) },
            tryOut: { folder in
                _ = try Composition.parts(folder, world: world, environment: environment)
                _ = try Composition.consoleAccess(folder, world: world, environment: environment)
                _ = try NodeTelemetry.settings(folder, world, environment)
                if folder.node.listen != nil { _ = try NodeFront(folder, news: SettingsNews(), world: world) }
            }, watches: watches, news: front.news, world: world
        ) { Output.note(Output.shown($0, oneLine: true)) }
        return try NodeHost(
            folder, front: front, settings: watch, reason: reason, world: world, environment: environment)
    }
}

extension NodeSection {
    /// Whether both are served by the same socket.
    fileprivate func isServed(as other: NodeSection) -> Bool {
        listen == other.listen && security.tls == other.security.tls
    }
}
