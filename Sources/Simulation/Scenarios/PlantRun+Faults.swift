import Canonical
import FaultDisk
import SimulatedWorld

// What goes wrong in a run, and when it stops.
extension PlantRun {
    /// Begins what goes wrong all the time.
    func beginLastingFaults() {
        for fault in scenario.faults {
            switch fault {
            case .link(let messages): link.set(messages)
            case .odoo(let messages): for odoo in odoos { odoo.network.set(messages) }
            case .diskErrors(let side, let kinds, let share): nodes(side).forEach { $0.fail(kinds, share: share) }
            case .clockDrift(let side, let drift):
                for node in nodes(side) {
                    count("\(side.rawValue).clockDrift")
                    node.clock.drift(drift, now: simulator.now)
                }
            default: break
            }
        }
    }

    private func nodes(_ side: Side) -> [PlantNode] { side == .edge ? [edge].compactMap(\.self) : hubs }

    /// Lets a fault happen now; none does any more when the time is over.
    func inject(_ fault: ScheduledFault.What) {
        guard !isCalm else { return }
        switch fault {
        case .kill(let side, let steps, let pause):
            let node = Confined(pick(side))
            simulator.schedule(afterSteps: steps) { node.value?.end(losesPower: false, back: pause) }
        case .powerLoss(let side, let operation, let pause):
            guard let node = pick(side), node.isUp else { return }
            if let operation {
                node.losePower(atOperation: operation)
            } else {
                node.end(losesPower: true, back: pause)
            }
        case .diskFull(let side, let lasts):
            guard let node = pick(side) else { return }
            node.fill()
            later(lasts) { _ in node.free() }
        case .cut(let lasts):
            link.cut(true)
            later(lasts) { $0.link.cut(false) }
        case .odooDown(let lasts): for odoo in odoos { stop(odoo, lasts) }
        case .keyRefused(let lasts):
            count("odoo.keyRefused")
            for odoo in odoos {
                odoo.acceptKey(false)
                later(lasts) { _ in odoo.acceptKey(true) }
            }
        case .clockJump(let side, let offset):
            count("\(side.rawValue).clockJump")
            pick(side)?.clock.set(offset, now: simulator.now)
        case .upgrade(let side, let drains): nodes(side).forEach { $0.upgrade(drains: drains) }
        case .diskLost(let side): nodes(side).forEach(loseDisk)
        case .backup(let side): pick(side)?.takeBackup()
        case .restore(let side, let pause): pick(side)?.restore(back: pause)
        case .silent(let side, let fault, let operation): pick(side)?.deceive(fault, atOperation: operation)
        case .bitRot(let side): pick(side)?.rot()
        case .reload(let side): pick(side)?.reload()
        case .odooBackup: for odoo in odoos { odoo.takeBackup() }
        case .odooRestore(let pause): for hub in odoos.indices { restoreOdoo(hub, person: pause) }
        }
    }

    private func stop(_ odoo: SimulatedOdoo, _ lasts: Duration) {
        count("odoo.restart")
        odoo.stop()
        later(lasts) { _ in odoo.start() }
    }

    private func pick(_ side: Side) -> PlantNode? {
        side == .edge ? edge : hubs[Int(random.next() % UInt64(hubs.count))]
    }

    /// Calls `action` after a pause.
    func later(_ pause: Duration, _ action: @escaping (PlantRun) -> Void) {
        let run = Confined((run: self, action: action))
        simulator.schedule(at: simulator.now + pause) { run.value.action(run.value.run) }
    }

    /// Counts a fault, or what a person did.
    func count(_ fault: String) { faultCounts[fault, default: 0] += 1 }

    private func loseDisk(_ node: PlantNode) {
        do {
            try node.loseDisk()
        } catch {
            verdict.report("there is no memory for a new disk: \(error)")
        }
    }

    /// The faults stop. Clocks stay as wrong as they are.
    func calmDown() {
        isCalm = true
        link.set(SimulatedNetwork.Faults())
        link.cut(false)
        for odoo in odoos {
            odoo.network.set(SimulatedNetwork.Faults())
            odoo.acceptKey(true)
            odoo.start()
        }
        for node in nodes(.edge) + hubs {
            node.calm()
            node.start()
            // What nobody has read yet may be damaged: a person has the whole store looked at.
            if isLossy { node.lookThrough() }
        }
    }

    /// Everything that went wrong, by kind.
    var faults: [String: Int] {
        var faults = faultCounts
        for (kind, number) in link.counts { faults["link.\(kind)", default: 0] += number }
        for odoo in odoos { for (kind, number) in odoo.network.counts { faults["odoo.\(kind)", default: 0] += number } }
        for node in nodes(.edge) + hubs { faults.merge(node.faults) { $0 + $1 } }
        return faults
    }
}
