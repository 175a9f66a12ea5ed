package import Contracts
package import ExactJSON
package import World

/// Puts products, work centers and manufacturing orders into an Odoo, for a demo or a test. Run again, it adds only
/// what is missing.
package struct OdooProvisioner: Sendable {
    /// A product that is made or used.
    package struct Product: Sendable, Hashable {
        package enum Tracking: String, Sendable { case none, lot, serial }
        /// Internal reference.
        package let code: String
        package let name: String
        package let tracking: Tracking

        package init(code: String, name: String, tracking: Tracking = .none) {
            self.code = code
            self.name = name
            self.tracking = tracking
        }
    }

    /// A work center by its code.
    package struct WorkCenter: Sendable, Hashable {
        package let code: String
        package let name: String

        package init(code: String, name: String) {
            self.code = code
            self.name = name
        }
    }

    /// A manufacturing order that is known by its origin.
    package struct Order: Sendable, Hashable {
        package let origin: String
        /// The product's internal reference.
        package let item: String
        package let quantity: ExactNumber

        package init(origin: String, item: String, quantity: ExactNumber) {
            self.origin = origin
            self.item = item
            self.quantity = quantity
        }
    }

    /// What was added, and what had been there.
    package struct Report: Sendable, Hashable {
        package var products = 0
        package var workCenters = 0
        package var orders = 0
        package var present = 0
    }

    /// Records of one call: what Odoo handles well within a time-out.
    static let batch = 50

    private let connection: OdooConnection

    package init(address: OdooAddress, network: any Network) {
        connection = OdooConnection(address, network: network)
    }

    /// `19 over JSON-2`: connects, and throws where that does not work.
    package func describe() async throws(Failure) -> String {
        try await unwrapping { () throws(OdooError) in try await connection.described() }
    }

    /// Adds what is missing. The user must be allowed to make products and work centers.
    package func provision(
        products: [Product] = [], workCenters: [WorkCenter] = [], orders: [Order] = []
    ) async throws(Failure) -> Report {
        try await unwrapping { () throws(OdooError) in
            var report = Report()
            let productIDs = try await add(products: products, orders: orders, &report)
            try await add(workCenters: workCenters, &report)
            try await add(orders: orders, products: productIDs, &report)
            return report
        }
    }

    private func unwrapping<Value>(
        _ body: () async throws(OdooError) -> Value
    ) async throws(Failure) -> Value {
        do {
            return try await body()
        } catch {
            throw error.failure
        }
    }

    private func add(
        products: [Product], orders: [Order], _ report: inout Report
    ) async throws(OdooError) -> [String: Int] {
        let dialect = try await connection.dialect()
        var ids: [String: Int] = [:]
        let wanted = Set(products.map(\.code)).union(orders.map(\.item)).sorted()
        for codes in wanted.batches(of: Self.batch) {
            let rows = try await connection.rows(
                .find(
                    "product.product", [["default_code", "in", .array(codes.map { .string($0) })]], ["default_code"],
                    limit: Self.batch * 4))
            for row in rows { if let code = row.text("default_code"), ids[code] == nil { ids[code] = row.id } }
        }
        report.present += ids.count
        var seen: Set<String> = []
        let missing = products.filter { ids[$0.code] == nil && seen.insert($0.code).inserted }
        for chunk in missing.batches(of: Self.batch) {
            let values: [JSON] = chunk.map { product in
                var values: JSON = [
                    "name": .string(product.name), "default_code": .string(product.code),
                    "tracking": .string(product.tracking.rawValue),
                ]
                for (field, value) in dialect.storable { values[field] = value == "true" ? true : .string(value) }
                return values
            }
            let made = try await connection.call(.create("product.product", values)).array ?? []
            for (product, id) in zip(chunk, made) { ids[product.code] = id.int }
            report.products += made.count
        }
        return ids
    }

    private func add(workCenters: [WorkCenter], _ report: inout Report) async throws(OdooError) {
        guard !workCenters.isEmpty else { return }
        let codes = workCenters.map { JSON.string($0.code) }
        let rows = try await connection.rows(
            .find("mrp.workcenter", [["code", "in", .array(codes)]], ["code"], limit: 1_000))
        let present = Set(rows.compactMap { $0.text("code") })
        report.present += present.count
        let missing = workCenters.filter { !present.contains($0.code) }
        for chunk in missing.batches(of: Self.batch) {
            let values = chunk.map { JSON.object(["name": .string($0.name), "code": .string($0.code)]) }
            report.workCenters += try await connection.call(.create("mrp.workcenter", values)).array?.count ?? 0
        }
    }

    private func add(orders: [Order], products: [String: Int], _ report: inout Report) async throws(OdooError) {
        var drafts: [Int] = []
        var missing: [Order] = []
        for chunk in orders.batches(of: Self.batch) {
            let origins = chunk.map { JSON.string($0.origin) }
            let rows = try await connection.rows(
                .find(
                    "mrp.production", [["origin", "in", .array(origins)]], ["origin", "state"], limit: Self.batch * 20))
            drafts += rows.filter { $0.text("state") == "draft" }.map(\.id)
            let present = Set(rows.compactMap { $0.text("origin") })
            report.present += present.count
            missing += chunk.filter { !present.contains($0.origin) }
        }
        for chunk in missing.batches(of: Self.batch) {
            var values: [JSON] = []
            for order in chunk {
                guard let product = products[order.item] else {
                    throw .reject(
                        OdooFailures.productNotFound,
                        "order \"\(order.origin)\" is of \"\(order.item)\", which Odoo does not have")
                }
                values.append([
                    "product_id": .int(product), "product_qty": .number(order.quantity),
                    "origin": .string(order.origin),
                ])
            }
            let made = try await connection.call(.create("mrp.production", values)).array?.compactMap(\.int) ?? []
            drafts += made
            report.orders += made.count
        }
        for chunk in drafts.batches(of: Self.batch) {
            _ = try await connection.call(OdooCall("mrp.production", "action_confirm", ids: chunk))
        }
    }
}

extension Array {
    /// The elements in runs of at most `size`.
    func batches(of size: Int) -> [[Element]] {
        stride(from: 0, to: count, by: size).map { Array(self[$0..<Swift.min($0 + size, count)]) }
    }
}
