import Canonical
import ExactJSON

/// The events that measures are made with: pieces counted at a machine, about 350 bytes each, ids ascending.
struct BenchEvents {
    let prefix: String

    func event(_ number: Int) -> Event {
        let digits = String(number)
        let id = prefix + String(repeating: "0", count: max(0, 10 - digits.count)) + digits
        return Event(
            id: id, source: "/lyon/press-1", type: "millwright.production.completed.v1", subject: "MO-\(number % 50)",
            time: Instant(microseconds: 1_772_400_000_000_000 + Int64(number) * 1_000),
            attributes: ["plant": "lyon"],
            data: [
                "order": .string("MO-\(number % 50)"), "asset": "press-1", "item": "BRACKET",
                "quantity": ["value": 1, "unit": "pcs"], "native": ["tag": "good", "value": .int(number)],
            ])
    }

    /// The JSON array of `count` events from `first` on.
    func batch(_ first: Int, _ count: Int) -> [UInt8] {
        var body: [UInt8] = [UInt8(ascii: "[")]
        for number in first..<(first + count) {
            if number > first { body.append(UInt8(ascii: ",")) }
            body += event(number).document
        }
        body.append(UInt8(ascii: "]"))
        return body
    }
}
