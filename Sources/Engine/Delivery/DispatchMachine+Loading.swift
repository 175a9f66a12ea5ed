package import Canonical
package import Contracts
package import Store

/// What is to be read from the store: the oldest of what is pending for a key.
package struct KeyReading: Sendable {
    package let key: OrderingKey
    /// Those with higher ids alone.
    package let after: Int64
    package let limit: Int
    let number: Int
}

// What is taken into memory, and when.
extension DispatchMachine {
    /// How many deliveries of one key are read at a time, at most.
    package static let keyCapacity = 256
    /// How many are read at least where a key is read as a whole.
    private static let leastOfKey = 16

    /// Begins with what the store has: everyone in `shares` has something waiting there.
    package mutating func begin(_ shares: [DeliveryShare]) {
        for share in shares { window.leave(share, behind: 0) }
    }

    /// Looks at new deliveries, ascending, and answers which keys are to be read now.
    package mutating func notice(_ rows: [WaitingDelivery]) -> [KeyReading] {
        var look = Look()
        for row in rows {
            // Who has older ones in the store takes all of them from there, in its turn.
            if window.isBehind(row.share) {
                leaveInStore(row.key)
            } else if !take(row, &look) {
                window.leave(row.share, behind: row.id - 1)
                leaveInStore(row.key)
            }
        }
        return look.keys.map { beginReading($0.key, after: $0.after, limit: $0.rows + 1) }
    }

    /// The share that is to be looked for in the store, and behind which id; nil where there is no room for any.
    package mutating func nextBehind() -> (share: DeliveryShare, after: Int64)? { window.next() }

    /// Whether ``nextBehind()`` has one.
    package var hasRoomForMore: Bool { window.hasRoomForMore }

    /// Looks at what the store has of a share that was left behind, and answers which keys are to be read now. `isAll`:
    /// nothing is left there behind `rows`.
    package mutating func notice(_ rows: [WaitingDelivery], of share: DeliveryShare, isAll: Bool) -> [KeyReading] {
        var look = Look()
        var stopped: Int64?
        for row in rows where stopped == nil {
            if !take(row, &look) { stopped = row.id - 1 }
        }
        if let last = stopped ?? (isAll ? nil : rows.last?.id) {
            window.leave(share, behind: last)
        } else {
            window.caughtUp(share)
        }
        return look.keys.map { beginReading($0.key, after: $0.after, limit: $0.rows + 1) }
    }

    /// What was decided about the rows of one look.
    private struct Look {
        var keys: [(key: OrderingKey, after: Int64, rows: Int)] = []
        var places: [OrderingKey: Int] = [:]
        var planned: [DeliveryShare: Int] = [:]
    }

    /// Decides about one row; false where there is no room for it.
    private mutating func take(_ row: WaitingDelivery, _ look: inout Look) -> Bool {
        switch holds[row.key] {
        case .blocked, .partial: return true
        case .reading(let number, _):
            holds[row.key] = .reading(number, missed: true)
            return true
        case nil: break
        }
        if let queue = keys[row.key], queue.last >= row.id { return true }
        guard window.room(for: row.share) > look.planned[row.share, default: 0] else { return false }
        look.planned[row.share, default: 0] += 1
        if let place = look.places[row.key] {
            look.keys[place].rows += 1
        } else {
            look.places[row.key] = look.keys.count
            // Of a key that is not held, all: older ones may be among those that another share left in the store.
            look.keys.append((row.key, keys[row.key]?.last ?? 0, 1))
        }
        return true
    }

    /// A delivery of `key` is left in the store: newer ones must not overtake it.
    mutating func leaveInStore(_ key: OrderingKey) {
        switch holds[key] {
        case .blocked, .partial: break
        case .reading(let number, _): holds[key] = .reading(number, missed: true)
        case nil: if keys[key] != nil { holds[key] = .partial }
        }
    }

    // MARK: - Reading a key

    /// From here to ``endReading(_:_:)`` the pending deliveries of `key` are read from the store.
    package mutating func beginReading(_ key: OrderingKey, after: Int64 = 0, limit: Int? = nil) -> KeyReading {
        readings += 1
        holds[key] = .reading(readings, missed: false)
        return KeyReading(key: key, after: after, limit: limit ?? wholeLimit, number: readings)
    }

    /// How many of a key are read where nothing says whose they are.
    private var wholeLimit: Int { max(Self.leastOfKey, min(Self.keyCapacity, window.capacity - window.used)) }

    /// Takes in what was read. Void where the key was blocked or is read anew since. `isCut`: fewer were read than were
    /// asked for and are there.
    package mutating func endReading(_ reading: KeyReading, _ deliveries: [Delivery], isCut: Bool = false) {
        guard case .reading(reading.number, let missed) = holds[reading.key] else { return }
        let isAll = deliveries.count < reading.limit && !isCut
        // What is held behind the last one that was read would overtake those between.
        if !isAll { drop(reading.key, behind: deliveries.last?.id ?? reading.after) }
        for delivery in deliveries { insert(delivery) }
        holds[reading.key] = isAll && !missed ? nil : .partial
        if holds[reading.key] != nil, keys[reading.key] == nil { drained.append((reading.key, deliveries.last?.share)) }
    }

    /// A key that must be read anew, as what was held of it is done and more is in the store.
    package mutating func nextDrained() -> KeyReading? {
        while let (key, share) = drained.popLast() {
            guard case .partial = holds[key] else { continue }
            let room = share.map { window.room(for: $0) } ?? 0
            // At least one, and one more to see whether that is all.
            return beginReading(key, limit: min(Self.keyCapacity, max(2, room)))
        }
        return nil
    }
}
