import Canonical
import Contracts
import ExactJSON
import Testing

@testable import OdooConnector

/// Units as Odoo 16 and 19 give them, with one of the plant's own.
enum SampleUnits {
    static let rows16: [JSON] = [
        [
            "id": 1, "name": "Stück", "rounding": .number(ExactNumber(coefficient: 1, scale: 2)),
            "uom_type": "reference", "category_id": [1, "Unit"], "ratio": 1,
        ],
        [
            "id": 2, "name": "Dutzend", "rounding": .number(ExactNumber(coefficient: 1, scale: 2)),
            "uom_type": "bigger", "category_id": [1, "Unit"], "ratio": 12,
        ],
        [
            "id": 3, "name": "Reel of 250", "rounding": 1, "uom_type": "bigger", "category_id": [1, "Unit"],
            "ratio": 250,
        ],
        [
            "id": 4, "name": "g", "rounding": .number(ExactNumber(coefficient: 1, scale: 2)), "uom_type": "smaller",
            "category_id": [2, "Weight"], "ratio": 1000,
        ],
        [
            "id": 5, "name": "kg", "rounding": .number(ExactNumber(coefficient: 1, scale: 3)), "uom_type": "reference",
            "category_id": [2, "Weight"], "ratio": 1,
        ],
        [
            "id": 6, "name": "Days", "rounding": 1, "uom_type": "reference", "category_id": [3, "Working Time"],
            "ratio": 1,
        ],
    ]
    static let rows19: [JSON] = [
        [
            "id": 1, "name": "Units", "rounding": .number(ExactNumber(coefficient: 1, scale: 2)), "relative_factor": 1,
            "relative_uom_id": false,
        ],
        [
            "id": 2, "name": "Dozens", "rounding": .number(ExactNumber(coefficient: 1, scale: 2)),
            "relative_factor": 12, "relative_uom_id": [1, "Units"],
        ],
        ["id": 3, "name": "Reel of 250", "rounding": 1, "relative_factor": 250, "relative_uom_id": [1, "Units"]],
        [
            "id": 5, "name": "kg", "rounding": .number(ExactNumber(coefficient: 1, scale: 3)), "relative_factor": 1000,
            "relative_uom_id": [4, "g"],
        ],
        [
            "id": 4, "name": "g", "rounding": .number(ExactNumber(coefficient: 1, scale: 2)), "relative_factor": 1,
            "relative_uom_id": false,
        ],
        ["id": 6, "name": "Days", "rounding": 1, "relative_factor": 8, "relative_uom_id": [7, "Hours"]],
        ["id": 7, "name": "Hours", "rounding": 1, "relative_factor": 1, "relative_uom_id": false],
    ]
    static let externalIDs = [
        1: "uom.product_uom_unit", 2: "uom.product_uom_dozen", 4: "uom.product_uom_gram", 5: "uom.product_uom_kgm",
        6: "uom.product_uom_day", 7: "uom.product_uom_hour",
    ]

