import Canonical
import Contracts
import Delivery
import ExactJSON
import OdooConnector
import OdooStandIn
import SimulatedWorld
import Store
import Synchronization
import Testing
import World

/// An Odoo that comes back from yesterday's backup: what it forgot is found, a person sees it, and it is posted again
/// once, by a node that is killed meanwhile and goes on with what is new.
@Suite("An Odoo restored from yesterday")
struct ReconcileTests {
    @Test(
        "after list and post all sums are exact, nothing is doubled, and posting again changes nothing",
        arguments: 1...24 as ClosedRange<UInt64>)
    func restored(_ seed: UInt64) throws {
        let scratch = try Scratch()
        let path = scratch.path + "/node.db"
        try simulated(seed: seed) { world, simulator in
            var plant = try await ForgetfulPlant(seed: seed, path: path, world: world, simulator: simulator)
            try plant.start()
            try await plant.work(plant.draw(1...20))
            try await plant.drain()
            let since = world.clock.now()
            if plant.draw(0...3) > 0 { try await plant.work(plant.draw(1...10)) }
            try await plant.drain()
            let backup = plant.odoo.copy
            try await world.clock.sleep(for: .seconds(3_600))
            try await plant.work(plant.draw(1...40))
            try await plant.drain()

            plant.odoo.restore(backup)
            let until = world.clock.now()
            try await world.clock.sleep(for: .seconds(plant.draw(1...600)))
            // It went on before anybody noticed, in half of the runs.
            let goesOn = plant.draw(0...1) == 1
            if goesOn {
                try await plant.work(plant.draw(1...10))
                try await plant.drain()
            }
            let span = Reconciler.Span(since: since, until: goesOn ? until : world.clock.now(), endsAtRestore: goesOn)
            let list = try await plant.list(span)
            #expect(list.items.allSatisfy { $0.unclear == nil }, "seed \(seed): \(list.reasons)")

            let requests = try plant.post(list)
            // It is killed at any moment, and has new work to do.
            for _ in 0..<plant.draw(0...3) {
                try await world.clock.sleep(for: .milliseconds(plant.draw(1...3_000)))
                plant.kill()
                try plant.start()
            }
            try await plant.work(plant.draw(0...10))
            try await plant.drain()
            // Where a command was in doubt just then, the person is told to post again.
            var open = requests
            for _ in 0..<5 where !open.isEmpty {
                let results = try plant.reader.read { transaction in
                    try open.map { try transaction.requestResult($0) ?? "not carried out" }
                }
                for result in results where !result.hasPrefix("ok") {
                    #expect(result.contains("post again"), "seed \(seed): \(result)")
                }
                guard results.contains(where: { !$0.hasPrefix("ok") }) else { break }
                open = try plant.post(try await plant.list(span))
                try await plant.drain()
            }
            try await plant.check("after posting, seed \(seed)")

            let again = try await plant.list(span)
            #expect(again.items.isEmpty, "seed \(seed): \(again.reasons) \(again.absent.count) absent")
            let before = plant.odoo.writes
            let repeated = try plant.post(list)
            try await plant.drain()
            for request in repeated {
                let result = try plant.reader.read { try $0.requestResult(request) }
                #expect(result == "ok: posted again before", "seed \(seed)")
            }
            #expect(plant.odoo.writes == before, "seed \(seed): written when posted a second time")
            try await plant.check("after posting twice, seed \(seed)")
            let audit = try plant.reader.read { try $0.auditBreak() }
            #expect(audit == nil)
            plant.kill()
        }
    }

