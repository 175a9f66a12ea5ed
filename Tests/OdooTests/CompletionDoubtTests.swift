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
}
