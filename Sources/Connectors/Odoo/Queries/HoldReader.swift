import Contracts
import ExactJSON

/// Looks for what quality holds back: open activities, lots that lie in quarantine, and, where Odoo's quality app is
/// installed, open alerts and failed checks.
struct HoldReader {
    /// Records of one kind that are looked at.
    static let maximumRecords = 500

    let session: OdooSession
    let dialect: OdooDialect

    /// `lots`: the order's lots by id, with what they are of. `unseen`: the models that the user may not read.
    func holds(
        on order: OrderRecord, lots: [Int: String]
    ) async throws(OdooError) -> (holds: [OrderFacts.Hold], unseen: [String]) {
        let words = HoldWords(session.options.holdWords)
        var holds: [OrderFacts.Hold] = []
        var unseen: [String] = []
        let looks: [(model: String, look: () async throws(OdooError) -> [OrderFacts.Hold])] = [
            ("mail.activity", { () async throws(OdooError) in try await activities(order, lots, words) }),
            ("stock.quant", { () async throws(OdooError) in try await places(lots, words) }),
            ("quality.alert", { () async throws(OdooError) in try await alerts(order, lots) }),
            ("quality.check", { () async throws(OdooError) in try await checks(order) }),
        ]
        for (model, look) in looks {
            do throws(OdooError) {
                holds += try await look()
            } catch {
                switch error.failure.kind {
                case OdooFailures.missingModel: continue
                case OdooFailures.rights: unseen.append(model)
                default: throw error
                }
            }
        }
        return (holds, unseen)
    }

    private func activities(
        _ order: OrderRecord, _ lots: [Int: String], _ words: HoldWords
    ) async throws(OdooError) -> [OrderFacts.Hold] {
        let ids = JSON.array(lots.keys.sorted().map { .int($0) })
        let domain: JSON = [
            "|", "&", ["res_model", "=", "mrp.production"], ["res_id", "=", .int(order.id)], "&",
            ["res_model", "=", "stock.lot"], ["res_id", "in", ids],
        ]
        let rows = try await found("mail.activity", domain, ["res_model", "res_id", "activity_type_id", "summary"])
        return rows.compactMap { row in
            let type = row.label("activity_type_id"), summary = row.text("summary")
            guard words.areIn(type) || words.areIn(summary) else { return nil }
            let id = row.json["res_id"]?.int ?? 0
            let on = row.text("res_model") == "stock.lot" ? lots[id] ?? "lot #\(id)" : "order \(order.name)"
            let what = [type, summary].compactMap { $0 }.joined(separator: ": ")
            return OrderFacts.Hold(kind: .activity, words: "An activity is open on \(on): \(what)")
        }
    }

    private func places(
        _ lots: [Int: String], _ words: HoldWords
    ) async throws(OdooError) -> [OrderFacts.Hold] {
        guard !lots.isEmpty else { return [] }
        let domain: JSON = [
            ["lot_id", "in", .array(lots.keys.sorted().map { .int($0) })], ["quantity", ">", 0],
        ]
        return try await found("stock.quant", domain, ["lot_id", "location_id"]).compactMap { row in
            guard let place = row.label("location_id"), words.areIn(place), let lot = row.link("lot_id") else {
                return nil
            }
            return OrderFacts.Hold(
                kind: .lot, words: "\(Self.capitalized(lots[lot] ?? "lot #\(lot)")) lies in \(place)")
        }
    }

    /// Open alerts on the order or its lots. Which fields an alert has depends on the version and on other apps.
    private func alerts(_ order: OrderRecord, _ lots: [Int: String]) async throws(OdooError) -> [OrderFacts.Hold] {
        let there = try await session.directory.fieldNames("quality.alert")
        let ids = JSON.array(lots.keys.sorted().map { .int($0) })
        var terms: [JSON] = []
        if there.contains("production_id") { terms.append(["production_id", "=", .int(order.id)]) }
        for field in ["lot_id", "lot_ids"] where there.contains(field) && !lots.isEmpty {
            terms.append([.string(field), "in", ids])
        }
        guard !terms.isEmpty, there.contains("stage_id") else { return [] }
        let open: JSON = ["stage_id.done", "=", false]
        let domain = [open] + Array(repeating: JSON.string("|"), count: terms.count - 1) + terms
        return try await found("quality.alert", .array(domain), ["display_name"]).map {
            OrderFacts.Hold(kind: .alert, words: "A quality alert is open: \($0.text("display_name") ?? "#\($0.id)")")
        }
    }

    private func checks(_ order: OrderRecord) async throws(OdooError) -> [OrderFacts.Hold] {
        let there = try await session.directory.fieldNames("quality.check")
        guard there.isSuperset(of: ["production_id", "quality_state"]) else { return [] }
        let domain: JSON = [["production_id", "=", .int(order.id)], ["quality_state", "=", "fail"]]
        return try await found("quality.check", domain, ["display_name"]).map {
            OrderFacts.Hold(kind: .check, words: "A quality check failed: \($0.text("display_name") ?? "#\($0.id)")")
        }
    }

    private func found(_ model: String, _ domain: JSON, _ fields: [String]) async throws(OdooError) -> [OdooRow] {
        try await session.rows(.find(model, domain, fields, limit: Self.maximumRecords))
    }

    private static func capitalized(_ text: String) -> String { text.prefix(1).uppercased() + text.dropFirst() }
}
