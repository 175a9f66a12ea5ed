import Canonical
import ExactJSON

/// What a product's stock is and becomes, and what can be promised of it. Pure.
struct StockForecast: Sendable {
    /// A receipt or an issue that is planned.
    struct Flow: Sendable {
        let date: Instant
        /// Above 0, in the product's unit.
        let quantity: ExactNumber
        let isIncoming: Bool
        /// `WH/IN/00012`
        let document: String?
        /// What it is for: `P00042`.
        let origin: String?
    }

    /// From when on a quantity can be promised.
    enum Promise: Sendable, Hashable {
        case now
        case from(Instant)
        /// What is planned does not bring it.
        case never
        /// The planned flows that are known do not make up the totals.
        case unknown
    }

    // As Odoo says them.
    let onHand: ExactNumber
    let free: ExactNumber
    let incoming: ExactNumber
    let outgoing: ExactNumber
    let flows: [Flow]
    let now: Instant

    /// Whether the flows make up the totals: they do not for a kit, nor where there are more than are read.
    func isDated() throws(OdooError) -> Bool {
        var sums = (incoming: ExactNumber(0), outgoing: ExactNumber(0))
        for flow in flows {
            if flow.isIncoming {
                sums.incoming = try Exact.add(sums.incoming, flow.quantity)
            } else {
                sums.outgoing = try Exact.add(sums.outgoing, flow.quantity)
            }
        }
        return sums.incoming == incoming && sums.outgoing == outgoing
    }

    /// Whether a receipt should have come already: nobody knows when it comes, so nothing of it is promised.
    func isLate(_ flow: Flow) -> Bool { flow.isIncoming && flow.date < now }

    /// How much can be promised for now without taking from what is promised already.
    func promisable() throws(OdooError) -> ExactNumber {
        let least = try points().first?.least ?? onHand
        return max(ExactNumber(0), min(free, least))
    }

    /// From when on `quantity` more can be taken without running short at any later time. What is reserved is not
    /// promised for now, whatever it is reserved for.
    func promise(_ quantity: ExactNumber) throws(OdooError) -> Promise {
        guard try isDated() else { return .unknown }
        let points = try points()
        for (index, point) in points.enumerated() where point.least >= quantity {
            if index > 0 { return .from(point.date) }
            if free >= quantity { return .now }
        }
        return .never
    }

    /// The stock at each time when it changes, and the least that there is from then on; the first point is now.
    private func points() throws(OdooError) -> [(date: Instant, least: ExactNumber)] {
        var changes: [Instant: ExactNumber] = [now: ExactNumber(0)]
        for flow in flows where !isLate(flow) {
            let date = max(now, flow.date), before = changes[date] ?? ExactNumber(0)
            changes[date] =
                flow.isIncoming
                ? try Exact.add(before, flow.quantity) : try Exact.subtract(before, flow.quantity)
        }
        var stock = onHand
        var points: [(date: Instant, least: ExactNumber)] = []
        for (date, change) in changes.sorted(by: { $0.key < $1.key }) {
            stock = try Exact.add(stock, change)
            points.append((date, stock))
        }
        for index in points.indices.dropLast().reversed() {
            points[index].least = min(points[index].least, points[index + 1].least)
        }
        return points
    }
}
