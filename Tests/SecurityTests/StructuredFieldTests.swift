import NodeSecurity
import SimulatedWorld
import Testing

@Suite struct StructuredFieldTests {
    @Test(
        "a structured dictionary is read, and written in its one canonical form",
        arguments: [
            ("", ""), ("a=1", "a=1"), ("  a=1  ", "a=1"), ("a=1,b=2", "a=1, b=2"), ("a=1 \t,\t b=2", "a=1, b=2"),
            ("a", "a"), ("a=?1", "a"), ("a=?0", "a=?0"), ("a;x", "a;x"), ("a;x=?1;y=2", "a;x;y=2"), ("a; x=1", "a;x=1"),
            (#"a="b\"c\\d""#, #"a="b\"c\\d""#), ("a=tok/en:*", "a=tok/en:*"), ("a=*x", "a=*x"),
            ("a=:AQI=:", "a=:AQI=:"),
            ("a=::", "a=::"), ("a=()", "a=()"), ("a=(  )", "a=()"), ("a=( \"x\"  \"y\" );k=1", "a=(\"x\" \"y\");k=1"),
            ("a=(1;q=2 tok);z", "a=(1;q=2 tok);z"), ("*a_-.*9=-42", "*a_-.*9=-42"), ("a=007", "a=7"),
            ("a=999999999999999", "a=999999999999999"), ("a=-0", "a=0"),
        ])
    func reads(_ text: String, _ canonical: String) throws {
        #expect(try StructuredFieldReader.dictionary(text).text == canonical)
    }

    @Test(
        "what is no structured dictionary is refused",
        arguments: [
            "=1", "a=", "a=1,", ",a=1", "a=1,,b=2", "A=1", "1=a", "a=1 b=2", "a=\"", "a=\"x\\n\"", "a=\"\u{7F}\"",
            "a=\"é\"",
            "a=1.5", "a=1000000000000000", "a=-", "a=--1", "a=?2", "a=?", "a=:AQI:", "a=:AQI", "a=:A!I=:", "a=:AQJ=:",
            "a=(",
            "a=(1", "a=(1,2)", "a=(1\"x\")", "a=((1))", "a;", "a;=1", "a=1;x=", "a=1;x=1;x=2", "a=1,a=2", "a = 1",
            "a=1;X=1",
            "a\t=1", "\ta=1", "a=1\n", "a=@5", "a={}", "é=1",
        ])
    func refuses(_ text: String) {
        #expect(throws: StructuredFieldReader.Fault.self) { try StructuredFieldReader.dictionary(text) }
    }

    @Test("length and counts are bounded")
    func bounds() throws {
        func members(_ count: Int) -> String { (0..<count).map { "k\($0)=1" }.joined(separator: ",") }
        func parameters(_ count: Int) -> String { "a" + (0..<count).map { ";k\($0)" }.joined() }
        func items(_ count: Int) -> String { "a=(\(Array(repeating: "1", count: count).joined(separator: " ")))" }
        for make in [members, parameters, items] {
            #expect(throws: Never.self) { _ = try StructuredFieldReader.dictionary(make(32)) }
            #expect(throws: StructuredFieldReader.Fault.self) { try StructuredFieldReader.dictionary(make(33)) }
        }
        let long = "a=\"\(String(repeating: "x", count: 4_092))\""
        #expect(try StructuredFieldReader.dictionary(long).members.count == 1)
        #expect(throws: StructuredFieldReader.Fault.self) { try StructuredFieldReader.dictionary(long + " ") }
    }

    @Test("any bytes are read or refused, and what is read reads the same when it is written")
    func fuzz() throws {
        let seed: UInt64 = 20_260
        var random = SeededRandom(seed: seed)
        let alphabet = Array("ab1=,;:\"\\?*()- \t.AQ=é\u{0}")
        var read = 0
        for round in 0..<60_000 {
            let text = String(
                (0..<Int(random.next() % 14)).map { _ in alphabet[Int(random.next() % UInt64(alphabet.count))] })
            guard let dictionary = try? StructuredFieldReader.dictionary(text) else { continue }
            read += 1
            #expect(
                try StructuredFieldReader.dictionary(dictionary.text) == dictionary,
                "seed \(seed) round \(round): \(text)")
        }
        #expect(read > 3_000)
    }
}
