import Canonical
import Contracts
import Delivery
import FaultDisk
import SimulatedWorld

extension PlantScenario {
    /// Every scenario.
    package static let all: [PlantScenario] = inTurn + [reloads, odooRestored]

    /// The scenarios that have a turn of their own, in the order in which seeds take turns.
    private static let inTurn: [PlantScenario] =
        [calm, link, odooSilent, odooSlow, odooGateway, odooDown, crashes, powerLoss]
        + [diskErrors, diskFull, clocks, refusals, repeats, twoHubs, backlog, newEdgeDisk, upgrade, flood, outage]
        + [hubRestored, hubRestoredLate, edgeRestored, edgeRestoredLate, hubLost, bitFlips, longOutage, storm]

    /// The scenario whose turn a seed is. One that simulates days takes one turn in sixteen; the others are those of
    /// another scenario, mostly the storm.
    package static func turn(of seed: UInt64) -> PlantScenario {
        let (round, place) = seed.quotientAndRemainder(dividingBy: UInt64(inTurn.count))
        let scenario = inTurn[Int(place)]
        guard scenario.plant.duration > .seconds(86_400), round % 16 != 0 else { return scenario }
        // So what came later took no other scenario's seeds.
        switch scenario.name {
        case hubRestoredLate.name: return odooRestored
        case edgeRestoredLate.name: return reloads
        default: return storm
        }
    }

    /// The scenario of that name; nil where there is none.
    package static func named(_ name: String) -> PlantScenario? { all.first { $0.name == name } }

    typealias Messages = SimulatedNetwork.Faults

    /// What goes wrong with messages.
    static func messages(_ change: (inout Messages) -> Void) -> Messages {
        var messages = Messages()
        change(&messages)
        return messages
    }

    /// The same fault on both nodes.
    static func both(_ fault: (Side) -> PlantFault) -> [PlantFault] { Side.allCases.map(fault) }

    /// What a bad link does.
    private static let badLink = messages {
        $0.requestLost = 0.1
        $0.answerLost = 0.1
        $0.doubled = 0.1
        $0.answeredTwice = 0.05
        $0.corrupted = 0.05
        $0.answerCut = 0.05
        $0.held = 0.05
        $0.holdTime = .milliseconds(100)...(.seconds(30))
    }

    private static let calm = PlantScenario("calm", "Nothing fails.")

    private static let link = PlantScenario(
        "lossy-link", "The link loses, doubles, delays, reorders, damages and cuts messages.", Plant(), [.link(badLink)]
    )

    private static let odooSilent = PlantScenario(
        "odoo-no-answer", "Odoo commits and its answer is lost.", Plant(),
        [
            .odoo(
                messages {
                    $0.answerLost = 0.12
                    $0.requestLost = 0.05
                    $0.answeredTwice = 0.05
                    $0.answerCut = 0.03
                })
        ])

    private static let odooSlow = PlantScenario(
        "odoo-slow", "Odoo commits long after the time-out, and the hub is killed while it waits.", Plant(),
        [.odoo(messages { $0.held = 0.12 }), .kill(.hub, every: .seconds(6))])

    private static let odooGateway = PlantScenario(
        "odoo-gateway", "A gateway answers 502, before Odoo sees the request or after it committed.", Plant(),
        [
            .odoo(
                messages {
                    $0.gatewayDown = 0.1
                    $0.gatewayGaveUp = 0.1
                })
        ])

    private static let odooDown = PlantScenario(
        "odoo-restarts", "Odoo restarts again and again, and refuses the key for a while.", Plant(),
        [
            .odooDown(every: .seconds(5), lasts: .seconds(2)), .keyRefused(every: .seconds(10), lasts: .seconds(4)),
        ])

    private static let crashes = PlantScenario(
        "crashes", "Edge and hub are killed again and again.", Plant(), both { .kill($0, every: .seconds(2)) })

    private static let powerLoss = PlantScenario(
        "power-loss", "Edge and hub lose their power: unsynced writes are lost or torn.", Plant(),
        both { .powerLoss($0, every: .seconds(2)) })

    private static let diskErrors = PlantScenario(
        "disk-errors", "Reads, writes and syncs fail and say so, and the nodes are killed.", Plant(),
        both { .diskErrors($0, [.writeError, .shortWrite, .syncError, .readError], share: 0.01) }
            + both { .powerLoss($0, every: .seconds(7)) })

    private static let diskFull = PlantScenario(
        "disk-full", "The disks of edge and hub are full for a while, then free again.",
        Plant().with { $0.facts = 20 }, both { .diskFull($0, every: .seconds(5), lasts: .seconds(3)) })

    private static let clocks = PlantScenario(
        "clocks", "The clocks of edge and hub jump by hours and drift, and both are killed.", Plant(),
        both { .clockJumps($0, every: .seconds(5), upTo: .seconds(8 * 3_600)) }
            + both { .clockDrift($0, microsecondsASecond: $0 == .edge ? 500 : -300) }
            + both { .kill($0, every: .seconds(7)) } + [.odoo(messages { $0.answerLost = 0.05 })])

