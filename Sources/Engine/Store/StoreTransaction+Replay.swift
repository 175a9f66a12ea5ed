package import Canonical
package import Contracts
import ExactJSON
import GRDB

// What a replay looks at, and changes.
extension StoreTransaction {
    /// The number of the last event of a lane that was stored before `instant`; 0 where there is none.
    package func lastNumber(_ lane: Lane, before instant: Instant) throws -> Int64 {
        let (base, top) = JournalNumber.span(of: lane)
        // Within a lane events are stored in the order of their numbers; a clock that was set back is forgiven.
        let probe = try statement("SELECT seq, recorded FROM event WHERE seq >= ? AND seq < ? ORDER BY seq LIMIT 1")
        let last = try Int64.fetchOne(
            statement("SELECT max(seq) FROM event WHERE seq > ? AND seq < ?"), arguments: [base, top])
        guard let last else { return 0 }
        var (low, high) = (base, last)
        while low < high {
            let middle = low + (high - low + 1) / 2
            guard let row = try Row.fetchOne(probe, arguments: [middle, top]), (row[1] as Int64) < instant.microseconds
            else {
                high = middle - 1
                continue
            }
            low = max(middle, row[0])
        }
        return low - base
    }

    /// The delivery that a flow made of an event with its state, or nil.
    package func standingDelivery(
        of event: JournalNumber, flow: FlowName, target: TargetName
    ) throws -> (Delivery, DeliveryState)? {
        guard let delivery = try delivery(of: event, flow: flow, target: target) else { return nil }
        let state = try Int.fetchOne(statement("SELECT state FROM delivery WHERE id = ?"), arguments: [delivery.id])
        return (delivery, state.flatMap { DeliveryState(rawValue: $0) } ?? .pending)
    }

    /// Gives a delivery that waits what a changed map made of its event; it keeps its place. ``order(_:_:)`` must
    /// follow for its key.
    package func replace(_ id: Int64, with mapped: Delivery) throws {
        try statement(
            """
            UPDATE delivery SET key = ?, lane = ?, conflicts = ?, operation = ?, arguments = ?, state = 0, settings = ?,
            shadow = ? WHERE id = ? AND state IN (0, 2)
            """
        ).execute(arguments: [
            mapped.key.rawValue, mapped.lane.rawValue, JSON.array(mapped.conflicts.map { .string($0) }).description,
            mapped.operation, mapped.arguments.description, mapped.settings, mapped.isShadow, id,
        ])
    }

    /// Takes a delivery that waits back, as if its flow had never made it: a later replay may make it again.
    package func takeBack(_ id: Int64) throws {
        try statement("DELETE FROM delivery WHERE id = ? AND state IN (0, 2)").execute(arguments: [id])
    }

    /// Puts a delivery that is done back on its way as another effect: under `identity`, which must be new.
    /// ``order(_:_:)`` must follow for its key.
    package func repeatAnew(_ id: Int64, with mapped: Delivery, identity: String) throws {
        try remap(id, with: mapped)
        try statement("UPDATE delivery SET identity = ? WHERE id = ?").execute(arguments: [identity, id])
    }
}
