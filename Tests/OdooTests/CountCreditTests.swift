import Canonical
import Contracts
import ExactJSON
import Testing

@testable import OdooConnector

/// What follows for counts where the hub's store came back from a backup: what Odoo shows beyond it is used up by the
/// facts that come again.
@Suite("counts after a restored store")
struct CountCreditTests {
    /// A record of Odoo's, the ledger's line, and the person who decides.
    private struct Plant {
        var record = ExactNumber(0)
        var line = CountLine(base: "count")
        let unit: UnitTable.Unit
        var asked = 0

        mutating func post(_ amount: ExactNumber, _ standing: CountLine.Standing) throws {
            var next = line
            let sight = CountLine.Sight(record: 812, observed: record, words: "the order")
            let delta = try next.post(amount, unit: unit, sight, standing, .accept)
            record = try ExactNumber.adding(record, delta)
            line = try #require(CountLine(JSONReader.read(next.json.description)))
        }

        /// A person who resubmits whatever comes.
        mutating func resubmitting(_ amount: ExactNumber, doubt: Instant?) throws {
            do {
                try post(amount, doubt.map { .doubted($0) } ?? .new)
            } catch let error as OdooError {
                #expect(error.failure.kind == OdooFailures.mayBeDone)
                asked += 1
                try post(amount, .decided(doubt))
            }
        }
    }

    private static let doubt = Instant(microseconds: 1_770_000_000_000_000)

    private static func amount(_ random: inout SeededGenerator) -> ExactNumber {
        ExactNumber(
            coefficient: Int64.random(in: 1...40_000, using: &random), scale: Int.random(in: 0...3, using: &random))
    }

    private static func sum(_ amounts: some Sequence<ExactNumber>) throws -> ExactNumber {
        try amounts.reduce(ExactNumber(0)) { try ExactNumber.adding($0, $1) }
    }

    /// Posts some facts, copies the ledger, posts more, and puts the copy back.
    private static func restored(_ random: inout SeededGenerator) throws -> (
        Plant, before: [ExactNumber], [ExactNumber]
    ) {
        let unit = try #require(try SampleUnits.table(19)[1])
        var plant = Plant(unit: unit)
        let before = (0..<Int.random(in: 0...6, using: &random)).map { _ in amount(&random) }
        for fact in before { try plant.post(fact, .new) }
        let backup = plant.line
        let forgotten = (0..<Int.random(in: 1...12, using: &random)).map { _ in amount(&random) }
        for fact in forgotten { try plant.post(fact, .new) }
        plant.line = backup
        return (plant, before, forgotten)
    }

    @Test(
        "facts that come again in their order use up what is there, those that were never posted are posted, and no person is asked",
        arguments: 1...200 as ClosedRange<UInt64>)
    func ordinary(_ seed: UInt64) throws {
        var random = SeededGenerator(seed)
        var (plant, before, forgotten) = try Self.restored(&random)
        // Some were on their way when the old store ended, and some are new.
        let unposted = (0..<Int.random(in: 0...5, using: &random)).map { _ in Self.amount(&random) }
        let fresh = (0..<Int.random(in: 0...5, using: &random)).map { _ in Self.amount(&random) }
        for fact in forgotten + unposted { try plant.post(fact, .doubted(Self.doubt)) }
        for fact in fresh { try plant.post(fact, .new) }
        let total = try Self.sum(before + forgotten + unposted + fresh)
        #expect(plant.line.counted == total, "seed \(seed)")
        #expect(try ExactNumber.adding(plant.record, plant.line.remainder) == total, "seed \(seed)")
        #expect(plant.line.credit?.left.isZero ?? true, "seed \(seed)")
    }

    @Test(
        "in another order than before the sums are exact all the same, with a person who resubmits",
        arguments: 1...200 as ClosedRange<UInt64>)
    func shuffled(_ seed: UInt64) throws {
        var random = SeededGenerator(seed)
        var (plant, before, forgotten) = try Self.restored(&random)
        let unposted = (0..<Int.random(in: 0...5, using: &random)).map { _ in Self.amount(&random) }
        for fact in (forgotten + unposted).shuffled(using: &random) {
            try plant.resubmitting(fact, doubt: Self.doubt)
        }
        let total = try Self.sum(before + forgotten + unposted)
        #expect(try ExactNumber.adding(plant.record, plant.line.remainder) == total, "seed \(seed)")
        #expect(plant.asked <= 1, "seed \(seed): asked \(plant.asked) times")
    }

