import Canonical
import Contracts
import NodeSecurity
import SimulatedWorld
import Testing
import World

@Suite struct EnrolledNodesTests {
    let disk = SimulatedDisk()
    let now = Instant(microseconds: 1_750_000_000_000_000)
    var nodes: EnrolledNodes { EnrolledNodes(path: "/data/enrolled.json", disk: disk) }

    @Test("a key is good from its enrolment to its revocation, for its own node alone")
    func lifetime() throws {
        let (first, second) = (NodeKey().publicKey, NodeKey().publicKey)
        let nodes = nodes
        #expect(try nodes.entries().isEmpty)
        #expect(try nodes.enrol("lyon", first, by: "anna", now: now))
        #expect(try !nodes.enrol("lyon", first, by: "anna", now: now))
        #expect(try nodes.enrol("lyon", second, by: "ben", now: now + .seconds(1)))
        #expect(try nodes.key(of: "lyon", id: first.keyID) == first)
        #expect(try nodes.key(of: "lyon", id: second.keyID) == second)
        let other = #expect(throws: Failure.self) { try nodes.key(of: "paris", id: first.keyID) }
        #expect(other?.kind == SecurityFailures.notEnrolled)
        #expect(try nodes.revoke("lyon", keyID: first.keyID, now: now + .seconds(2)) == 1)
        let revoked = #expect(throws: Failure.self) { try nodes.key(of: "lyon", id: first.keyID) }
        #expect(revoked?.message.contains("was revoked at") == true)
        #expect(try nodes.key(of: "lyon", id: second.keyID) == second)
        #expect(try nodes.revoke("lyon", now: now + .seconds(3)) == 1)
        #expect(try nodes.revoke("lyon", now: now + .seconds(3)) == 0)
        #expect(try nodes.entries().map(\.by) == ["anna", "ben"])
        // What was revoked can be enrolled anew.
        #expect(try nodes.enrol("lyon", first, by: "anna", now: now + .seconds(4)))
        #expect(try nodes.key(of: "lyon", id: first.keyID) == first)
    }

    @Test("a running hub sees what another process enrolled or revoked")
    func reloads() throws {
        let hub = nodes
        let key = NodeKey().publicKey
        #expect(try hub.entries().isEmpty)
        try nodes.enrol("lyon", key, by: "anna", now: now)
        #expect(try hub.key(of: "lyon", id: key.keyID) == key)
        try nodes.revoke("lyon", now: now)
        #expect(throws: Failure.self) { try hub.key(of: "lyon", id: key.keyID) }
        #expect(try hub.entries() == nodes.entries())
    }

    @Test("one key cannot be two nodes")
    func copiedKey() throws {
        let key = NodeKey().publicKey
        try nodes.enrol("lyon", key, by: "anna", now: now)
        let failure = #expect(throws: Failure.self) { try nodes.enrol("paris", key, by: "anna", now: now) }
        #expect(failure?.kind == SecurityFailures.enrolment)
    }

    @Test(
        "a list that is damaged lets nobody in",
        arguments: [
            "", "{", "[]", #"{"nodes":{}}"#, #"{"nodes":[{}]}"#,
            #"{"nodes":[{"node":"a","key":"ed25519:JrQLj5P/89iXES9+vFgrIy29clF9CC/oPPsw3c5D0bs=","enrolled":"2025-01-01T00:00:00Z","by":"x","revoked":"yes"}]}"#,
            #"{"nodes":[{"node":"a","key":"ed25519:JrQLj5P/89iXES9+vFgrIy29clF9CC/oPPsw3c5D0bs=","enrolled":"2025-01-01T00:00:00Z","by":"x","revoked":true}]}"#,
            #"{"nodes":[{"node":"a","key":"ed25519:short","enrolled":"2025-01-01T00:00:00Z","by":"x","revoked":null}]}"#,
        ])
    func damaged(_ text: String) throws {
        try disk.replace("/data/enrolled.json", with: Array(text.utf8), mode: 0o644)
        let failure = #expect(throws: Failure.self) { try nodes.key(of: "a", id: "x") }
        #expect(failure?.kind == SecurityFailures.enrolment)
    }
}
