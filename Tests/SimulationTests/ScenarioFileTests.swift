import Delivery
import FaultDisk
import NodeSettings
import SimulatedWorld
import Testing

@testable import Scenarios

/// Scenarios as files: read, written, and held within bounds.
@Suite("Scenario files")
struct ScenarioFileTests {
    static func read(_ text: String) -> ScenarioReport {
        ScenarioReader.read(SourceText(path: "day.yaml", text: text))
    }

    @Test("a built-in scenario that is printed and read again is the same", arguments: PlantScenario.all.map(\.name))
    func builtIn(_ name: String) throws {
        let scenario = try #require(PlantScenario.named(name))
        let report = Self.read(scenario.fileText)
        #expect(report.faults.isEmpty, "\(report.printed())\n\(scenario.fileText)")
        #expect(report.scenario == scenario, "\(scenario.fileText)")
    }

    @Test("what a file leaves out is as scenarios have it")
    func defaults() {
        #expect(Self.read("scenario: bare\n").scenario == PlantScenario("bare", ""))
        #expect(Self.read("scenario: bare\nplant: {}\nwork: {}\nfaults: []\n").scenario == PlantScenario("bare", ""))
    }

    /// A value other than the usual one of everything, and every fault.
    private static let everything = PlantScenario(
        "everything", "Every key: \"quoted\", with a # and a colon: so it goes.",
        PlantScenario.Plant().with {
            $0.facts = 7
            $0.orders = 4
            $0.lateOrders = 2
            $0.duration = .seconds(31 * 86_400)
            $0.machines = Set(PlantScenario.Machine.allCases)
            $0.hubs = 3
            $0.retention = Retention(
                events: .seconds(61), commands: .seconds(7_200), identities: .seconds(3 * 86_400),
                interval: .milliseconds(1_500))
            $0.edgeRetention = Retention()
            $0.repeats = 5
            $0.flood = 6
            $0.criticalWithin = .milliseconds(90_001)
            $0.pendingDeliveries = 10
            $0.person = .resubmitsAndDiscards
            $0.isChecked = false
            $0.patience = .seconds(9)
        },
        faultsOfThePlant + faults(.edge) + faults(.hub))

    private static let faultsOfThePlant: [PlantFault] = [
        .link(messages(isOdoo: false)), .odoo(messages(isOdoo: true)),
        .cut(after: .milliseconds(1), lasts: .seconds(72 * 3_600)),
        .odooDown(every: .seconds(3_600), lasts: .seconds(60)),
        .keyRefused(every: .seconds(7_200), lasts: .milliseconds(1_500)), .odooRestored,
    ]

    private static func messages(isOdoo: Bool) -> SimulatedNetwork.Faults {
        var messages = SimulatedNetwork.Faults()
        messages.requestLost = 0.333333
        messages.answerLost = 1
        messages.doubled = isOdoo ? 0 : 0.07
        messages.answeredTwice = 0.05
        messages.corrupted = isOdoo ? 0 : 0.00001
        messages.answerCut = 0.001
        messages.gatewayDown = 0.0009
        messages.gatewayGaveUp = 0.29
        messages.held = 0.57
        messages.holdTime = .milliseconds(1)...(.seconds(100))
        messages.latency = .milliseconds(3)...(.milliseconds(3))
        return messages
    }

    private static func faults(_ side: Side) -> [PlantFault] {
        [
            .kill(side, every: .seconds(600)), .powerLoss(side, every: .seconds(1_200)),
            .diskErrors(side, [.openError, .deleteError, .diskFull], share: 0.002),
            .diskFull(side, every: .seconds(3_600), lasts: .seconds(5)),
            .clockJumps(side, every: .seconds(7_200), upTo: .seconds(11 * 3_600)),
            .clockDrift(side, microsecondsASecond: side == .edge ? 1_000 : -7), .upgrade(side, after: .seconds(61)),
            .diskLost(side, after: .seconds(90)), .restore(side),
            .silentErrors(side, [.readFlip, .tornWrite, .lostWrite, .writeFlip], atMost: 100),
            .bitRot(side, atMost: 3), .reload(side, every: .seconds(900)),
        ]
    }

