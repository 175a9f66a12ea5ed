import Canonical
import ExactJSON
import Store
import Testing

@testable import Console

@Suite("what the overview says of plants, edges and old errors")
struct OverviewPlantTests {
    private func judged(_ snapshot: OverviewSnapshot, _ index: Int = 0) -> PlantJudgement {
        PlantJudgement(snapshot.plants[index], OverviewJudgement(snapshot))
    }

    @Test("a plant is as its own sources, edges and targets are, the worst said first")
    func standing() {
        let snapshot = SampleSnapshot.working
        let lyon = judged(snapshot)
        #expect(lyon.sources == 3 && lyon.working == 2)
        #expect(lyon.verdict.word == "In trouble")
        #expect(lyon.late.map { $0.words } == ["odoo: 14 min 5 s behind", "press-07: waiting"])
        let grenoble = judged(snapshot, 1)
        #expect(grenoble.sources == 0 && grenoble.verdict.word == "Needs attention")
        #expect(grenoble.late.map { $0.words } == ["grenoble-edge: store filling"])
        #expect(judged(SampleSnapshot.quiet).verdict.word == "In order")
    }

    @Test("a plant with nothing but an open exception needs attention")
    func exceptions() {
        var snapshot = SampleSnapshot.quiet
        snapshot.plants[0].exceptions = 1
        #expect(judged(snapshot).verdict.word == "Needs attention" && judged(snapshot).late.isEmpty)
    }

    @Test("the page has a row for each plant, what is late cut to a few")
    func page() {
        let page = OverviewPage.render(SampleSnapshot.working)
        for text in [">lyon</span>", "2 of 3", "4 of 5", "odoo: 14 min 5 s behind, press-07: waiting"] {
            #expect(page.contains(text), "\(text)")
        }
        var snapshot = SampleSnapshot.empty
        snapshot.sources = (0..<9).map {
            .init(
                name: "s\($0)", connector: "x", state: .failed(reason: "r"), lastReading: nil, readingsPerSecond: 0)
        }
        snapshot.plants = [.init(name: "lyon", sources: snapshot.sources.map(\.name))]
        #expect(OverviewPage.render(snapshot).contains("s0: failed, s1: failed, s2: failed, 6 more"))
    }

    @Test("exceptions beyond those that are shared out make a plant's number a lower bound")
    func lowerBound() {
        var snapshot = SampleSnapshot.working
        #expect(!OverviewPage.render(snapshot).contains("at least 39"))
        snapshot.exceptions.open = OverviewSnapshot.Plant.countedExceptions + 1
        #expect(OverviewPage.render(snapshot).contains("at least 39"))
    }

    @Test("the status document has the plants, and errors with their time")
    func status() throws {
        var snapshot = SampleSnapshot.working
        snapshot.targets[0].lastError?.isOver = true
        let document = try JSONReader.read(snapshot.json.bytes)
        #expect(document["plants"]?[0]?["sourcesWorking"]?.int == 2 && document["plants"]?[0]?["assetsHeard"]?.int == 4)
        #expect(document["plants"]?[1]?["late"]?[0]?.string == "grenoble-edge: store filling")
        let error = try #require(document["targets"]?[0]?["lastError"])
        #expect(error["time"]?.string == (SampleSnapshot.now - .seconds(11)).description)
        #expect(error["acceptedSince"]?.bool == true)
    }

    @Test("an old error has its own time, and says where things went well again")
    func oldError() {
        var snapshot = SampleSnapshot.quiet
        snapshot.targets[0].lastError = .init(
            code: "ODOO-017", message: "no such order", time: snapshot.time - .seconds(7 * 86_400))
        #expect(OverviewPage.render(snapshot).contains(">7 d ago</time></span>"))
        snapshot.targets[0].lastError?.isOver = true
        #expect(OverviewPage.render(snapshot).contains(">7 d ago</time>, since then accepted</span>"))
    }

    @Test("an edge is offline only when it was silent for longer than it may, and who watched was there to hear it")
    func edges() {
        var snapshot = SampleSnapshot.quiet
        func word(silent: Duration, watched: Duration) -> String {
            snapshot.started = snapshot.time - watched
            let edge = OverviewSnapshot.Node(
                name: "e", role: "edge", lastSeen: snapshot.time - silent, offlineAfter: .seconds(900))
            return OverviewJudgement(snapshot).verdict(edge).word
        }
        #expect(word(silent: .seconds(61), watched: .seconds(86_400)) == "Online")
        #expect(word(silent: .seconds(900), watched: .seconds(86_400)) == "Online")
        #expect(word(silent: .seconds(901), watched: .seconds(86_400)) == "Offline")
        #expect(word(silent: .seconds(86_400), watched: .seconds(900)) == "Awaited")
        let never = OverviewSnapshot.Node(name: "e", role: "edge", lastSeen: nil)
        #expect(OverviewJudgement(snapshot).verdict(never).word == "Never seen")
    }

    @Test("the flows' page shows what was refused of late, and open exceptions beside it")
    func flows() throws {
        let plan = RunningPlan.Flow(
            name: "progress", target: "odoo", operation: "production.progress", types: [], pace: nil, isShadow: false)
        var facts = FlowFacts()
        func cells() throws -> [String] {
            let page = FlowsPage(
                facts: RunningFacts(
                    now: SampleSnapshot.now,
                    flows: [.init(plan: plan, facts: facts, pause: nil, targetPause: nil)], targets: [], sources: []),
                said: [], visitor: Visitor(name: nil, scope: .viewer, formToken: nil)
            ).content.source
            return try ["Refused", "Exceptions"].map { label in
                let start = try #require(page.firstRange(of: "data-label=\"\(label)\" class=\"number\"><div>"))
                return String(page[start.upperBound...].prefix(while: { $0 != "\n" }))
            }
        }
        facts.exceptions = 3
        var found = try cells()
        #expect(found[0].contains("–") && found[1].contains(">3 open</a>"), "\(found)")
        (facts.exceptions, facts.rejected) = (0, 2)
        found = try cells()
        #expect(found[0].hasPrefix("2<") && found[1].contains("–"), "\(found)")
    }
}
