package import Canonical
package import Contracts
package import Store

/// What becomes of one event when it is put through a flow again. Pure.
package struct ReplayItem: Sendable {
    /// What the flow makes of the event now, beside what it made of it then.
    package enum Finding: String, Sendable, CaseIterable {
        case same, new, changed, dropped, fails
    }

    /// What is done about it.
    package enum Action: String, Sendable, CaseIterable {
        /// A command that there was not.
        case send
        /// What waits is changed where it stands.
        case change
        /// What waits is taken back.
        case takeBack = "take back"
        /// What was carried out is carried out once more.
        case again = "send again"
        case nothing
    }

    package let entry: JournalEntry
    package let old: Delivery?
    package let oldState: DeliveryState?
    package let new: Delivery?
    package let failure: Failure?
    package let finding: Finding
    package let action: Action
    /// Why nothing is done, where one could wonder.
    package let reason: String?

    /// `old`: the delivery that there is. `result`: what the flow makes of the event now; nil for nothing. `forgotten`:
    /// see ``StoreTransaction/deliveriesForgotten()``.
    package init?(
        _ entry: JournalEntry, old: (Delivery, DeliveryState)?, result: RoutedEvent?, again: ReplayOrder.Again,
        forgotten: Instant?
    ) {
        self.entry = entry
        self.old = old?.0
        oldState = old?.1
        switch result {
        case .delivery(let delivery):
            (new, failure) = (delivery, nil)
            finding = old.map { Self.isEqual($0.0, delivery) ? .same : .changed } ?? .new
        case .failed(let found):
            (new, failure) = (nil, found)
            finding = .fails
        case nil:
            guard old != nil else { return nil }
            (new, failure) = (nil, nil)
            finding = .dropped
        }
        let isForgotten = old == nil && forgotten.map { entry.recorded <= $0 } ?? false
        if isForgotten, finding == .new, again != .all {
            (action, reason) = (.nothing, "whether it was sent is not kept any more; only --again all sends it")
        } else {
            (action, reason) = Self.action(finding, old?.0, old?.1, again)
        }
    }

    private static func isEqual(_ a: Delivery, _ b: Delivery) -> Bool {
        (a.operation, a.arguments, a.key) == (b.operation, b.arguments, b.key) && a.conflicts == b.conflicts
    }

    private static func action(
        _ finding: Finding, _ old: Delivery?, _ state: DeliveryState?, _ again: ReplayOrder.Again
    ) -> (Action, String?) {
        guard let state else { return finding == .fails ? (.nothing, nil) : (.send, nil) }
        guard finding != .fails else { return (.nothing, nil) }
        switch state {
        case .pending, .blocked:
            if finding == .same { return (.nothing, nil) }
            if old?.isEdited == true { return (.nothing, "it was written by hand") }
            // It may have been carried out already: only the very same command can be known again.
            if old?.isResubmitted == true { return (.nothing, "a person sent it again as it is") }
            return (finding == .dropped ? .takeBack : .change, nil)
        case .taken: return (.nothing, finding == .same ? nil : "it is under way")
        case .rejected: return (.nothing, "it waits for a person as an exception")
        case .discarded: return (.nothing, "a person discarded it")
        case .shadowed: return finding == .dropped ? (.nothing, nil) : (.send, nil)
        case .accepted:
            switch (finding, again) {
            case (.dropped, _): return (.nothing, "it was carried out")
            case (.changed, .no): return (.nothing, "it was carried out as it was")
            case (.changed, _), (_, .all): return (.again, nil)
            default: return (.nothing, nil)
            }
        }
    }
}

/// What one flow makes of an event.
package enum RoutedEvent: Sendable {
    case delivery(Delivery)
    case failed(Failure)
}

/// What a replay is put through: one flow with its target.
package struct ReplayFlow: Sendable {
    package let flow: FlowName
    package let target: TargetName
    /// What the flow makes of an event; nil where it makes nothing of it.
    package let route: @Sendable (JournalEntry) -> RoutedEvent?

    package init(
        flow: FlowName, target: TargetName, route: @escaping @Sendable (JournalEntry) -> RoutedEvent?
    ) {
        self.flow = flow
        self.target = target
        self.route = route
    }

    /// What becomes of the events of a lane behind `mark` that `order` is about; `last` is the last one that was looked
    /// at, nil at the lane's end. Only what was routed counts: the rest goes through the flow as it is anyway.
    package func items(
        _ order: ReplayOrder, _ lane: Lane, after mark: Int64, limit: Int, _ transaction: StoreTransaction
    ) throws -> (items: [ReplayItem], seen: Int, last: Int64?) {
        let first = try max(mark, transaction.lastNumber(lane, before: order.since))
        let end = try min(
            transaction.lastNumber(lane, before: order.until), transaction.cursor(target, lane))
        guard first < end else { return ([], 0, nil) }
        let entries = try transaction.journal(lane: lane, after: first, limit: limit, bytes: 4 << 20)
            .filter { $0.number.number <= end }
        let forgotten = try transaction.deliveriesForgotten()
        let items = try entries.compactMap { entry in
            ReplayItem(
                entry, old: try transaction.standingDelivery(of: entry.number, flow: flow, target: target),
                result: route(entry), again: order.again, forgotten: forgotten)
        }
        return (items, entries.count, entries.last?.number.number)
    }
}