    static func table(_ version: Int) throws -> UnitTable {
        UnitTable(
            rows: (version >= 19 ? rows19 : rows16).map(OdooRow.init), externalIDs: externalIDs,
            dialect: try #require(OdooDialect(version: version)))
    }
}

private func exact(_ text: String) -> ExactNumber { ExactNumber(text: text) ?? ExactNumber(0) }

@Suite("units of measure")
struct UnitTests {
    @Test(
        "a quantity comes out in the record's unit, exactly, whatever Odoo calls it",
        arguments: [16, 19],
        [
            ("24", "pcs", 2, "2"), ("1", "DZN", 1, "12"), ("500", "C62", 3, "2"), ("2", "Reel of 250", 1, "500"),
            ("1.5", "kg", 4, "1500"),
            ("1500", "g", 5, "1.5"), ("0.001", "kg", 4, "1"), ("1", "t", 5, "1000"), ("1", "Reel of 250", 2, nil),
            ("1", "kg", 1, nil), ("0.001", "pcs", 1, nil), ("1", "parsec", 1, nil),
        ] as [(String, String, Int, String?)])
    func conversion(_ version: Int, _ item: (value: String, unit: String, record: Int, expected: String?)) throws {
        let table = try SampleUnits.table(version)
        let unit = try #require(table[item.record])
        let converted = try? table.exactly(Quantity(exact(item.value), item.unit), in: unit)
        #expect(converted == item.expected.map(exact), "\(item)")
    }
}

extension UnitTests {
    @Test("Odoo's working day has no 24 hours: alone it is refused, tied to hours it counts 8")
    func workingDay() throws {
        let day = Quantity(ExactNumber(1), "DAY")
        let old = try SampleUnits.table(16)
        #expect(throws: OdooError.self) { try old.exactly(day, in: try #require(old[6])) }
        let new = try SampleUnits.table(19)
        #expect(try new.exactly(day, in: try #require(new[6])) == ExactNumber(3))
    }
}

@Suite("the quantity ledger")
struct LedgerTests {
    @Test(
        "counted = posted + remainder, the remainder is below a step, and nothing is lost",
        arguments: [1, 2, 3, 4, 5].map(UInt64.init))
    func sums(_ seed: UInt64) throws {
        var random = SeededGenerator(seed)
        let table = try SampleUnits.table(seed.isMultiple(of: 2) ? 16 : 19)
        for record in [1, 2, 3, 4, 5] {
            let unit = try #require(table[record])
            let step = try ExactNumber.multiplying(unit.step, unit.scale.ratio)
            var line = CountLine(base: unit.scale.base)
            var counted = ExactNumber(0)
            var written = ExactNumber(0)
            for _ in 0..<200 {
                let amount = ExactNumber(
                    coefficient: Int64.random(in: -2_000...20_000, using: &random),
                    scale: Int.random(in: 0...4, using: &random))
                counted = try ExactNumber.adding(counted, amount)
                written = try ExactNumber.adding(written, line.count(amount, unit: unit))
                let rest = try line.remainder
                #expect(try line.counted == counted && ExactNumber.adding(line.posted, rest) == counted, "seed \(seed)")
                #expect((rest.isNegative ? rest.negated : rest) < step, "seed \(seed)")
                #expect(try ExactNumber.multiplying(written, unit.scale.ratio) == line.posted, "seed \(seed)")
            }
            #expect(CountLine(line.json) == line)
        }
    }

    @Test("a line counted in kilograms does not go on in pieces")
    func changedUnit() throws {
        var line = CountLine(base: "mass")
        let unit = try #require(try SampleUnits.table(19)[1])
        #expect(throws: OdooError.self) { try line.count(ExactNumber(1), unit: unit) }
    }