    private static let refusals = PlantScenario(
        "refusals", "Odoo does not know some orders yet; a person resubmits and discards meanwhile.",
        Plant().with {
            $0.lateOrders = 2
            $0.person = .resubmitsAndDiscards
            $0.duration = .seconds(40)
        },
        [.kill(.hub, every: .seconds(10)), .odoo(messages { $0.answerLost = 0.03 })])

    private static let repeats = PlantScenario(
        "repeats", "Facts that were taken long ago come again, behind what was trimmed.",
        Plant().with {
            $0.machines = [.pushing, .following]
            $0.repeats = 8
            $0.duration = .seconds(40)
            $0.retention = Retention(events: .seconds(2), commands: .seconds(4), interval: .seconds(2))
        },
        both { .kill($0, every: .seconds(10)) })

    private static let twoHubs = PlantScenario(
        "two-hubs", "One edge sends to two hubs, each with an Odoo of its own; all are killed.",
        Plant().with { $0.hubs = 2 },
        both { .powerLoss($0, every: .seconds(5)) } + [.link(messages { $0.answerLost = 0.1 })])

    private static let backlog = PlantScenario(
        "backlog", "Odoo is away while many facts come; memory stays bounded.",
        Plant().with {
            $0.facts = 60
            $0.orders = 5
            $0.pendingDeliveries = 20
            $0.duration = .seconds(40)
        },
        [.odooDown(every: .seconds(15), lasts: .seconds(12)), .kill(.hub, every: .seconds(15))])

    // A counter whose baseline is lost counts from the beginning again: that is told, and not kept from being posted.
    private static let bitFlips = PlantScenario(
        "bit-flips", "Disks flip bits, tear writes, lose them, and say that all is well; nodes mend their stores.",
        Plant().with {
            $0.machines = [.pushing, .following]
            $0.facts = 20
            $0.isChecked = true
            $0.person = .knows
            $0.duration = .seconds(40)
        },
        both { .silentErrors($0, [.readFlip, .writeFlip, .tornWrite, .lostWrite], atMost: 2) }
            + both { .bitRot($0, atMost: 2) }
            + both { .kill($0, every: .seconds(15)) })

    private static let upgrade = PlantScenario(
        "upgrade", "Both nodes are drained or killed for a new release, with events of the old one in their buffers.",
        Plant().with {
            $0.person = .resubmits
            $0.duration = .seconds(30)
        },
        both { .upgrade($0, after: .seconds(14)) } + both { .powerLoss($0, every: .seconds(6)) }
            + [.link(messages { $0.answerLost = 0.1 })])

    private static let reloads = PlantScenario(
        "reloads", "Both nodes get other settings again and again, while they work and are killed.",
        Plant().with {
            $0.facts = 20
            $0.duration = .seconds(30)
        },
        both { .reload($0, every: .seconds(3)) } + both { .kill($0, every: .seconds(10)) }
            + [
                .link(messages { $0.answerLost = 0.1 }),
                .odoo(
                    messages {
                        $0.answerLost = 0.05
                        $0.held = 0.03
                    }),
            ])

    private static let flood = PlantScenario(
        "flood", "One machine makes hundreds of facts at once; the critical ones of another keep their time.",
        Plant().with {
            $0.machines = [.pushing, .following]
            $0.facts = 20
            $0.flood = 400
            $0.duration = .seconds(60)
            $0.criticalWithin = .seconds(5)
        })

    private static let outage = PlantScenario(
        "outage", "The hub cannot be reached for two hours.",
        Plant().with { $0.duration = .seconds(2 * 3_600 + 120) },
        [.cut(after: .seconds(60), lasts: .seconds(2 * 3_600))] + both { .kill($0, every: .seconds(1_800)) })

    private static let longOutage = PlantScenario(
        "three-days", "The hub cannot be reached for 72 hours.",
        Plant().with { $0.duration = .seconds(73 * 3_600) },
        [.cut(after: .seconds(600), lasts: .seconds(72 * 3_600)), .powerLoss(.edge, every: .seconds(12 * 3_600))])

    private static let storm = PlantScenario(
        "storm", "Everything fails at once.",
        Plant().with {
            $0.lateOrders = 1
            $0.person = .resubmits
            $0.duration = .seconds(30)
        },
        [
            .link(badLink),
            .odoo(
                messages {
                    $0.answerLost = 0.06
                    $0.requestLost = 0.04
                    $0.gatewayGaveUp = 0.03
                    $0.gatewayDown = 0.03
                    $0.held = 0.04
                }),
            .odooDown(every: .seconds(15), lasts: .seconds(3)),
            .keyRefused(every: .seconds(20), lasts: .seconds(3)),
        ] + both { .kill($0, every: .seconds(5)) } + both { .powerLoss($0, every: .seconds(5)) }
            + both { .reload($0, every: .seconds(10)) }
            + both { .diskFull($0, every: .seconds(15), lasts: .seconds(2)) }
            + both { .diskErrors($0, [.writeError, .syncError], share: 0.002) })
}