    @Test(
        "what a person added in Odoo in between stays, and somebody is told of it",
        arguments: 1...100 as ClosedRange<UInt64>)
    func correctedUp(_ seed: UInt64) throws {
        var random = SeededGenerator(seed)
        var (plant, before, forgotten) = try Self.restored(&random)
        let correction = ExactNumber(Int.random(in: 1...50, using: &random))
        plant.record = try ExactNumber.adding(plant.record, correction)
        for fact in forgotten { try plant.post(fact, .doubted(Self.doubt)) }
        #expect(plant.line.credit?.left == correction, "seed \(seed)")
        let fresh = Self.amount(&random)
        try plant.resubmitting(fresh, doubt: nil)
        #expect(plant.asked == 1, "seed \(seed): the correction was swallowed")
        // From then on it counts on, and asks no more; but what may be done after all is a person's matter.
        try plant.post(fresh, .new)
        let total = try Self.sum(before + forgotten + [fresh, fresh, correction])
        #expect(try ExactNumber.adding(plant.record, plant.line.remainder) == total, "seed \(seed)")
        #expect(throws: OdooError.self) { try plant.post(fresh, .doubted(Self.doubt)) }
    }

    @Test(
        "what a person took away in Odoo in between is told, before anything is written over it",
        arguments: 1...100 as ClosedRange<UInt64>)
    func correctedDown(_ seed: UInt64) throws {
        var random = SeededGenerator(seed)
        let unit = try #require(try SampleUnits.table(19)[1])
        var plant = Plant(unit: unit)
        // Whole pieces from 2 on, so that one piece less is never what some of them add up to.
        let facts = (0..<Int.random(in: 1...9, using: &random)).map { _ in
            ExactNumber(Int.random(in: 1...20, using: &random) * 2)
        }
        for fact in facts { try plant.post(fact, .new) }
        plant.line = CountLine(base: "count")
        plant.record = try ExactNumber.subtracting(plant.record, ExactNumber(1))
        let left = plant.record
        #expect(throws: OdooError.self, "seed \(seed)") {
            for fact in facts { try plant.post(fact, .doubted(Self.doubt)) }
        }
        #expect(plant.record == left, "seed \(seed): written before anybody was asked")
    }

    @Test("asked to ask, every difference waits for a person")
    func ask() throws {
        let unit = try #require(try SampleUnits.table(19)[1])
        var line = CountLine(base: "count")
        #expect(throws: OdooError.self) {
            try line.post(
                ExactNumber(5), unit: unit, .init(record: 812, observed: ExactNumber(5), words: "the order"),
                .doubted(Self.doubt), .ask)
        }
    }

    @Test("a store that is restored twice counts what it forgot the second time anew")
    func twice() throws {
        let unit = try #require(try SampleUnits.table(19)[1])
        var plant = Plant(unit: unit)
        plant.record = ExactNumber(5)
        try plant.post(ExactNumber(5), .doubted(Self.doubt))
        #expect(plant.record == ExactNumber(5) && plant.line.credit?.left == ExactNumber(0))
        plant.record = ExactNumber(12)
        #expect(throws: OdooError.self) { try plant.post(ExactNumber(7), .doubted(Self.doubt)) }
        try plant.post(ExactNumber(7), .doubted(Self.doubt + .seconds(86_400)))
        #expect(plant.record == ExactNumber(12) && plant.line.counted == ExactNumber(12))
    }
}

/// What takes back from the ledger what Odoo forgot.
@Suite("counts that Odoo forgot")
struct ForgottenLineTests {
    private struct Step {
        let amount: ExactNumber
        let line: CountLine
        let record: ExactNumber
    }

