import Canonical
package import SimulatedWorld

/// What a simulated plant goes through: how much it makes, what fails how often, and for how long.
package struct PlantScenario: Sendable {
    package let name: String
    package let summary: String
    /// Facts that each machine makes.
    package var facts = 30
    /// Orders that the facts are about.
    package var orders = 4
    /// Faults of the network between edge and hub.
    package var link = SimulatedNetwork.Faults()
    /// Faults between hub and Odoo. A doubled request is none of TCP's, so it stays 0.
    package var odoo = SimulatedNetwork.Faults()
    /// Mean time between two kills of the edge and of the hub; nil for none.
    package var killEvery: Duration?
    /// How long the hub cannot be reached, once.
    package var outage: Duration?

    package init(name: String, summary: String) {
        self.name = name
        self.summary = summary
    }

    /// The scenarios by name.
    package static let all: [PlantScenario] = [calm, lossy, forgetful, crashing, outage, storm]

    private static let calm = PlantScenario(name: "calm", summary: "Nothing fails.")

    private static let lossy: PlantScenario = {
        var scenario = PlantScenario(
            name: "lossy-link", summary: "The link between edge and hub loses and doubles messages.")
        scenario.link.requestLost = 0.15
        scenario.link.answerLost = 0.15
        scenario.link.doubled = 0.15
        return scenario
    }()

    private static let forgetful: PlantScenario = {
        var scenario = PlantScenario(name: "odoo-no-answer", summary: "Odoo commits and its answer is lost.")
        scenario.odoo.answerLost = 0.12
        scenario.odoo.requestLost = 0.05
        return scenario
    }()

    private static let crashing: PlantScenario = {
        var scenario = PlantScenario(name: "crashes", summary: "Edge and hub are killed again and again.")
        scenario.killEvery = .seconds(2)
        return scenario
    }()

    private static let outage: PlantScenario = {
        var scenario = PlantScenario(name: "outage", summary: "The hub cannot be reached for two hours.")
        scenario.outage = .seconds(2 * 3_600)
        return scenario
    }()

    private static let storm: PlantScenario = {
        var scenario = PlantScenario(name: "storm", summary: "Everything fails at once.")
        scenario.link.requestLost = 0.1
        scenario.link.answerLost = 0.1
        scenario.link.doubled = 0.1
        scenario.odoo.answerLost = 0.08
        scenario.odoo.requestLost = 0.05
        scenario.killEvery = .seconds(3)
        return scenario
    }()
}

/// A bug that is put in on purpose, to see that the simulation finds it.
package enum PlantedBug: String, Sendable, CaseIterable {
    /// Sources hear "stored" before the commit.
    case acknowledgeBeforeCommit = "acknowledge-before-commit"
}
