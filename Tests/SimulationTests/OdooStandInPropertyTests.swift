import Canonical
import ExactJSON
import Testing
import World

@testable import OdooStandIn

/// Seeded numbers (SplitMix64).
struct StandInRandom: RandomNumberGenerator {
    var state: UInt64
    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var value = state
        value = (value ^ (value >> 30)) &* 0xBF58_476D_1CE4_E5B9
        value = (value ^ (value >> 27)) &* 0x94D0_49BB_1331_11EB
        return value ^ (value >> 31)
    }
}

@Suite("Odoo stand-in, at random")
struct OdooStandInPropertyTests {
    /// A plant on which random calls are made.
    struct Plant {
        var odoo: OdooStandInClient
        var random: StandInRandom
        let products: [Int]
        let center: Int

        init(_ version: OdooStandInVersion, seed: UInt64) {
            var odoo = OdooStandInClient(version)
            random = StandInRandom(state: seed)
            center = odoo.create("mrp.workcenter", ["name": "Cell"])
            let component = odoo.product("C")
            odoo.stock(component, 100)
            var goods: [Int] = []
            for tracking in ["none", "lot", "serial"] {
                goods.append(odoo.product("FG-\(tracking)", tracking: tracking))
            }
            for (index, product) in goods.enumerated() {
                let rule = ["flexible", "warning", "strict"][index]
                _ = odoo.bom(product, component, workcenter: index == 0 ? center : nil, consumption: rule)
            }
            products = goods + [component]
            self.odoo = odoo
        }

        mutating func pick(_ model: String) -> JSON {
            let ids = odoo.call(model, "search", [[]]).array ?? []
            return ids.randomElement(using: &random) ?? 99_999
        }

        /// One call of those that integrations make, right or wrong.
        mutating func step() {
            let amount = JSON.int(Int.random(in: -1...12, using: &random))
            let product = JSON.int(products.randomElement(using: &random) ?? 0)
            let context: [JSON] = [
                [:], ["skip_backorder": true],
                ["skip_consumption": true, "skip_backorder": true, "skip_immediate": true],
                ["skip_consumption": true],
            ]
            switch Int.random(in: 0..<14, using: &random) {
            case 0, 1: odoo.call("mrp.production", "create", [["product_id": product, "product_qty": amount]])
            case 2: odoo.call("mrp.production", "action_confirm", [[pick("mrp.production")]])
            case 3: odoo.call("mrp.production", "write", [[pick("mrp.production")], ["qty_producing": amount]])
            case 4:
                odoo.call(
                    "stock.move", "write", [[pick("stock.move")], [.init(stringLiteral: odoo.doneField): amount]])
            case 5, 6:
                let order = pick("mrp.production")
                var chosen = context.randomElement(using: &random) ?? [:]
                if Bool.random(using: &random) { chosen["mo_ids_to_backorder"] = [order] }
                odoo.call("mrp.production", "button_mark_done", [[order]], context: chosen)
            case 7: odoo.call("mrp.production", "action_cancel", [[pick("mrp.production")]])
            case 8: odoo.call("stock.scrap", "create", [["product_id": product, "scrap_qty": amount]])
            case 9:
                odoo.call(
                    "stock.scrap", Bool.random(using: &random) ? "action_validate" : "do_scrap", [[pick("stock.scrap")]]
                )
            case 10: odoo.call("mrp.workorder", "button_start", [[pick("mrp.workorder")]])
            case 11: odoo.call("mrp.workorder", "button_finish", [[pick("mrp.workorder")]])
            case 12: odoo.call("mrp.production", "set_qty_producing", [[pick("mrp.production")]])
            default:
                odoo.call(
                    "mrp.workcenter.productivity", "create", [["workcenter_id": .int(center), "loss_id": amount]])
            }
        }
    }

    @Test("whatever is called, stock is only moved, never made or lost", arguments: OdooStandInVersion.allCases, 1...12)
    func conserves(version: OdooStandInVersion, seed: Int) {
        var plant = Plant(version, seed: UInt64(seed))
        for step in 0..<150 {
            plant.step()
            guard step % 10 == 0 else { continue }
            // What leaves one place comes to another, the places outside the house counted too.
            let quants = plant.odoo.call(
                "stock.quant", "search_read", [[], ["product_id", "quantity", "reserved_quantity"]])
            var sums: [Int: Double] = [:]
            for quant in quants.array ?? [] {
                sums[quant["product_id"]?[0]?.int ?? 0, default: 0] += quant["quantity"]?.number?.doubleValue ?? 0
                #expect((quant["reserved_quantity"]?.number?.doubleValue ?? 0) >= 0)
            }
            #expect(sums.values.allSatisfy { abs($0) < 0.001 }, "seed \(seed), step \(step): \(sums)")
        }
        let done = plant.odoo.call(
            "mrp.production", "search_read",
            [[["state", "in", ["done", "cancel"]]], ["move_raw_ids", "move_finished_ids"]])
        #expect(done.array?.isEmpty == false, "seed \(seed) finished no order, so it shows nothing")
        for order in done.array ?? [] {
            for move in (order["move_raw_ids"]?.array ?? []) + (order["move_finished_ids"]?.array ?? []) {
                let state = plant.odoo.read("stock.move", move.int ?? 0, "state")
                #expect(state == "done" || state == "cancel", "seed \(seed)")
            }
        }
    }

