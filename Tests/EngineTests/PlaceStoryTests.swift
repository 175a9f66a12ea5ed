import Canonical
import Contracts
import Delivery
import ExactJSON
import SimulatedWorld
import Store
import Testing

/// Which of the commands that wrote to a value are there still, told from the value alone.
@Suite("The story of one value")
struct PlaceStoryTests {
    private static let place = CountPlace(ledger: LedgerKey("order/812"), record: 812, family: "812")

    private static func step(_ before: Int, _ after: Int, closes: Bool = false) -> CountStep {
        CountStep(
            place: place, order: "MO1", step: ExactNumber(1), before: ExactNumber(before), after: ExactNumber(after),
            amount: ExactNumber(after - before), posted: ExactNumber(after - before), closes: closes)
    }

    private static func mark(_ number: Int) -> DoneMark {
        DoneMark(settled: Instant(microseconds: Int64(number) * 1_000_000), command: Int64(number))
    }

    private static func standings(
        _ steps: [CountStep], shows sight: CountSight, mayHaveBeenSetBack: Bool = false
    ) -> [PlaceStory.Standing] {
        var story = PlaceStory(sight, mayHaveBeenSetBack: mayHaveBeenSetBack)
        for (index, step) in steps.enumerated() { story.note(step, mark(index)) }
        return steps.enumerated().map { story.standing(of: $1, mark($0)) }
    }

    private static func shows(_ value: Int, isClosed: Bool = false) -> CountSight {
        .shows(ExactNumber(value), isClosed: isClosed)
    }

    @Test(
        "of counts that rise, with corrections between them, exactly those behind the backup are forgotten",
        arguments: 1...300 as ClosedRange<UInt64>)
    func rising(_ seed: UInt64) {
        var random = SeededRandom(seed: seed)
        var value = Int(random.next() % 50)
        var steps: [CountStep] = []
        var states = [value]
        for _ in 0..<Int(random.next() % 20 + 1) {
            if !steps.isEmpty, random.next() % 4 == 0 { value += Int(random.next() % 30) + 1 }
            let after = value + Int(random.next() % 9) + 1
            steps.append(Self.step(value, after))
            value = after
            states.append(value)
        }
        let backup = Int(random.next() % UInt64(states.count))
        let standings = Self.standings(steps, shows: Self.shows(states[backup]))
        let expected = steps.indices.map { $0 < backup ? PlaceStory.Standing.present : .forgotten }
        #expect(standings == expected, "seed \(seed)")
    }

    @Test(
        "of any counts and corrections none that is there is ever taken for forgotten, nor the other way round: at worst a person looks",
        arguments: 1...500 as ClosedRange<UInt64>)
    func anything(_ seed: UInt64) {
        var random = SeededRandom(seed: seed)
        var value = Int(random.next() % 5)
        var steps: [CountStep] = []
        var states = [value]
        for _ in 0..<Int(random.next() % 12 + 1) {
            if !steps.isEmpty, random.next() % 3 == 0 { value = Int(random.next() % 12) }
            var after = value
            while after == value { after = Int(random.next() % 12) }
            steps.append(Self.step(value, after))
            value = after
            states.append(value)
        }
        let backup = Int(random.next() % UInt64(states.count))
        let isWhole = states[backup] == states.last
        for (index, standing) in Self.standings(steps, shows: Self.shows(states[backup])).enumerated() {
            if case .unclear = standing { continue }
            // Where the value is what was left, nothing is missing, whatever went up and down in between.
            let isThere = index < backup || isWhole
            #expect((standing == .present) == isThere, "seed \(seed), step \(index) of \(steps.count)")
        }
    }

    @Test("a value that nobody knows, a record that is gone and a closed one are for a person")
    func unclear() {
        let steps = [Self.step(0, 10), Self.step(10, 30)]
        for sight in [Self.shows(17), .gone, Self.shows(10, isClosed: true)] {
            for standing in Self.standings(steps, shows: sight) {
                guard case .unclear = standing else {
                    Issue.record("\(sight): \(standing)")
                    continue
                }
            }
        }
    }

    @Test("a closing is there where the record is closed with its quantity, and forgotten where it is open")
    func closing() {
        let steps = [Self.step(0, 10), Self.step(10, 12), Self.step(12, 12, closes: true)]
        #expect(Self.standings(steps, shows: Self.shows(12, isClosed: true)) == [.present, .present, .present])
        #expect(Self.standings(steps, shows: Self.shows(12)) == [.present, .present, .forgotten])
        #expect(Self.standings(steps, shows: Self.shows(10)) == [.present, .forgotten, .forgotten])
        #expect(Self.standings(steps, shows: Self.shows(0)) == [.forgotten, .forgotten, .forgotten])
        for standing in Self.standings(steps, shows: Self.shows(11, isClosed: true)) {
            #expect(standing != .present && standing != .forgotten)
        }
    }

    @Test("where a node went on after the target came back, it asks when that was")
    func wentOn() {
        let steps = [Self.step(0, 10), Self.step(10, 30), Self.step(10, 14)]
        let unknown = Self.standings(steps, shows: Self.shows(14), mayHaveBeenSetBack: true)
        #expect(unknown[0] == .present && unknown[2] == .present)
        guard case .unclear(let reason) = unknown[1] else {
            Issue.record("\(unknown[1])")
            return
        }
        #expect(reason.contains("--until"))
        // Told when: the last is not of that time, and found 10.
        #expect(Self.standings(Array(steps.prefix(2)), shows: Self.shows(10)) == [.present, .forgotten])
    }
}
