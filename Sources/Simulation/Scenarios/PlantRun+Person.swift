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
            for hub in run.hubs.indices where run.hubs[hub].isUp { run.decide(hub) }
            // Who looks in Odoo takes longer, and where a run lasts hours nobody sits beside it.
            let usual = Duration.seconds(Int(run.random.next() % 10) + 3)
            run.personComes(
                after: max(run.isWatched ? usual * 2 : usual, min(.seconds(600), run.scenario.plant.duration / 100)))
        }
    }

    private func decide(_ hub: Int) {
        // The node may be in the middle of something, and its disk may fail: then another time.
        guard let reader = try? StoreReader(path: hubs[hub].store),
            let open = try? reader.read({ try $0.exceptions(limit: 20) })
        else { return }
        for exception in open where random.next() % 3 > 0 {
            guard let kind = decision(exception, reader, hub) else { continue }
            let id = try? reader.request(
                kind, exception: exception.id, by: "simulation", note: nil, now: simulator.now)
            if id != nil { count(kind == .discard ? "person.discarded" : "person.resubmitted") }
        }
    }

    /// What the person does about an exception; nil where it is left for somebody else.
    private func decision(_ exception: ExceptionRecord, _ reader: StoreReader, _ hub: Int) -> OperatorRequest.Kind? {
        switch scenario.plant.person {
        case .absent: return nil
        case .resubmits: return .resubmit
        case .resubmitsAndDiscards: return random.next() % 8 == 0 ? .discard : .resubmit
        case .knows: break
        }
        // What a store says of its own damage, and a hub of what nobody has any more, is taken note of.
        if exception.kind == .input { return ["store", "edges"].contains(exception.source) ? .discard : nil }
        guard exception.kind != .conflict, let concerned = try? reader.read({ try Self.concerned(exception, $0) })
        else { return nil }
        let posted = odoos[hub].posted
        let missing = concerned.filter { !posted.holds($0.identity) }
        if missing.isEmpty { return .discard }
        if missing.count == concerned.count { return .resubmit }
        if let order = exception.key {
            odoos[hub].add(byHand: missing.map(PostedFacts.Fact.init), to: order.rawValue)
            count("person.addedByHand")
        }
        return .discard
    }

    /// The deliveries that an exception is about.
    private static func concerned(
        _ exception: ExceptionRecord, _ transaction: StoreTransaction
    ) throws -> [Delivery] {
        if let command = exception.command { return try transaction.deliveries(ofCommand: command) }
        guard let event = exception.event, let flow = exception.flow, let target = exception.target else { return [] }
        return try [transaction.delivery(of: event, flow: flow, target: target)].compactMap(\.self)
    }

    /// Looks at what the hubs hold in memory and at what the stores say, every now and then.
    func scheduleProbes() {
        let run = Confined(self)
        let pause = max(.seconds(5), scenario.plant.duration / 100)
        simulator.schedule(at: simulator.now + pause) {
            for hub in run.value.hubs { run.value.probe(hub) }
            run.value.probeCriticalFacts()
            run.value.lookAround()
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
