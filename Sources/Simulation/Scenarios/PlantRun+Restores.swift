import Canonical
import Contracts
import Delivery
import OdooConnector
import SimulatedWorld
import Store
import World

// An Odoo that comes back from a backup, and the person who has what it forgot posted again.
extension PlantRun {
    /// Puts an Odoo back to its backup at the next moment when no command is under way, and lets a person come behind
    /// the pause; the hub goes on meanwhile.
    func restoreOdoo(_ hub: Int, person pause: Duration) {
        awaitedRestores += 1
        whenIdle(hub) { run in
            run.awaitedRestores -= 1
            guard let made = run.odoos[hub].restore() else { return }
            run.count("odoo.restored")
            let span = Reconciler.Span(
                since: made - .seconds(1), until: run.simulator.now, endsAtRestore: true)
            run.later(pause) { $0.postForgotten(hub, span) }
        }
    }

    /// Acts as soon as the hub runs and none of its deliveries waits for its turn or for its fate.
    private func whenIdle(_ hub: Int, _ action: @escaping (PlantRun) -> Void) {
        if hubs[hub].isUp, hasNothingOpen(hub) { return action(self) }
        later(.milliseconds(250)) { $0.whenIdle(hub, action) }
    }

    /// Lists what Odoo forgot and has it posted again, as `millwright reconcile` does; and again, for as long as the
    /// run lasts: what was in doubt is refused once, and what is posted already is not posted twice.
    private func postForgotten(_ hub: Int, _ span: Reconciler.Span) {
        whenIdle(hub) { run in
            run.later(.seconds(20)) { $0.postForgotten(hub, span) }
            guard let epoch = run.hubs[hub].node?.engine.store.epoch else { return }
            let process = SimulatedProcess("person", on: run.simulator)
            let world = World(
                clock: SimulatedClock(process), disk: run.files, network: run.odoos[hub].direct,
                entropy: SimulatedEntropy(run.simulator), storeExecutor: SimulatedStoreExecutor(process))
            let target = OdooTarget(
                name: Self.odooName, address: SimulatedOdoo.address(SimulatedOdoo.login),
                options: OdooOptions(orderBy: .origin), world: world)
            let path = run.hubs[hub].store
            let counter = Confined(run)
            process.start {
                do {
                    let posted = try await PlantRun.post(span, target, path, epoch: epoch, now: world.clock.now())
                    for _ in 0..<posted { counter.value.count("person.reposted") }
                } catch {
                    // The store or Odoo gives no answer now, or the list is of a store that was restored: another time.
                }
            }
        }
    }

    /// Leaves a request for each group of what is forgotten; answers how many commands those are.
    private static func post(
        _ span: Reconciler.Span, _ target: OdooTarget, _ path: String, epoch: String, now: Instant
    ) async throws -> Int {
        let reader = try StoreReader(path: path)
        let name = target.name
        let pages = Reconciler.Pages(
            done: { mark, limit in try reader.read { try $0.doneCommands(name, after: mark, limit: limit) } },
            ledger: { keys in try reader.read { try $0.ledger(name, keys) } })
        let list = try await Reconciler(target: target, pages: pages).list(span)
        for group in try list.groups() {
            let order = list.order(for: group, target: target, epoch: epoch, list: "simulation")
            _ = try reader.request(order, by: "simulation", note: nil, now: now)
        }
        return list.absent.count
    }
}
