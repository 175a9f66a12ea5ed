/// Counts what matching costs, and ends it at a bound.
protocol RegexMeter: AnyObject {
    /// Counts one step, which stands for eight of the matcher.
    func step() throws(Fault)
    /// Counts the steps of going through `count` elements.
    func work(_ count: Int) throws(Fault)
    /// Ways back that a match may keep.
    var mostTries: Int { get }
}

extension Machine: RegexMeter {
    var mostTries: Int { limits.memory >> 5 }
}

/// The meter of a match outside of a program's run.
final class RegexBudget: RegexMeter {
    private(set) var left: Int
    let mostTries = 100_000

    init(steps: Int) { left = steps }

    func step() throws(Fault) {
        left -= 1
        if left < 0 { throw .limit(.steps) }
    }

    func work(_ count: Int) throws(Fault) {
        left -= count >> 4
        if left < 0 { throw .limit(.steps) }
    }
}
