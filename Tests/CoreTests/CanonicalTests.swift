import Canonical
import ExactJSON
import Testing

@Suite("Canonical")
struct CanonicalTests {
    @Test("instants survive being written and read", arguments: 0..<200 as Range<UInt64>)
    func instants(seed: UInt64) {
        var dice = Dice(seed)
        let instant = Instant(microseconds: Int64(dice.next() % 253_402_300_799_000_000) - 30_000_000_000_000_000)
        #expect(Instant(text: instant.description) == instant, "seed \(seed): \(instant)")
    }

    @Test(
        "RFC 3339 is read in all its forms",
        arguments: [
            ("2025-02-03T07:00:19+01:00", "2025-02-03T06:00:19.000000Z"),
            ("2024-02-29t23:59:59.9999999z", "2024-02-29T23:59:59.999999Z"),
            ("1969-12-31 23:59:59.5Z", "1969-12-31T23:59:59.500000Z"),
            ("2022-08-08T13:51:34.7167146Z", "2022-08-08T13:51:34.716714Z"),
        ])
    func forms(text: String, expected: String) { #expect(Instant(text: text)?.description == expected) }

    @Test(
        "impossible times are refused",
        arguments: [
            "2025-02-30T00:00:00Z", "2025-13-01T00:00:00Z", "2025-01-01T24:00:00Z", "2025-01-01T00:00:00",
            "2025-01-01T00:00:00+25:00", "x",
        ])
    func impossible(text: String) { #expect(Instant(text: text) == nil) }

    private func event(_ dice: inout Dice) -> Event {
        Event(
            id: "e\(dice.next())", source: "/lyon/\(dice.below(9))", type: "millwright.production.completed.v1",
            subject: dice.below(2) == 0 ? nil : "MO \"\(dice.below(99))\" é",
            time: Instant(microseconds: Int64(dice.next() % 2_000_000_000_000_000)),
            attributes: dice.below(2) == 0 ? [:] : ["plant": "lyon", "line": "l\\1"],
            data: JSONTests.random(&dice, depth: 0))
    }

    @Test(
        "an event survives being written and read, and its envelope is scanned alike",
        arguments: 0..<200 as Range<UInt64>)
    func eventRoundTrip(seed: UInt64) throws {
        var dice = Dice(seed)
        let event = event(&dice)
        let document = event.document
        #expect(try Event(document: JSONReader.read(document)) == event, "seed \(seed)")
        let scanned = try EnvelopeScanner.scan(document, maximumDepth: 200)
        #expect(scanned.envelope == EventDocument(event).envelope, "seed \(seed)")
        #expect(scanned.bytes == document)
    }

    @Test(
        "what the scanner takes is JSON that reads as the same event, however it was damaged",
        arguments: 0..<600 as Range<UInt64>)
    func scannerFuzz(seed: UInt64) throws {
        var dice = Dice(seed)
        var bytes = event(&dice).document
        for _ in 0...dice.below(3) {
            switch dice.below(3) {
            case 0: bytes[dice.below(bytes.count)] = UInt8(truncatingIfNeeded: dice.next())
            case 1: bytes.remove(at: dice.below(bytes.count))
            default: bytes.insert(Array("{}[],:\"0e.-x\\".utf8)[dice.below(13)], at: dice.below(bytes.count + 1))
            }
        }
        guard let scanned = try? EnvelopeScanner.scan(bytes, maximumDepth: 64) else { return }
        let json = try? JSONReader.read(bytes)
        #expect(json != nil, "seed \(seed): \(String(decoding: bytes, as: UTF8.self))")
        #expect(json?["id"]?.string == scanned.envelope.id, "seed \(seed)")
        #expect(json?["source"]?.string == scanned.envelope.source, "seed \(seed)")
        #expect(json?["subject"]?.string == scanned.envelope.subject, "seed \(seed)")
    }

    @Test("a batch sets one broken event aside and takes the rest")
    func batch() throws {
        var dice = Dice(1)
        let good = [event(&dice).document, event(&dice).document]
        let bad = Array(#"{"specversion":"1.0","id":"x"}"#.utf8)
        let body =
            [UInt8(ascii: "[")] + good[0] + [UInt8(ascii: ",")] + bad + [UInt8(ascii: ",")] + good[1] + [
                UInt8(ascii: "]")
            ]
        var faults: [(Int, String)] = []
        let documents = try EnvelopeScanner.scanBatch(body, maximumEvents: 10) { index, range, fault in
            faults.append((index, String(decoding: body[range], as: UTF8.self)))
            #expect(fault.reason.contains("source"))
        }
        #expect(documents.map(\.bytes) == good)
        #expect(faults.count == 1 && faults[0].0 == 1 && faults[0].1 == String(decoding: bad, as: UTF8.self))
        #expect(throws: EnvelopeScanner.Fault.self) {
            try EnvelopeScanner.scanBatch(body, maximumEvents: 2) { _, _, _ in }
        }
    }

    @Test("each fact's shape refuses what lacks a required field and names it")
    func shapes() throws {
        for shape in FactShape.all {
            let faults = shape.faults(in: [:])
            let required = shape.fields.filter(\.isRequired).map { "/" + $0.name }
            #expect(faults.map(\.pointer) == required, "\(shape.type)")
            #expect(FactShape.of(type: shape.type)?.type == shape.type)
            #expect(shape.jsonSchema["required"]?.array?.count == required.count)
        }
        let shape = try #require(FactShape.named("production.completed"))
        #expect(shape.faults(in: ["order": "1", "quantity": ["value": 2, "unit": "pcs"]]).isEmpty)
        #expect(
            shape.faults(in: ["order": "1", "quantity": ["value": 2, "unit": "bushels"]]).map(\.pointer) == [
                "/quantity"
            ])
    }
}
