import Canonical
import Contracts
import NodeConnector
import NodeSecurity
import Testing
import World

@Suite struct EdgeContactTests {
    @Test("an edge is heard of with whatever its key has signed, also where nothing new came, and a stranger is not")
    func heard() async throws {
        let link = try Link(plants: [Link.edge: ["lyon"]])
        let other = try NodeKey(seed: Array(repeating: 9, count: 32))
        try link.enrolled.enrol("other-edge", other.publicKey, by: "test", now: link.hubClock.now())
        try await link.whileRunning { () async throws in
            let before = try link.source.edges()
            #expect(before.map(\.node) == ["lyon-edge", "other-edge"])
            #expect(before.allSatisfy { $0.last == nil } && before[0].plants == ["lyon"] && before[1].plants.isEmpty)
            _ = try await link.uplink.forward(Link.segment(1, 3))
            // Nothing has happened since: the last event comes once more.
            link.hubClock.advance(.seconds(600))
            link.edgeClock.advance(.seconds(590))
            _ = try await link.uplink.forward(Link.segment(3, 1))
            let heard = try link.source.edges()
            #expect(heard[0].last == link.hubClock.now() && heard[0].skew == .seconds(-10), "\(heard)")
            #expect(heard[1].last == nil && link.intake.ids.count == 3)
            // Who signs with a key of another node is not heard as this one.
            link.hubClock.advance(.seconds(5))
            let forged = try link.request(Link.body(Link.documents(4, 1)), key: other)
            let answer = await link.network.deliver(forged)
            #expect(answer.status == 403)
            let after = try link.source.edges()
            #expect(after == heard)
        }
    }

    @Test("a batch that is refused is a word from its edge all the same, and a revoked edge is none any more")
    func refusedAndRevoked() async throws {
        let link = try Link()
        try await link.whileRunning { () async throws in
            let broken = try link.request(Array("no list".utf8))
            let answer = await link.network.deliver(broken)
            #expect(answer.status == 422)
            let edges = try link.source.edges()
            #expect(edges.map(\.last) == [link.hubClock.now()])
            try link.enrolled.revoke(Link.edge, now: link.hubClock.now())
            let left = try link.source.edges()
            #expect(left.isEmpty)
        }
    }
}