    @Test("whole times are counted exactly where a double is not", arguments: [7, 8, 9].map(UInt64.init))
    func counting(_ seed: UInt64) throws {
        var random = SeededGenerator(seed)
        for _ in 0..<500 {
            let count = Int.random(in: 0...2_000_000_000_000, using: &random)
            let divisor = ExactNumber(
                coefficient: Int64.random(in: 1...999, using: &random), scale: Int.random(in: 0...6, using: &random))
            let dividend = try ExactNumber.multiplying(ExactNumber(count), divisor)
            #expect(try Exact.count(dividend, per: divisor, .towardZero) == count, "seed \(seed)")
            #expect(try Exact.count(dividend.negated, per: divisor, .nearest) == -count, "seed \(seed)")
        }
        #expect(try Exact.count(exact("0.3"), per: exact("0.1"), .towardZero) == 3)
        #expect(try Exact.count(exact("0.29"), per: exact("0.1"), .towardZero) == 2)
        #expect(try Exact.count(exact("0.25"), per: exact("0.1"), .nearest) == 3)
        #expect(throws: OdooError.self) { try Exact.count(exact("1e40"), per: exact("0.1"), .nearest) }
    }
}

@Suite("progress, decided")
struct ProgressDecisionTests {
    static func order(
        id: Int = 812, name: String = "WH/MO/00042", state: String = "progress", producing: JSON = 0, group: Int = 5,
        product: Int = 31, produced: Int = 0
    ) throws -> OrderRecord {
        OrderRecord(
            OdooRow([
                "id": .int(id), "name": .string(name), "state": .string(state),
                "product_id": [.int(product), "Harness"],
                "product_uom_id": [1, "Units"], "product_qty": 100, "qty_producing": producing,
                "qty_produced": .int(produced),
                "origin": "O1",
                "production_group_id": [.int(group), "G"], "product_tracking": "none", "company_id": [1, "C"],
            ]), try #require(OdooDialect(version: 19)))
    }

    static func decision(
        _ value: String, _ orders: [OrderRecord], corrections: OdooOptions.Corrections = .accept,
        moves: [MoveRecord] = [],
        backflush: Bool = false, standing: CountLine.Standing = .new
    ) throws -> ProgressDecision {
        let arguments: JSON = [
            "order": "O1", "quantity": ["value": .number(exact(value)), "unit": "pcs"],
            "corrections": .string(corrections.rawValue),
            "backflush": .bool(backflush),
        ]
        let units = try SampleUnits.table(19)
        var request = try ProgressRequest(
            Arguments(operation: "production.progress", json: arguments), options: OdooOptions())
        request.standing = standing
        return ProgressDecision(
            request: request, dialect: try #require(OdooDialect(version: 19)), family: OrderFamily(orders: orders),
            workOrders: [],
            workCenter: nil,
            moves: moves, units: units, unit: try #require(units[1]))
    }

    @Test(
        "whatever planners correct in between, the record ends at all posted plus all corrections",
        arguments: [11, 12, 13].map(UInt64.init))
    func corrections(_ seed: UInt64) throws {
        var random = SeededGenerator(seed)
        var ledger: [LedgerEntry] = []
        var record = ExactNumber(0)
        var expected = ExactNumber(0)
        for _ in 0..<300 {
            if Int.random(in: 0..<5, using: &random) == 0 {
                let correction = ExactNumber(Int.random(in: 0...50, using: &random))
                record = try ExactNumber.adding(record, correction)
                expected = try ExactNumber.adding(expected, correction)
            }
            let counted = "\(Int.random(in: 1...40, using: &random)).\(Int.random(in: 0...9_999, using: &random))"
            expected = try ExactNumber.adding(expected, exact(counted))
            let order = try Self.order(producing: .number(record))
            switch try Self.decision(counted, [order]).decide(ledger: ledger) {
            case .write(let write):
                let change = try #require(write.changes.first)
                #expect(change.before == record && write.values["qty_producing"]?.number == change.after)
                record = change.after
                ledger = write.acceptance.ledger
                let stored = try JSONReader.read(change.json.description)
                #expect(ValueChange(stored) == change)
            case .nothing(let acceptance): ledger = acceptance.ledger
            }
        }
        let line = try #require(ledger.first.flatMap { CountLine($0.value) })
        #expect(try ExactNumber.adding(record, line.remainder) == expected, "seed \(seed)")
    }

    @Test("asked to ask, a correction by hand waits for a person, with both values")
    func ask() throws {
        var line = CountLine(base: "count")
        line.counted = ExactNumber(45)
        line.posted = ExactNumber(45)
        line.wrote(ExactNumber(45), to: 812)
        let entry = LedgerEntry(key: LedgerKey("order/812"), value: line.json)
        #expect {
            try Self.decision("5", [try Self.order(producing: 40)], corrections: .ask).decide(ledger: [entry])
        } throws: { error in
            let failure = (error as? OdooError)?.failure
            return failure?.kind == OdooFailures.correctedByHand
                && failure?.message.contains("left at 45 and is 40") == true
        }
        // On a backorder nothing was left before, so nothing can have been corrected.
        let backorder = [try Self.order(state: "done"), try Self.order(id: 813, name: "WH/MO/00042-002")]
        guard case .write(let write) = try Self.decision("5", backorder, corrections: .ask).decide(ledger: [entry])
        else {
            Issue.record("nothing written")
            return
        }
        #expect(write.changes.first?.id == 813 && write.changes.first?.after == ExactNumber(5))
    }

    @Test(
        "what a forgotten store may have posted is written only where the order stands as this one left it",
        arguments: [(45, 812, true), (50, 812, false), (47, 812, false), (40, 812, false), (0, 813, true)])
    func mayBeDone(observed: Int, id: Int, isWritten: Bool) throws {
        let entry = try Self.entry(45)
        let closed = id == 812 ? [] : [try Self.order(state: "done", produced: 45)]
        let orders = closed + [try Self.order(id: id, producing: .int(observed))]
        let decision = try Self.decision("5", orders, standing: .doubted)
        do {
            guard case .write(let write) = try decision.decide(ledger: [entry]) else {
                Issue.record("nothing written")
                return
            }
            #expect(isWritten && write.changes.first?.after == ExactNumber(observed + 5))
        } catch let error as OdooError {
            #expect(!isWritten && error.failure.kind == OdooFailures.mayBeDone)
        }
    }

    static func entry(_ written: Int, on record: Int = 812) throws -> LedgerEntry {
        var line = CountLine(base: "count")
        line.counted = ExactNumber(written)
        line.posted = ExactNumber(written)
        line.wrote(ExactNumber(written), to: record)
        return LedgerEntry(key: LedgerKey("order/812"), value: line.json)
    }

    @Test("a doubted quantity is not written where another part of the order holds what this store does not know of")
    func split() throws {
        for (orders, written) in [
            ([try Self.order(state: "done", produced: 60), try Self.order(id: 813, producing: 0)], 45),
            ([try Self.order(state: "done", produced: 60), try Self.order(id: 813, producing: 0)], 0),
        ] {
            let entry = written == 0 ? LedgerEntry(key: LedgerKey("order/812"), value: .null) : try Self.entry(written)
            #expect {
                try Self.decision("5", orders, standing: .doubted).decide(ledger: [entry])
            } throws: { ($0 as? OdooError)?.failure.kind == OdooFailures.mayBeDone }
        }
    }

