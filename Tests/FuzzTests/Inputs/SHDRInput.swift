import Canonical
import Contracts
import ExactJSON

@testable import MTConnectConnector

/// A byte that chooses the rules, then SHDR lines or a `Devices.xml`. Lines mean the same in whatever pieces they come.
enum SHDRInput {
    private static let now = Instant(microseconds: 1_700_000_000_000_000)
    private static let rules: [SHDRRules] = (0..<128).map { rules(UInt8($0)) }

    static func check(_ input: [UInt8]) throws {
        guard let choice = input.first else { return }
        let text = Array(input.dropFirst())
        guard choice & 0x80 == 0 else {
            var model = SHDRModel()
            _ = DevicesFile.read(text, into: &model)
            return
        }
        let rules = rules[Int(choice)]
        var whole = SHDRParser(rules, place: "p")
        let first = [whole.take(text, now: now), whole.end(now: now)]
        var cut = SHDRParser(rules, place: "p")
        var second: [SHDROutput] = []
        let size = 1 + Int(choice >> 4) * 3
        for start in stride(from: 0, to: text.count, by: size) {
            second.append(cut.take(Array(text[start..<min(start + size, text.count)]), now: now))
        }
        second.append(cut.end(now: now))
        try compare(first.flatMap(\.readings), second.flatMap(\.readings), size)
        let faults = (first.flatMap(\.faults).map(\.failure), second.flatMap(\.faults).map(\.failure))
        try require(faults.0 == faults.1, "in pieces of \(size): \(faults.1), not \(faults.0)")
    }

    private static func compare(_ first: [Reading], _ second: [Reading], _ size: Int) throws {
        try require(second.count == first.count, "in pieces of \(size): \(second.count) readings, not \(first.count)")
        for (a, b) in zip(first, second) {
            try require(
                a.asset == b.asset && a.name == b.name && a.value == b.value && a.time == b.time
                    && a.origin.line == b.origin.line, "in pieces of \(size): \(b), not \(a)")
        }
    }

    private static func rules(_ choice: UInt8) -> SHDRRules {
        var rules = SHDRRules(asset: "okuma")
        if choice & 1 != 0 { rules.devices = ["d1": "one", "d2": "two"] }
        if choice & 2 != 0 { rules.isLatin1 = true }
        if choice & 4 != 0 { rules.dropsRepeats = true }
        if choice & 8 != 0 { rules.limits.lineBytes = 64 }
        if choice & 16 != 0 { rules.limits.originalBytes = 16 }
        rules.model["c"] = .condition
        rules.model["m"] = .message
        rules.model["t"] = .timeSeries
        rules.model["s"] = .dataSet
        rules.model["r"] = .table
        rules.model["a"] = .alarm
        return rules
    }
}
