import Contracts
import Testing
import World

@testable import Telemetry

@Suite("What a collector's answer means")
struct OTLPVerdictTests {
    private static func verdict(_ status: Int, _ body: String = "", after: String? = nil) -> OTLPVerdict {
        var response = HTTPResponse(status: status, body: Array(body.utf8))
        if let after { response.headers["Retry-After"] = after }
        return OTLPVerdict(response, from: "http://collector/v1/traces")
    }

    @Test("a collector that is busy is asked again, when it says, and one that refuses is not", arguments: 400...599)
    func statuses(_ status: Int) {
        switch Self.verdict(status, after: "7") {
        case .again(let after, let failure):
            #expect([429, 502, 503, 504].contains(status) && after == .seconds(7), "\(status)")
            #expect(failure.kind.code == "TEL-001" && failure.message.contains("\(status)"))
        case .refused(let failure):
            #expect(![429, 502, 503, 504].contains(status) && failure.kind.code == "TEL-002", "\(status)")
        case .delivered: Issue.record("\(status) is no success")
        }
    }

    @Test("what a collector has set aside of what it took is counted")
    func partial() {
        #expect(Self.verdict(200) == .delivered(rejected: 0))
        #expect(Self.verdict(200, "{}") == .delivered(rejected: 0))
        #expect(Self.verdict(200, "no JSON") == .delivered(rejected: 0))
        #expect(
            Self.verdict(202, #"{"partialSuccess":{"rejectedSpans":"3","errorMessage":"late"}}"#)
                == .delivered(rejected: 3))
        #expect(
            Self.verdict(200, #"{"partialSuccess":{"errorMessage":"","rejectedDataPoints":4}}"#)
                == .delivered(rejected: 4))
    }

    @Test("the wait grows to a minute and no further, and no collector makes it endless")
    func waits() {
        var last = Duration.zero
        for attempt in 1...40 {
            let (least, most) = (
                OTLPVerdict.wait(attempt: attempt, random: 0), OTLPVerdict.wait(attempt: attempt, random: 29_999)
            )
            #expect(least >= last / 2 && least >= .milliseconds(500) && most <= .seconds(60), "\(attempt)")
            last = least
        }
        #expect(last == .seconds(30))
        guard case .again(let after, _) = Self.verdict(503, after: "999999999") else { return #expect(Bool(false)) }
        #expect(after == .seconds(600))
        guard case .again(nil, _) = Self.verdict(503, after: "Fri, 31 Dec 1999 23:59:59 GMT") else {
            return #expect(Bool(false), "a date leaves the wait to this node")
        }
    }
}
