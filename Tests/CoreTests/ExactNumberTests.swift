import ExactJSON
import Foundation
import Testing

@Suite("Exact numbers")
struct ExactNumberTests {
    @Test(
        "every digit that was written comes out again",
        arguments: [
            ("1.10", "1.10"), ("-0.5", "-0.5"), ("9007199254740993", "9007199254740993"), ("0.000001", "0.000001"),
            ("123456789012345678901234567890.12345", "123456789012345678901234567890.12345"), ("1E3", "1000"),
            ("1e-7", "0.0000001"), ("12e30", "12E+30"), ("0", "0"), ("-17", "-17"), ("100", "100"),
        ])
    func digits(text: String, expected: String) throws {
        #expect(ExactNumber(text: text)?.description == expected)
    }

    @Test(
        "what is no number is refused", arguments: ["", "-", ".5", "5.", "1e", "1.2.3", "0x10", "NaN", "1e99999", "１"])
    func refused(text: String) { #expect(ExactNumber(text: text) == nil) }

    /// A random decimal with up to 30 digits.
    private static func random(_ dice: inout Dice) -> ExactNumber {
        let count = dice.below(30) + 1
        var text = dice.below(2) == 0 ? "-" : ""
        for _ in 0..<count { text += String(dice.below(10)) }
        if dice.below(2) == 0 { text += "." + String(dice.below(1_000_000)) }
        return ExactNumber(text: text)!
    }

    @Test(
        "sums, differences and products are exact: they obey the laws of arithmetic",
        arguments: 0..<200 as Range<UInt64>)
    func laws(seed: UInt64) throws {
        var dice = Dice(seed)
        let (a, b, c) = (Self.random(&dice), Self.random(&dice), Self.random(&dice))
        let sum = try ExactNumber.adding(a, b)
        #expect(try ExactNumber.subtracting(sum, b) == a, "seed \(seed)")
        #expect(try ExactNumber.adding(b, a) == sum, "seed \(seed)")
        let left = try ExactNumber.multiplying(a, ExactNumber.adding(b, c))
        let right = try ExactNumber.adding(ExactNumber.multiplying(a, b), ExactNumber.multiplying(a, c))
        #expect(left == right, "seed \(seed)")
        #expect((a < b) == (b > a) && (a == b) == !(a < b || b < a), "seed \(seed)")
        #expect(try ExactNumber.subtracting(a, b).isNegative == (a < b), "seed \(seed)")
    }

    @Test("equal values are equal and hash alike however they are written")
    func equality() {
        for (x, y) in [
            ("1.10", "1.1"), ("1000", "1E3"), ("0", "-0.00"), ("12345678901234567890.0", "12345678901234567890"),
        ] {
            let (a, b) = (ExactNumber(text: x)!, ExactNumber(text: y)!)
            #expect(a == b && Set([a, b]).count == 1, "\(x) \(y)")
        }
    }

    @Test("a result of too many digits is an error, not a rounding")
    func bounds() throws {
        let huge = ExactNumber(text: "1e9000")!
        #expect(throws: ExactNumberError.tooManyDigits) { try ExactNumber.adding(huge, ExactNumber(1)) }
        #expect(throws: ExactNumberError.self) { try ExactNumber.multiplying(huge, huge) }
    }

    @Test("a multiple is one by all digits, however far value and step lie apart", arguments: 0..<200 as Range<UInt64>)
    func multiples(seed: UInt64) throws {
        var dice = Dice(seed)
        let (value, other) = (Self.random(&dice), Self.random(&dice))
        let step = other.isNegative ? other.negated : other
        guard !step.isZero else { return }
        let down = try value.rounded(toMultipleOf: step, .down)
        #expect(value.isMultiple(of: step) == (down == value), "seed \(seed)")
        let floor = try value.rounded(toMultipleOf: ExactNumber(1), .down)
        #expect(value.isWhole == (floor == value), "seed \(seed)")
        let product = try ExactNumber.multiplying(value, step)
        if value.isWhole { #expect(product.isMultiple(of: step), "seed \(seed)") }
    }

    @Test("a quotient has the digits that are asked for, rounded as is said, of either sign and any scale")
    func quotients() throws {
        func divided(_ a: String, _ b: String, _ decimals: Int, _ mode: ExactNumber.Rounding) throws -> String {
            try ExactNumber.dividing(
                ExactNumber(text: a)!, by: ExactNumber(text: b)!, decimals: decimals, mode
            ).description
        }
        #expect(try divided("2", "3", 4, .down) == "0.6666" && divided("2", "3", 4, .up) == "0.6667")
        #expect(try divided("2", "3", 4, .halfUp) == "0.6667" && divided("1", "3", 0, .halfUp) == "0")
        #expect(try divided("-2", "3", 1, .down) == "-0.7" && divided("2", "-3", 1, .up) == "-0.6")
        #expect(try divided("-0.25", "1", 1, .halfUp) == "-0.3" && divided("-0.25", "-1", 1, .halfUp) == "0.3")
        #expect(try divided("1E+20", "4E-3", 0, .down) == "25000000000000000000000")
        #expect(try divided("0.000001", "8", 3, .up) == "0.001" && divided("6", "3", 2, .up) == "2.00")
        #expect(throws: ExactNumberError.self) { _ = try divided("1E-9000", "1E+9000", 3, .down) }
        for number in 0..<500 {
            let (a, b) = (number * 7_919 % 199_999 - 99_999, number % 41 + 1)
            let quotient = try ExactNumber.dividing(ExactNumber(a), by: ExactNumber(b), decimals: 3, .down)
            let rest = try ExactNumber.subtracting(
                ExactNumber(a), ExactNumber.multiplying(quotient, ExactNumber(b)))
            let step = try ExactNumber.multiplying(ExactNumber(b), ExactNumber(coefficient: 1, scale: 3))
            #expect(!rest.isNegative && rest < step, "\(a) / \(b) is \(quotient)")
        }
    }

    @Test("rounding goes to the step next to the value")
    func rounding() throws {
        let step = ExactNumber(text: "0.25")!
        func rounded(_ text: String, _ mode: ExactNumber.Rounding) throws -> String {
            try ExactNumber(text: text)!.rounded(toMultipleOf: step, mode).trimmed().description
        }
        #expect(try rounded("1.3", .down) == "1.25")
        #expect(try rounded("1.3", .up) == "1.5")
        #expect(try rounded("1.375", .halfUp) == "1.5")
        #expect(try rounded("-1.3", .down) == "-1.5")
        #expect(try rounded("-1.375", .halfUp) == "-1.5")
    }
}

@Suite("JSON")
struct JSONTests {
    @Test("what is written reads back as the same value", arguments: 0..<300 as Range<UInt64>)
    func roundTrip(seed: UInt64) throws {
        var dice = Dice(seed)
        let value = Self.random(&dice, depth: 0)
        #expect(try JSONReader.read(value.bytes) == value, "seed \(seed)")
    }

    static func random(_ dice: inout Dice, depth: Int) -> JSON {
        switch dice.below(depth > 4 ? 4 : 6) {
        case 0: return .null
        case 1: return .bool(dice.below(2) == 0)
        case 2: return .number(ExactNumber(coefficient: Int64(truncatingIfNeeded: dice.next()), scale: dice.below(20)))
        case 3: return .string(text(&dice))
        case 4: return .array((0..<dice.below(5)).map { _ in random(&dice, depth: depth + 1) })
        default:
            var members: JSONObject = [:]
            for _ in 0..<dice.below(5) { members[text(&dice)] = random(&dice, depth: depth + 1) }
            return .object(members)
        }
    }

    private static func text(_ dice: inout Dice) -> String {
        let letters = Array("aZ09 \"\\/\n\t\u{7F}\u{1}é漢😀\u{2028}")
        return String((0..<dice.below(12)).map { _ in letters[dice.below(letters.count)] })
    }

    @Test(
        "a text is taken exactly where Foundation takes it too, whatever was damaged in it",
        arguments: 0..<400 as Range<UInt64>)
    func againstFoundation(seed: UInt64) {
        var dice = Dice(seed)
        var bytes = Self.random(&dice, depth: 0).bytes
        for _ in 0..<dice.below(3) where !bytes.isEmpty {
            switch dice.below(3) {
            case 0: bytes[dice.below(bytes.count)] = UInt8(dice.below(128))
            case 1: bytes.remove(at: dice.below(bytes.count))
            default: bytes.insert(Array("{}[],:\"0e.-x ".utf8)[dice.below(13)], at: dice.below(bytes.count + 1))
            }
        }
        let ours = try? JSONReader.read(bytes)
        let theirs = try? JSONSerialization.jsonObject(with: Data(bytes), options: .fragmentsAllowed)
        // Foundation refuses numbers that a double cannot hold, which are numbers here.
        if theirs != nil { #expect(ours != nil, "seed \(seed): \(String(decoding: bytes, as: UTF8.self))") }
        if ours == nil { #expect(theirs == nil, "seed \(seed): \(String(decoding: bytes, as: UTF8.self))") }
    }

    @Test("an error says where: byte, line and column")
    func position() {
        let error = #expect(throws: JSONSyntaxError.self) { try JSONReader.read("{\n  \"a\": tru\n}") }
        #expect(error?.line == 2 && error?.column == 8 && error?.offset == 9)
    }

    @Test("nesting beyond the bound is refused, at any depth, without a crash")
    func depth() {
        for depth in [129, 10_000, 1_000_000] {
            let text = [UInt8](repeating: UInt8(ascii: "["), count: depth)
            #expect(throws: JSONSyntaxError.self) { try JSONReader.read(text) }
        }
    }

    @Test("objects are equal whatever the order of their members")
    func objectEquality() {
        let (a, b): (JSON, JSON) = (["x": 1, "y": [true]], ["y": [true], "x": 1])
        #expect(a == b && Set([a, b]).count == 1)
    }
}
