import Canonical
import ExactJSON

/// What was counted of late, in steps of a twentieth of the window.
struct RateState: SignalState, Hashable {
    static let family = "rate"
    /// Steps of a window.
    static let steps: Int64 = 20

    /// The step in which counting began; nil while nothing is known.
    private(set) var begun: Int64?
    /// The last step at whose end the rate was told.
    private(set) var told: Int64 = 0
    private(set) var counts: [Int64: ExactNumber] = [:]
    /// When the next step is told by the node's clock.
    var due: Instant?

    init() {}

    init?(json: JSON) {
        guard let told = json["told"]?.int, let counts = json["counts"]?.object else { return nil }
        self.told = Int64(told)
        begun = json["begun"]?.int.map(Int64.init)
        due = json["due"]?.int.map { Instant(microseconds: Int64($0)) }
        for (step, value) in counts {
            guard let step = Int64(step), let number = value.number else { return nil }
            self.counts[step] = number
        }
    }

    var json: JSON {
        var table: JSONObject = [:]
        for step in counts.keys.sorted() { table[String(step)] = counts[step].map { .number($0) } }
        var members: JSONObject = ["told": .int(Int(told)), "counts": .object(table)]
        members["begun"] = begun.map { .int(Int($0)) }
        members["due"] = due.map { .int(Int($0.microseconds)) }
        return .object(members)
    }

    /// Nothing was counted for a whole window, and that was told: no step will say anything else.
    var isAtRest: Bool { begun.map { counts.isEmpty && told >= $0 + Self.steps } ?? true }

    /// Counting is known from the step `step` on.
    mutating func begin(in step: Int64) {
        guard begun == nil else { return }
        (begun, told) = (step, step)
    }

    /// Nothing is known for now.
    mutating func interrupt() {
        (begun, due) = (nil, nil)
        counts = [:]
    }

    /// Adds what was counted in `step`. What is older than the window says nothing any more.
    mutating func add(_ amount: ExactNumber, in step: Int64) throws(ExactNumberError) {
        guard let begun, step >= begun, step > told - Self.steps + 1 else { return }
        counts[step] = try ExactNumber.adding(counts[step] ?? ExactNumber(0), amount)
    }

    /// The steps before `step` are over: what was counted in the window that ends with each of them, where that is
    /// known for the whole of it.
    mutating func pass(to step: Int64) throws(ExactNumberError) -> [(step: Int64, sum: ExactNumber)] {
        guard let begun else { return [] }
        var sums: [(step: Int64, sum: ExactNumber)] = []
        while told < step - 1 {
            if isAtRest {
                // Steps without a count tell the same over and over.
                told = step - 1
                break
            }
            told += 1
            counts = counts.filter { $0.key > told - Self.steps }
            // The step in which counting began is not whole.
            guard told - Self.steps >= begun else { continue }
            var sum = ExactNumber(0)
            for (counted, amount) in counts where counted <= told { sum = try ExactNumber.adding(sum, amount) }
            sums.append((told, sum))
        }
        return sums
    }
}
