import Contracts
import Foundation
import OdooConnector
import Testing

extension PeersRecords {
    @Suite(
        "a commit of Odoo that takes two minutes", .serialized,
        .enabled(if: !Peer.live.isEmpty && CommitHold.connection != nil, "needs a real Odoo and ODOO_POSTGRES"))
    struct HeldCommitTests {
        /// As many calls wait at a time: each takes a thread and a connection of Odoo's.
        private static let share = 24

        @Test("is in effect once, although it was given up long before", arguments: Peer.live)
        func once(_ peer: Peer) async throws {
            let hold = CommitHold(connection: try #require(CommitHold.connection))
            var rest = CatalogCase.chosen[...]
            while !rest.isEmpty {
                let share = rest.prefix(Self.share)
                rest = rest.dropFirst(Self.share)
                try await tryThem(Array(share), peer, hold)
            }
        }

        private func tryThem(_ cases: [CatalogCase], _ peer: Peer, _ hold: CommitHold) async throws {
            var trials: [HeldTrial] = []
            for one in cases where try await peer.has(one.models) { trials.append(try await HeldTrial(one, peer)) }
            let lost = try await held(trials, hold)
            for (trial, attempt) in zip(trials, lost) {
                guard let attempt else { continue }
                let end = await trial.desk.resolve(trial.command, attempt)
                #expect(["happened", "accepted"].contains(end), "\(trial.one.operation): \(end)")
                let effect = try await trial.one.effect(peer, trial.name)
                #expect(effect == 1, "\(trial.one.operation) is there \(effect) times")
                guard ["happened", "accepted"].contains(end), effect == 1 else { continue }
                print("held commit: \(trial.one.operation) \(attempt.intent["via"]?.string ?? "rpc") \(end)")
                try await CatalogResults.keep(trial.one, peer, .held)
            }
        }

        /// Sends all while no commit ends, waits for two minutes, and lets them end.
        private func held(_ trials: [HeldTrial], _ hold: CommitHold) async throws -> [Attempt?] {
            try hold.begin()
            let began = ContinuousClock.now
            let lost = await withTaskGroup(of: (Int, Attempt?).self) { group in
                for (index, trial) in trials.enumerated() { group.addTask { (index, await trial.lose()) } }
                return await group.reduce(into: [Attempt?](repeating: nil, count: trials.count)) { $0[$1.0] = $1.1 }
            }
            let waiting = try hold.waiting()
            try await Task.sleep(until: began + .seconds(120))
            try hold.end()
            #expect(waiting > 0, "nothing waited for its commit")
            print("held commit: \(waiting) of \(trials.count) waited for two minutes")
            var quiet = 0
            for _ in 0..<240 where quiet < 6 {
                try await Task.sleep(for: .milliseconds(500))
                quiet = try hold.isIdle() ? quiet + 1 : 0
            }
            return lost
        }
    }
}

/// One operation whose answer is given up after a while.
private struct HeldTrial: Sendable {
    private static let patience = Duration.seconds(30)

    let one: CatalogCase
    let name: String
    let desk: Desk
    let command: Command

    init(_ one: CatalogCase, _ peer: Peer) async throws {
        let user = try await peer.allowed(one.groups)
        let address = OdooAddress(
            endpoint: user.user.endpoint, database: user.user.database, login: user.user.login,
            secret: user.user.secret, timeout: Self.patience)
        var options = OdooOptions(orderBy: .origin)
        options.gateway = peer.hasGateway ? .required : .off
        self.one = one
        name = "\(one.operation.replacing(".", with: ""))\(peer.run)\(peer.hasGateway ? "g" : "r")held"
        desk = Desk(address, peer.network, options: options, run: "\(peer.run)/catalog/\(name)")
        command = await desk.command(one.operation, try await one.begin(peer, user, name), key: name)
        // Logs in, which Odoo writes down: not while no commit ends.
        _ = await desk.prepare(command)
    }

    /// Sends it, and gives up. Nil, and an issue, where it was answered.
    func lose() async -> Attempt? {
        let (outcome, attempt) = await desk.attempt(command)
        guard outcome.brief.hasPrefix("unknown") else {
            Issue.record("\(one.operation): \(outcome.brief) \(String(describing: outcome.failure))")
            return nil
        }
        return attempt
    }
}
