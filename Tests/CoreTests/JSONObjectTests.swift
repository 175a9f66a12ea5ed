import ExactJSON
import OrderedCollections
import Testing

/// An object is no ordered dictionary any more, but must be one to everybody who uses it.
@Suite("The members of an object")
struct JSONObjectTests {
    @Test("whatever is done to an object, it says what an ordered dictionary says", arguments: 0..<60 as Range<UInt64>)
    func likeTheModel(seed: UInt64) {
        var dice = Dice(seed)
        var pair = ObjectModel(names: [2, 8, 14, 60][dice.below(4)])
        var copies: [ObjectModel] = []
        for step in 0..<200 {
            if let answer = pair.change(&dice) { Issue.record("seed \(seed), step \(step): \(answer)") }
            if let difference = pair.difference { Issue.record("seed \(seed), step \(step): \(difference)") }
            if dice.below(8) == 0 { copies.append(pair) }
            if dice.below(20) == 0, let copy = copies.randomElement(using: &dice) { pair = copy }
        }
        for copy in copies {
            #expect(copy.difference == nil, "seed \(seed): a copy was changed with what it was copied from")
        }
    }

    @Test(
        "a text whose names come twice, or are spelt with escapes, is read as each name's last value",
        arguments: 0..<200 as Range<UInt64>)
    func reading(seed: UInt64) throws {
        var dice = Dice(seed)
        let spellings = [
            ("a", "a"), ("a", "\\u0061"), ("é", "é"), ("e\u{301}", "e\u{301}"), ("K", "\u{212A}"), ("", ""),
        ]
        var model: OrderedDictionary<String, JSON> = [:]
        var parts: [String] = []
        let most = [3, 10, 40, 400][dice.below(4)]
        for value in 0..<dice.below(most) {
            let number = "n\(dice.below(most))"
            let (name, spelt) = dice.below(4) == 0 ? spellings[dice.below(spellings.count)] : (number, number)
            model[name] = [.int(value), ["inner": .int(value)]]
            parts.append("\"\(spelt)\": [\(value), {\"inner\": \(value)}]")
        }
        let read = try JSONReader.read("{\(parts.joined(separator: ", "))}").object ?? [:]
        #expect(Array(read.keys) == Array(model.keys), "seed \(seed)")
        #expect(Array(read.values) == Array(model.values), "seed \(seed)")
    }

    @Test("objects of a hundred thousand members are built, read, changed and taken apart in no more than their share")
    func large() throws {
        var object: JSONObject = [:]
        let count = 100_000
        for number in 0..<count { object["name \(number)"] = .int(number) }
        #expect(object.count == count && object["name 99999"] == 99_999 && object["name"] == nil)
        let read = try #require(try JSONReader.read(JSON.object(object).bytes).object)
        #expect(read == object)
        let copy = object
        for number in stride(from: count - 1, to: count - 1_000, by: -1) {
            #expect(object.removeValue(forKey: "name \(number)") == .int(number))
        }
        object.removeAll { ($0.value.int ?? 0) % 2 == 0 }
        #expect(object.count == (count - 999) / 2 && object["name 99001"] == nil && object["name 4711"] == 4_711)
        #expect(copy.count == count && copy["name 99999"] == 99_999)
    }

    @Test("objects that were made alike share their names, and none of them sees another's changes")
    func shared() {
        let template: JSONObject = ["a": 1, "b": 2]
        var objects = (0..<20).map { number in template.mapValues { .int(($0.int ?? 0) * number) } }
        objects[3]["c"] = "new"
        objects[4]["a"] = nil
        objects[5].values[0] = "other"
        #expect(objects[3] == ["a": 3, "b": 6, "c": "new"] && objects[4] == ["b": 8])
        #expect(objects[5] == ["a": "other", "b": 10] && objects[6] == ["a": 6, "b": 12])
        #expect(template == ["a": 1, "b": 2] && Array(objects[19].keys) == ["a", "b"])
    }
}
