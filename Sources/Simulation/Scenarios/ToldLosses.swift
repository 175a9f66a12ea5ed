import Canonical
import Contracts
import Intake
import Store
import Synchronization

/// What the nodes' exceptions say is lost: the words that a person reads, and nothing else.
final class ToldLosses: Sendable, CustomStringConvertible {
    /// A range of rows of one side, or of some that cannot be told (nil).
    private struct Loss: Hashable {
        let side: Side
        /// `events of lane critical`, `delivery rows`.
        let what: String
        let rows: ClosedRange<Int64>?
    }

    private let told = Mutex<Set<Loss>>([])

    /// Takes in the exceptions that a store made of its own damage, and a hub of what its edge has trimmed.
    func note(_ side: Side, _ exceptions: [ExceptionRecord]) {
        for exception in exceptions {
            if exception.failure.kind.code == IntakeFailures.missing.code {
                noteTrimmed(side, exception.failure.message)
                continue
            }
            guard exception.source == "store" else { continue }
            if exception.failure.kind.code == StoreFailures.lostCommits.code {
                insert(Loss(side: side, what: Self.commits, rows: nil))
            } else if exception.failure.message.hasPrefix(Self.prefix) {
                insert(Self.read(exception.failure.message.dropFirst(Self.prefix.count), side))
            }
        }
    }

    /// `events 1…30 of lane normal of edge are …`
    private func noteTrimmed(_ side: Side, _ words: String) {
        let parts = words.split(separator: " ")
        guard parts.count > 4, let lane = Lane(name: String(parts[4])) else { return }
        let ends = parts[1].split(separator: "…").compactMap { Int64($0) }
        guard ends.count == 2, ends[0] <= ends[1] else { return }
        insert(Loss(side: side, what: Self.trimmed(lane), rows: ends[0]...ends[1]))
    }

    /// What a hub says of the events that its edge has trimmed.
    static func trimmed(_ lane: Lane) -> String { "trimmed events of lane \(lane.name)" }

    private func insert(_ loss: Loss) { told.withLock { _ = $0.insert(loss) } }

    private static let prefix = "lost: "
    private static let commits = "commits"
    private static let untold = " (which ones cannot be told)"

    /// `delivery rows 5…9`, `delivery rows from 5 on`, `position rows (which ones cannot be told)`.
    private static func read(_ words: Substring, _ side: Side) -> Loss {
        if words.hasSuffix(untold) {
            return Loss(side: side, what: String(words.dropLast(untold.count)), rows: nil)
        }
        var parts = words.split(separator: " ")
        if parts.last == "on" {
            parts.removeLast()
            let first = parts.popLast().flatMap { Int64($0) }
            if parts.last == "from" { parts.removeLast() }
            return Loss(side: side, what: parts.joined(separator: " "), rows: first.map { $0...(.max) })
        }
        let ends = (parts.popLast() ?? "").split(separator: "…").compactMap { Int64($0) }
        let rows = ends.count == 2 && ends[0] <= ends[1] ? ends[0]...ends[1] : nil
        return Loss(side: side, what: parts.joined(separator: " "), rows: rows)
    }

    /// How many rows of `what` are lost at most, by what was said; nil where it was said that this cannot be told.
    func count(_ side: Side, _ what: String) -> Int? {
        told.withLock { told in
            var sum = 0
            for loss in told where loss.side == side && [what, Self.commits, "all rows"].contains(loss.what) {
                guard let rows = loss.rows, rows.upperBound < .max else { return nil }
                sum += rows.count
            }
            return sum
        }
    }

    /// All of it, in short.
    var description: String {
        told.withLock { $0.map { "\($0.side.rawValue) \($0.what) \($0.rows.map { "\($0)" } ?? "?")" } }.sorted()
            .joined(separator: ", ")
    }

    /// Whether rows of `what` between these, which are there, were said to be lost.
    func isTold(_ side: Side, _ what: String, between before: Int64, and after: Int64) -> Bool {
        told.withLock { told in
            told.contains { loss in
                guard loss.side == side, [what, Self.commits, "all rows"].contains(loss.what) else { return false }
                guard let rows = loss.rows, before + 1 < after else { return true }
                return rows.overlaps((before + 1)...(after - 1))
            }
        }
    }
}