    @Test(
        "a doubted quantity of an order that was closed since the backup is for a person, and never written to it",
        arguments: [45, 48, 50])
    func closedSince(written: Int) throws {
        let closed = [try Self.order(state: "done", produced: 50)]
        #expect(throws: OdooError.self) {
            try Self.decision("5", closed, standing: .doubted).decide(ledger: [try Self.entry(written)])
        }
    }

    @Test(
        "closed, draft and impossible orders are refused",
        arguments: [
            ("done", "5", "ODOO-023"), ("cancel", "5", "ODOO-023"), ("draft", "5", "ODOO-041"),
            ("progress", "-5", "ODOO-040"),
        ])
    func refused(_ state: String, _ value: String, _ code: String) throws {
        #expect { try Self.decision(value, [try Self.order(state: state)]).decide(ledger: []) } throws: { error in
            (error as? OdooError)?.failure.kind.code == code
        }
    }

    @Test("what Odoo's floats add to a number is taken away")
    func floats() throws {
        let order = try Self.order(producing: .number(exact("30.000000000000004")))
        guard case .write(let write) = try Self.decision("0.1", [order]).decide(ledger: []) else { return }
        #expect(write.changes.first?.before == ExactNumber(30) && write.changes.first?.after == exact("30.1"))
    }

    @Test("many small steps use up the same components as one large one", arguments: [21, 22, 23].map(UInt64.init))
    func backflush(_ seed: UInt64) throws {
        var random = SeededGenerator(seed)
        let step = exact("0.01")
        var used = ExactNumber(0)
        var made = ExactNumber(0)
        func move(_ used: ExactNumber) throws -> MoveRecord {
            MoveRecord(
                OdooRow([
                    "id": 1, "product_id": [2, "Wire"], "product_uom": [1, "m"],
                    "product_uom_qty": .number(exact("333.33")), "state": "assigned",
                    "quantity": .number(used), "picked": true, "has_tracking": "none",
                ]), try #require(OdooDialect(version: 19)))
        }
        for _ in 0..<200 {
            let next = try ExactNumber.adding(made, ExactNumber(Int.random(in: 1...3, using: &random)))
            used = try Backflush.used(move(used), planned: ExactNumber(700), from: made, to: next, step: step)
            made = next
        }
        #expect(
            try used == Backflush.share(exact("333.33"), planned: ExactNumber(700), made: made, step: step),
            "seed \(seed)")
    }

    @Test("one order with its backorders is a hit, two orders are not, and cancelled ones do not count")
    func selection() throws {
        let first = try Self.order(id: 1, name: "WH/MO/1-001", state: "done")
        let second = try Self.order(id: 2, name: "WH/MO/1-002")
        let other = try Self.order(id: 3, name: "WH/MO/2", group: 6)
        let cancelled = try Self.order(id: 4, name: "WH/MO/3", state: "cancel", group: 7)
        let family = try OrderSelection.select([second, first, cancelled], reference: "O1", by: .origin)
        #expect(family.orders.map(\.id) == [1, 2] && family.number == 1 && family.open(for: "any")?.id == 2)
        let split = OrderFamily(orders: [
            try Self.order(id: 1, name: "WH/MO/1-001"), try Self.order(id: 2, name: "WH/MO/1-002"),
        ])
        #expect(split.open(for: "WH/MO/1-002")?.id == 2 && split.open(for: "WH/MO/1")?.id == 1)
        func code(_ orders: [OrderRecord]) -> String? {
            do { _ = try OrderSelection.select(orders, reference: "O1", by: .origin); return nil } catch {
                return error.failure.kind.code
            }
        }
        #expect(code([first, second, other]) == "ODOO-022")
        #expect(code([]) == "ODOO-021")
        #expect(code([cancelled]) == nil)
    }
}

