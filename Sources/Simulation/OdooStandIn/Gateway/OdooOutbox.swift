import ExactJSON

/// What the companion addon's outbox holds: one row for each record and transaction, in the order of the commits.
struct OdooOutbox: Sendable {
    struct Row: Sendable {
        let model: String
        let id: Int
        let operation: String
        let changed: [String]
        let before: JSONObject
        let values: JSONObject
        let at: String
        let user: Int
        let company: Int?
        let origin: String?
    }

    struct Reader: Sendable {
        var epoch: String
        var position: Int
    }

    /// The life of the database.
    var epoch = "stand-in"
    /// Rows by place, from 1 on.
    var rows: [Row] = []
    /// Rows up to here are gone.
    var trimmed = 0
    var readers: [String: Reader] = [:]
    /// Who writes in the running transaction.
    var author = 1
    /// The source whose operations the running transaction carries out.
    var origin: String?

    static let maximumRows = 5_000
    static let maximumReaders = 100

    /// The watched fields by model: those of the addon's own list that the stand-in has. (Not the journal entries: what
    /// of them is watched is mostly reckoned anew here at each look, and was not kept to compare with.)
    static let watched: [String: [String]] = [
        "mrp.production":
            "name state product_id product_qty product_uom_id qty_producing date_start date_finished date_deadline "
            + "date_planned_start date_planned_finished bom_id origin lot_producing_id lot_producing_ids company_id "
            + "user_id priority",
        "mrp.workorder": "name state production_id workcenter_id qty_produced date_start date_finished",
        "mrp.workcenter": "name code active default_capacity time_efficiency",
        "mrp.bom": "code active product_tmpl_id product_id product_qty product_uom_id type",
        "mrp.bom.line": "bom_id product_id product_qty product_uom_id operation_id",
        "stock.picking":
            "name state origin partner_id picking_type_id location_id location_dest_id scheduled_date date_done "
            + "backorder_id",
        "stock.move":
            "state product_id product_uom_qty quantity quantity_done product_uom picking_id raw_material_production_id "
            + "production_id location_id location_dest_id purchase_line_id sale_line_id picked",
        "stock.move.line":
            "state product_id quantity qty_done product_uom_id lot_id lot_name picking_id move_id location_id "
            + "location_dest_id package_id result_package_id picked",
        "stock.quant": "product_id location_id lot_id package_id quantity",
        "stock.lot": "name ref product_id company_id",
        "stock.scrap": "name state product_id scrap_qty product_uom_id lot_id location_id production_id",
        "maintenance.request": "name stage_id equipment_id maintenance_type priority request_date schedule_date",
        "purchase.order":
            "name state partner_id partner_ref origin date_order date_approve date_planned currency_id locked",
        "purchase.order.line":
            "order_id product_id product_qty product_uom product_uom_id price_unit date_planned qty_invoiced",
        "sale.order":
            "name state partner_id client_order_ref origin date_order commitment_date currency_id locked",
        "sale.order.line":
            "order_id product_id product_uom_qty product_uom product_uom_id price_unit qty_invoiced customer_lead",
        "crm.lead": "name type active stage_id partner_id email_from phone expected_revenue probability user_id",
        "product.pricelist.item":
            "pricelist_id product_tmpl_id product_id compute_price fixed_price percent_price min_quantity date_start "
            + "date_end",
        "product.template": "name default_code active type tracking uom_id categ_id list_price sale_ok purchase_ok",
        "product.product": "default_code barcode active product_tmpl_id",
        "res.partner": "name ref active is_company parent_id vat email phone street street2 zip city country_id",
    ].mapValues { $0.split(separator: " ").map(String.init).sorted() }

    func cursor(_ position: Int) -> String { "\(epoch):\(position):\(position > trimmed ? mark(position) : "")" }

    /// Tells a row from another one at the same place after a restore.
    private func mark(_ position: Int) -> String {
        let row = rows[position - 1]
        return "\(row.at.hashMark)-\(row.id)"
    }

    /// What is wrong with a cursor; `ok` where nothing is.
    func fault(_ cursor: (epoch: String, position: Int, mark: String)) -> String {
        if cursor.epoch != epoch { return "epoch_changed" }
        if cursor.position < trimmed { return "trimmed" }
        if cursor.position > rows.count { return "forked" }
        return cursor.position > trimmed && !cursor.mark.isEmpty && cursor.mark != mark(cursor.position)
            ? "forked" : "ok"
    }
}

extension String {
    /// The digits alone: what a cursor may hold.
    fileprivate var hashMark: String { filter(\.isNumber) }
}

