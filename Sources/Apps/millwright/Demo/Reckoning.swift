import ExactJSON

/// Compares what the demo's machines made, by the players' own count, with what stands in Odoo and what waits for a person.
/// Never looks at a counter of the nodes under test.
struct Reckoning: Sendable, Equatable {
    /// Facts that are neither in Odoo nor waiting.
    var lost = 0
    /// Facts that are there more often than they happened.
    var duplicated = 0
    /// Orders whose sum differs, with what was played, what Odoo has and what waits.
    var differences: [String] = []

    /// Amounts by order (or by kind of fact).
    struct Account: Sendable {
        var played: [String: Int] = [:]
        var inOdoo: [String: Int] = [:]
        var waiting: [String: Int] = [:]
        /// How many facts each amount came in, to say how many of them are amiss.
        var facts: [String: [Int]] = [:]
    }

    /// Takes one account in: `kind` names it in the differences.
    mutating func add(_ kind: String, _ account: Account) {
        for key in Set(account.played.keys).union(account.inOdoo.keys).union(account.waiting.keys).sorted() {
            let played = account.played[key] ?? 0
            let inOdoo = account.inOdoo[key] ?? 0
            let waiting = account.waiting[key] ?? 0
            let difference = inOdoo + waiting - played
            guard difference != 0 else { continue }
            let count = Self.factCount(abs(difference), account.facts[key] ?? [])
            if difference < 0 { lost += count } else { duplicated += count }
            differences.append("\(kind) \(key): made \(played), in Odoo \(inOdoo), waiting \(waiting)")
        }
    }

    /// The fewest facts that make up `amount`; 1 where none fits.
    private static func factCount(_ amount: Int, _ facts: [Int]) -> Int {
        var remaining = amount
        var count = 0
        for fact in facts.sorted(by: >) where fact > 0 {
            while remaining >= fact {
                remaining -= fact
                count += 1
            }
        }
        return max(1, count)
    }
}