    @Test(
        "taken back and counted again, the forgotten counts leave record and ledger as they were, whatever came between",
        arguments: 1...200 as ClosedRange<UInt64>)
    func exact(_ seed: UInt64) throws {
        var random = SeededGenerator(seed)
        let unit = try #require(try SampleUnits.table(19)[1])
        var line = CountLine(base: "count")
        var record = ExactNumber(0)
        var steps: [Step] = []
        func post(_ amount: ExactNumber, _ standing: CountLine.Standing) throws {
            let sight = CountLine.Sight(record: 812, observed: record, words: "the order")
            record = try ExactNumber.adding(record, line.post(amount, unit: unit, sight, standing, .accept))
        }
        for _ in 0..<Int.random(in: 1...15, using: &random) {
            let amount = ExactNumber(
                coefficient: Int64.random(in: 1...5_000, using: &random), scale: Int.random(in: 0...3, using: &random))
            try post(amount, .new)
            steps.append(Step(amount: amount, line: line, record: record))
        }
        let total = line.counted
        let backup = Int.random(in: 0..<steps.count, using: &random)
        let shown = backup == 0 ? ExactNumber(0) : steps[backup - 1].record
        record = shown
        // Those that wrote nothing were only counted: they are not forgotten.
        let forgotten = steps[backup...].filter { $0.line.last?.posted.isZero == false }
        guard !forgotten.isEmpty else { return }
        let listed = LedgerEntry(key: LedgerKey("order/812"), value: line.json)
        func order(hasMovedOn: Bool) throws -> JSON {
            OdooTarget.takeBack(
                ForgottenCounts(
                    ledger: listed.key, record: 812, shown: shown, hasMovedOn: hasMovedOn,
                    amount: try forgotten.reduce(ExactNumber(0)) { try ExactNumber.adding($0, $1.amount) },
                    posted: try forgotten.reduce(ExactNumber(0)) {
                        try ExactNumber.adding($0, $1.line.last?.posted ?? ExactNumber(0))
                    }), listed: listed)
        }
        var between = ExactNumber(0)
        let takeBack = try order(hasMovedOn: false)
        if Bool.random(using: &random) {
            // A count of now comes between the listing and the posting.
            between = ExactNumber(Int.random(in: 1...9, using: &random))
            try post(between, .new)
        }
        let taken = try #require(
            OdooTarget.takingBack(takeBack, from: LedgerEntry(key: listed.key, value: line.json)), "seed \(seed)")
        line = try #require(CountLine(JSONReader.read(taken.value.description)))
        for step in forgotten { try post(step.amount, .repeated) }
        let expected = try ExactNumber.adding(total, between)
        #expect(line.counted == expected, "seed \(seed)")
        #expect(try ExactNumber.adding(record, line.remainder) == expected, "seed \(seed)")
    }

    @Test("where somebody changed the record since it was listed, nothing is taken back or posted unseen")
    func changed() throws {
        let unit = try #require(try SampleUnits.table(19)[1])
        var line = CountLine(base: "count")
        _ = try line.post(
            ExactNumber(10), unit: unit, .init(record: 812, observed: ExactNumber(0), words: "the order"), .new, .accept
        )
        let listed = LedgerEntry(key: LedgerKey("order/812"), value: line.json)
        let order = OdooTarget.takeBack(
            ForgottenCounts(
                ledger: listed.key, record: 812, shown: ExactNumber(0), hasMovedOn: false, amount: ExactNumber(10),
                posted: ExactNumber(10)), listed: listed)
        // Put in by hand before the posting, all of it or something else, and found by a count of now.
        var other = line
        _ = try other.post(
            ExactNumber(1), unit: unit, .init(record: 812, observed: ExactNumber(10), words: "the order"), .new, .accept
        )
        #expect(OdooTarget.takingBack(order, from: LedgerEntry(key: listed.key, value: other.json)) == nil)
        other = line
        _ = try other.post(
            ExactNumber(1), unit: unit, .init(record: 812, observed: ExactNumber(4), words: "the order"), .new, .accept)
        #expect(OdooTarget.takingBack(order, from: LedgerEntry(key: listed.key, value: other.json)) == nil)
        // By hand, behind the posting: the repeated count finds it.
        let taken = try #require(OdooTarget.takingBack(order, from: listed).flatMap { CountLine($0.value) })
        #expect {
            var line = taken
            _ = try line.post(
                ExactNumber(10), unit: unit, .init(record: 812, observed: ExactNumber(10), words: "the order"),
                .repeated, .accept)
        } throws: { ($0 as? OdooError)?.failure.kind == OdooFailures.changedSinceListed }
    }
}