extension OdooEnvironment {
    /// Records what the running transaction changed, just before its commit.
    mutating func harvest(at: String) {
        var rows: [OdooOutbox.Row] = []
        for change in database.touched {
            let model = registry.models[change.table]
            guard let names = OdooOutbox.watched[model.name] else { continue }
            let after = database.tables[change.table].rows[change.id]
            // Nobody is told of a record that came and went in one transaction.
            guard change.before != nil || after != nil else { continue }
            let fields = names.compactMap { model.fields[$0] }.filter { $0.slot >= 0 }
            let old = outboxValues(change.before, fields), new = outboxValues(after, fields)
            let changed = change.before == nil || after == nil ? [] : fields.map(\.name).filter { old[$0] != new[$0] }
            if change.before != nil, after != nil, changed.isEmpty { continue }
            let company = (new["company_id"] ?? old["company_id"])?.int
            rows.append(
                OdooOutbox.Row(
                    model: model.name, id: change.id,
                    operation: change.before == nil ? "create" : after == nil ? "unlink" : "write", changed: changed,
                    before: old.filter { changed.contains($0.key) }, values: after == nil ? old : new, at: at,
                    user: database.outbox.author, company: company, origin: database.outbox.origin))
        }
        database.outbox.rows += rows
    }

    private func outboxValues(_ row: OdooRow?, _ fields: [OdooField]) -> JSONObject {
        var values: JSONObject = [:]
        guard let row else { return values }
        for field in fields { values[field.name] = rpc(row.values[field.slot], field, names: false) }
        return values
    }

    /// `millwright.outbox.pull`
    mutating func pull(reader: String, cursor: String?, limit: Int, skipping origin: String?) throws(OdooFault) -> JSON
    {
        guard limit >= 1 else { throw .validation("limit is a number above 0") }
        let known = try outboxReader(reader)
        let from =
            try cursor.map { text throws(OdooFault) in try Self.parse(text) }
            ?? (known.epoch, known.position, "")
        let outbox = database.outbox
        let code = outbox.fault(from)
        var answer: JSONObject = [
            "code": .string(code), "epoch": .string(outbox.epoch), "rows": [], "more": false, "withheld": 0,
            "cursor": cursor.map { .string($0) } ?? .null, "head": .string(outbox.cursor(outbox.rows.count)),
            "oldest": .string(outbox.cursor(outbox.trimmed)),
        ]
        guard code == "ok" else { return .object(answer) }
        let last = min(outbox.rows.count, from.1 + min(limit, OdooOutbox.maximumRows))
        var rows: [JSON] = [], withheld = 0
        for position in stride(from: from.1 + 1, through: last, by: 1) {
            let row = outbox.rows[position - 1]
            guard (try? checkAccess(model(row.model), .read)) != nil else {
                withheld += 1
                continue
            }
            if let origin, row.origin == origin { continue }
            rows.append(Self.answer(row, position))
        }
        answer["rows"] = .array(rows)
        answer["withheld"] = .int(withheld)
        answer["more"] = .bool(last < outbox.rows.count)
        answer["cursor"] = .string(outbox.cursor(last))
        return .object(answer)
    }

    /// `millwright.outbox.acknowledge`
    mutating func acknowledge(reader name: String, cursor: String) throws(OdooFault) -> JSON {
        let place = try Self.parse(cursor)
        let code = database.outbox.fault(place)
        if code == "ok" {
            _ = try outboxReader(name)
            database.outbox.readers[name] = OdooOutbox.Reader(epoch: place.0, position: place.1)
        }
        return ["code": .string(code), "epoch": .string(database.outbox.epoch), "cursor": .string(cursor)]
    }

    private mutating func outboxReader(_ name: String) throws(OdooFault) -> OdooOutbox.Reader {
        guard !name.isEmpty, name.count <= 100 else {
            throw .validation("a reader's name has 1 to 100 printable characters")
        }
        if let known = database.outbox.readers[name] { return known }
        guard database.outbox.readers.count < OdooOutbox.maximumReaders else {
            throw .validation("there are 100 readers already: delete those that are no longer in use")
        }
        let reader = OdooOutbox.Reader(epoch: database.outbox.epoch, position: database.outbox.trimmed)
        database.outbox.readers[name] = reader
        return reader
    }

    private static func parse(_ cursor: String) throws(OdooFault) -> (String, Int, String) {
        let parts = cursor.split(separator: ":", omittingEmptySubsequences: false)
        guard parts.count == 3, let position = Int(parts[1]), position >= 0 else {
            throw .validation("a cursor is a text that an answer of pull gave")
        }
        return (String(parts[0]), position, String(parts[2]))
    }

    private static func answer(_ row: OdooOutbox.Row, _ position: Int) -> JSON {
        [
            "position": .int(position), "model": .string(row.model), "id": .int(row.id),
            "operation": .string(row.operation),
            "changed": row.changed.isEmpty ? .null : .array(row.changed.map { .string($0) }),
            "before": row.before.isEmpty ? .bool(false) : .object(row.before), "values": .object(row.values),
            "at": .string(row.at), "user": .int(row.user), "company": row.company.map { .int($0) } ?? .null,
            "transaction": .string(row.at), "origin": row.origin.map { .string($0) } ?? .null, "key": .null,
        ]
    }
}
