package import Canonical
package import Contracts
import GRDB

/// Who shares a target's time with others: what one flow makes of the events of one asset, in one lane.
package struct DeliveryShare: Sendable, Hashable {
    package let lane: Lane
    package let flow: FlowName
    /// The source of the events: `/{plant}/{asset}`.
    package let origin: String

    package init(lane: Lane, flow: FlowName, origin: String) {
        self.lane = lane
        self.flow = flow
        self.origin = origin
    }
}

extension Delivery {
    /// Whose it is.
    package var share: DeliveryShare { DeliveryShare(lane: lane, flow: flow, origin: origin) }
}

/// A pending delivery, seen from far: enough to know whether there is room for it in memory.
package struct WaitingDelivery: Sendable, Hashable {
    package let id: Int64
    package let share: DeliveryShare
    package let key: OrderingKey

    package init(id: Int64, share: DeliveryShare, key: OrderingKey) {
        self.id = id
        self.share = share
        self.key = key
    }
}

extension StoreTransaction {
    /// The highest id that a delivery ever had; 0 where there never was one.
    package func lastDeliveryID() throws -> Int64 {
        try Int64.fetchOne(statement("SELECT seq FROM sqlite_sequence WHERE name = 'delivery'")) ?? 0
    }

    /// Looks at the deliveries behind `id`, `limit` of them at most, and returns those that are pending for `target`,
    /// in order, and how far it looked; nil where there are none.
    package func newDeliveries(_ target: TargetName, after id: Int64, limit: Int) throws
        -> (rows: [WaitingDelivery], through: Int64)?
    {
        let rows = try Row.fetchAll(
            statement(
                "SELECT id, lane, flow, origin, key, target, state FROM delivery WHERE id > ? ORDER BY id LIMIT ?"),
            arguments: [id, limit])
        guard let last = rows.last else { return nil }
        let pending = rows.filter { $0[6] == DeliveryState.pending.rawValue && $0[5] == target.rawValue }
        return (pending.map(waiting), last[0])
    }

    /// The pending deliveries of one share behind `id`, in order.
    package func waitingDeliveries(_ target: TargetName, of share: DeliveryShare, after id: Int64, limit: Int) throws
        -> [WaitingDelivery]
    {
        try Row.fetchAll(
            statement(
                """
                SELECT id, lane, flow, origin, key FROM delivery INDEXED BY delivery_share
                WHERE target = ? AND state = 0 AND lane = ? AND flow = ? AND origin = ? AND id > ? ORDER BY id LIMIT ?
                """),
            arguments: [target.rawValue, share.lane.rawValue, share.flow.rawValue, share.origin, id, limit]
        ).map(waiting)
    }

    private func waiting(_ row: Row) -> WaitingDelivery {
        WaitingDelivery(
            id: row[0],
            share: DeliveryShare(lane: Lane(rawValue: row[1]) ?? .normal, flow: FlowName(row[2]), origin: row[3]),
            key: OrderingKey(row[4]))
    }

    /// Everyone who has deliveries waiting for a target. Costs a search for each of them, however much they have
    /// waiting.
    package func waitingShares(_ target: TargetName) throws -> [DeliveryShare] {
        var shares: [DeliveryShare] = []
        while let next = try shareBehind(shares.last, target) { shares.append(next) }
        return shares
    }

    /// The next share in the order of the index. Three searches with one range each: a comparison of rows would pass
    /// over all deliveries of the share before.
    private func shareBehind(_ share: DeliveryShare?, _ target: TargetName) throws -> DeliveryShare? {
        let (lane, flow, origin) = (share?.lane.rawValue ?? -1, share?.flow.rawValue ?? "", share?.origin ?? "")
        let searches: [(String, StatementArguments)] = [
            ("lane = ? AND flow = ? AND origin > ?", [target.rawValue, lane, flow, origin]),
            ("lane = ? AND flow > ?", [target.rawValue, lane, flow]), ("lane > ?", [target.rawValue, lane]),
        ]
        for (range, arguments) in searches {
            let row = try Row.fetchOne(
                statement(
                    """
                    SELECT lane, flow, origin FROM delivery INDEXED BY delivery_share
                    WHERE target = ? AND state = 0 AND \(range) ORDER BY lane, flow, origin LIMIT 1
                    """), arguments: arguments)
            guard let row else { continue }
            return DeliveryShare(lane: Lane(rawValue: row[0]) ?? .normal, flow: FlowName(row[1]), origin: row[2])
        }
        return nil
    }
}
