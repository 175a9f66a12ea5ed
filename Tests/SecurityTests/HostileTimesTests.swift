import Canonical
import Contracts
import Testing
import World

@testable import NodeSecurity

/// `Signature-Input` is read before anybody knows who wrote it: no number in it may end the process.
@Suite("Times in signatures that strangers write")
struct HostileTimesTests {
    private static let purpose = MessageSignature(components: ["@method"], tag: "t")

    private static func failure(_ parameters: String) throws -> Failure? {
        let key = try NodeKey(seed: [UInt8](repeating: 3, count: 32)).publicKey
        let request = HTTPRequest(
            method: "POST", target: "/x",
            headers: [
                "Signature-Input": "sig1=(\"@method\");\(parameters);keyid=\"k\";tag=\"t\"",
                "Signature": "sig1=:AAAA:",
            ])
        return #expect(throws: Failure.self, "\(parameters)") {
            try purpose.verify(request, now: Instant(microseconds: 0)) { _ in key }
        }
    }

    @Test(
        "a time beyond what an instant holds is refused",
        arguments: [
            "created=999999999999999", "created=253402300800", "created=9223372036855", "created=-1",
            "created=1;expires=999999999999999", "created=1;expires=-999999999999999", "created=1;expires=-1",
        ])
    func refused(_ parameters: String) throws {
        #expect(try Self.failure(parameters)?.kind == SecurityFailures.signature)
    }

    @Test("the last second of the year 9999 is still a time")
    func last() throws {
        // It gets as far as the signature itself.
        let message = try Self.failure("created=253402300799;expires=253402300799")?.message
        #expect(message?.contains("does not fit the request") == true, "\(message ?? "")")
    }
}
