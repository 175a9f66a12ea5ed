import Canonical
import Contracts
import ExactJSON
import Testing

@testable import OdooConnector

/// What follows for counts where the hub's store came back from a backup: what may be in Odoo already is for a person.
@Suite("counts after a restored store")
struct CountDoubtTests {
    /// A record of Odoo's, the ledger's line, and the person who decides.
    private struct Plant {
        var record = ExactNumber(0)
        var line = CountLine(base: "count")
        let unit: UnitTable.Unit
        var asked = 0

        mutating func post(_ amount: ExactNumber, _ standing: CountLine.Standing, since doubt: Instant? = nil) throws {
            var next = line
            var forgotten = CountLine.Forgotten()
            forgotten.until = doubt
            let sight = CountLine.Sight(record: 812, observed: record, words: "the order")
            let delta = try next.post(amount, unit: unit, sight, standing, .accept, forgotten)
            record = try ExactNumber.adding(record, delta)
            line = try #require(CountLine(JSONReader.read(next.json.description)))
        }

        /// A fact that comes again, and a person who knows whether it is in already: who then discards it.
        mutating func again(_ amount: ExactNumber, isIn: Bool) throws {
            do {
                try post(amount, .doubted)
                #expect(!isIn, "it was posted twice")
            } catch let error as OdooError {
                #expect(error.failure.kind == OdooFailures.mayBeDone)
                asked += 1
                if !isIn { try post(amount, .decided(wasDoubted: true)) }
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
        "nothing that is in Odoo is posted again without a person, and nothing that is not is passed over",
        arguments: 1...200 as ClosedRange<UInt64>)
    func comesAgain(_ seed: UInt64) throws {
        var random = SeededGenerator(seed)
        var (plant, before, forgotten) = try Self.restored(&random)
        // Some were on their way when the old store ended, some never come again, and some are new.
        let lost = Int.random(in: 0...forgotten.count, using: &random)
        let unposted = (0..<Int.random(in: 0...5, using: &random)).map { _ in Self.amount(&random) }
        let fresh = (0..<Int.random(in: 0...5, using: &random)).map { _ in Self.amount(&random) }
        for fact in forgotten.dropFirst(lost) { try plant.again(fact, isIn: true) }
        for fact in unposted { try plant.again(fact, isIn: false) }
        for fact in fresh {
            do { try plant.post(fact, .new, since: Self.doubt) } catch {
                try plant.post(fact, .decided(wasDoubted: false), since: Self.doubt)
            }
        }
        let total = try Self.sum(before + forgotten + unposted + fresh)
        let shown = try ExactNumber.adding(plant.record, plant.line.remainder)
        // What was counted and not yet worth a step is that of the backup, not that of the old store's end.
        let (more, less) = (try ExactNumber.subtracting(total, shown), try ExactNumber.subtracting(shown, total))
        #expect(more < plant.unit.step && less < plant.unit.step, "seed \(seed): \(shown) of \(total)")
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
            for fact in facts { try plant.post(fact, .doubted) }
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
                .doubted, .ask)
        }
    }

    private func code(_ body: () throws -> Void) -> String? {
        do {
            try body()
            return nil
        } catch {
            return (error as? OdooError)?.failure.kind.code
        }
    }

    @Test("what is surely new waits for a person where it would hide what a forgotten store posted")
    func newBeforeDoubted() throws {
        let unit = try #require(try SampleUnits.table(19)[1])
        var forgotten = CountLine.Forgotten()
        forgotten.until = Self.doubt
        var line = CountLine(base: "count")
        (line.counted, line.posted) = (ExactNumber(45), ExactNumber(45))
        line.wrote(ExactNumber(45), to: 812)
        // The forgotten store posted 10 more.
        func sight(_ observed: Int) -> CountLine.Sight {
            .init(record: 812, observed: ExactNumber(observed), words: "the order")
        }
        let before = line
        #expect(
            code { _ = try line.post(ExactNumber(5), unit: unit, sight(55), .new, .accept, forgotten) } == "ODOO-042")
        line = before
        let delta = try line.post(
            ExactNumber(5), unit: unit, sight(55), .decided(wasDoubted: false), .accept, forgotten)
        #expect(delta == ExactNumber(5))
        var decided = line
        #expect(
            code {
                _ = try decided.post(ExactNumber(10), unit: unit, sight(60), .doubted, .accept, forgotten)
            } == "ODOO-042")
        // Where it stands as it was left, nothing was posted that could be hidden.
        line = before
        #expect(try line.post(ExactNumber(5), unit: unit, sight(45), .new, .accept, forgotten) == ExactNumber(5))
        #expect(
            try line.post(ExactNumber(10), unit: unit, sight(50), .doubted, .accept, forgotten)
                == ExactNumber(10))
    }

    @Test("where the ledger may have counted what comes again, a person decides about each")
    func doubtedLedger() throws {
        let unit = try #require(try SampleUnits.table(19)[1])
        var forgotten = CountLine.Forgotten()
        forgotten.until = Self.doubt
        forgotten.reachesLedger = true
        var line = CountLine(base: "count")
        line.wrote(ExactNumber(45), to: 812)
        func post(_ observed: Int) throws {
            let sight = CountLine.Sight(record: 812, observed: ExactNumber(observed), words: "the order")
            _ = try line.post(ExactNumber(5), unit: unit, sight, .doubted, .accept, forgotten)
        }
        #expect(code { try post(45) } == "ODOO-042")
        line = CountLine(base: "count")
        #expect(code { try post(0) } == nil)
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
