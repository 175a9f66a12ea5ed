import Canonical
import ExactJSON

/// Goes through a model's records in the order in which they were written, part by part, and leaves none out however
/// many there are. Pure.
///
/// Odoo shows `write_date` in whole seconds and sorts by what it keeps, which is finer. So a full part ends where its
/// last second begins, and that second is gone through by id. What is written meanwhile moves on, and is met there or
/// by the next walk, which begins before the end of this one.
struct ChangeWalk: Sendable {
    private enum Place {
        /// Everything of this second and of later ones.
        case from(String)
        /// What is left of this second.
        case within(Instant, after: Int)
        case end
    }

    /// A record, and the second in which it was written last, as Odoo shows it.
    struct Row: Sendable, Hashable {
        let id: Int
        let stamp: String
    }

    /// Records of one part at most.
    let limit: Int
    private var place: Place

    init(from stamp: String, limit: Int) {
        self.limit = max(1, limit)
        place = .from(stamp)
    }

    /// What to ask for next, at most ``limit`` records of it; nil at the end.
    var next: (domain: [JSON], order: String)? {
        switch place {
        case .from(let stamp): return ([["write_date", ">=", .string(stamp)]], "write_date, id")
        case .within(let second, let id):
            return (
                [
                    ["write_date", ">=", .string(second.odooText)],
                    ["write_date", "<", .string((second + .seconds(1)).odooText)], ["id", ">", .int(id)],
                ], "id"
            )
        case .end: return nil
        }
    }

    /// Takes the answer to ``next``; answers with the ids that are met now.
    mutating func take(_ rows: [Row]) -> [Int] {
        let isFull = rows.count >= limit
        switch place {
        case .from:
            guard isFull, let last = rows.last?.stamp, let second = Instant(text: last + "Z") else {
                place = .end
                return rows.map(\.id)
            }
            place = .within(second, after: 0)
            return rows.filter { $0.stamp < last }.map(\.id)
        case .within(let second, _):
            place = isFull ? .within(second, after: rows.last?.id ?? 0) : .from((second + .seconds(1)).odooText)
            return rows.map(\.id)
        case .end: return []
        }
    }
}
