import Contracts
import ExactJSON
import Foundation
import OdooConnector
import Testing

extension PeersRecords {
    @Suite(
        "every operation at each Odoo at hand", .serialized, .enabled(if: !Peer.all.isEmpty, "\(Peer.missing)"))
    struct CatalogPeerTests {
        @Test(
            "it is in effect once: sent twice, and with each of its answers lost", arguments: Peer.all,
            CatalogCase.chosen)
        func once(_ peer: Peer, _ one: CatalogCase) async throws {
            guard try await peer.has(one.models) else { return }
            let user = try await peer.allowed(one.groups)
            let trial = Trial(peer: peer, user: user, one: one)
            let methods = try await trial.twice()
            for (index, method) in methods.enumerated() { try await trial.lost(method, number: index + 1) }
            try await CatalogResults.keep(one, peer)
        }

        @Test("each operation is tried, but the one that needs the ledger of another")
        func complete() {
            let tried = Set(CatalogCase.all.map(\.operation))
            #expect(OdooTarget.operations.map(\.name).filter { !tried.contains($0) } == ["downtime.stop"])
        }
    }
}

/// One operation at one Odoo, as a plain user of the groups that it needs.
private struct Trial {
    let peer: Peer
    let user: Peer
    let one: CatalogCase

    private func name(_ number: Int) -> String {
        "\(one.operation.replacing(".", with: ""))\(peer.run)\(peer.hasGateway ? "g" : "r")\(number)"
    }

    /// Without any trouble, two times the same command. Answers with the methods that change something.
    func twice() async throws -> [String] {
        let name = name(0)
        let desk = user.desk("catalog/\(name)")
        let command = await desk.command(one.operation, try await one.stage(user, name), key: name)
        let (outcome, attempt) = await desk.attempt(command)
        try #require(outcome.brief == "accepted", "\(String(describing: outcome.failure))")
        try #require(try await one.effect(peer, name) == 1)
        // A difference that is counted up is known again by the engine, which hands it on once, or by the addon.
        let isDifference = ["production.progress", "material.consume"].contains(one.operation)
        guard peer.hasGateway || !isDifference else { return ["write"] }
        let again = await desk.attempt(command).0.brief
        // Refused, where nobody can tell this command from another one that wants the same.
        let answers = ["accepted"] + ["ODOO-023", "ODOO-042", "ODOO-048", "ODOO-049"].map { "rejected \($0)" }
        try #require(answers.contains(again), "\(again)")
        try #require(try await one.effect(peer, name) == 1)
        guard !peer.hasGateway else { return ["submit"] }
        return (try #require(attempt).intent["steps"]?.array ?? []).compactMap { step in
            if let method = step["method"]?.string { return method }
            if step["write"] != nil { return "write" }
            return step["ensure"] != nil || step["create"] != nil ? "create" : nil
        }
    }

    /// The answer of one call is lost after the commit; then the engine's way: ask, and only where nothing is found
    /// prepare and perform again.
    func lost(_ method: String, number: Int) async throws {
        let name = name(number)
        let network = FaultyNetwork(user.network)
        let desk = user.desk("catalog/\(name)", through: network)
        let command = await desk.command(one.operation, try await one.stage(user, name), key: name)
        await network.arm(method, .answerLost)
        let (lost, attempt) = await desk.attempt(command)
        try #require(lost.brief.hasPrefix("unknown"), "\(method): \(lost.brief)")
        let inquiry = await desk.inquire(try #require(attempt)).brief
        if inquiry == "notFound" {
            let second = await desk.attempt(command).0
            try #require(second.brief == "accepted", "\(method): \(String(describing: second.failure))")
        } else {
            try #require(inquiry == "happened", "\(method)")
        }
        try #require(try await one.effect(peer, name) == 1, "\(method)")
    }
}

/// Writes down which operation held at which Odoo, where `ODOO_RESULTS` names a file.
private enum CatalogResults {
    static func keep(_ one: CatalogCase, _ peer: Peer) async throws {
        guard let path = ProcessInfo.processInfo.environment["ODOO_RESULTS"] else { return }
        let executor = peer.hasGateway ? "addon" : "RPC"
        let kind = peer.isLive ? "real" : "stand-in"
        let line = "\(one.operation) \(try await peer.version) \(executor) \(kind)\n"
        let file = FileHandle(forWritingAtPath: path)
        if let file {
            try file.seekToEnd()
            try file.write(contentsOf: Data(line.utf8))
            try file.close()
        } else {
            try line.write(toFile: path, atomically: true, encoding: .utf8)
        }
    }
}
