import Contracts
import Testing

@testable import NodeSettings

@Suite("Scalars of settings")
struct ScalarTests {
    @Test(
        "a duration is read to the millisecond",
        arguments: [
            ("500ms", Duration.milliseconds(500)), ("30s", .seconds(30)), ("5m", .seconds(300)),
            ("12h", .seconds(43_200)),
            ("7d", .seconds(604_800)), ("0s", .zero), ("5 m", .seconds(300)), ("90s", .seconds(90)),
        ])
    func duration(_ text: String, _ expected: Duration) throws { #expect(try DurationText.parse(text) == expected) }

    @Test(
        "what is no duration is refused, with what to write instead",
        arguments: [
            ("30", "write 30s or 30ms"), ("5min", "write 5m"), ("5 Hours", "write 5h"),
            ("1.5h", "use a smaller unit: 1500ms for 1.5s"),
            ("3x", "write 3s"), ("soon", "write a number and a unit: 30s"), ("-5s", "write a number and a unit: 30s"),
            ("", "write a number and a unit: 30s"), ("5S", "write 5s"), ("1_000s", "write 1s"),
            ("٣s", "write a number and a unit: 30s"),
        ])
    func badDuration(_ text: String, _ suggestion: String) {
        let refusal = #expect(throws: ScalarRefusal.self) { try DurationText.parse(text) }
        #expect(refusal?.suggestion == suggestion)
    }

    @Test("a duration that is written and read again is the same")
    func durationRoundTrip() throws {
        var random = SeededRandom(seed: 7)
        for _ in 0..<2_000 {
            let duration = Duration.milliseconds(Int64.random(in: 0...10_000_000_000, using: &random))
            #expect(try DurationText.parse(DurationText.format(duration)) == duration)
            let bytes = Int.random(in: 0...(1 << 50), using: &random) >> Int.random(in: 0...50, using: &random)
            #expect(try ByteCountText.parse(ByteCountText.format(bytes)) == bytes)
        }
    }

    @Test(
        "a size is read in bytes",
        arguments: [
            ("64KiB", 65_536), ("20GiB", 20 << 30), ("1 MiB", 1 << 20), ("500MB", 500_000_000), ("4096", 4_096),
            ("10B", 10), ("1kB", 1_000),
        ])
    func bytes(_ text: String, _ expected: Int) throws { #expect(try ByteCountText.parse(text) == expected) }

    @Test(
        "what is no size is refused",
        arguments: ["", "x", "1.5GiB", "-1", "1PiB", "99999999999TiB", "1 G iB", "99999999999999999999"])
    func badBytes(_ text: String) { #expect(throws: ScalarRefusal.self) { try ByteCountText.parse(text) } }

    @Test(
        "an address is a host and a port",
        arguments: [
            ("192.168.1.20:7878", "192.168.1.20", 7_878), ("[::1]:80", "::1", 80),
            ("odoo_1.plant.local:65535", "odoo_1.plant.local", 65_535),
            ("localhost:1", "localhost", 1), ("[fe80::1%eth0]:9", "fe80::1%eth0", 9),
        ])
    func address(_ text: String, _ host: String, _ port: Int) throws {
        let read = try AddressText.hostAndPort(text)
        #expect(read.host == host && read.port == port)
    }

    @Test(
        "what is no address is refused",
        arguments: [
            "", ":", "a:", ":1", "a:0", "a:65536", "a:-1", "a:1x", "a b:1", "-a:1", "a..b:1", "::1:80", "[::1]", "[]:1",
            "[x]:1",
            "http://a:1", "a:٣", String(repeating: "a", count: 300) + ":1",
        ])
    func badAddress(_ text: String) { #expect(throws: ScalarRefusal.self) { try AddressText.hostAndPort(text) } }

    @Test("port 0 is for listening only")
    func portZero() throws {
        #expect(try AddressText.hostAndPort("127.0.0.1:0", toListen: true).port == 0)
        #expect(Address("[::1]:0")?.description == "[::1]:0")
        #expect(throws: ScalarRefusal.self) { try AddressText.hostAndPort("127.0.0.1:0") }
    }

    @Test("a URL keeps its path and loses a lone slash at its end")
    func url() throws {
        #expect(try AddressText.url("https://odoo.example/", schemes: ["https"]) == "https://odoo.example")
        #expect(
            try AddressText.url("https://odoo.example:8069/a/", schemes: ["https"]) == "https://odoo.example:8069/a/")
        #expect(try AddressText.url("HTTPS://[::1]:80", schemes: ["https"]) == "HTTPS://[::1]:80")
        for bad in [
            "https://", "https:/a", "https:///a", "https://a b", "https://a:0", "https://ä.example", "ftp://a",
            "https://[::1",
        ] {
            #expect(throws: ScalarRefusal.self, "\(bad)") { try AddressText.url(bad, schemes: ["https"]) }
        }
    }

    @Test("zones are IANA names, with the zone that was most likely meant")
    func zones() {
        for good in ["Europe/Paris", "UTC", "America/Argentina/Buenos_Aires", "Asia/Calcutta"] {
            #expect(throws: Never.self) { try TimeZoneText.check(good) }
        }
        for (bad, meant) in [
            ("CET", "did you mean Europe/Paris?"), ("Europe/Pariss", "did you mean Europe/Paris?"),
            ("vienna", "did you mean Europe/Vienna?"),
            ("+01:00", nil), ("Europe/Nowhere", nil), ("", nil), ("/", nil),
        ] as [(String, String?)] {
            let refusal = #expect(throws: ScalarRefusal.self) { try TimeZoneText.check(bad) }
            #expect(refusal?.suggestion == meant, "\(bad)")
        }
    }

    @Test(
        "stretches of the week are read, with those over midnight",
        arguments: [
            ("22:00-22:30", Set(0..<7), 1_320, 30), ("sun 02:00-04:00", [6], 120, 120),
            ("Fri 22:00-06:00", [4], 1_320, 480), ("mon-fri 12:00-13:00", [0, 1, 2, 3, 4], 720, 60),
            ("sat-mon,wed 00:00-24:00", [5, 6, 0, 2], 0, 1_440),
        ] as [(String, Set<Int>, Int, Int)])
    func quietWindow(_ text: String, _ days: Set<Int>, _ start: Int, _ length: Int) throws {
        #expect(try QuietWindowText.parse(text) == QuietWindow(days: days, start: start, length: length))
    }

    @Test(
        "what is no stretch of the week is refused",
        arguments: [
            "", "22:00", "22:00-", "-22:00", "22-23", "24:00-01:00", "22:00-25:00", "22:60-23:00", "9:00-10:00",
            "10:00-10:00", "sunday 02:00-04:00", "sun- 02:00-04:00", "sun-mon-tue 02:00-04:00", "sun 02:00 - 04:00",
            "02:00-04:00 sun", "\u{0661}0:00-11:00",
        ])
    func badQuietWindow(_ text: String) {
        let refusal = #expect(throws: ScalarRefusal.self) { try QuietWindowText.parse(text) }
        #expect(refusal?.suggestion?.contains("sun 02:00-04:00") == true)
    }

    @Test("time patterns have letters with a meaning")
    func patterns() {
        for good in [
            "dd/MM/yyyy,HH:mm:ss", "yyyy-MM-dd'T'HH:mm:ss.SSSXXX", "h:mm a", "yyyyMMddHHmmss", "MMM d yyyy", "HH:mm",
        ] {
            #expect(throws: Never.self, "\(good)") { try TimeFormatText.check(good) }
        }
        for bad in ["", "---", "dd.mm.yyyy", "YYYY", "hh:mm", "dd'T", "%Y", "QQQQQ"] {
            #expect(throws: ScalarRefusal.self, "\(bad)") { try TimeFormatText.check(bad) }
        }
    }

    @Test("secrets are references, and a literal is not repeated in the error")
    func secrets() throws {
        #expect(try SecretText.parse("${file:/run/x}") == .file("/run/x"))
        #expect(try SecretText.parse("${env:A_1}") == .environment("A_1"))
        for bad in [
            "hunter2", "", "${hunter2}", "${vault:hunter2}", "${file:}", "${env:}", "${env:1A}", "$hunter2",
            "{file:hunter2}",
        ] {
            let refusal = #expect(throws: ScalarRefusal.self) { try SecretText.parse(bad) }
            #expect(refusal.map { $0.reason.contains("hunter2") } == false, "\(bad)")
        }
    }

    @Test(
        "a type pattern's star stands for anything, dots included",
        arguments: [
            ("*", "a", true), ("*", "", true), ("a.b", "a.b", true), ("a.b", "a.bc", false), ("a.*", "a.b.c", true),
            ("a.*", "ab", false),
            ("*.v1", "a.v1", true), ("*.v1", "a.v2", false), ("a*b*c", "a-b-b-c", true), ("a*b*c", "ac", false),
            ("ab*ba", "aba", false),
            ("**", "x", true), ("a*a", "a", false), ("*b*", "abc", true), ("*b*", "ac", false),
        ])
    func typePattern(_ pattern: String, _ type: String, _ expected: Bool) throws {
        #expect(try TypePattern(pattern).matches(type) == expected)
    }

    @Test("the nearest name is one that a person could have meant")
    func nearest() {
        let names = ["odoo", "hub", "historian", "production.progress"]
        for (name, meant) in [
            ("odo", "odoo"), ("Odoo", "odoo"), ("oodo", "odoo"), ("hup", "hub"), ("histroian", "historian"),
            ("sap", nil),
            ("prodution.progres", "production.progress"), ("", nil), (String(repeating: "x", count: 500), nil),
            ("x", nil),
        ] as [(String, String?)] {
            #expect(NearestName.of(name, among: names) == meant, "\(name)")
        }
        #expect(NearestName.distance(Array("abcd"), Array("acbd")) == 1)
        #expect(NearestName.distance(Array(""), Array("abc")) == 3)
    }
}

/// SplitMix64, so that a failing run can be repeated from its seed.
struct SeededRandom: RandomNumberGenerator {
    private var state: UInt64
    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}
