import Canonical
import ExactJSON
import Testing

/// The scanner finds the envelope by the bytes of its names; a reader of the whole document decodes them first. Both
/// must speak of the same event, or one event could count twice, or two as one.
@Suite("Attribute names written with escapes")
struct DisguisedNameTests {
    private static func event(_ more: String) -> [UInt8] {
        Array(
            """
            {"specversion":"1.0","id":"a","source":"/lyon/x","type":"t","subject":"s",\
            "time":"2026-03-02T08:00:00Z"\(more)}
            """.utf8)
    }

    static let disguised = [
        #""\u0069d":"b""#, #""s\u006furce":"/b/x""#, #""typ\u0065":"u""#, #""\u0073ubject":"u""#,
        #""t\u0069me":"2030-01-01T00:00:00Z""#, #""specversio\u006e":"0.3""#,
    ]

    @Test("none changes an event behind the scanner's back", arguments: disguised)
    func refused(_ member: String) throws {
        let bytes = Self.event("," + member)
        let whole = try JSONReader.read(bytes)
        #expect(whole["id"] == "b" || whole["id"] == "a")
        let fault = #expect(throws: EnvelopeScanner.Fault.self) { try EnvelopeScanner.scan(bytes) }
        #expect(fault?.reason.contains("without escapes") == true)
    }

    @Test("in a batch it is set aside and the others are taken", arguments: disguised)
    func batch(_ member: String) throws {
        let bytes = Array("[".utf8) + Self.event("") + Array(",".utf8) + Self.event("," + member) + Array("]".utf8)
        var indexes: [Int] = []
        let documents = try EnvelopeScanner.scanBatch(bytes, maximumEvents: 10) { index, _, _ in indexes.append(index) }
        #expect(documents.map(\.envelope.id) == ["a"] && indexes == [1])
    }

    @Test("names that are not the envelope's may have escapes")
    func others() throws {
        #expect(try EnvelopeScanner.scan(Self.event(#","\u00e9t\u00e9":1"#)).envelope.id == "a")
    }
}
