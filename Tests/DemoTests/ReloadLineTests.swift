import Canonical
import Console
import Store
import Testing

@testable import millwright

@Suite("Who waits for the settings folder to be read")
struct ReloadLineTests {
    private static let time = Instant(microseconds: 1_000_000)
    private static let fault = ReloadFault(message: "the address is taken")

    /// `open`, `gone`, `moving`, `failed`, or the result with the version that runs.
    private func standing(_ line: ReloadLine, _ number: Int) -> String {
        switch line.standing(of: number) {
        case .open: "open"
        case .gone: "gone"
        case .told(.moving): "moving"
        case .told(.failed): "failed"
        case .told(.settled(let report)): "\(report.result) \(report.version ?? 0)"
        }
    }

    private static func unchanged(_ version: Int64) -> ReloadOutcome {
        .settled(ReloadReport(.unchanged, version: version, digest: "a", time: time))
    }

    /// A line with one wish of ines, for which the settings `b` are to run.
    private func trying() throws -> ReloadLine {
        var line = ReloadLine()
        let number = line.ask(by: "ines")
        let isTaken = line.take()
        try #require(number == 1 && isTaken)
        line.attempt("b", changes: ["~ flows/a.yaml"], warnings: [])
        return line
    }

    /// The same, where `b` began to run and nobody listens at its socket yet.
    private func moved() throws -> ReloadLine {
        var line = try trying()
        line.move()
        #expect(standing(line, 1) == "moving")
        let note = line.resume("b")
        #expect(note?.result == .running)
        line.began("b", version: 2, at: Self.time)
        return line
    }

    @Test("one look is for all who waited; who asks meanwhile waits for the next one")
    func together() {
        var line = ReloadLine()
        let early = line.take()
        #expect(!early)
        let first = ["ines", "ivo", "ines"].map { line.ask(by: $0) }
        #expect(first == [1, 2, 3])
        let isTaken = line.take()
        #expect(isTaken && line.people == ["ines", "ivo"])
        let late = line.ask(by: "ida")
        line.settle(Self.unchanged(1))
        #expect([1, 2, 3].map { standing(line, $0) } == ["unchanged 1", "unchanged 1", "unchanged 1"])
        #expect(late == 4 && standing(line, 4) == "open")
        let isNext = line.take()
        #expect(isNext && line.people == ["ida"])
    }

    @Test("settings that run are told when their node began, and written down by it")
    func running() throws {
        var line = try trying()
        #expect(standing(line, 1) == "open")
        // Nobody looks for others meanwhile.
        let other = line.ask(by: "ivo")
        let isTaken = line.take()
        #expect(other == 2 && !isTaken)
        let note = line.resume("b")
        #expect(note?.result == .running && note?.by == ["ines"])
        line.began("b", version: 2, at: Self.time)
        #expect(standing(line, 1) == "running 2" && standing(line, 2) == "open")
        // The same settings anew: that is nobody's wish any more.
        let again = line.resume("b")
        #expect(again?.result == nil)
    }

    @Test("settings that turn out not to run are told as refused when those before go on")
    func refusedLate() throws {
        var line = try trying()
        line.refuse("c", ReloadFault(message: "of others"))
        line.refuse("b", Self.fault)
        let note = line.resume("a")
        #expect(note?.result == .refused && note?.by == ["ines"] && note?.reason == "the address is taken")
        line.began("a", version: 1, at: Self.time)
        #expect(standing(line, 1) == "refused 1")
    }

    @Test("a wish whose look or settings came to nothing waits for the next look")
    func lost() throws {
        // The store was damaged before the settings ran, and those before run anew.
        var line = try trying()
        line.began("a", version: 1, at: Self.time)
        #expect(standing(line, 1) == "open")
        let note = line.resume("a")
        #expect(note?.result == nil)
        let isTaken = line.take()
        #expect(isTaken && line.people == ["ines"])
        // The same in the middle of the look.
        let again = line.resume("a")
        #expect(again?.result == nil && standing(line, 1) == "open")
        let isTakenAgain = line.take()
        #expect(isTakenAgain && line.people == ["ines"])
    }

    @Test("where the socket goes, who waits is told before, and later what came of it")
    func moving() throws {
        var line = try moved()
        #expect(standing(line, 1) == "moving")
        line.arrive()
        #expect(standing(line, 1) == "running 2")
    }

    @Test("settings whose address is taken began, and are refused all the same")
    func takenAddress() throws {
        var line = try moved()
        line.refuse("b", Self.fault)
        let other = line.resume("a")
        #expect(other?.result == .refused)
        line.began("a", version: 3, at: Self.time)
        #expect(standing(line, 1) == "refused 3")
        line.arrive()
        #expect(standing(line, 1) == "refused 3")
    }

    @Test("a node that stops leaves nobody waiting, and takes no more")
    func closed() throws {
        var line = try trying()
        let waiting = line.ask(by: "ivo")
        line.close()
        #expect(standing(line, 1) == "gone" && waiting == 2 && standing(line, 2) == "gone")
        let late = line.ask(by: "ida")
        #expect(late == nil)
    }

    @Test("wishes under way and ends that are remembered are bounded")
    func bounds() {
        var line = ReloadLine()
        let numbers = (0...ReloadLine.maximumOrders).map { _ in line.ask(by: "ines") }
        #expect(numbers.compactMap { $0 }.count == ReloadLine.maximumOrders)
        #expect(numbers[ReloadLine.maximumOrders] == nil)
        for version in 1...ReloadLine.maximumTold {
            _ = line.take()
            line.settle(Self.unchanged(Int64(version)))
            _ = line.ask(by: "ines")
        }
        #expect(standing(line, 1) == "gone")
        #expect(standing(line, ReloadLine.maximumOrders + 1).hasPrefix("unchanged"))
    }
}
