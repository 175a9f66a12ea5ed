import Canonical
import Contracts
import ExactJSON
import NodeConnector
import NodeSecurity
import SimulatedWorld
import Testing
import World

@Suite struct DownlinkTests {
    @Test("a released order becomes one event at the edge, and is done when it is durable there")
    func releases() throws {
        let link = try SimulatedLink(seed: 1)
        let target = link.startTarget()
        let edge = try link.startEdge()
        let command = link.command(17)
        let outcome = link.run { await target.carry(command, at: command.time).0 }
        guard case .accepted(let acceptance)? = outcome else {
            return #expect(Bool(false), "\(String(describing: outcome))")
        }
        #expect(acceptance.reference == "hub-000017")
        #expect(acceptance.summary.contains("MO/7"))
        let document = try #require(link.edgeIntake.documents.first)
        let event = try Event(document: JSONReader.read(document.bytes))
        #expect(event.id == "hub-000017" && event.source == "/lyon/hub" && event.subject == "MO/7")
        #expect(event.type == "millwright.production-order.released.v1" && event.time == command.time)
        #expect(FactShape.of(type: event.type)?.faults(in: event.data) == [])
        #expect(event.data["asset"] == "cnc01" && event.attributes["traceparent"] == command.traceparent)
        let close = link.command(18, operation: "order.close", arguments: ["order": "MO/7", "asset": "cnc01"])
        #expect(link.run { await target.carry(close, at: close.time).0.word } == "accepted")
        #expect(link.edgeIntake.documents.map(\.envelope.type).last == "millwright.production-order.closed.v1")
        #expect(edge.given.isEmpty)
    }

    @Test("the route for commands is described by the answers that it gives")
    func description() throws {
        let link = try SimulatedLink(seed: 1)
        let about = try #require(link.startTarget().routes.first?.about)
        #expect(about.answers.map(\.status) == [200, 400, 401, 403, 409, 503])
        #expect(about.answers.allSatisfy { $0.body?.types == ["application/json"] })
    }

    @Test("without the edge a command is put off, surely not done")
    func notConnected() throws {
        let link = try SimulatedLink(seed: 2)
        let target = link.startTarget()
        let command = link.command(1)
        #expect(link.run { await target.carry(command, at: command.time).0.word } == "deferred LINK-010")
        _ = try link.startEdge()
        link.pass(.seconds(60))
        #expect(link.edgeIntake.documents.isEmpty)
        #expect(link.run { await target.carry(command, at: command.time).0.word } == "accepted")
        #expect(link.edgeIntake.documents.count == 1)
    }

    @Test(
        "a command whose answer got lost is in doubt; the edge is asked, and the command goes again only when it is not there"
    )
    func answerLost() throws {
        let link = try SimulatedLink(seed: 3)
        let target = link.startTarget()
        var faults = SimulatedNetwork.Faults()
        faults.answerLost = 1
        link.network.set(faults)
        _ = try link.startEdge()
        link.pass(.seconds(2))
        let command = link.command(1)
        let result = link.run { await target.carry(command, at: command.time) }
        #expect(result?.0.word == "unknown LINK-015")
        let attempt = try #require(result?.1)
        link.network.cut(true)
        #expect(link.run { await target.inquire(attempt).word } == "deferred LINK-010")
        #expect(link.edgeIntake.documents.isEmpty)
        link.network.set(SimulatedNetwork.Faults())
        link.network.cut(false)
        link.pass(.seconds(120))
        #expect(link.run { await target.inquire(attempt).word } == "notFound")
        #expect(link.run { await target.perform(attempt).word } == "accepted")
        #expect(link.edgeIntake.ids == ["hub-00001"])
    }

    @Test(
        "where the edge has it and its word got lost, asking finds it, also after a restart of either",
        arguments: [false, true])
    func confirmationLost(_ restarts: Bool) throws {
        let link = try SimulatedLink(seed: 4)
        var target = link.startTarget(timeout: .seconds(5))
        var edge = try link.startEdge()
        link.pass(.seconds(2))
        let command = link.command(1)
        // The edge stores the command and is gone before it can say so.
        link.edgeIntake.whenStored { link.network.cut(true) }
        let first = target
        let result = link.run { await first.carry(command, at: command.time) }
        #expect(result?.0.word == "unknown LINK-015")
        let attempt = try #require(result?.1)
        if restarts {
            edge.process.kill()
            target = link.startTarget(timeout: .seconds(5))
            edge = try link.startEdge()
        }
        link.network.cut(false)
        link.pass(.seconds(130))
        let second = target
        #expect(link.run { await second.inquire(attempt).word } == "happened")
        #expect(link.edgeIntake.ids == ["hub-00001"])
        #expect(edge.given.isEmpty)
    }

