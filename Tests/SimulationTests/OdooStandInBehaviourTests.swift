import Canonical
import ExactJSON
import Testing
import World

@testable import OdooStandIn

@Suite("Odoo stand-in")
struct OdooStandInBehaviourTests {
    @Test(
        "a partial completion posts stock and lot, and leaves the rest on a backorder",
        arguments: OdooStandInVersion.allCases)
    func completes(version: OdooStandInVersion) {
        var odoo = OdooStandInClient(version)
        let product = odoo.product("FG", tracking: "lot"), component = odoo.product("C")
        odoo.stock(component, 1_000)
        _ = odoo.bom(product, component)
        let lot = odoo.create("stock.lot", ["name": "L1", "product_id": .int(product), "company_id": 1])
        let order = odoo.order(product, 10)
        odoo.complete(order, 4, consuming: 9, backorder: true, lot: lot)

        #expect(odoo.read("mrp.production", order, "state") == "done")
        #expect(odoo.read("mrp.production", order, "qty_produced") == 4)
        #expect(odoo.onHand(product) == 4)
        #expect(odoo.onHand(component) == 991)
        let all = odoo.call(
            "mrp.production", "search_read", [[["origin", "=", "ORDER-1"]], ["name", "state", "product_qty"]])
        #expect(all.array?.count == 2)
        #expect(all[0]?["name"]?.string?.hasSuffix("-001") == true)
        #expect(all[1]?["name"]?.string?.hasSuffix("-002") == true)
        #expect(all[1]?["state"] == "confirmed")
        #expect(all[1]?["product_qty"] == 6)

        let backorder = all[1]?["id"]?.int ?? 0
        odoo.complete(backorder, 5, consuming: 10, backorder: false)
        #expect(odoo.read("mrp.production", backorder, "state") == "done")
        #expect(odoo.onHand(product) == 9)
        // In 16 the quantity of an order that is closed short becomes what was produced.
        #expect(odoo.read("mrp.production", backorder, "product_qty") == (version == .v16 ? 5 : 6))
    }

    @Test("marking an order done a second time posts nothing", arguments: OdooStandInVersion.allCases)
    func isIdempotent(version: OdooStandInVersion) {
        var odoo = OdooStandInClient(version)
        let product = odoo.product("FG"), component = odoo.product("C")
        _ = odoo.bom(product, component)
        let order = odoo.order(product, 10)
        odoo.complete(order, 10, consuming: 20, backorder: false)
        let before = odoo.standIn.rowCounts
        #expect(odoo.complete(order, 10, consuming: 20, backorder: false) == true)
        #expect(odoo.standIn.rowCounts == before)
        #expect(odoo.onHand(product) == 10)
        // Nothing lay in stock, and that was no error.
        #expect(odoo.onHand(component) == -20)
    }

    @Test("each validation of a scrap order scraps again", arguments: OdooStandInVersion.allCases)
    func scrapsAgain(version: OdooStandInVersion) {
        var odoo = OdooStandInClient(version)
        let product = odoo.product("C")
        odoo.stock(product, 10)
        let scrap = odoo.create("stock.scrap", ["product_id": .int(product), "scrap_qty": 3])
        for left in [7.0, 4, 1] {
            #expect(odoo.call("stock.scrap", "action_validate", [[.int(scrap)]]) == true)
            #expect(odoo.onHand(product) == left)
        }
        let wizard = odoo.call("stock.scrap", "action_validate", [[.int(scrap)]])
        #expect(wizard["res_model"] == "stock.warn.insufficient.qty.scrap")
        #expect(odoo.onHand(product) == 1)
        #expect(odoo.call("stock.scrap", "do_scrap", [[.int(scrap)]]) == true)
        #expect(odoo.onHand(product) == -2)
    }

