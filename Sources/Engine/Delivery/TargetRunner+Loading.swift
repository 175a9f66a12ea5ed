import Canonical
import Contracts
import Store

// What is taken from the store into memory.
extension TargetRunner {
    /// Takes what is pending for `key` in anew.
    func release(_ key: OrderingKey) async throws {
        try await read([machine.beginReading(key)])
    }

    /// Rows that are looked at in one step, and steps before the slots are looked after again.
    private static let lookedAt = 500
    private static let steps = 4

    /// Takes in what came, and what was left in the store, as far as there is room. False where there is more to look
    /// at.
    func load() async throws -> Bool {
        let name = target.name
        var isThrough = false
        for _ in 0..<Self.steps where !isThrough {
            let after = noticedThrough
            let found = try await store.read { try $0.newDeliveries(name, after: after, limit: Self.lookedAt) }
            guard let found else {
                isThrough = true
                break
            }
            noticedThrough = found.through
            try await read(machine.notice(found.rows))
        }
        for _ in 0..<Self.steps {
            guard let (share, after) = machine.nextBehind() else { break }
            let rows = try await store.read {
                try $0.waitingDeliveries(name, of: share, after: after, limit: Self.lookedAt)
            }
            try await read(machine.notice(rows, of: share, isAll: rows.count < Self.lookedAt))
        }
        var drained: [KeyReading] = []
        while let reading = machine.nextDrained() { drained.append(reading) }
        try await read(drained)
        return isThrough && !machine.hasRoomForMore
    }

    private func read(_ readings: [KeyReading]) async throws {
        guard !readings.isEmpty else { return }
        let name = target.name
        let found = try await store.read { transaction in
            var bytes = Self.readBytes
            return try readings.map {
                try transaction.pendingDeliveries(
                    name, key: $0.key, after: $0.after, limit: $0.limit, bytes: &bytes)
            }
        }
        for (reading, read) in zip(readings, found) { machine.endReading(reading, read.found, isCut: read.isCut) }
        activity.ring()
    }

    /// Bytes of arguments at which one look into the store ends.
    private static let readBytes = 8 * 1_024 * 1_024

    /// Takes what else of its key can go with a command along, where the store has more than is held here. Gives the
    /// command's slot back where that fails.
    func widen(_ draft: inout CommandDraft) async throws {
        guard let reach = machine.reach(of: draft) else { return }
        let name = target.name
        do {
            let rows = try await store.read { transaction in
                var bytes = Self.readBytes
                return try transaction.pendingDeliveries(
                    name, key: reach.key, after: reach.after, limit: reach.limit, bytes: &bytes
                ).found
            }
            machine.widen(&draft, with: rows)
        } catch {
            giveSlot()
            throw error
        }
    }
}
