import Canonical
import Contracts
import ExactJSON
import NodeConnector
import NodeSecurity
import Testing
import World

@Suite struct UplinkTests {
    @Test("a hub has each batch once and in order, whatever its compression", arguments: Compression.allCases)
    func stores(_ compression: Compression) async throws {
        let link = try Link(compression: compression)
        try await link.whileRunning { () async throws in
            #expect(try await link.uplink.forward(Link.segment(1, 300)).position == 300)
            #expect(try await link.uplink.forward(Link.segment(301, 5)).position == 305)
            #expect(link.intake.ids == Link.documents(1, 305).map(\.envelope.id))
            #expect(link.intake.documents == Link.documents(1, 305))
        }
        #expect(link.network.sent.allSatisfy { $0.target.hasPrefix("https://hub.test/v1/nodes/lyon-edge/batches") })
        #expect(link.network.sent.first.map { $0.body.count < 300 * 60 } == true)
    }

    @Test("an edge goes on from where the hub is, also when the hub was restored and is behind")
    func followsTheHub() async throws {
        let link = try Link()
        try await link.whileRunning { () async throws in
            #expect(try await link.uplink.forward(Link.segment(11, 5)).position == 0)
            #expect(try await link.uplink.forward(Link.segment(1, 10)).position == 10)
            #expect(try await link.uplink.forward(Link.segment(21, 5)).position == 10)
            #expect(link.intake.ids.count == 10)
        }
    }

    @Test("lanes and epochs are streams of their own")
    func streams() async throws {
        let link = try Link()
        try await link.whileRunning { () async throws in
            for (lane, epoch) in [(Lane.normal, "a"), (.critical, "a"), (.bulk, "a"), (.normal, "b")] {
                let segment = Link.segment(1, 3, lane: lane, epoch: epoch, tag: "\(lane.name)\(epoch)")
                #expect(try await link.uplink.forward(segment).position == 3)
            }
            #expect(link.intake.ids.count == 12)
        }
    }

    @Test("a repeated batch is answered with the hub's position; cut anew it is stored only where it is new")
    func repeats() async throws {
        let link = try Link()
        try await link.whileRunning { () async throws in
            #expect(try await link.uplink.forward(Link.segment(1, 10)).position == 10)
            #expect(try await link.uplink.forward(Link.segment(1, 10)).position == 10)
            #expect(try await link.uplink.forward(Link.segment(5, 10)).position == 14)
            #expect(link.intake.ids == Link.documents(1, 14).map(\.envelope.id))
        }
    }

