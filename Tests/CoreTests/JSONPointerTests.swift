import ExactJSON
import Testing

@Suite("JSON Pointers")
struct JSONPointerTests {
    @Test("JSON Pointers find what RFC 6901 says that they find")
    func pointers() throws {
        // Section 5 of the RFC.
        let document = try JSONReader.read(
            #"{"foo":["bar","baz"],"":0,"a/b":1,"c%d":2,"e^f":3,"g|h":4,"i\\j":5,"k\"l":6," ":7,"m~n":8}"#)
        let cases: [(String, JSON?)] = [
            ("", document), ("/foo", ["bar", "baz"]), ("/foo/0", "bar"), ("/", 0), ("/a~1b", 1), ("/c%d", 2),
            ("/e^f", 3), ("/g|h", 4), ("/i\\j", 5), ("/k\"l", 6), ("/ ", 7), ("/m~0n", 8), ("/foo/2", nil),
            ("/foo/01", nil), ("/foo/-", nil), ("/none", nil), ("/foo/0/x", nil),
        ]
        for (text, expected) in cases {
            #expect(try #require(JSONPointer(text)).value(in: document) == expected, "\(text)")
        }
    }

    @Test("what is no pointer is none", arguments: ["a", "/a~", "/a~2", "/~a/b", " /a"])
    func malformed(_ text: String) { #expect(JSONPointer(text) == nil) }
}
