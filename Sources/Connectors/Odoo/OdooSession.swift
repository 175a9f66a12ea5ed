import Canonical
import Contracts
import ExactJSON
import World

/// What every operation works with: the connection, the look-ups, the settings and the clock.
struct OdooSession: Sendable {
    let connection: OdooConnection
    let directory: OdooDirectory
    let options: OdooOptions
    let clock: any WorldClock
    /// What keeps other nodes from writing as this user over plain RPC; nil where several may.
    var lease: WriterLease?

    func rows(_ call: OdooCall) async throws(OdooError) -> [OdooRow] { try await connection.rows(call) }

    func dialect() async throws(OdooError) -> OdooDialect { try await connection.dialect() }

    /// That an intent was made in the company that the settings name now: in another one nothing of it is to be seen,
    /// and "it did not happen" would mean nothing.
    func checkCompany(of intent: JSON) async throws(OdooError) {
        let (then, now) = (intent[OdooPlan.company]?.int, try await connection.company())
        guard then != now else { return }
        let words = { (id: Int?) in id.map { "company #\($0)" } ?? "the user's own company" }
        throw .reject(
            OdooFailures.otherCompany, "it was sent to \(words(then)), and the settings name \(words(now)) now")
    }
}

extension OdooSession {
    /// A session on a connection and look-ups of its own.
    init(_ address: OdooAddress, _ options: OdooOptions, world: World) {
        let connection = OdooConnection(address, network: world.network)
        self.init(
            connection: connection,
            directory: OdooDirectory(connection: connection, clock: world.clock, age: options.cacheAge),
            options: options, clock: world.clock)
    }
}

// MARK: - Orders

extension OdooSession {
    /// The order that `reference` means, with its backorders: one call, also the first time.
    func family(_ reference: String, product: Int?) async throws(OdooError) -> OrderFamily {
        let dialect = try await dialect()
        let memory = Self.memory(reference, product)
        if let identity = await directory.identity(of: memory) {
            let orders = try await orders(like: identity, dialect)
            if !orders.isEmpty { return OrderFamily(orders: orders) }
            await directory.forgetOrder(memory)
        }
        var found = try await rows(
            .find(
                "mrp.production", domain(reference, product), OrderRecord.fields(dialect),
                limit: OdooDirectory.maximumFamily)
        ).map { OrderRecord($0, dialect) }
        if options.orderBy == .name { found.removeAll { $0.name != reference && $0.stem != reference } }
        let family = try OrderSelection.select(found, reference: reference, by: options.orderBy)
        guard let first = family.orders.first else { return family }
        await directory.remember(
            .init(group: first.group, order: first.id, product: first.product, stem: first.stem), as: memory)
        return family
    }

    /// The part of a family that quantities can be written to; `what` came for it. Pure.
    static func running(_ family: OrderFamily, reference: String, what: String) throws(OdooError) -> OrderRecord {
        guard let open = family.open(for: reference) else {
            throw .reject(
                OdooFailures.orderClosed, "\(what) came late for order \"\(reference)\": \(family.closedWords)",
                about: family.orders.last.map { OdooRecord("mrp.production", $0.id) })
        }
        // Odoo would move a draft with a quantity on to `progress`, past its confirmation: no components, no work
        // orders.
        guard open.state != .draft else {
            throw .reject(
                OdooFailures.orderDraft, "\(what) came for \(open.name), which is a draft",
                about: OdooRecord("mrp.production", open.id))
        }
        return open
    }

    /// The number of a family that was looked up not long ago.
    func knownOrder(_ reference: String, product: Int?) async -> Int? {
        await directory.identity(of: Self.memory(reference, product))?.order
    }

    private static func memory(_ reference: String, _ product: Int?) -> String {
        reference + (product.map { "\u{0}\($0)" } ?? "")
    }

    private func domain(_ reference: String, _ product: Int?) -> JSON {
        var terms: [JSON]
        switch options.orderBy {
        case .origin:
            terms = [["origin", "=", .string(reference)]]
        case .name:
            // `_` and `%` are wildcards in `=like`; what they let through is sorted out afterwards.
            let backorders = OdooText.pattern(reference) + "-___"
            terms = ["|", ["name", "=", .string(reference)], ["name", "=like", .string(backorders)]]
        }
        if let product { terms.append(["product_id", "=", .int(product)]) }
        return .array(terms)
    }

    private func orders(like identity: OdooDirectory.OrderIdentity, _ dialect: OdooDialect) async throws(OdooError)
        -> [OrderRecord]
    {
        let domain: JSON =
            if let group = identity.group {
                [[.string(dialect.orderGroup), "=", .int(group)], ["product_id", "=", .int(identity.product)]]
            } else {
                [["id", "=", .int(identity.order)]]
            }
        let rows = try await rows(
            .find("mrp.production", domain, OrderRecord.fields(dialect), limit: OdooDirectory.maximumFamily))
        return rows.map { OrderRecord($0, dialect) }.filter { $0.id == identity.order || $0.stem == identity.stem }
    }

    func moves(of order: OrderRecord) async throws(OdooError) -> [MoveRecord] {
        guard !order.moves.isEmpty else { return [] }
        let dialect = try await dialect()
        return try await rows(.read("stock.move", order.moves, MoveRecord.fields(dialect)))
            .map { MoveRecord($0, dialect) }.filter(\.isOpen)
    }

    func workOrders(of order: OrderRecord) async throws(OdooError) -> [WorkOrderRecord] {
        guard !order.workOrders.isEmpty else { return [] }
        return try await rows(.read("mrp.workorder", order.workOrders, WorkOrderRecord.fields)).map(
            WorkOrderRecord.init)
    }
}

/// Which of the orders found is meant. Pure.
enum OrderSelection {
    /// The one family among `orders`. Cancelled ones count only where there are no others.
    static func select(
        _ orders: [OrderRecord], reference: String, by: OdooOptions.OrderBy
    ) throws(OdooError) -> OrderFamily {
        guard !orders.isEmpty else {
            throw .reject(
                OdooFailures.orderNotFound, "no manufacturing order in Odoo has the \(by.rawValue) \"\(reference)\"")
        }
        var families: [[OrderRecord]] = []
        for order in orders.sorted(by: { $0.id < $1.id }) {
            let index = families.firstIndex { members in
                guard let first = members.first else { return false }
                return first.product == order.product && first.group == order.group && first.stem == order.stem
                    && first.company == order.company
            }
            if let index { families[index].append(order) } else { families.append([order]) }
        }
        let living = families.filter { $0.contains { $0.state != .cancel } }
        let candidates = living.isEmpty ? families : living
        guard let family = candidates.first, candidates.count == 1 else {
            let firsts = candidates.compactMap(\.first)
            let hasCompanies = Set(firsts.map(\.company)).count > 1
            let names = firsts.prefix(5).map { hasCompanies ? "\($0.name) of \($0.companyLabel)" : $0.name }
            throw .reject(
                OdooFailures.orderAmbiguous,
                "\(candidates.count) manufacturing orders have the \(by.rawValue) \"\(reference)\": "
                    + names.joined(separator: ", "),
                suggestion: hasCompanies
                    ? "Name the target's `company`; give each company a target of its own." : nil)
        }
        return OrderFamily(orders: family)
    }
}
