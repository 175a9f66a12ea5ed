import FaultDisk
import Foundation
import Testing

/// Fails the first, the second, … disk operation of a store's life, until a life passes without the fault being reached.
///
/// Each test takes every so many operations, to be quick; `MILLWRIGHT_ANOMALIES=all` takes them all, each with more dice.
@Suite("Anomaly loop")
struct AnomalyLoopTests {
    /// More operations than the workload has: a loop that gets here does not end.
    private static let operationsMaximum = 5_000
    private static let takesAll = ProcessInfo.processInfo.environment["MILLWRIGHT_ANOMALIES"] == "all"

    /// How lives of one fault ended.
    private struct Tally: CustomStringConvertible {
        var operations = 0
        var lives = 0
        var exact = 0
        var told = 0
        var silent = 0

        mutating func count(_ verdict: Trial.Verdict) {
            lives += 1
            switch verdict {
            case .exact: exact += 1
            case .reported: told += 1
            case .silent: silent += 1
            }
        }

        var description: String {
            "\(operations) operations, \(lives) lives: \(exact) exact, \(told) told, \(silent) silent"
        }
    }

    /// Life after life, `stride` operations apart. Returns how many operations there were to fail, and prints the tally.
    private func loop(
        _ fault: DiskFault, stride: Int, seeds: ClosedRange<UInt64>, _ check: (Trial.Verdict, String) -> Void
    ) throws -> Int {
        let states = try simulated { try await Trial.referenceStates($0) }
        let (step, dice) = Self.takesAll ? (1, seeds.lowerBound...(seeds.upperBound + 2)) : (stride, seeds)
        var tally = Tally()
        for nth in Swift.stride(from: 1, through: Self.operationsMaximum, by: step) {
            var isReached = false
            for seed in dice {
                let disk = try FaultDisk(seed: seed &* 1_000_003 &+ UInt64(nth), plan: DiskPlan([.at(nth, fault)]))
                let verdict = try Self.life(disk, states)
                check(
                    verdict, "\(fault.rawValue) \(nth), seed \(seed): \(disk.lastInjection.map { "\($0)" } ?? "none")")
                guard disk.counts.faults[fault, default: 0] > 0 else { continue }
                isReached = true
                tally.count(verdict)
            }
            if !isReached {
                print("anomalies: \(fault.rawValue): \(tally)")
                return tally.operations
            }
            tally.operations = nth
        }
        Issue.record("the loop over \(fault.rawValue) did not end")
        return Self.operationsMaximum
    }

    private static func life(_ disk: FaultDisk, _ states: [Dump]) throws -> Trial.Verdict {
        try simulated { world in
            var trial = Trial(disk: disk, world: world, states: states)
            return await trial.run()
        }
    }

    @Test(
        "whatever operation fails with an error or with the power, what was acknowledged is there, and nothing else",
        arguments: DiskFault.allCases.filter { !$0.isSilent })
    func admitted(_ fault: DiskFault) throws {
        let isDrawn = [.powerLoss, .syncError, .shortWrite].contains(fault)
        let isRare = [.openError, .syncError, .truncateError, .deleteError].contains(fault)
        let reached = try loop(fault, stride: isRare ? 1 : 9, seeds: 1...(isDrawn ? 2 : 1)) { verdict, life in
            #expect(verdict == .exact, "\(life)")
        }
        // A fault that nothing reaches proves nothing.
        #expect(reached > 0)
    }

    @Test(
        "whichever operation the disk lies about, what is lost is told",
        arguments: DiskFault.allCases.filter { $0.isSilent && $0 != .lostSync })
    func lied(_ fault: DiskFault) throws {
        let reached = try loop(fault, stride: 5, seeds: 1...1) { verdict, life in
            if case .silent(let what) = verdict { Issue.record("\(what) after \(life)") }
            // Nor does damage ever stop a store for good.
            if case .reported(let what) = verdict { #expect(!what.hasPrefix("stopped"), "\(life)") }
        }
        #expect(reached > 0)
    }

    /// A sync that the disk only pretended to make shows in nothing but a power loss, and then only where something
    /// that was synced later tells of it. A commit's mark is such a thing, but it is synced with the next sync of the
    /// checksums, not with the commit: that would double the syncs. So the last commit of a log whose sync was a lie is
    /// lost in silence where the power goes before anything else is synced; no file holds a trace of it then. Everything
    /// older is told.
    @Test("a sync that was a lie loses at most the last commit in silence")
    func liedAboutSync() throws {
        let steps = Step.workload.count
        let reached = try loop(.lostSync, stride: 1, seeds: 1...2) { verdict, life in
            guard case .silent(let what) = verdict else { return }
            #expect(what == "the state after \(steps - 1) steps instead of \(steps)", "\(life)")
            #expect(life.hasSuffix("node.db-wal"))
        }
        #expect(reached > 0)
    }

    @Test("the power may go again while a store comes back", arguments: 1...6)
    func powerLostTwice(apart: Int) throws {
        let states = try simulated { try await Trial.referenceStates($0) }
        for nth in stride(from: 1, to: 400, by: 7) {
            let disk = try FaultDisk(
                seed: UInt64(nth * 10 + apart), plan: DiskPlan([.at(nth, .powerLoss), .at(nth + apart, .powerLoss)]))
            let verdict = try Self.life(disk, states)
            #expect(verdict == .exact, "power lost at operations \(nth) and \(nth + apart)")
        }
    }

    @Test(
        "a disk that fails all the time loses nothing that was acknowledged",
        arguments: takesAll ? Array(1...600) : Array(1...40) + [116, 428, 448] as [UInt64])
    func storm(seed: UInt64) throws {
        let states = try simulated { try await Trial.referenceStates($0) }
        let admitted = DiskFault.allCases.filter { !$0.isSilent }
        let plan = DiskPlan(admitted.map { .rate(0.005, $0) })
        let disk = try FaultDisk(seed: seed, plan: plan)
        let verdict = try Self.life(disk, states)
        #expect(verdict == .exact, "seed \(seed): \(disk.counts.faults)")
    }
}
