import Contracts
import ExactJSON
import Testing

@testable import NodeSettings

@Suite("Shares of settings")
struct ShareTextTests {
    private static let whole = ExactNumber(0)...ExactNumber(1)

    @Test(
        "a share is read as the part of one that it is",
        arguments: [
            ("5%", "0.05"), ("0.2%", "0.002"), ("100%", "1"), ("0%", "0"), ("300ppm", "0.0003"), ("1 %", "0.01"),
            ("+7%", "0.07"), ("33.3333%", "0.333333"),
        ])
    func read(_ text: String, _ expected: String) throws {
        let share = try ShareText.parse(text, in: Self.whole)
        #expect(share == ExactNumber(text: expected))
    }

    @Test(
        "what is no share is refused, with what to write instead",
        arguments: [
            ("5", "write 5%"), ("0.05", "write 5%"), ("0.0005", "write 500ppm"), ("5 percent", "write 5%"),
            ("2,5%", "write 2.5%, with a point"), ("often", "write a number and %, like 5%"),
            ("", "write a number and %, like 5%"), ("%", "write a number and %, like 5%"),
            ("1e2%", "write 1%"), ("-5%", "write a share from 0% to 100%"), ("101%", "write a share from 0% to 100%"),
            ("1000001ppm", "write a share from 0% to 100%"), ("٣%", "write a number and %, like 5%"),
            (String(repeating: "9", count: 5_000) + "%", "write a number and %, like 5%"),
        ])
    func refused(_ text: String, _ suggestion: String) {
        let refusal = #expect(throws: ScalarRefusal.self) { try ShareText.parse(text, in: Self.whole) }
        #expect(refusal?.suggestion == suggestion)
    }

    @Test("a share that is written and read again is the same")
    func roundTrip() throws {
        let all = ExactNumber(-1)...ExactNumber(1)
        var random = SeededRandom(seed: 11)
        for _ in 0..<2_000 {
            let digits = Int.random(in: 0...6, using: &random)
            let most = Int64((0..<digits).reduce(1) { value, _ in value * 10 })
            let share = ExactNumber(coefficient: Int64.random(in: -most...most, using: &random), scale: digits)
            #expect(try ShareText.parse(ShareText.format(share), in: all) == share)
        }
    }
}