    @Test("a command that is too old dies at the hub, before it is sent and while it waits")
    func diesAtTheHub() throws {
        let link = try SimulatedLink(seed: 5)
        let target = link.startTarget(timeout: .seconds(300), validity: .seconds(100))
        let old = link.command(1, time: link.simulator.now - .seconds(101))
        #expect(link.run { await target.carry(old, at: old.time).0.word } == "rejected LINK-009")
        let fresh = link.command(2)
        let result = link.run { await target.carry(fresh, at: fresh.time) }
        #expect(result?.0.word == "deferred LINK-010")
        let attempt = try #require(result?.1)
        #expect(link.run { await target.perform(attempt).word } == "rejected LINK-009")
        _ = try link.startEdge()
        link.pass(.seconds(100))
        #expect(link.edgeIntake.documents.isEmpty)
    }

    @Test(
        "an edge judges a command's age by the hub's time, whatever its own clock says",
        arguments: [0, 3_600, -3_600, 200_000, -200_000])
    func edgeClock(_ seconds: Int) throws {
        let link = try SimulatedLink(seed: 6)
        let target = link.startTarget()
        let edge = try link.startEdge(skew: .seconds(seconds))
        let command = link.command(1)
        let word = link.run { await target.carry(command, at: command.time).0.word }
        if abs(seconds) < 86_400 {
            #expect(word == "accepted")
            let skew = try #require(edge.source.clockSkew)
            #expect(abs(skew.components.seconds - Int64(seconds)) <= 1)
        } else {
            // Beyond the tolerance its questions are refused, and a person is told.
            #expect(word == "deferred LINK-010")
            #expect(edge.given.first?.kind == NodeFailures.clock)
        }
    }

    @Test("a hub whose key is not the pinned one is not believed")
    func wrongHub() throws {
        let link = try SimulatedLink(seed: 7)
        let target = link.startTarget()
        let edge = try link.startEdge(hubKey: NodeKey().publicKey)
        let command = link.command(1)
        #expect(link.run { await target.carry(command, at: command.time).0.word } == "unknown LINK-015")
        #expect(link.edgeIntake.documents.isEmpty)
        #expect(edge.given.first?.kind == NodeFailures.command)
    }

    @Test("an edge that is not enrolled, or whose key was revoked, gets nothing and says what to do")
    func notEnrolled() throws {
        let link = try SimulatedLink(seed: 8)
        let target = link.startTarget()
        try link.enrolled.revoke(SimulatedLink.edge, now: link.simulator.now)
        let edge = try link.startEdge()
        let command = link.command(1)
        #expect(link.run { await target.carry(command, at: command.time).0.word } == "deferred LINK-010")
        #expect(edge.given.first?.kind == NodeFailures.refused)
        #expect(edge.given.first?.suggestion.contains("millwright enrol lyon-edge \(link.edgeKey.publicKey)") == true)
    }

    @Test("an edge that cannot store says nothing, and has the command once when it can")
    func edgeFull() throws {
        let link = try SimulatedLink(seed: 9)
        let target = link.startTarget(timeout: .seconds(120))
        _ = try link.startEdge()
        link.edgeIntake.fail(Failure(FailureKind("INTAKE-001", "full", remedy: "wait"), "full"))
        link.simulator.schedule(at: link.simulator.now + .seconds(20)) { link.edgeIntake.fail(nil) }
        let command = link.command(1)
        #expect(link.run { await target.carry(command, at: command.time).0.word } == "accepted")
        #expect(link.edgeIntake.ids == ["hub-00001"])
        // It tried now and then, and not all the time.
        #expect(link.edgeIntake.look { $0.submits } < 30)
    }

    @Test(
        "what is no order for an asset is rejected before anything is sent",
        arguments: [
            ("order.start", #"{"order":"a","asset":"b"}"#), ("order.release", #"{"order":"a"}"#),
            ("order.release", #"{"asset":"b"}"#), ("order.release", #"{"order":"","asset":"b"}"#),
            ("order.release", #"{"order":5,"asset":"b"}"#),
            ("order.release", #"{"order":"a","asset":"b","color":"red"}"#),
            ("order.release", #"{"order":"a","asset":"b","quantity":5}"#),
            ("order.release", #"{"order":"a","asset":"b","due":"tomorrow"}"#), ("order.close", "[]"),
            ("order.close", #"{"order":"a","asset":"b","item":"c"}"#),
        ])
    func badArguments(_ operation: String, _ arguments: String) throws {
        let link = try SimulatedLink(seed: 10)
        let target = link.startTarget()
        let command = link.command(1, operation: operation, arguments: try JSONReader.read(arguments))
        #expect(link.run { await target.carry(command, at: command.time).0.word } == "rejected LINK-012")
    }

    @Test("an order with its asset alone is enough for context")
    func leastArguments() throws {
        let link = try SimulatedLink(seed: 11)
        let target = link.startTarget()
        _ = try link.startEdge()
        let command = link.command(1, arguments: ["order": "a", "asset": "b", "lot": .null])
        #expect(link.run { await target.carry(command, at: command.time).0.word } == "accepted")
    }
}
