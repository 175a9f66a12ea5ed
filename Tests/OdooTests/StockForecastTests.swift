import Canonical
import ExactJSON
import Testing

@testable import OdooConnector

@Suite("what can be promised of a stock")
struct StockForecastTests {
    private static let now = Instant(text: "2026-03-02T06:00:00Z") ?? Instant(microseconds: 0)
    private static let day = Duration.seconds(86_400)

    /// `(day, quantity)`: above 0 comes in, below goes out.
    private static func forecast(_ onHand: Int, free: Int? = nil, _ flows: [(Int, Int)]) -> StockForecast {
        let incoming = flows.map(\.1).filter { $0 > 0 }.reduce(0, +)
        let outgoing = -flows.map(\.1).filter { $0 < 0 }.reduce(0, +)
        return StockForecast(
            onHand: ExactNumber(onHand), free: ExactNumber(free ?? onHand), incoming: ExactNumber(incoming),
            outgoing: ExactNumber(outgoing),
            flows: flows.map {
                .init(
                    date: now + day * $0.0, quantity: ExactNumber(abs($0.1)), isIncoming: $0.1 > 0, document: nil,
                    origin: nil)
            }, now: now)
    }

    private static func on(_ days: Int) -> StockForecast.Promise { days == 0 ? .now : .from(now + day * days) }

    static let cases: [(words: String, forecast: StockForecast, asked: Int, promise: StockForecast.Promise, now: Int)] =
        [
            ("enough is there", forecast(100, []), 100, on(0), 100),
            ("nothing comes", forecast(100, []), 101, .never, 100),
            ("what is reserved is not promised for now", forecast(100, free: 30, []), 31, .never, 30),
            ("a receipt brings it", forecast(10, [(5, 50)]), 60, on(5), 10),
            ("a later issue needs what is there", forecast(100, [(10, -80)]), 30, .never, 20),
            ("a receipt before the issue makes up for it", forecast(100, [(5, 50), (10, -80)]), 70, on(0), 70),
            ("only behind the issue it is free", forecast(50, [(3, -40), (8, 100)]), 60, on(8), 10),
            ("an overdue issue goes out first", forecast(100, [(-3, -80)]), 30, .never, 20),
            ("an overdue receipt is promised to nobody", forecast(10, [(-1, 500)]), 20, .never, 10),
            ("below zero there is nothing", forecast(-5, []), 1, .never, 0),
            ("the second receipt is needed", forecast(0, [(2, 10), (4, 10)]), 15, on(4), 0),
            (
                "reserved now, and a receipt that is not", forecast(10, free: 0, [(5, 10), (10, -10)]), 10, on(5), 0
            ),
        ]

    @Test("by cases", arguments: cases.indices)
    func promised(_ index: Int) throws {
        let (words, forecast, asked, promise, now) = Self.cases[index]
        #expect(try forecast.promise(ExactNumber(asked)) == promise, "\(words)")
        #expect(try forecast.promisable() == ExactNumber(now), "\(words)")
    }

    @Test("where the flows do not make up the totals, nothing is promised")
    func notDated() throws {
        let whole = Self.forecast(5, [(1, 10)])
        let cut = StockForecast(
            onHand: whole.onHand, free: whole.free, incoming: ExactNumber(11), outgoing: whole.outgoing,
            flows: whole.flows, now: whole.now)
        #expect(try whole.isDated())
        #expect(try !cut.isDated())
        #expect(try cut.promise(ExactNumber(1)) == .unknown)
    }

    @Test("a promise leaves enough for everything else, no earlier one would, and more never comes sooner")
    func properties() throws {
        for seed in 1...2_000 as ClosedRange<UInt64> {
            var random = SeededGenerator(seed)
            let flows = (0..<Int.random(in: 0...8, using: &random)).map { _ in
                (Int.random(in: -3...20, using: &random), Int.random(in: -40...40, using: &random))
            }.filter { $0.1 != 0 }
            let onHand = Int.random(in: -10...80, using: &random)
            let free = Int.random(in: -10...max(-10, onHand), using: &random)
            let forecast = Self.forecast(onHand, free: free, flows)
            // The stock at the end of each day, without what is late.
            func stock(_ day: Int) -> Int {
                onHand
                    + flows.filter { $0.1 < 0 ? max(0, $0.0) <= day : $0.0 >= 0 && $0.0 <= day }.map(\.1).reduce(0, +)
            }
            var last = -1
            for asked in 1...60 {
                func fits(_ day: Int) -> Bool {
                    (day > 0 || free >= asked) && (day...25).allSatisfy { stock($0) >= asked }
                }
                // A receipt of today is there now.
                let first = (0...25).first(where: fits)
                let promise = try forecast.promise(ExactNumber(asked))
                let day: Int? =
                    switch promise {
                    case .now: 0
                    case .from(let date): Int(date.since(Self.now).components.seconds / 86_400)
                    case .never, .unknown: nil
                    }
                if first == 1, !flows.contains(where: { $0.0 == 1 }) {
                    // Nothing happens on the first day that something could wait for: it waits for the next change.
                    #expect(day == nil || day ?? 0 > 1, "seed \(seed), \(asked)")
                } else {
                    #expect(day == first, "seed \(seed), \(asked): \(promise), \(onHand) \(free) \(flows)")
                }
                #expect((day ?? 99) >= last, "seed \(seed): more came sooner")
                last = day ?? 99
            }
            let promisable = try forecast.promisable()
            let first = try forecast.promise(promisable)
            #expect(promisable == ExactNumber(0) || first == .now, "seed \(seed)")
        }
    }
}
