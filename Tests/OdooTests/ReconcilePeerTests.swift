import Canonical
import Contracts
import ExactJSON
import OdooConnector
import Testing

extension PeersRecords {
    @Suite(
        "what Odoo still has of what was posted, against each Odoo at hand", .serialized,
        .enabled(if: !Peer.all.isEmpty, "\(Peer.missing)"))
    struct ReconcilePeerTests {
        /// A delivered command, as the store remembers it.
        private func deliver(_ desk: Desk, _ operation: String, _ arguments: JSON) async throws -> DoneCommand {
            let command = await desk.command(operation, arguments)
            let (outcome, attempt) = await desk.attempt(command)
            let acceptance = try #require(outcome.acceptance, "\(operation): \(String(describing: outcome.failure))")
            return DoneCommand(
                command: command, intent: attempt?.intent, reference: acceptance.reference, started: attempt?.started,
                settled: command.time)
        }

        private func sights(_ desk: Desk, _ done: DoneCommand) async throws -> [CountSight] {
            var sights: [CountSight] = []
            for step in OdooTarget.counts(of: done) { sights.append(try await desk.target.look(at: step)) }
            return sights
        }

        @Test(
            "every value that was counted up is seen where it stands, by order, work order, component and lot",
            arguments: Peer.all)
        func values(_ peer: Peer) async throws {
            let shop = try await Workshop.build(peer, "recon", quantity: 50, operations: ["RC1"])
            let desk = peer.desk("recon")
            func use(_ item: String, _ value: Int, _ lot: String?) -> JSON {
                var arguments: JSON = [
                    "order": .string(shop.order.origin), "item": .string(item), "quantity": pieces(value),
                ]
                if let lot { arguments["lot"] = .string("\(lot)-\(peer.run)") }
                return arguments
            }
            func progress(_ value: Int) -> JSON {
                [
                    "order": .string(shop.order.origin), "quantity": pieces(value), "operation": "RC1",
                    "reporting": true,
                ]
            }
            let made = [
                try await deliver(desk, "production.progress", progress(4)),
                try await deliver(desk, "production.progress", progress(3)),
                try await deliver(desk, "material.consume", use(shop.wire, 3, "R1")),
                try await deliver(desk, "material.consume", use(shop.wire, 4, "R2")),
                try await deliver(desk, "material.consume", use(shop.wire, 2, "R1")),
                try await deliver(desk, "material.consume", use(shop.screw, 5, nil)),
            ]
            let values = try made.map { done in
                try OdooTarget.counts(of: done).map { step in
                    #expect(step.amount == step.posted && !step.closes)
                    let delta = try ExactNumber.subtracting(step.after, step.before)
                    #expect(delta == step.posted)
                    return "\(step.before)→\(step.after)"
                }
            }
            #expect(values == [["0→4", "0→4"], ["4→7", "4→7"], ["0→3"], ["0→4"], ["3→5"], ["0→5"]])
            // Those of one place are of one place.
            let places = made.map { OdooTarget.counts(of: $0).map(\.place) }
            #expect(places[0] == places[1] && places[2] == places[4] && places[2] != places[3])
            let now = try await made.map(\.self).asyncMap { try await sights(desk, $0) }
            let shown = now.map { $0.map { if case .shows(let value, false) = $0 { "\(value)" } else { "\($0)" } } }
            #expect(shown == [["7", "7"], ["7", "7"], ["5"], ["4"], ["5"], ["5"]])

            // Another order under the same number, as after a restore, is not that order.
            let first = made[0]
            let other = Command(
                id: 1, target: "odoo", flow: "test", operation: first.command.operation, key: "k", lane: .normal,
                arguments: ["order": "another order"], idempotencyKey: "x", time: first.command.time, traceparent: nil)
            let strange = DoneCommand(
                command: other, intent: first.intent, reference: nil, started: nil, settled: first.settled)
            #expect(try await sights(desk, strange) == [.gone, .gone])

            // Closed with everything in it.
            let completed = try await deliver(
                desk, "production.complete",
                ["order": .string(shop.order.origin), "quantity": pieces(8), "backorder": "close"])
            let step = try #require(OdooTarget.counts(of: completed).first)
            #expect(step.closes && "\(step.before)→\(step.after)" == "7→8" && step.amount == ExactNumber(1))
            #expect(try await sights(desk, completed) == [.shows(ExactNumber(8), isClosed: true)])
            // It is found closed where a forgotten store may have posted it, and only with its quantity.
            for (quantity, brief) in [(8, "accepted"), (9, "rejected ODOO-042")] {
                var again = await desk.command(
                    "production.complete", ["order": .string(shop.order.origin), "quantity": pieces(quantity)])
                again.mayBeDone = true
                again.isOfDoubt = true
                #expect(await desk.attempt(again).0.brief == brief)
            }
        }

        @Test("records are recalled by the command's key: there, or not", arguments: Peer.all)
        func records(_ peer: Peer) async throws {
            let order = try await peer.order("recall", quantity: 50)
            _ = try await peer.provisioner.provision(workCenters: [.init(code: "RC2", name: "Recalled")])
            let desk = peer.desk("recall")
            let commands: [(String, JSON)] = [
                ("scrap.record", ["order": .string(order.origin), "quantity": pieces(2)]),
                (
                    "downtime.record",
                    ["workcenter": "RC2", "from": "2025-02-03T06:00:19Z", "to": "2025-02-03T06:10:19Z"]
                ),
                ("maintenance.request", ["description": "noise"]),
            ]
            for (operation, arguments) in commands {
                let done = try await deliver(desk, operation, arguments)
                #expect(OdooTarget.counts(of: done).isEmpty)
                #expect(try await desk.target.recall(done) == .present, "\(operation)")
                let never = await desk.command(operation, arguments)
                let forgotten = DoneCommand(
                    command: never, intent: done.intent, reference: nil, started: nil, settled: never.time)
                #expect(try await desk.target.recall(forgotten) == .absent, "\(operation)")
            }
            let start = try await deliver(
                desk, "downtime.start", ["workcenter": "RC2", "from": .string(desk.clock.now().description)])
            #expect(try await desk.target.recall(start) == .present)
            let stop = try await deliver(
                desk, "downtime.stop", ["workcenter": "RC2", "to": .string(desk.clock.now().description)])
            #expect(try await desk.target.recall(stop) == .present)
            let line = try #require(stop.intent?["evidence"]?["id"]?.int)
            _ = try await peer.asAdmin(.write("mrp.workcenter.productivity", [line], ["date_end": false]))
            guard case .unclear = try await desk.target.recall(stop) else {
                Issue.record("a downtime that is open again is a person's matter")
                return
            }
            _ = try await peer.asAdmin(OdooCall("mrp.workcenter.productivity", "unlink", ids: [line]))
            for done in [start, stop] {
                guard case .unclear = try await desk.target.recall(done) else {
                    Issue.record("a downtime whose line is gone is a person's matter")
                    return
                }
            }
        }
    }
}

extension Sequence where Element: Sendable {
    fileprivate func asyncMap<T>(_ transform: (Element) async throws -> T) async rethrows -> [T] {
        var output: [T] = []
        for element in self { output.append(try await transform(element)) }
        return output
    }
}
