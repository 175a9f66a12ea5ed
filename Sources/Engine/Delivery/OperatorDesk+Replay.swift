import Canonical
import Contracts
import ExactJSON
import Store
import World

// Events that a person puts through a flow again, a few at a time.
extension OperatorDesk {
    /// Makes the next step of a replay; how many events were looked at.
    func replay(_ request: OperatorRequest, _ order: ReplayOrder) async throws -> Int {
        guard let flow = replayable[order.flow] else {
            try await finish(request, "the settings have no flow \(order.flow) that makes commands")
            return 0
        }
        var progress = request.progress.flatMap(ReplayProgress.init(json:)) ?? ReplayProgress()
        let (lane, mark) = (progress.lane, progress.mark)
        let found = try await store.read {
            try flow.items(order, lane, after: mark, limit: Self.step(at: order.rate), $0)
        }
        guard let last = found.last else {
            guard let next = Lane.allCases.first(where: { $0 > lane }) else {
                try await finish(request, Self.words(progress))
                return 0
            }
            progress.lane = next
            progress.mark = 0
            let moved = progress
            try await store.write { try $0.setProgress(moved.json, ofRequest: request.id) }
            return 0
        }
        progress.mark = last
        progress.seen += found.seen
        progress.refused += found.items.count { $0.finding == .fails }
        try await carryOut(found.items.filter { $0.action != .nothing }, of: order, flow, request, progress)
        return found.seen
    }

    private static func words(_ progress: ReplayProgress) -> String {
        let seen = "\(progress.seen) events looked at, \(progress.done) commands sent, changed or taken back"
        return progress.refused == 0
            ? "ok: \(seen)" : "\(seen); \(progress.refused) could not be: their map fails or their key is busy"
    }

    private func carryOut(
        _ items: [ReplayItem], of order: ReplayOrder, _ flow: ReplayFlow, _ request: OperatorRequest,
        _ start: ReplayProgress
    ) async throws {
        let target = flow.target
        // What is loaded must not go as it was; what is under way is waited for.
        let touched = Set(items.filter { $0.old != nil }.flatMap { [$0.old?.key, $0.new?.key].compactMap { $0 } })
            .sorted { $0.rawValue < $1.rawValue }
        let result: Result<Void, any Error>
        do {
            var busy: Set<OrderingKey> = []
            for key in touched {
                // A target that lets one wait for so long would let the others wait as well: this is everybody's desk.
                guard busy.isEmpty else {
                    await gate.announce(target, key)
                    busy.insert(key)
                    continue
                }
                if try await !gate.hold(target, key) { busy.insert(key) }
            }
            let held = busy
            try await store.write(weight: items.count + 1) { transaction in
                // A person may have stopped it meanwhile.
                guard try transaction.requestResult(request.id) == nil else { return }
                var progress = start
                for item in items {
                    let isBusy = [item.old?.key, item.new?.key].contains { $0.map(held.contains) ?? false }
                    if isBusy {
                        progress.refused += 1
                    } else if try Self.apply(item, order, flow, request, transaction) {
                        progress.done += 1
                    }
                }
                for key in touched { try transaction.order(target, key) }
                try transaction.setProgress(progress.json, ofRequest: request.id)
            }
            result = .success(())
        } catch {
            result = .failure(error)
        }
        try await release(touched.map { (target, $0) })
        try result.get()
    }

    /// Does what is to be done about one event, where it still stands as it was found; false where it does not.
    private static func apply(
        _ item: ReplayItem, _ order: ReplayOrder, _ flow: ReplayFlow, _ request: OperatorRequest,
        _ transaction: StoreTransaction
    ) throws -> Bool {
        let standing = try transaction.standingDelivery(of: item.entry.number, flow: flow.flow, target: flow.target)
        guard standing?.1 == item.oldState else { return false }
        guard let old = standing?.0 else {
            guard let new = item.new else { return false }
            try transaction.insert(new)
            return true
        }
        switch (item.action, item.new) {
        case (.change, let new?): try transaction.replace(old.id, with: new)
        case (.takeBack, _): try transaction.takeBack(old.id)
        case (.send, let new?): try transaction.remap(old.id, with: new)
        case (.again, let new?):
            try transaction.repeatAnew(old.id, with: new, identity: "\(new.identity)#\(request.id)")
        default: return false
        }
        return true
    }
}
