import Canonical
import ExactJSON
import World

@testable import OdooStandIn

/// Calls a stand-in as a client would, over its wire format.
struct OdooStandInClient {
    var standIn: OdooStandIn
    /// Moves on by a second with each call.
    var clock = Instant(microseconds: 1_795_500_000_000_000)
    private(set) var lastError: String?
    private(set) var transcript: [UInt8] = []

    init(_ version: OdooStandInVersion, settings: OdooStandInSettings = OdooStandInSettings()) {
        standIn = OdooStandIn(version: version, settings: settings)
    }

    var version: OdooStandInVersion { standIn.version }

    mutating func send(_ target: String, headers: HTTPHeaders = [:], body: JSON) -> HTTPResponse {
        var bytes: [UInt8] = []
        JSONWriter.write(body, to: &bytes)
        return send("POST", target, headers: headers, bytes: bytes)
    }

    mutating func send(_ method: String, _ target: String, headers: HTTPHeaders = [:], bytes: [UInt8]) -> HTTPResponse {
        var headers = headers
        if headers["Content-Type"] == nil { headers["Content-Type"] = "application/json" }
        clock = clock + .seconds(1)
        let response = standIn.handle(
            HTTPRequest(method: method, target: target, headers: headers, body: bytes), now: clock)
        transcript += response.body
        return response
    }

    /// `execute_kw`; null for None and for an error, whose class is then in ``lastError``.
    @discardableResult
    mutating func call(
        _ model: String, _ method: String, _ arguments: [JSON] = [], context: JSON = [:], as login: String = "admin"
    ) -> JSON {
        let uid = (standIn.settings.users.firstIndex { $0.login == login } ?? 0) + 2
        let parameters: JSON = [
            "service": "object", "method": "execute_kw",
            "args": [
                .string(standIn.settings.database), .int(uid), .string(login), .string(model), .string(method),
                .array(arguments), ["context": context],
            ],
        ]
        let response = send("/jsonrpc", body: ["jsonrpc": "2.0", "method": "call", "id": 7, "params": parameters])
        let answer = (try? JSONReader.read(response.body)) ?? .null
        lastError = answer["error"]?["data"]?["name"]?.string
        return answer["result"] ?? .null
    }

    mutating func create(_ model: String, _ values: JSON) -> Int { call(model, "create", [values]).int ?? 0 }

    /// One field of one record; many2one as the id.
    mutating func read(_ model: String, _ id: Int, _ field: String) -> JSON {
        let value = call(model, "read", [[.int(id)], [.string(field)]])[0]?[field] ?? .null
        return value.array?.count == 2 && value[1]?.string != nil ? value[0] ?? .null : value
    }

    mutating func ids(_ model: String, _ id: Int, _ field: String) -> [Int] {
        read(model, id, field).array?.compactMap(\.int) ?? []
    }

    // MARK: What the tests work with

    var doneField: String { version == .v16 ? "quantity_done" : "quantity" }
    var lotField: String { version == .v19 ? "lot_producing_ids" : "lot_producing_id" }

    mutating func product(_ name: String, tracking: String = "none") -> Int {
        var values: JSONObject = ["name": .string(name), "default_code": .string(name), "tracking": .string(tracking)]
        if version >= .v18 { values["is_storable"] = true } else { values["detailed_type"] = "product" }
        return create("product.product", .object(values))
    }

    mutating func stockLocation() -> Int {
        call("stock.location", "search", [[["complete_name", "=", "WH/Stock"]]])[0]?.int ?? 0
    }

    mutating func stock(_ product: Int, _ quantity: Int, lot: Int? = nil) {
        var values: JSONObject = [
            "product_id": .int(product), "location_id": .int(stockLocation()), "inventory_quantity": .int(quantity),
        ]
        if let lot { values["lot_id"] = .int(lot) }
        let quant = create("stock.quant", .object(values))
        call("stock.quant", "action_apply_inventory", [[.int(quant)]])
    }

    mutating func onHand(_ product: Int) -> Double {
        read("product.product", product, "qty_available").number?.doubleValue ?? 0
    }

    /// A bill of materials with two of the component each, and an order of it.
    mutating func bom(_ product: Int, _ component: Int, workcenter: Int? = nil, consumption: String = "flexible") -> Int
    {
        let template = read("product.product", product, "product_tmpl_id")
        var values: JSONObject = [
            "product_tmpl_id": template, "consumption": .string(consumption),
            "bom_line_ids": [[0, 0, ["product_id": .int(component), "product_qty": 2]]],
        ]
        if let workcenter {
            values["operation_ids"] = [
                [0, 0, ["name": "Cut", "workcenter_id": .int(workcenter), "time_cycle_manual": 3]]
            ]
        }
        return create("mrp.bom", .object(values))
    }

    mutating func order(_ product: Int, _ quantity: Int, confirm: Bool = true) -> Int {
        let order = create(
            "mrp.production", ["product_id": .int(product), "product_qty": .int(quantity), "origin": "ORDER-1"])
        if confirm { call("mrp.production", "action_confirm", [[.int(order)]]) }
        return order
    }

    /// The one sequence that works on all versions: quantity and consumption in one write, then done with all skips.
    @discardableResult
    mutating func complete(_ order: Int, _ quantity: Int, consuming: Int, backorder: Bool, lot: Int? = nil) -> JSON {
        let moves = ids("mrp.production", order, "move_raw_ids")
        var consumption: JSONObject = [doneField: .int(consuming)]
        if version >= .v17 { consumption["picked"] = true }
        var values: JSONObject = [
            "qty_producing": .int(quantity), "move_raw_ids": .array(moves.map { [1, .int($0), .object(consumption)] }),
        ]
        if let lot { values[lotField] = version == .v19 ? [[6, 0, [.int(lot)]]] : .int(lot) }
        call("mrp.production", "write", [[.int(order)], .object(values)])
        var context: JSONObject = [
            "skip_backorder": true, "skip_consumption": true, "skip_immediate": true, "skip_redirection": true,
        ]
        if backorder { context["mo_ids_to_backorder"] = [.int(order)] }
        return call("mrp.production", "button_mark_done", [[.int(order)]], context: .object(context))
    }
}
