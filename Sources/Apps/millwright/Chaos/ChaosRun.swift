import Canonical
import Foundation
import Synchronization
import World
import WorldLive

/// Runs rounds of chaos, plant after plant.
actor ChaosRun {
    private let plan: ChaosPlan
    private let isolation: ChaosIsolation
    private let world = World.live()
    private var report = ChaosReport()
    private let kinds: [ChaosFault.Kind]
    private let root: String
    /// Exceptions that are open at the plant of now.
    private var openExceptions = 0
    /// How often its nodes gave up because a disk was full.
    private var refusedStarts = 0

    init(_ plan: ChaosPlan, isolation: ChaosIsolation) {
        self.plan = plan
        self.isolation = isolation
        root = NSTemporaryDirectory() + "millwright-chaos-\(ProcessInfo.processInfo.processIdentifier)"
        var kinds = ChaosFault.Kind.allCases
        if let reason = isolation.reason {
            for kind in [ChaosFault.Kind.diskFullEdge, .diskFullHub, .networkDown] {
                report.leftOut[kind.rawValue] = reason
                kinds.removeAll { $0 == kind }
            }
        }
        if plan.clockLibrary == nil {
            for kind in [ChaosFault.Kind.clockEdge, .clockHub] {
                report.leftOut[kind.rawValue] = "without --clock-library"
                kinds.removeAll { $0 == kind }
            }
        }
        self.kinds = kinds
    }

    /// All rounds, or those until it is cancelled.
    func run() async throws -> ChaosReport {
        var done = 0
        while done < plan.rounds, !Task.isCancelled {
            let before = report.rounds
            try await runPlant(from: done)
            done = report.rounds
            if done == before, !Task.isCancelled { throw ChaosFailure("the plant did not come up") }
        }
        if report.isExact { try? FileManager.default.removeItem(atPath: root) }
        report.failures.sort { $0.seed < $1.seed }
        return report
    }

    /// One plant, for as many rounds as it lives, or until one of them fails.
    private func runPlant(from done: Int) async throws {
        report.plants += 1
        let folder = "\(root)/plant-\(report.plants)"
        let seed = plan.seed &+ UInt64(done)
        let series = plan.series ?? 16 + report.plants % 4
        for node in ChaosSite.nodes {
            try world.disk.makeDirectory("\(folder)/stores/\(node)")
            try isolation.mountStore("\(folder)/stores/\(node)")
        }
        let site = try ChaosSite(
            folder: folder, series: series, seed: seed, clockLibrary: plan.clockLibrary, world: world)
        let plant = ChaosPlant(site: site, isolation: isolation, world: world, seed: seed, bound: plan.bound)
        let failedBefore = report.failed
        let last = min(plan.rounds, done + plan.fresh)
        do {
            try await plant.live { try await self.rounds(plant, from: done, to: last) }
        } catch  where Task.isCancelled {
            // Asked to stop: what was done counts.
        }
        let crashes = await plant.crashes()
        let isCrashed = crashes.values.reduce(0, +) > refusedStarts
        await takeFigures(of: plant, isCrashed ? crashes : [:])
        let isSound = report.failed == failedBefore && !isCrashed
        if !isSound { keep(folder) }
        for node in ChaosSite.nodes { isolation.unmountStore("\(folder)/stores/\(node)") }
        if isSound { try? FileManager.default.removeItem(atPath: folder) }
    }

    private func rounds(_ plant: ChaosPlant, from first: Int, to last: Int) async throws {
        for index in first..<last {
            await waitForQuiet()
            let round = ChaosRound(seed: plan.seed &+ UInt64(index), kinds: kinds)
            if plan.sabotage == .dropFact, index == first + 1 { await plant.dropNextFact() }
            let outcome = try await plant.round(round)
            if plan.sabotage == .postTwice, index == first { try await plant.tamper() }
            report.add(outcome, of: round)
            openExceptions = outcome.exceptions
            refusedStarts += outcome.refusedStarts
            note(round, outcome, plant)
            if !outcome.differences.isEmpty { return }
        }
    }

    /// Holds while the file exists that says that something else on this machine is being measured.
    private func waitForQuiet() async {
        guard let pauseFile = plan.pauseFile else { return }
        while FileManager.default.fileExists(atPath: pauseFile), !Task.isCancelled {
            try? await world.clock.sleep(for: .seconds(1))
        }
    }

    private func note(_ round: ChaosRound, _ outcome: ChaosPlant.Outcome, _ plant: ChaosPlant) {
        let word = outcome.differences.isEmpty ? "exact" : "FAILED"
        let time = outcome.recovery.short
        Output.note("round \(report.rounds) seed \(round.seed): \(word), recovered in \(time) [\(round.summary)]")
        guard !outcome.differences.isEmpty else { return }
        for difference in outcome.differences { Output.note("  \(difference)") }
        let library = plan.clockLibrary.map { " --clock-library \($0)" } ?? ""
        Output.note("  again: millwright chaos --rounds 1 --seed \(round.seed) --series \(plant.site.series)\(library)")
        Output.note("  kept: \(plant.site.folder)")
    }

    private func takeFigures(of plant: ChaosPlant, _ crashes: [String: Int]) async {
        report.facts.merge(await plant.factCounts, uniquingKeysWith: +)
        report.posted += await plant.accepted()
        report.crashes.merge(crashes, uniquingKeysWith: +)
        for (name, count) in crashes.sorted(by: { $0.key < $1.key }) {
            Output.note("\(name) ended \(count) times unasked; its log is in \(plant.site.folder)/logs")
        }
        report.exceptions += openExceptions
        report.refusedStarts += refusedStarts
        (openExceptions, refusedStarts) = (0, 0)
        report.forcedStops += await plant.forcedStops
    }

    /// Copies the stores out of file systems that end with this process.
    private func keep(_ folder: String) {
        guard isolation.isIsolated else { return }
        for node in ChaosSite.nodes {
            try? FileManager.default.copyItem(atPath: "\(folder)/stores/\(node)", toPath: "\(folder)/kept-\(node)")
        }
    }
}
