import Foundation

/// Kills and cuts while the demo plays, each kind at least three times, at points that the number of played pieces decides.
actor ChaosMonkey {
    private enum Blow: CaseIterable { case edge, hub, front, cut }

    private let setup: DemoSetup
    private var random: SystemRandom
    private var blows: [Blow]
    private var struck = 0
    private var recovering = 0
    private(set) var counts = (edge: 0, hub: 0, front: 0, cuts: 0)

    init(setup: DemoSetup, seed: UInt64) {
        self.setup = setup
        random = SystemRandom(seed: seed &+ 77)
        var blows: [Blow] = []
        for _ in 0..<3 { blows += Blow.allCases }
        blows.shuffle(using: &random)
        self.blows = blows
    }

    var isDone: Bool { struck == blows.count && recovering == 0 }

    /// Strikes at even shares of the progress (0…1), and what is left at its end.
    func run(until isOver: @Sendable () async -> Bool, progress: @Sendable () async -> Double) async throws {
        while struck < blows.count {
            try Task.checkCancellation()
            let due = Double(struck + 1) / Double(blows.count + 1)
            let now = await progress()
            let over = await isOver()
            if now >= due || over {
                try await strike(blows[struck])
                struck += 1
            }
            try await Task.sleep(for: .milliseconds(over ? 150 : 5))
        }
    }

    private func strike(_ blow: Blow) async throws {
        let process: ChildProcess
        switch blow {
        case .edge:
            process = setup.edge
            counts.edge += 1
        case .hub:
            process = setup.hub
            counts.hub += 1
        case .front:
            process = setup.front ?? setup.link
            counts.front += 1
        case .cut:
            process = setup.link
            counts.cuts += 1
        }
        await process.kill(restartAfter: .milliseconds(Int64(random.next() % 600) + 50))
    }
}
