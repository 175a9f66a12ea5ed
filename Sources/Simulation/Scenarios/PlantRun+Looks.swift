import Canonical
import SimulatedWorld
import Store

// What must hold on the nodes' stores, at each start, now and then, and at the end.
extension PlantRun {
    /// What must hold on the edge's store. Where facts are trimmed or lost, what was told cannot be asked of it.
    var edgeCheck: EdgeCheck {
        EdgeCheck(
            machines: scenario.plant.retention == nil && !isLossy ? machines : [:],
            forgetsBaseline: bug == .baselineNotStored, told: told, verdict: verdict)
    }

    /// What must hold on a hub's store.
    var hubCheck: HubCheck {
        HubCheck(told: told, verdict: verdict, keepsAll: scenario.plant.retention == nil && !isLossy)
    }

    /// What does not hold on a node's store as it is now, in words. Looks as another process does, so that the look is
    /// no step of the run. Throws where the store cannot be read.
    func findings(_ node: PlantNode) throws -> [String] {
        try StoreReader.read(node.store) { transaction in
            told.note(node.side, try transaction.exceptions(openOnly: false, limit: 1_000))
            return switch node.side {
            case .edge: try edgeCheck.findings(transaction)
            case .hub: try hubCheck.findings(transaction)
            }
        }
    }

    /// Looks at the stores while the nodes work, three times a run or so: a look takes as long as many steps. Not where
    /// disks lie, as the look would take the lie in the node's place.
    func lookAround() {
        let pause = max(.seconds(5), scenario.plant.duration / 3)
        guard !isCalm, !isLossy, simulator.now.since(lastLook) >= pause else { return }
        lastLook = simulator.now
        for node in [edge].compactMap(\.self) + hubs where node.isUp {
            do {
                for finding in try findings(node) {
                    verdict.report("while the \(node.side.rawValue) works: \(finding)")
                }
            } catch {
                // Its disk may fail a reader as well: another time.
            }
        }
    }
}
