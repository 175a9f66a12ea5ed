import Canonical
import Contracts
import NodeConnector
import NodeSecurity
import Testing
import World

enum HTTPRequestReader {
    static func query(_ target: String) -> [String: String] { HTTPRequest(method: "GET", target: target).query }
}

/// A mailbox behind a reference, so that expectations can call what changes it.
final class HeldMailbox {
    private var box = CommandMailbox()

    func offer(_ command: DownlinkCommand, now: Instant) -> Bool { box.offer(command, now: now) }
    func withdraw(_ token: CommandToken) -> CommandMailbox.Fate { box.withdraw(token) }
    func ask(_ token: CommandToken) { box.ask(token) }
    func stopAsking(_ token: CommandToken) { box.stopAsking(token) }
    func answer(to token: CommandToken) -> Bool? { box.answer(to: token) }
    func isCurrent(_ number: Int) -> Bool { box.isCurrent(number) }
    func begin(_ report: PollReport, nonce: String, now: Instant) -> Int? { box.begin(report, nonce: nonce, now: now) }
    func handOut(now: Instant) -> (commands: [DownlinkCommand], asked: [CommandToken]) { box.handOut(now: now) }
}

@Suite struct MailboxTests {
    private let now = CommandScreenTests.now

    private func command(_ sequence: Int64, expires: Duration = .seconds(60)) throws -> DownlinkCommand {
        try DownlinkCommand(
            sequence: sequence, issued: now, expires: now + expires,
            document: EventDocument(
                Event(
                    id: "c-\(sequence)", source: "/lyon/hub", type: "millwright.production-order.released.v1",
                    time: now,
                    data: [:])), for: "lyon-edge", key: CommandScreenTests.hub)
    }

    private func report(_ change: (inout PollReport) -> Void = { _ in }) -> PollReport {
        var report = PollReport()
        change(&report)
        return report
    }

    @Test("a command that was never handed out is surely not done; one that was is in doubt until the edge's word")
    func fates() throws {
        let box = HeldMailbox()
        let (a, b) = (try command(1), try command(2))
        #expect(box.offer(a, now: now))
        #expect(box.withdraw(a.token) == .waiting)
        #expect(box.handOut(now: now).commands.isEmpty)
        #expect(box.offer(b, now: now))
        #expect(box.handOut(now: now).commands == [b])
        #expect(box.handOut(now: now).commands == [b])
        #expect(box.withdraw(b.token) == .handedOut)
        #expect(box.handOut(now: now).commands.isEmpty)
        // Its word may still come, and is found by an inquiry.
        _ = box.begin(report { $0.stored = [b.token] }, nonce: "1", now: now)
        box.ask(b.token)
        #expect(box.answer(to: b.token) == true)
    }

    @Test("what the edge has is never called refused or unknown afterwards")
    func storedStays() throws {
        let box = HeldMailbox()
        let a = try command(1)
        _ = box.offer(a, now: now)
        _ = box.handOut(now: now)
        box.ask(a.token)
        _ = box.begin(report { $0.stored = [a.token] }, nonce: "1", now: now)
        _ = box.begin(
            report {
                $0.refused = [a.token: .expired]
                $0.unknown = [a.token]
            }, nonce: "2", now: now)
        #expect(box.answer(to: a.token) == true)
        #expect(box.withdraw(a.token) == .stored)
    }

    @Test("a question is asked until it is answered, and a word on a command that nobody asked about changes nothing")
    func questions() throws {
        let box = HeldMailbox()
        let token = try command(1).token
        _ = box.begin(report { $0.unknown = [token] }, nonce: "1", now: now)
        box.ask(token)
        #expect(box.answer(to: token) == nil)
        #expect(box.handOut(now: now).asked == [token])
        #expect(box.handOut(now: now).asked == [token])
        _ = box.begin(report { $0.unknown = [token] }, nonce: "2", now: now)
        #expect(box.answer(to: token) == false)
        #expect(box.handOut(now: now).asked.isEmpty)
        box.stopAsking(token)
        #expect(box.answer(to: token) == nil)
    }

    @Test(
        "an expired command is not handed out, a doubled question takes nothing, and a newer question ends an older one"
    )
    func polls() throws {
        let box = HeldMailbox()
        _ = box.offer(try command(1, expires: .seconds(5)), now: now)
        #expect(box.handOut(now: now + .seconds(5)).commands.isEmpty)
        let first = try #require(box.begin(report(), nonce: "1", now: now))
        #expect(box.begin(report(), nonce: "1", now: now) == nil)
        #expect(box.isCurrent(first))
        let second = try #require(box.begin(report(), nonce: "2", now: now))
        #expect(!box.isCurrent(first) && box.isCurrent(second))
    }

    @Test("the box is bounded, and forgets doubts long after their expiry")
    func bounds() throws {
        let box = HeldMailbox()
        for number in 1...CommandMailbox.maximumEntries { #expect(box.offer(try command(Int64(number)), now: now)) }
        #expect(!box.offer(try command(0), now: now))
        #expect(box.handOut(now: now).commands.count == PollAnswer.maximumCommands)
        for number in 1...32 { #expect(box.withdraw(try command(Int64(number)).token) == .handedOut) }
        #expect(!box.offer(try command(0), now: now + .seconds(3_600)))
        #expect(box.offer(try command(0, expires: .seconds(9_000)), now: now + .seconds(3_661)))
    }
}
