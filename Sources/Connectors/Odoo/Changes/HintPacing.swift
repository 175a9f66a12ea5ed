/// When Odoo is looked at, given hints that something changed there.
///
/// A hint says nothing for sure: it may come before the commit, for what is rolled back, twice, or never. So it only
/// brings looks forward: one soon, and two more for what was not committed yet. Without hints a look comes each `every`
/// all the same, and however many hints come, two looks are ``shortest`` apart.
struct HintPacing: Sendable, Hashable {
    /// How long after a hint Odoo is looked at, and again.
    static let delays: [Duration] = [.milliseconds(500), .seconds(2), .seconds(8)]
    /// How far two looks are apart at least.
    static let shortest: Duration = .milliseconds(500)

    /// The first hint that no look began after.
    private var unanswered: Duration?
    private var newest: Duration?
    private var looked: Duration

    /// `now`, here and below: the clock's uptime.
    init(now: Duration) { looked = now }

    mutating func hint(at now: Duration) {
        if unanswered == nil { unanswered = now }
        newest = now
    }

    /// A look begins: what is hinted at from now on is not in it.
    mutating func look(at now: Duration) {
        unanswered = nil
        looked = now
    }

    /// When the next look begins; `idle` is when it does without hints.
    func due(idle: Duration) -> Duration {
        let first = unanswered.map { $0 + Self.delays[0] }
        let again = newest.flatMap { newest in Self.delays.map { newest + $0 }.first { $0 > looked } }
        guard let hinted = [first, again].compactMap(\.self).min() else { return idle }
        return min(idle, max(hinted, looked + Self.shortest))
    }
}