    @Test("a call that fails leaves everything as it was", arguments: OdooStandInVersion.allCases, 1...6)
    func undoes(version: OdooStandInVersion, seed: Int) {
        var plant = Plant(version, seed: UInt64(seed) &* 77)
        for _ in 0..<60 { plant.step() }
        func everything(_ odoo: OdooStandInClient) -> [String] {
            odoo.standIn.registry.models.map { model in
                let table = odoo.standIn.database.tables[model.index]
                return model.name + table.ids.map { "\($0):\(table.rows[$0]?.values ?? [])" }.joined(separator: ";")
            }
        }
        for _ in 0..<60 {
            let before = everything(plant.odoo)
            plant.step()
            if plant.odoo.lastError != nil { #expect(everything(plant.odoo) == before, "seed \(seed)") }
            // A batch whose last record is wrong undoes the good ones before it.
            let count = plant.odoo.standIn.rowCounts
            plant.odoo.call(
                "mrp.production", "create", [[["product_id": .int(plant.products[0])], ["product_id": 99_999]]])
            #expect(plant.odoo.lastError == "odoo.exceptions.MissingError")
            #expect(plant.odoo.standIn.rowCounts == count)
        }
    }

    @Test("the same calls give the same bytes")
    func isDeterministic() {
        func run() -> [UInt8] {
            var plant = Plant(.v19, seed: 4_711)
            for _ in 0..<200 { plant.step() }
            return plant.odoo.transcript
        }
        #expect(run() == run())
    }

    @Test("no request brings it down", arguments: 1...40)
    func survives(seed: Int) throws {
        var random = StandInRandom(state: UInt64(seed))
        let version = OdooStandInVersion.allCases[seed % 4]
        var odoo = OdooStandInClient(version)
        let models = odoo.standIn.registry.models
        let huge = JSON.number(ExactNumber(coefficient: 1, scale: -300))
        let words: [JSON] = [
            .null, true, false, 0, 1, -1, 9_223_372_036_854_775_807, "", "x", "2026-01-01 00:00:00", [], [[]],
            [[0, 0, [:]]],
            [1, 2, 3], [:], ["name": "n"], [["id", "=", 1]], ["&"], ["|", ["id", "=", 1]], [["id", "in", [1, [2]]]],
            "1e400", "nan",
            [[6, 0, [1]]], [[2, 1, 0]], ["duration": huge], ["product_qty": huge], ["qty_producing": huge],
        ]
        for _ in 0..<150 {
            guard let model = models.randomElement(using: &random),
                let method = model.methods.keys.sorted().randomElement(using: &random)
            else { continue }
            var arguments: [JSON] = []
            for _ in 0..<Int.random(in: 0...4, using: &random) {
                arguments.append(words.randomElement(using: &random) ?? 0)
            }
            if Bool.random(using: &random), var values = arguments.last?.object {
                // Real fields with values of any kind.
                for _ in 0..<3 {
                    if let field = model.fieldNames.randomElement(using: &random) {
                        values[field] = words.randomElement(using: &random) ?? 0
                    }
                }
                arguments[arguments.count - 1] = .object(values)
            }
            odoo.call(model.name, method, arguments)
        }
        let start: [UInt8] = Array("{\"jsonrpc\":\"2.0\",\"params\":{\"service\":\"object\",\"args\":[".utf8)
        for _ in 0..<50 {
            let junk = (0..<Int.random(in: 0...60, using: &random)).map { _ in UInt8.random(in: 0...255, using: &random)
            }
            let response = odoo.send(
                "POST", ["/jsonrpc", "/json/2/a/b", "/"].randomElement(using: &random) ?? "/", bytes: start + junk)
            #expect((200..<600).contains(response.status))
        }
        let long = JSON.array(Array(repeating: ["id", "!=", 1], count: 20_000))
        #expect(odoo.call("res.partner", "search_count", [long]).int != nil)
    }
}
