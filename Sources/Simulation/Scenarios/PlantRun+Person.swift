import Canonical
import Contracts
import Delivery
import SimulatedWorld
import Store

// Who looks at the plant: the person at the exception queue, and the probe of what is held in memory.
extension PlantRun {
    /// Lets a person look at the exception queues every now and then, for as long as the run lasts.
    func schedulePerson() {
        guard scenario.plant.person != .absent else { return }
        personComes(after: .seconds(10))
    }

    private func personComes(after pause: Duration) {
        let run = Confined(self)
        simulator.schedule(at: simulator.now + pause) {
            let run = run.value
            for hub in run.hubs where hub.isUp { run.decide(hub) }
            run.personComes(after: .seconds(Int(run.random.next() % 10) + 3))
        }
    }

    private func decide(_ hub: PlantNode) {
        // The node may be in the middle of something, and its disk may fail: then another time.
        guard let reader = try? StoreReader(path: hub.store),
            let open = try? reader.read({ try $0.exceptions(limit: 20) })
        else { return }
        for exception in open where random.next() % 3 > 0 {
            let discards = scenario.plant.person == .resubmitsAndDiscards && random.next() % 8 == 0
            let id = try? reader.request(
                discards ? .discard : .resubmit, exception: exception.id, by: "simulation", note: nil,
                now: simulator.now)
            if id != nil { count(discards ? "person.discarded" : "person.resubmitted") }
        }
    }

    /// Looks at what the hubs hold in memory, every now and then.
    func scheduleProbes() {
        let run = Confined(self)
        let pause = max(.seconds(5), scenario.plant.duration / 100)
        simulator.schedule(at: simulator.now + pause) {
            for hub in run.value.hubs { run.value.probe(hub) }
            run.value.probeCriticalFacts()
            run.value.scheduleProbes()
        }
    }

    private func probe(_ hub: PlantNode) {
        guard hub.isUp, let node = hub.node else { return }
        let verdict = verdict
        // What is released for a key comes on top of what was loaded.
        let most = scenario.plant.pendingDeliveries + DispatchMachine.keyCapacity
        node.process.start {
            for runner in node.engine.runners {
                let queued = await runner.status().queued
                if queued > most { verdict.report("\(queued) deliveries are held in memory, \(most) may be") }
            }
        }
        let waiting = simulator.waitingJobs
        if waiting > Self.maximumJobs { verdict.report("\(waiting) jobs wait at one moment") }
    }
    private static let maximumJobs = 2_000

    /// Whether what is critical is as soon in Odoo as the scenario promises, whatever else there is to do.
    private func probeCriticalFacts() {
        guard let within = scenario.plant.criticalWithin, let memory = machines[.pushing] else { return }
        let due = memory.made.filter { simulator.now.since($0.made) > within }
        var quantities: [String: Int] = [:]
        for fact in due { quantities[fact.order, default: 0] += fact.quantity }
        for odoo in odoos {
            let inOdoo = odoo.orders()
            for (order, quantity) in quantities where inOdoo[order]?.quantity ?? 0 < quantity {
                verdict.report(
                    "\(quantity) of \(order) are older than \(within), and \(inOdoo[order]?.quantity ?? 0) in Odoo")
            }
        }
    }
}
