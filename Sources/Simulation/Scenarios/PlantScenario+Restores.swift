import Canonical
import Contracts
import Delivery
import SimulatedWorld

// Scenarios in which a disk or a database is put back, or lost.
extension PlantScenario {
    static let newEdgeDisk = PlantScenario(
        "edge-disk-lost", "The edge's disk is replaced by an empty one: a new epoch, old facts again.",
        Plant().with { $0.machines = [.following] },
        [
            .diskLost(.edge, after: .seconds(9)), .link(messages { $0.answerLost = 0.15 }),
            .kill(.edge, every: .seconds(5)),
        ])

    static let hubRestored = PlantScenario(
        "hub-restored", "The hub is put back to a backup; a person who looks in Odoo decides what it cannot know.",
        Plant().with {
            $0.person = .knows
            $0.duration = .seconds(60)
        },
        [
            .restore(.hub), .kill(.hub, every: .seconds(25)), .link(messages { $0.answerLost = 0.1 }),
            .odoo(messages { $0.answerLost = 0.05 }),
        ])

    static let hubRestoredLate = PlantScenario(
        "hub-restored-late", "The same with hours between the backup and the need for it.",
        Plant().with {
            $0.person = .knows
            $0.duration = .seconds(25 * 3_600)
        },
        [
            .restore(.hub), .cut(after: .seconds(18 * 3_600), lasts: .seconds(2 * 3_600)),
            .powerLoss(.hub, every: .seconds(8 * 3_600)),
        ])

    // Machines that only push, or only count, would give nothing again of what the edge forgot and had forwarded, or
    // count it again.
    static let edgeRestored = PlantScenario(
        "edge-restored", "The edge is put back to a backup; its machines' files are read again from there.",
        Plant().with {
            $0.machines = [.following, .logging]
            $0.duration = .seconds(60)
        },
        [.restore(.edge), .kill(.edge, every: .seconds(25)), .link(messages { $0.answerLost = 0.1 })])

    static let edgeRestoredLate = PlantScenario(
        "edge-restored-late", "The same with hours between the backup and the need for it.",
        Plant().with {
            $0.machines = [.following, .logging]
            $0.duration = .seconds(25 * 3_600)
        },
        [
            .restore(.edge), .cut(after: .seconds(6 * 3_600), lasts: .seconds(3 * 3_600)),
            .powerLoss(.edge, every: .seconds(8 * 3_600)),
        ])

    // No answer of the hub's is lost here: what it posted and an edge never heard of is new to a new hub.
    static let hubLost = PlantScenario(
        "hub-lost", "The hub's disk is lost, and the edge has trimmed what it had forwarded; a person looks in Odoo.",
        Plant().with {
            $0.machines = [.pushing, .following]
            $0.person = .knows
            $0.duration = .seconds(60)
            $0.edgeRetention = Retention(events: .seconds(5), commands: .seconds(10), interval: .seconds(2))
        },
        [
            .diskLost(.hub, after: .seconds(30)), .link(messages { $0.requestLost = 0.1 }),
            .odooDown(every: .seconds(20), lasts: .seconds(6)), .kill(.edge, every: .seconds(20)),
        ])

    // Odoo is put back and asked at moments when no command is under way: one that is then may be in what it shows.
    static let odooRestored = PlantScenario(
        "odoo-restored", "Odoo is put back to a backup; a person lists what it forgot and has it posted again.",
        Plant().with {
            $0.facts = 20
            $0.duration = .seconds(90)
        },
        [
            .odooRestored, .kill(.hub, every: .seconds(25)), .link(messages { $0.answerLost = 0.1 }),
            .odoo(messages { $0.answerLost = 0.03 }),
        ])
}