    @Test("a scenario with everything that there is, printed and read again, is the same")
    func wholeRoundTrip() {
        let kinds = Self.everything.faults.map { String($0.name.prefix { $0 != "." }) }
        #expect(Set(kinds) == Set(FaultWord.allCases.map(\.rawValue)))
        let report = Self.read(Self.everything.fileText)
        #expect(report.faults.isEmpty, "\(report.printed())\n\(Self.everything.fileText)")
        #expect(report.scenario == Self.everything, "\(Self.everything.fileText)")
    }

    @Test("a file is written so that a person can go on from it")
    func written() {
        let scenario = PlantScenario(
            "night", "Nobody is there.", PlantScenario.Plant().with { $0.duration = .seconds(8 * 3_600) },
            [
                .kill(.edge, every: .seconds(7_200)), .kill(.hub, every: .seconds(7_200)),
                .powerLoss(.hub, every: .seconds(10_800)), .clockDrift(.edge, microsecondsASecond: 500),
            ])
        #expect(
            scenario.fileText == """
                scenario: night
                summary: Nobody is there.
                duration: 8h

                plant:
                  machines: [pushing, following, counting]
                  hubs: 1

                work: { facts: 12, orders: 3 }

                faults:
                  - fault: kill
                    where: [edge, hub]
                    every: 2h
                  - { fault: powerLoss, where: hub, every: 3h }
                  - { fault: clockDrift, where: edge, drift: 500ppm }

                """)
    }

    @Test(
        "whatever becomes of a file, it is read or refused, and what is read is written as the same", arguments: 1...40)
    func damaged(_ seed: UInt64) {
        var random = SeededRandom(seed: seed)
        let texts = PlantScenario.all.map(\.fileText) + [Self.everything.fileText]
        for _ in 0..<20 {
            var bytes = Array(texts[Int.random(in: 0..<texts.count, using: &random)].utf8)
            for _ in 0...Int.random(in: 0...3, using: &random) {
                let place = Int.random(in: 0..<bytes.count, using: &random)
                switch Int.random(in: 0..<4, using: &random) {
                case 0: bytes.remove(at: place)
                case 1: bytes.insert(bytes[Int.random(in: 0..<bytes.count, using: &random)], at: place)
                case 2: bytes[place] = UInt8(ascii: "9")
                default: bytes.swapAt(place, Int.random(in: 0..<bytes.count, using: &random))
                }
            }
            let text = String(decoding: bytes, as: UTF8.self)
            let report = Self.read(text)
            #expect((report.scenario == nil) == !report.faults.isEmpty, "seed \(seed):\n\(text)")
            if let scenario = report.scenario {
                let again = Self.read(scenario.fileText)
                #expect(again.scenario == scenario, "seed \(seed): \(again.printed())\n\(text)")
            }
        }
    }

    @Test("a file that is not there, is too long or is no text is refused as a whole")
    func unreadable() throws {
        let disk = SimulatedDisk()
        try disk.replace("/long.yaml", with: Array(repeating: UInt8(ascii: "#"), count: (64 << 10) + 1), mode: 0o644)
        try disk.replace("/bytes.yaml", with: [0x73, 0xFF, 0x0A], mode: 0o644)
        try disk.replace("/empty.yaml", with: [], mode: 0o644)
        try disk.replace("/good.yaml", with: Array("scenario: good\n".utf8), mode: 0o644)
        for (name, code) in [
            ("none", "SET-001"), ("long", "SET-003"), ("bytes", "SET-002"), ("empty", "SET-013"),
        ] {
            let report = ScenarioReader.read("/\(name).yaml", on: disk)
            #expect(report.scenario == nil)
            #expect(report.faults.map(\.code) == [code], "\(name): \(report.printed())")
            #expect(report.printed().hasPrefix("/\(name).yaml"), "\(report.printed())")
        }
        #expect(ScenarioReader.read("/good.yaml", on: disk).scenario == PlantScenario("good", ""))
    }
}
