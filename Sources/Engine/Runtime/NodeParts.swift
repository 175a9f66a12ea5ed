package import Canonical
package import Contracts
package import Delivery
package import Intake
package import Routing
package import Store
package import Telemetry

/// What a node is put together from: made from its settings in a plant, by hand in a simulation.
package struct NodeParts: Sendable {
    /// A target that takes commands, and the flows that lead to it.
    package struct TargetPart: Sendable {
        package let target: any Target
        package let plan: RoutingPlan
        package let policies: [FlowName: FlowPolicy]
        package let concurrency: Int
        package let breaker: CircuitBreaker
        /// How questions to it are answered; nil where none are.
        package let answers: AnswerSettings?
        /// How many commands are begun at most.
        package var rate: CommandRate?

        package init(
            target: any Target, plan: RoutingPlan, policies: [FlowName: FlowPolicy], concurrency: Int,
            breaker: CircuitBreaker = CircuitBreaker(), answers: AnswerSettings? = nil
        ) {
            self.target = target
            self.plan = plan
            self.policies = policies
            self.concurrency = concurrency
            self.breaker = breaker
            self.answers = answers
        }
    }

    package var store: StoreSettings
    package var retention: Retention
    package var intake: IntakeSettings
    package var sources: [any Source]
    package var targets: [TargetPart]
    package var streams: [any StreamTarget]
    /// Targets that, when they are new, take what is in the journal already; streams do so anyway.
    package var fromBeginning: Set<TargetName> = []
    /// Streams that, when they are new, take only what is stored from then on.
    package var fromNow: Set<TargetName> = []
    /// When nothing is sent to a target.
    package var quiet: [TargetName: QuietHours] = [:]
    /// What sources hand their batches to, in place of the intake itself: for experiments in a simulation.
    package var sourceIntake: (@Sendable (any Intake) -> any Intake)?
    /// The files that all of this was made of, to be kept; nil where there are none.
    package var settings: SettingsImage?
    /// Gives events their traces, and records what becomes of them.
    package var tracer = Tracer(node: "")
    /// How often the node looks for requests of operators.
    package var deskInterval = Duration.milliseconds(500)

    package init(
        store: StoreSettings, retention: Retention = Retention(), intake: IntakeSettings, sources: [any Source] = [],
        targets: [TargetPart] = [], streams: [any StreamTarget] = [],
        sourceIntake: (@Sendable (any Intake) -> any Intake)? = nil
    ) {
        self.store = store
        self.retention = retention
        self.intake = intake
        self.sources = sources
        self.targets = targets
        self.streams = streams
        self.sourceIntake = sourceIntake
    }
}