@Suite("days")
struct DayTests {
    @Test("a date is that of the plant's calendar")
    func zones() throws {
        let time = try #require(Instant(text: "2026-03-01T23:30:00Z"))
        #expect(OdooText.day(time, in: "Europe/Paris") == "2026-03-02")
        #expect(OdooText.day(time, in: "America/Chicago") == "2026-03-01")
        #expect(OdooText.day(time, in: "UTC") == "2026-03-01")
    }
}

@Suite("external ids")
struct ExternalIDTests {
    @Test(
        "different keys have different names, which Odoo takes and which stay short",
        arguments: [31, 32].map(UInt64.init))
    func names(_ seed: UInt64) {
        var random = SeededGenerator(seed)
        var names: [String: String] = [:]
        let alphabet = Array("aZ09-_./ é%")
        for _ in 0..<3_000 {
            let key = String(
                (0..<Int.random(in: 1...300, using: &random)).map { _ in
                    alphabet[Int.random(in: 0..<alphabet.count, using: &random)]
                })
            let name = ExternalID.name("scrap", key)
            #expect(name.utf8.count <= ExternalID.maximumBytes && !name.contains(".") && name.allSatisfy(\.isASCII))
            #expect(names.updateValue(key, forKey: name).map { $0 == key } ?? true, "seed \(seed)")
        }
        #expect(ExternalID.name("scrap", "hub/odoo/17") == "scrap_hub_2Fodoo_2F17")
    }
}