    @Test(
        "downtime counts only the work center's working hours, and an open one blocks it",
        arguments: OdooStandInVersion.allCases)
    func blocks(version: OdooStandInVersion) {
        var odoo = OdooStandInClient(version)
        let center = odoo.create("mrp.workcenter", ["name": "Cell"])
        // 2026-07-03 is a Friday of summer time: local 8 to 12 and 13 to 17 are 6 to 10 and 11 to 15 UTC.
        let cases = [
            ("2026-07-03 06:00:00", "2026-07-03 06:30:00", 30.0), ("2026-07-03 22:00:00", "2026-07-03 23:00:00", 0),
            ("2026-07-03 14:00:00", "2026-07-06 07:00:00", 120), ("2026-07-03 09:30:00", "2026-07-03 11:30:00", 60),
            ("2026-01-02 06:30:00", "2026-01-02 07:30:00", 30),
        ]
        for (start, end, minutes) in cases {
            let line = odoo.create(
                "mrp.workcenter.productivity",
                ["workcenter_id": .int(center), "loss_id": 2, "date_start": .string(start), "date_end": .string(end)])
            #expect(
                odoo.read("mrp.workcenter.productivity", line, "duration").number?.doubleValue == minutes, "\(start)")
        }
        let product = odoo.product("FG"), component = odoo.product("C")
        _ = odoo.bom(product, component, workcenter: center)
        let work = odoo.ids("mrp.production", odoo.order(product, 2), "workorder_ids")[0]
        let open = odoo.create("mrp.workcenter.productivity", ["workcenter_id": .int(center), "loss_id": 2])
        #expect(odoo.read("mrp.workcenter", center, "working_state") == "blocked")
        odoo.call("mrp.workorder", "button_start", [[.int(work)]])
        #expect(odoo.lastError == (version == .v16 ? nil : "odoo.exceptions.UserError"))
        if version >= .v17 {
            odoo.call("mrp.workcenter", "unblock", [[.int(center)]])
            #expect(odoo.read("mrp.workcenter.productivity", open, "date_end").string != nil)
            odoo.call("mrp.workcenter", "unblock", [[.int(center)]])
            #expect(odoo.lastError == "odoo.exceptions.UserError")
        }
    }

    @Test("load upserts by external id, all or nothing, and reads local times", arguments: OdooStandInVersion.allCases)
    func loads(version: OdooStandInVersion) {
        var odoo = OdooStandInClient(version)
        let first = odoo.call("res.partner", "load", [["id", "name"], [["ext.a", "A"], ["ext.b", "B"]]])
        let again = odoo.call("res.partner", "load", [["id", "name"], [["ext.a", "A2"]]])
        #expect(again["ids"]?[0] == first["ids"]?[0])
        #expect(odoo.read("res.partner", first["ids"]?[0]?.int ?? 0, "name") == "A2")

        let count = odoo.standIn.rowCounts
        let wrong = odoo.call("res.partner", "load", [["id", "name"], [["ext.c", "C"], ["ext.d", ""]]])
        #expect(wrong["ids"] == false)
        #expect(wrong["messages"]?[0]?["record"] == 1)
        #expect(odoo.standIn.rowCounts == count)

        let center = odoo.create("mrp.workcenter", ["name": "Cell"])
        let rows: JSON = [["ext.p", .string("\(center)"), "2", "2026-11-20 08:00:00"]]
        let fields: JSON = ["id", "workcenter_id/.id", "loss_id/.id", "date_start"]
        let line = odoo.call("mrp.workcenter.productivity", "load", [fields, rows])["ids"]?[0]?.int ?? 0
        #expect(odoo.read("mrp.workcenter.productivity", line, "date_start") == "2026-11-20 07:00:00")
        odoo.call("mrp.workcenter.productivity", "load", [fields, rows], context: ["tz": "UTC"])
        #expect(odoo.read("mrp.workcenter.productivity", line, "date_start") == "2026-11-20 08:00:00")
    }

    @Test("JSON-2 takes a bearer key until it ends, lists what it creates, and says null for None")
    func speaksJSON2() throws {
        var odoo = OdooStandInClient(.v19)
        let key: HTTPHeaders = ["Authorization": "Bearer key-mes", "X-Odoo-Database": "demo"]
        func body(_ response: HTTPResponse) throws -> JSON { try JSONReader.read(response.body) }
        let made = odoo.send("/json/2/res.partner/create", headers: key, body: ["vals_list": ["name": "P"]])
        #expect(made.status == 200)
        #expect(try body(made).array?.count == 1)
        let product = odoo.product("FG")
        let order = odoo.order(product, 2)
        odoo.call("mrp.production", "write", [[.int(order)], ["qty_producing": 1]])
        let none = odoo.send("/json/2/mrp.production/set_qty_producing", headers: key, body: ["ids": [.int(order)]])
        #expect(String(decoding: none.body, as: UTF8.self) == "null")
        let cases: [(HTTPHeaders, String, Int)] = [
            ([:], "/json/2/res.partner/search", 401),
            (["Authorization": "bearer x"], "/json/2/res.partner/search", 401),
            (key, "/json/2/no.such/search", 404), (key, "/json/2/res.partner/nosuch", 404),
            (key, "/json/2/mrp.bom/create", 422),
            (["Authorization": "bearer key-mes", "X-Odoo-Database": "other"], "/json/2/res.partner/search", 404),
        ]
        for (headers, path, status) in cases {
            #expect(odoo.send(path, headers: headers, body: [:]).status == status, "\(path)")
        }
        let refused = odoo.send("/json/2/mrp.bom/create", headers: key, body: ["vals_list": [["product_tmpl_id": 1]]])
        #expect(refused.status == 403)

        odoo.standIn.expireKey("key-mes", at: odoo.clock + .seconds(2))
        #expect(odoo.send("/json/2/res.partner/search_count", headers: key, body: ["domain": []]).status == 200)
        let ended = odoo.send("/json/2/res.partner/search_count", headers: key, body: ["domain": []])
        #expect(ended.status == 401)
        #expect(try body(ended)["message"] == "Invalid apikey")
    }

    static let domains: [(JSON, [Int])] = [
        ([], [0, 1, 2, 3]), ([["ref", "=", "b"]], [1]), ([["ref", "!=", "b"]], [0, 2, 3]),
        ([["ref", "=", false]], [3]),
        ([["ref", "in", ["a", "c"]]], [0, 2]), ([["ref", "not in", ["a", "c"]]], [1, 3]),
        ([["name", "ilike", "BET"]], [1]),
        ([["name", "like", "BET"]], []), ([["name", "=like", "A%"]], [0]), ([["name", "=ilike", "_amma"]], [2]),
        ([["name", "not ilike", "a"]], []), ([["credit_limit", ">", 10]], [2, 3]),
        ([["credit_limit", "<=", 10]], [0, 1]),
        (["|", ["ref", "=", "a"], ["ref", "=", "b"]], [0, 1]), (["!", ["ref", "=", "a"]], [1, 2, 3]),
        (["&", "!", ["ref", "=", "a"], ["credit_limit", ">=", 10]], [1, 2, 3]), ([["parent_id.ref", "=", "a"]], [1]),
        ([["parent_id", "=", false]], [0, 2, 3]), ([["parent_id", "ilike", "alp"]], [1]),
        ([["child_ids.ref", "=", "b"]], [0]),
        ([["ref", "=?", false]], [0, 1, 2, 3]), ([["parent_id", "!=", false], ["ref", "=", "b"]], [1]),
        ([[1, "=", 1]], [0, 1, 2, 3]),
        ([[0, "=", 1]], []),
    ]

    @Test("search takes Odoo's domains", arguments: domains, [OdooStandInVersion.v16, .v19])
    func searches(domain: (JSON, [Int]), version: OdooStandInVersion) {
        var odoo = OdooStandInClient(version)
        let alpha = odoo.create("res.partner", ["name": "Alpha", "ref": "a", "is_company": true])
        let others =
            odoo.call(
                "res.partner", "create",
                [
                    [
                        ["name": "Beta", "ref": "b", "parent_id": .int(alpha), "credit_limit": 10],
                        ["name": "Gamma", "ref": "c", "credit_limit": 20], ["name": "Delta", "credit_limit": 30],
                    ]
                ]
            ).array?.compactMap(\.int) ?? []
        let all = [alpha] + others
        let own: JSON = .array([["id", "in", .array(all.map { .int($0) })]] + (domain.0.array ?? []))
        let found = odoo.call("res.partner", "search", [own, 0, false, "id"]).array?.compactMap(\.int)
        #expect(found == domain.1.map { all[$0] }, "\(domain.0)")
    }

    @Test("a date with time is taken in one form only", arguments: ["T", "Z", ".5", "+02:00", " ", "x"])
    func readsDates(mark: String) {
        var odoo = OdooStandInClient(.v18)
        let product = odoo.product("FG")
        for text in ["2026-11-20 10:00:00\(mark)", "2026-11-20\(mark)10:00:00"] where text != "2026-11-20 10:00:00" {
            odoo.call("mrp.production", "create", [["product_id": .int(product), "date_start": .string(text)]])
            #expect(odoo.lastError == "builtins.ValueError", "\(text)")
        }
    }
}
