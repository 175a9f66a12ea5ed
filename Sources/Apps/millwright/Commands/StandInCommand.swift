import ArgumentParser
import Console
import Contracts
import Foundation
import OdooStandIn
import World
import WorldLive

struct StandInCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "stand-in",
        abstract: "Serves a stand-in for Odoo on loopback: for demos and for trying flows, never for a plant.",
        discussion:
            "Users admin, mes and low, each with the login as password; API keys key-admin, key-mes and key-low; database demo."
    )

    @Option(help: "The port to listen on; 0 takes a free one.") var port = 8069
    @Option(help: "The Odoo series: 16, 17, 18 or 19.") var series = 19
    @Option(help: "A file that keeps its records, also when it is killed; without it they go with the process.")
    var journal: String?

    func run() async throws {
        let version = try OdooStandInVersion(series: series)
        let server = try StandInServer(version: version, journal: journal, clock: LiveClock())
        let listener = try Listener(
            ListenerSettings(host: "127.0.0.1", port: port), routes: StandInServer.routes(server), disk: LiveDisk())
        do {
            try await serve(listener)
        } catch let failure as Failure where failure.kind == ListenerFailures.address {
            throw CommandFailure(description: "\(failure.message). Give another port with --port, or 0 for a free one")
        }
    }

    private func serve(_ listener: Listener) async throws {
        try await Termination.run {
            try await listener.run { port in Output.note("Odoo \(series) stand-in on http://127.0.0.1:\(port)") }
        }
    }
}

extension OdooStandInVersion {
    /// The stand-in of an Odoo series, as an argument names it.
    init(series: Int) throws {
        guard let version = OdooStandInVersion(rawValue: series) else {
            throw CommandFailure(
                description: "there is a stand-in for Odoo 16, 17, 18 and 19, not for \(series)", code: 2)
        }
        self = version
    }
}

/// The stand-in behind a real listener: one request after the other, as one transaction each.
actor StandInServer {
    private var odoo: OdooStandIn
    private let journal: StandInJournal?
    private let clock: LiveClock

    init(version: OdooStandInVersion, journal: String?, clock: LiveClock) throws {
        // As of now: its API keys end some day, as real ones do.
        var odoo = OdooStandIn(version: version, settings: DemoOdoo.settings, installed: clock.now())
        self.journal = try journal.map { try StandInJournal($0, replayingInto: &odoo) }
        self.odoo = odoo
        self.clock = clock
    }

    private func handle(_ request: HTTPRequest) -> HTTPResponse {
        let now = clock.now()
        let response = odoo.handle(request, now: now)
        do {
            try journal?.keep(request, at: now)
        } catch {
            // What is not in the journal must not have been answered: it never happened.
            Output.note("the journal cannot be written: \(error)")
            exit(1)
        }
        return response
    }

    static func routes(_ server: StandInServer) -> [Route] {
        let maximum = 16 << 20
        let paths = [
            ("POST", "/jsonrpc"), ("POST", "/json/2/{model}/{method}"), ("POST", "/web/webclient/version_info"),
            ("GET", "/web/version"), ("GET", "/json/version"), ("GET", "/web/health"), ("POST", "/xmlrpc/2/common"),
        ]
        return paths.map { method, path in
            Route(method, path, maximumBody: maximum) { request, _ in await server.handle(request) }
        }
    }
}

struct RelayCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "relay", abstract: "Passes TCP connections on, on loopback: the part of a demo that can be cut.",
        shouldDisplay: false)

    @Option(help: "The port to listen on.") var listen: Int
    @Option(help: "Where to: host:port.") var to: String

    func run() async throws {
        let parts = to.split(separator: ":")
        guard parts.count == 2, let port = Int(parts[1]) else {
            throw CommandFailure(description: "--to wants host:port", code: 2)
        }
        let relay = LoopbackRelay(listenPort: listen, targetHost: String(parts[0]), targetPort: port)
        try await Termination.run { try await relay.run() }
    }
}
