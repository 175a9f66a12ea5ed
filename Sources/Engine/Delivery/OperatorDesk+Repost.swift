package import Canonical
package import Contracts
import ExactJSON
package import Store
import World

// What a target that was set back forgot, posted again.
extension OperatorDesk {
    /// Puts the commands of a repost back into their keys' order: all of them, or none.
    func postAgain(_ request: OperatorRequest) async throws {
        guard let order = request.repost else {
            let now = world.clock.now()
            return try await store.write { try $0.finishRequest(request.id, result: "it cannot be read", now: now) }
        }
        let keys = try await store.read { transaction in
            Set(try order.commands.flatMap { try transaction.deliveries(ofCommand: $0).map(\.key) })
        }.sorted { $0.rawValue < $1.rawValue }
        let result: Result<Void, any Error>
        do {
            // What is under way has looked at the ledger as it is, and would write it back.
            var isHeld = true
            for key in keys where isHeld { isHeld = try await gate.hold(order.target, key) }
            for _ in 0..<Self.looks where try await store.read({ try $0.isUnderWay(order) }) {
                try await world.clock.sleep(for: Self.pause)
            }
            result = .success(try await decide(request, order, isHeld: isHeld))
        } catch {
            result = .failure(error)
        }
        try await release(keys.map { (order.target, $0) })
        try result.get()
    }

    private func decide(_ request: OperatorRequest, _ order: RepostOrder, isHeld: Bool) async throws {
        let now = world.clock.now()
        let takingBack = takingBack
        try await store.write(weight: order.commands.count) { transaction in
            let result = isHeld ? try Self.postAgain(order, transaction, takingBack) : Self.isBusy
            try transaction.audit(
                "reconcile.post", actor: request.by,
                detail: [
                    "target": .string(order.target.rawValue), "list": .string(order.list),
                    "commands": .array(order.commands.map { .int(Int($0)) }), "result": .string(result),
                    "note": request.note.map { .string($0) } ?? .null,
                ],
                now: now)
            try transaction.finishRequest(request.id, result: result, now: now)
        }
    }

    /// How often it looks whether what is under way since before a restart is settled.
    private static let looks = 100
    private static let pause = Duration.milliseconds(50)
    private static let isBusy =
        "a command of the same order is under way and the target does not answer; post again when it does"

    private static func postAgain(
        _ order: RepostOrder, _ transaction: StoreTransaction,
        _ takingBack: (TargetName, JSON, LedgerEntry) -> LedgerEntry?
    ) throws -> String {
        guard try transaction.epoch() == order.epoch else {
            return "the list was made of another state of this store; list anew"
        }
        let done = try transaction.done(order.commands, order.target)
        guard !done.isEmpty else { return "ok: posted again before" }
        guard done.count == order.commands.count else {
            return "only \(done.count) of \(order.commands.count) commands are as they were listed; list anew"
        }
        guard try !transaction.isUnderWay(order) else { return isBusy }
        var lines: [LedgerEntry] = []
        for (line, entry) in zip(order.lines, try transaction.ledger(order.target, order.lines.map(\.key))) {
            guard let taken = takingBack(order.target, line.value, entry) else {
                return "\(line.key.text) was changed since it was listed; list anew"
            }
            lines.append(taken)
        }
        try transaction.replaceLedger(order.target, lines)
        var keys: Set<OrderingKey> = []
        for command in order.commands {
            keys.formUnion(try transaction.deliveries(ofCommand: command).map(\.key))
            try transaction.repeatDeliveries(ofCommand: command)
        }
        for key in keys.sorted(by: { $0.rawValue < $1.rawValue }) { try transaction.order(order.target, key) }
        return "ok: \(order.commands.count) posted again in their keys' order"
    }
}
