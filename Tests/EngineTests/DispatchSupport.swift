import Canonical
import Delivery
import Store

extension DispatchMachine {
    /// Hands in new deliveries as a runner does that finds them in its store; `store` is all that is pending there.
    mutating func offer(_ deliveries: [Delivery], in store: [Delivery]? = nil) {
        let rows = deliveries.map { WaitingDelivery(id: $0.id, share: $0.share, key: $0.key) }
        answer(notice(rows), from: store ?? deliveries)
    }

    /// Reads what the machine wants to know from `store`; of each key no more than there are bytes for: `most`.
    mutating func answer(_ readings: [KeyReading], from store: [Delivery], most: Int = .max) {
        for reading in readings {
            let found = store.filter { $0.key == reading.key && $0.id > reading.after }.sorted { $0.id < $1.id }
                .prefix(reading.limit)
            endReading(reading, Array(found.prefix(most)), isCut: most < found.count)
        }
    }

    /// Looks after what was left in the store, as far as there is room.
    mutating func catchUp(in store: [Delivery], step: Int = 500) {
        while let (share, after) = nextBehind() {
            let rows = store.filter { $0.share == share && $0.id > after }.sorted { $0.id < $1.id }.prefix(step)
                .map { WaitingDelivery(id: $0.id, share: $0.share, key: $0.key) }
            answer(notice(rows, of: share, isAll: rows.count < step), from: store)
        }
        while let reading = nextDrained() { answer([reading], from: store) }
    }
}