    @Test("other events under old numbers halt the lane and are never stored")
    func conflicts() async throws {
        let link = try Link()
        try await link.whileRunning { () async throws in
            #expect(try await link.uplink.forward(Link.segment(1, 10)).position == 10)
            let failure = await #expect(throws: Failure.self) {
                try await link.uplink.forward(Link.segment(1, 10, tag: "x"))
            }
            #expect(failure?.kind == NodeFailures.conflict)
            #expect(failure?.message.contains("1 to 10") == true)
            #expect(link.intake.ids.allSatisfy { $0.hasPrefix("e-") })
        }
    }

    @Test("a node that is not enrolled is told the very command that enrols it")
    func notEnrolled() async throws {
        let link = try Link(enrols: false)
        try await link.whileRunning { () async throws in
            let deferral = await #expect(throws: Deferral.self) { try await link.uplink.forward(Link.segment(1, 1)) }
            #expect(deferral?.failure.kind == NodeFailures.refused)
            #expect(deferral?.failure.suggestion.contains("millwright enrol lyon-edge \(Link.key.publicKey)") == true)
            try link.enrolled.enrol(Link.edge, Link.key.publicKey, by: "a person", now: link.hubClock.now())
            #expect(try await link.uplink.forward(Link.segment(1, 1)).position == 1)
        }
    }

    @Test("a hub that finds a batch too large gets smaller ones, and one event that is too large halts")
    func tooLarge() async throws {
        var limits = Limits()
        limits.inflatedBytes = 3_000
        let link = try Link(limits: limits)
        try await link.whileRunning { () async throws in
            var position: Int64 = 0
            while position < 40 {
                position = try await link.uplink.forward(
                    Link.segment(position + 1, Int(40 - position))
                ).position
            }
            #expect(link.intake.ids == Link.documents(1, 40).map(\.envelope.id))
            let big = EventDocument(
                Event(
                    id: "big", source: "/lyon/a", type: "t", time: link.edgeClock.now(),
                    data: .string(String(repeating: "x", count: 4_000))))
            let failure = await #expect(throws: Failure.self) {
                try await link.uplink.forward(
                    JournalSegment(lane: .normal, epoch: "epoch-1", first: 41, documents: [big]))
            }
            #expect(failure?.kind == NodeFailures.tooLarge)
        }
    }

    @Test(
        "what is no word of a hub's is waited out",
        arguments: [
            (200, "<html>a proxy</html>", "LINK-005"), (200, #"{"status":"stored"}"#, "LINK-005"),
            (200, #"{"status":"stored","position":0,"hubTime":"2025-01-01T00:00:00Z"}"#, "LINK-005"),
            (200, #"{"status":"gap","position":0,"hubTime":"2025-01-01T00:00:00Z"}"#, "LINK-005"),
            (200, #"{"status":"gap","position":-5,"hubTime":"2025-01-01T00:00:00Z"}"#, "LINK-005"),
            (200, #"{"status":"stored","position":9007199254740993,"hubTime":"2025-01-01T00:00:00Z"}"#, "LINK-005"),
            (200, #"{"status":"stored","position":9223372036854775807,"hubTime":"2025-01-01T00:00:00Z"}"#, "LINK-005"),
            (302, "", "LINK-004"), (404, "not here", "LINK-005"), (429, "", "LINK-004"), (500, "oops", "LINK-004"),
            (502, "", "LINK-004"), (503, "", "LINK-004"), (401, "", "LINK-002"), (403, "{}", "LINK-002"),
        ])
    func oddAnswers(_ status: Int, _ body: String, _ code: String) async throws {
        let link = try Link()
        link.network.intercept { _, _ in
            HTTPResponse(status: status, headers: ["Retry-After": "7"], body: Array(body.utf8))
        }
        let deferral = await #expect(throws: Deferral.self) { try await link.uplink.forward(Link.segment(1, 1)) }
        #expect(deferral?.failure.kind.code == code)
        #expect(deferral?.isTargetDown == true)
        if status >= 400 { #expect(deferral?.after == .seconds(7)) }
    }

    @Test(
        "a network that fails is waited out, and the remedy fits the reason",
        arguments: [
            (NetworkFailure.Reason.unreachable, "LINK-001"), (.timeout, "LINK-001"), (.broken, "LINK-001"),
            (.untrusted, "LINK-018"), (.tooLarge, "LINK-001"),
        ])
    func networkFailures(_ reason: NetworkFailure.Reason, _ code: String) async throws {
        let link = try Link()
        link.network.intercept { _, _ throws(NetworkFailure) in
            throw NetworkFailure(reason, mayHaveArrived: true, detail: "so it is")
        }
        let deferral = await #expect(throws: Deferral.self) { try await link.uplink.forward(Link.segment(1, 1)) }
        #expect(deferral?.failure.kind.code == code)
    }

    @Test("a hub that cannot store says so, and nothing is taken for stored")
    func hubFull() async throws {
        let link = try Link()
        try await link.whileRunning { () async throws in
            link.intake.fail(Failure(FailureKind("INTAKE-001", "full", remedy: "wait"), "the store is full"))
            let deferral = await #expect(throws: Deferral.self) { try await link.uplink.forward(Link.segment(1, 4)) }
            #expect(deferral?.failure.message.contains("the store is full") == true)
            #expect(deferral?.after == .seconds(5))
            link.intake.fail(nil)
            #expect(try await link.uplink.forward(Link.segment(1, 4)).position == 4)
            #expect(link.intake.ids.count == 4)
        }
    }

    @Test(
        "there is no way without TLS",
        arguments: ["http://hub:8443", "hub:8443", "https://", "HTTP://hub", "ftp://hub", ""])
    func alwaysTLS(_ url: String) {
        #expect(throws: Failure.self) { _ = try HubAddress(url, node: Link.edge, key: Link.key, trust: .system) }
    }
}
