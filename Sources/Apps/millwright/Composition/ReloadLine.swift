import Canonical
import Console
import Store

/// Who wants the settings folder to be read again, and how far that is: a value that outlives the nodes which run one
/// after the other, so that no wish is lost between them.
///
/// One look is for all who waited for it. Who asks during a look waits for the next one: the folder may have changed
/// behind what was read. While settings are tried that somebody asked for, nobody looks for others.
struct ReloadLine: Sendable {
    /// One person's wish.
    struct Order: Sendable, Equatable {
        let number: Int
        let by: String
    }

    /// Settings that are to run for those who asked.
    private struct Trial {
        let orders: [Order]
        let digest: String
        let changes: [String]
        /// What is wrong with the folder and does not keep it from running.
        let warnings: [ReloadFault]
        /// Why they did not run after all.
        var refusal: ReloadFault?
        /// Whether they run at another socket, which nobody listens at yet.
        var isMoving = false
        /// What is to be told as soon as somebody does.
        var report: ReloadReport?
    }

    /// Wishes under way at one time.
    static let maximumOrders = 16
    /// Ends that are remembered, for those who ask for them.
    static let maximumTold = 64

    private var waiting: [Order] = []
    private var looking: [Order] = []
    private var trial: Trial?
    private var told: [(number: Int, outcome: ReloadOutcome)] = []
    private var last = 0
    private var isClosed = false

    private var underWay: [Order] { waiting + looking + (trial?.orders ?? []) }

    // MARK: - Who asks

    /// Leaves a wish; its number, or nil where as many wait as may or the node stops.
    mutating func ask(by person: String) -> Int? {
        guard !isClosed, underWay.count < Self.maximumOrders else { return nil }
        last += 1
        waiting.append(Order(number: last, by: person))
        return last
    }

    /// How it stands with a wish.
    func standing(of number: Int) -> SettingsReloader.Standing {
        if let end = told.last(where: { $0.number == number }) { return .told(end.outcome) }
        return !isClosed && underWay.contains { $0.number == number } ? .open : .gone
    }

    /// Nobody looks any more.
    mutating func close() { isClosed = true }

    // MARK: - Who looks

    /// Takes all who wait for the look that begins now; whether there is anybody.
    mutating func take() -> Bool {
        guard trial == nil else { return false }
        looking += waiting
        waiting = []
        return !looking.isEmpty
    }

    /// For whom the look is.
    var people: [String] { Self.people(looking) }

    /// The look is over, and nothing else runs for it.
    mutating func settle(_ outcome: ReloadOutcome) {
        for order in looking { tell(order, outcome) }
        looking = []
    }

    /// The look found settings that are to run.
    mutating func attempt(_ digest: String, changes: [String], warnings: [ReloadFault]) {
        guard !looking.isEmpty else { return }
        trial = Trial(orders: looking, digest: digest, changes: changes, warnings: warnings)
        looking = []
    }

    // MARK: - Who runs settings

    /// These settings turned out not to run: others do so in their place.
    mutating func refuse(_ digest: String, _ fault: ReloadFault) {
        if trial?.digest == digest { trial?.refusal = fault }
    }

    /// The socket goes before these settings run: who waits at it is told now.
    mutating func move() {
        trial?.isMoving = true
        for order in trial?.orders ?? [] { tell(order, .moving) }
    }

    /// Somebody listens at the other socket: from now on these settings run.
    mutating func arrive() {
        trial?.isMoving = false
        guard let trial, let report = trial.report, trial.refusal == nil else { return }
        end(trial, report)
    }

    /// A node is made of the settings `digest`: what it is to write down when it begins. Nil where nobody asked for
    /// them; who waits for others then waits for the next look.
    mutating func resume(_ digest: String) -> SettingsReload? {
        waiting = looking + waiting
        looking = []
        guard let trial else { return nil }
        if let refusal = trial.refusal {
            return SettingsReload(.refused, by: Self.people(trial.orders), reason: refusal.message)
        }
        if trial.digest == digest { return SettingsReload(.running, by: Self.people(trial.orders)) }
        waiting = trial.orders + waiting
        self.trial = nil
        return nil
    }

    /// A node began to run the settings `digest`, and has written down what ``resume(_:)`` said.
    mutating func began(_ digest: String, version: Int64?, at time: Instant) {
        guard let trial, trial.refusal != nil || trial.digest == digest else { return }
        let report =
            if let refusal = trial.refusal {
                ReloadReport(.refused, version: version, digest: digest, faults: [refusal], time: time)
            } else {
                ReloadReport(
                    .running, version: version, digest: digest, changes: trial.changes, faults: trial.warnings,
                    time: time)
            }
        // An address that is taken shows only when it is listened at.
        guard trial.isMoving, trial.refusal == nil else { return end(trial, report) }
        self.trial?.report = report
    }

    private mutating func end(_ trial: Trial, _ report: ReloadReport) {
        for order in trial.orders { tell(order, .settled(report)) }
        self.trial = nil
    }

    private mutating func tell(_ order: Order, _ outcome: ReloadOutcome) {
        told.removeAll { $0.number == order.number }
        told.append((order.number, outcome))
        if told.count > Self.maximumTold { told.removeFirst(told.count - Self.maximumTold) }
    }

    /// Each once, in the order in which they asked.
    private static func people(_ orders: [Order]) -> [String] {
        orders.map(\.by).reduce(into: []) { people, person in
            if !people.contains(person) { people.append(person) }
        }
    }
}
