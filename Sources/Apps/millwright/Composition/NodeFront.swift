import Canonical
import Console
import Contracts
import Foundation
import NodeSettings
import Runtime
import Store
import Telemetry
import World

/// What of a node stays while its settings change: the listener's socket, and who is signed in.
struct NodeFront: Sendable {
    let board: RouteBoard
    let sessions: ConsoleSessions
    let news: SettingsNews
    let log: NodeLog
    /// What the listener answered.
    let requests: RequestTally
    /// Spans that wait for a collector.
    let spans = BoundedBuffer<Span>(capacity: NodeFront.maximumSpans)
    /// When counting began.
    let started: Instant
    private static let maximumSpans = 8_192
    /// Has one element as soon as a node works behind it.
    let nodes: AsyncStream<Void>
    /// To be called when a node works.
    let begun: @Sendable () -> Void
    /// Nil where the node has none.
    let listener: Listener?

    /// Throws ``Failure`` where the address would be open to others without TLS, or the certificate is none.
    init(_ folder: NodeFolder, news: SettingsNews, world: World) throws {
        self.news = news
        let (nodes, continuation) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
        self.nodes = nodes
        begun = { continuation.yield() }
        let log = NodeLog(clock: world.clock)
        self.log = log
        sessions = ConsoleSessions { log.say(.warning, "console: \($0)") }
        requests = RequestTally(clock: world.clock)
        started = world.clock.now()
        board = RouteBoard(standing: try RouteBoard.Generation(HealthRoutes.standing))
        guard let address = folder.node.listen else {
            listener = nil
            return
        }
        let settings = ListenerSettings(
            host: address.host, port: address.port,
            tls: folder.node.security.tls.map {
                ListenerSettings.TLS(certificateChain: $0.certificate, privateKey: $0.key)
            })
        listener = try Listener(
            settings, board: board, largestBody: Limits().requestBytes, disk: world.disk, tally: requests)
    }
}

/// The settings changed, and others are to run.
struct SettingsChanged: Error {
    let folder: NodeFolder
    /// `change`, `signal`, or `reload` where a person asked.
    let reason: String
    /// What ran until then, where that is said.
    var running: NodeFolder?
}
