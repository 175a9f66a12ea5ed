import Canonical
import Contracts
import ExactJSON
import Testing

@testable import OdooConnector

/// Completions after the hub's store came back from a backup.
@Suite("completions after a restored store")
struct CompletionDoubtTests {
    private static func entry(counted: Int) -> LedgerEntry {
        var line = CountLine(base: "count")
        line.counted = ExactNumber(counted)
        line.posted = ExactNumber(counted)
        line.wrote(ExactNumber(counted), to: 812)
        return LedgerEntry(key: LedgerKey("order/812"), value: line.json)
    }

    @Test("an order that is done already holds the completion, with what no fact had counted")
    func completedBefore() throws {
        let done = try ProgressDecisionTests.order(state: "done", produced: 15)
        let units = try SampleUnits.table(19)
        func before(_ quantity: Int?) throws -> CompletedBefore {
            CompletedBefore(
                order: done, quantity: quantity.map { Quantity(ExactNumber($0), "pcs") }, units: units,
                unit: try #require(units[1]))
        }
        for quantity in [15, nil] {
            let acceptance = try before(quantity).acceptance(Self.entry(counted: 10))
            let line = try #require(acceptance.ledger.first.flatMap { CountLine($0.value) })
            #expect(line.counted == ExactNumber(15) && line.posted == ExactNumber(15))
        }
        #expect(throws: OdooError.self) { try before(14).acceptance(Self.entry(counted: 10)) }
    }

    private static let first = "WH/MO/00042-001"
    private static let second = "WH/MO/00042-002"

    private static func doubt(
        _ orders: [OrderRecord], order: String = "O1", isByName: Bool = false
    ) throws -> CompletionDoubt {
        let request = try CompletionRequest(
            Arguments(
                operation: "production.complete",
                json: ["order": .string(order), "quantity": ["value": 4, "unit": "pcs"]]))
        let units = try SampleUnits.table(19)
        return CompletionDoubt(
            request: request, family: OrderFamily(orders: orders), entry: entry(counted: 0), isByName: isByName,
            units: units, unit: try #require(units[1]))
    }

    private static func part(_ id: Int, _ name: String, done: Int? = nil) throws -> OrderRecord {
        try ProgressDecisionTests.order(
            id: id, name: name, state: done == nil ? "confirmed" : "done", produced: done ?? 0)
    }

    @Test("beside an open part nothing tells whether a done one is this completion, whatever its quantity")
    func besideOpen() throws {
        for made in [4, 7] {
            let doubt = try Self.doubt([Self.part(812, Self.first, done: made), Self.part(813, Self.second)])
            let error = #expect(throws: OdooError.self) { try doubt.acceptance() }
            #expect(doubt.isThere && error?.failure.kind == OdooFailures.mayBeDone)
            let words = try #require(error?.failure.message)
            #expect(words.contains("\(Self.first) is done with \(made) Units, \(Self.second) is open"), "\(words)")
            #expect(error?.failure.suggestion.contains("which completes \(Self.second)") == true)
        }
    }

    @Test("where nothing is done, nothing was posted; nor where the order's own name is that of an open part")
    func surelyNew() throws {
        let open = try Self.doubt([Self.part(812, Self.first), Self.part(813, Self.second)])
        let none = try open.acceptance()
        #expect(none?.reference == nil && !open.isThere)
        let orders = [try Self.part(812, Self.first, done: 4), try Self.part(813, Self.second)]
        let named = try Self.doubt(orders, order: Self.second, isByName: true)
        let nothing = try named.acceptance()
        #expect(nothing?.reference == nil && !named.isThere)
        for (order, isByName) in [("WH/MO/00042", true), (Self.first, true), (Self.second, false)] {
            let doubt = try Self.doubt(orders, order: order, isByName: isByName)
            #expect(throws: OdooError.self) { try doubt.acceptance() }
        }
    }

    @Test("where nothing is open, the only done part of that quantity is the completion; of several a person knows")
    func nothingOpen() throws {
        let only = try Self.doubt([Self.part(812, "WH/MO/00042", done: 4)]).acceptance()
        #expect(only?.reference == "mrp.production,812")
        let several = try Self.doubt([Self.part(812, Self.first, done: 4), Self.part(813, Self.second, done: 6)])
        let error = #expect(throws: OdooError.self) { try several.acceptance() }
        #expect(error?.failure.kind == OdooFailures.mayBeDone)
        #expect(error?.failure.message.contains("is done with 6 Units, nothing of it is open") == true)
        #expect(error?.failure.suggestion.contains("by hand") == true)
    }

    @Test("of many done parts the latest ones are named, and how many there are besides")
    func many() throws {
        let done = try (1...9).map { try Self.part(811 + $0, "WH/MO/00042-00\($0)", done: 4) }
        let doubt = try Self.doubt(done + [Self.part(830, "WH/MO/00042-010")])
        let error = #expect(throws: OdooError.self) { try doubt.acceptance() }
        let words = try #require(error?.failure.message)
        #expect(words.contains("4 parts are done, WH/MO/00042-005") && !words.contains("-004"), "\(words)")
    }
}