    @Test(
        "a completion that was forgotten takes its backorder along, and all of it is made again in its order",
        arguments: 20...23 as ClosedRange<UInt64>)
    func backorder(_ seed: UInt64) throws {
        let scratch = try Scratch()
        let path = scratch.path + "/node.db"
        try simulated(seed: seed) { world, simulator in
            var plant = try await ForgetfulPlant(seed: seed, path: path, world: world, simulator: simulator)
            try plant.start()
            let since = world.clock.now()
            try await plant.progress("ORDER-0", "10")
            try await plant.drain()
            let backup = plant.odoo.copy
            try await plant.progress("ORDER-0", "5")
            try await plant.drain()
            try await plant.deliver(
                "production.complete", key: "ORDER-0",
                ["order": "ORDER-0", "quantity": ["value": 15, "unit": "pcs"], "backorder": "create"])
            try await plant.progress("ORDER-0", "4")
            try await plant.drain()
            #expect(try await plant.shown()["ORDER-0"] == ExactNumber(19), "seed \(seed)")
            plant.odoo.restore(backup)
            #expect(try await plant.shown()["ORDER-0"] == ExactNumber(10), "seed \(seed)")
            let span = Reconciler.Span(since: since, until: world.clock.now(), endsAtRestore: false)
            let list = try await plant.list(span)
            #expect(list.absent.count == 3 && list.items.count == 3, "seed \(seed): \(list.reasons)")
            #expect(try list.groups().count == 1)
            _ = try plant.post(list)
            try await plant.drain()
            let messages = try plant.reader.read { try $0.exceptions(limit: 5).map(\.failure.message) }
            #expect(messages.isEmpty, "seed \(seed): \(messages)")
            #expect(try await plant.shown()["ORDER-0"] == ExactNumber(19), "seed \(seed)")
            #expect(try await plant.list(span).items.isEmpty)
            try await plant.progress("ORDER-0", "1.005")
            try await plant.drain()
            try await plant.progress("ORDER-0", "1.005")
            try await plant.drain()
            #expect(try await plant.shown()["ORDER-0"] == (try JSONReader.read("21.01").number), "seed \(seed)")
            plant.kill()
        }
    }

    @Test("what a person put in by hand since the list was made is not posted on top of it, but waits for a person")
    func byHand() throws {
        let scratch = try Scratch()
        let path = scratch.path + "/node.db"
        try simulated(seed: 7) { world, simulator in
            var plant = try await ForgetfulPlant(seed: 7, path: path, world: world, simulator: simulator)
            try plant.start()
            let backup = plant.odoo.copy
            try await plant.progress("ORDER-0", "30")
            try await plant.drain()
            plant.odoo.restore(backup)
            let span = Reconciler.Span(
                since: world.clock.now() - .seconds(3_600), until: world.clock.now(), endsAtRestore: false)
            let list = try await plant.list(span)
            #expect(list.absent.count == 1 && list.setBack.map(\.missing) == [ExactNumber(30)])
            try await plant.correct("ORDER-0", to: 30)
            let requests = try plant.post(list)
            for _ in 0..<200 where try plant.reader.read({ try $0.openExceptionCount() }) == 0 {
                try await world.clock.sleep(for: .milliseconds(100))
            }
            let exception = try #require(try plant.reader.read { try $0.exceptions(limit: 5) }.first)
            #expect(exception.failure.kind.code == OdooFailures.changedSinceListed.code)
            #expect(try await plant.shown()["ORDER-0"] == ExactNumber(30))
            let lines = try plant.reader.read { try $0.requestResult(requests[0]) }
            #expect(lines == "ok: 1 posted again in their keys' order")
            plant.kill()
        }
    }

    @Test("a list of a store that was restored since is refused whole, and so is one whose commands moved on in part")
    func stale() throws {
        let scratch = try Scratch()
        let path = scratch.path + "/node.db"
        try simulated(seed: 8) { world, simulator in
            var plant = try await ForgetfulPlant(seed: 8, path: path, world: world, simulator: simulator)
            try plant.start()
            let backup = plant.odoo.copy
            try await plant.progress("ORDER-0", "3")
            try await plant.progress("ORDER-0", "4")
            try await plant.drain()
            plant.odoo.restore(backup)
            let span = Reconciler.Span(
                since: world.clock.now() - .seconds(3_600), until: world.clock.now(), endsAtRestore: false)
            let list = try await plant.list(span)
            let group = try #require(try list.groups().first)
            let good = list.order(for: group, target: plant.target(world), epoch: plant.epoch, list: "l")
            let stale = RepostOrder(
                epoch: "another", target: "odoo", list: "l", commands: good.commands, lines: good.lines)
            let partial = RepostOrder(
                epoch: plant.epoch, target: "odoo", list: "l", commands: good.commands + [9_999], lines: good.lines)
            for order in [stale, partial] {
                let request = try plant.reader.request(order, by: "test", note: "why", now: world.clock.now())
                try await plant.drain()
                let result = try plant.reader.read { try $0.requestResult(request) }
                #expect(result?.hasSuffix("list anew") == true, "\(result ?? "")")
            }
            #expect(try await plant.shown()["ORDER-0"] == ExactNumber(0))
            plant.kill()
        }
    }
}

extension ReconciliationList {
    fileprivate var reasons: [String] { items.compactMap { $0.unclear?.message } }
}
