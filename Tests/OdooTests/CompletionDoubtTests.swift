import Canonical
import Contracts
import ExactJSON
import Testing

@testable import OdooConnector

/// Completions after the hub's store came back from a backup.
@Suite("completions after a restored store")
struct CompletionDoubtTests {
    private static let doubt = Instant(microseconds: 1_770_000_000_000_000)

    private static func entry(counted: Int, written: Int, left: Int, isTold: Bool = false) -> LedgerEntry {
        var line = CountLine(base: "count")
        line.counted = ExactNumber(counted)
        line.posted = ExactNumber(counted)
        line.wrote(ExactNumber(written), to: 812)
        line.credit = CountLine.Credit(doubt: doubt, left: ExactNumber(left))
        line.credit?.isTold = isTold
        return LedgerEntry(key: LedgerKey("order/812"), value: line.json)
    }

    private static func decision(quantity: Int?, isDecided: Bool) throws -> CompletionDecision {
        var arguments: JSON = ["order": "O1"]
        if let quantity { arguments["quantity"] = ["value": .int(quantity), "unit": "pcs"] }
        let order = try ProgressDecisionTests.order(producing: 15)
        let units = try SampleUnits.table(19)
        return CompletionDecision(
            request: try CompletionRequest(Arguments(operation: "production.complete", json: arguments)),
            family: OrderFamily(orders: [order]), order: order, moves: [], products: [:], units: units,
            unit: try #require(units[1]), dialect: try #require(OdooDialect(version: 19)), isDecided: isDecided)
    }

    @Test("what nobody explains is not closed away unseen; a stated total and a person's word settle it")
    func leftover() throws {
        let leftover = Self.entry(counted: 10, written: 15, left: 5)
        #expect {
            try Self.decision(quantity: nil, isDecided: false).decide(leftover)
        } throws: { ($0 as? OdooError)?.failure.kind == OdooFailures.mayBeDone }
        for (quantity, isDecided, entry) in [
            (15, false, leftover), (nil, true, leftover),
            (nil, false, Self.entry(counted: 10, written: 15, left: 5, isTold: true)),
            (nil, false, Self.entry(counted: 15, written: 15, left: 0)),
        ] as [(Int?, Bool, LedgerEntry)] {
            let intent = try Self.decision(quantity: quantity, isDecided: isDecided).decide(entry)
            let line = try #require(intent.acceptance.ledger.first.flatMap { CountLine($0.value) })
            #expect(intent.quantity == ExactNumber(15) && line.credit == nil && line.written == ExactNumber(15))
        }
    }

    @Test("an order that is done already holds the completion, with what of it no fact explains")
    func completedBefore() throws {
        let done = try ProgressDecisionTests.order(state: "done", produced: 15)
        let units = try SampleUnits.table(19)
        func before(_ quantity: Int?) throws -> CompletedBefore {
            CompletedBefore(
                order: done, quantity: quantity.map { Quantity(ExactNumber($0), "pcs") }, units: units,
                unit: try #require(units[1]))
        }
        for (entry, quantity) in [
            // The facts came again and left 5, which the completion had added; or it comes first.
            (Self.entry(counted: 10, written: 15, left: 5), 15), (Self.entry(counted: 10, written: 10, left: 0), nil),
        ] as [(LedgerEntry, Int?)] {
            let line = try #require(
                try before(quantity).acceptance(entry).ledger.first.flatMap { CountLine($0.value) })
            #expect(line.counted == ExactNumber(15) && line.posted == ExactNumber(15) && line.credit == nil)
        }
        #expect(throws: OdooError.self) {
            try before(14).acceptance(Self.entry(counted: 10, written: 15, left: 5))
        }
    }
}
