import Canonical
import Contracts
package import Delivery
package import FaultDisk
package import SimulatedWorld

/// What a simulated plant goes through: what it makes for how long, and what fails meanwhile. When the time is over the
/// faults stop, and everything must arrive.
package struct PlantScenario: Sendable, Equatable {
    package let name: String
    /// One sentence.
    package let summary: String
    package var plant: Plant
    package var faults: [PlantFault]

    package init(_ name: String, _ summary: String, _ plant: Plant = Plant(), _ faults: [PlantFault] = []) {
        self.name = name
        self.summary = summary
        self.plant = plant
        self.faults = faults
    }

    /// Machines, orders and nodes, and what they have to do.
    package struct Plant: Sendable, Equatable {
        /// Facts that each machine makes.
        package var facts = 12
        /// Orders that the facts are about; the counting machine works on one of its own.
        package var orders = 3
        /// How many of the orders Odoo learns of only in the course of time: what comes for them before is refused.
        package var lateOrders = 0
        /// How long the machines work and faults happen.
        package var duration = Duration.seconds(20)
        package var machines: Set<Machine> = [.pushing, .following, .counting]
        /// Hubs that the edge sends everything to, each with an Odoo of its own.
        package var hubs = 1
        /// How long edge and hub keep what is done; nil for the usual time.
        package var retention: Retention?
        /// That of the edge alone; nil for the same as the hub's.
        package var edgeRetention: Retention?
        /// Facts that were told "stored" and come again all the same, as from a client whose memory was put back.
        package var repeats = 0
        /// Facts that the following machine makes all at once, each for one of many orders of their own.
        package var flood = 0
        /// How old a fact of the pushing machine, which is critical, may be until it is in Odoo; nil for no promise.
        package var criticalWithin: Duration?
        /// Deliveries that a hub holds in memory at most.
        package var pendingDeliveries = Limits().pendingDeliveries
        /// What a person does about refused commands.
        package var person = Person.absent
        /// The store's own checks lie over the disk: what a disk does not say is found out.
        package var isChecked = true
        /// How long Odoo's user waits for an answer.
        package var patience = Duration.seconds(30)

        package init() {}

        /// The plant with other values.
        package func with(_ change: (inout Plant) -> Void) -> Plant {
            var plant = self
            change(&plant)
            return plant
        }
    }

    /// A machine beside the edge.
    package enum Machine: String, Sendable, CaseIterable {
        /// Hands over and forgets as soon as it is told that its facts are stored, as an HTTP client does.
        case pushing
        /// Has a file that can be read again: the source's own position says how far it is.
        case following
        /// Has nothing but a counter that goes up: what was counted is the difference to the stored baseline.
        case counting
        /// A second one with a file, on the same lane.
        case logging
    }

    /// Who looks at the exception queue.
    package enum Person: String, Sendable, CaseIterable {
        case absent
        /// Sends refused commands again, now and then too early.
        case resubmits
        /// Sends most of them again and discards some.
        case resubmitsAndDiscards
        /// Looks in Odoo first: discards what is there, sends again what is not, and adds by hand what is missing of a
        /// command of which Odoo has a part.
        case knows
    }
}

/// Whose machine fails.
package enum Side: String, Sendable, CaseIterable { case edge, hub }

/// Something that goes wrong in a plant, and how often. Times between are drawn between nothing and twice `every`.
package enum PlantFault: Sendable, Equatable {
    /// Messages between edge and hub.
    case link(SimulatedNetwork.Faults)
    /// Messages between hub and Odoo. A doubled request is none of TCP's, so that stays 0.
    case odoo(SimulatedNetwork.Faults)
    /// The process ends between two of its steps; what it wrote is in the page cache.
    case kill(Side, every: Duration)
    /// The power goes, between two steps or in the middle of a disk operation: what was not synced is lost or torn.
    case powerLoss(Side, every: Duration)
    /// Disk operations that fail and say so, as a share of all.
    case diskErrors(Side, [DiskFault], share: Double)
    /// The disk has no room for a while.
    case diskFull(Side, every: Duration, lasts: Duration)
    /// Nothing goes between edge and hub for a while, from so long after the start on.
    case cut(after: Duration, lasts: Duration)
    /// Odoo is down for a while; what it works on then is undone.
    case odooDown(every: Duration, lasts: Duration)
    /// Odoo does not know the key for a while.
    case keyRefused(every: Duration, lasts: Duration)
    /// The clock is set wrong by up to so much, either way.
    case clockJumps(Side, every: Duration, upTo: Duration)
    /// The clock gains (or loses) so many microseconds a second.
    case clockDrift(Side, microsecondsASecond: Int64)
    /// A new release takes over at about this time: it knows facts that the old one does not, and another schema of the
    /// store.
    case upgrade(Side, after: Duration)
    /// A node's disk is lost with everything on it, once: an empty one takes its place.
    case diskLost(Side, after: Duration)
    /// A node is backed up at some time, and put back to that at some later time.
    case restore(Side)
    /// Up to so many operations go wrong and the disk says that all is well.
    case silentErrors(Side, [DiskFault], atMost: Int)
    /// Up to so many bits of the store's files turn over while they lie there.
    case bitRot(Side, atMost: Int)
    /// A node gets other settings: its engine ends in good order, and the same process begins another one over the same
    /// store, a hub with another map and another coalescing, an edge with another compression.
    case reload(Side, every: Duration)
    /// Odoo is put back to a backup, once, at a moment when no command is under way; a person lists what it forgot and
    /// has it posted again.
    case odooRestored

    /// Names the fault in reports and for leaving it out: `powerLoss.hub`.
    package var name: String {
        switch self {
        case .link: "link"
        case .odoo: "odoo"
        case .kill(let side, _): "kill.\(side.rawValue)"
        case .powerLoss(let side, _): "powerLoss.\(side.rawValue)"
        case .diskErrors(let side, _, _): "diskErrors.\(side.rawValue)"
        case .diskFull(let side, _, _): "diskFull.\(side.rawValue)"
        case .cut: "cut"
        case .odooDown: "odooDown"
        case .keyRefused: "keyRefused"
        case .clockJumps(let side, _, _): "clockJumps.\(side.rawValue)"
        case .clockDrift(let side, _): "clockDrift.\(side.rawValue)"
        case .upgrade(let side, _): "upgrade.\(side.rawValue)"
        case .diskLost(let side, _): "diskLost.\(side.rawValue)"
        case .restore(let side): "restore.\(side.rawValue)"
        case .silentErrors(let side, _, _): "silentErrors.\(side.rawValue)"
        case .bitRot(let side, _): "bitRot.\(side.rawValue)"
        case .reload(let side, _): "reload.\(side.rawValue)"
        case .odooRestored: "odooRestored"
        }
    }
}
