package import Canonical

extension OverviewSnapshot {
    /// One plant: what belongs to it by name, and what came of it.
    package struct Plant: Sendable, Hashable {
        package var name: String
        /// Names of those of ``OverviewSnapshot/sources``, ``OverviewSnapshot/targets`` and ``OverviewSnapshot/nodes``
        /// that are the plant's; what serves several plants is with each of them.
        package var sources: [String]
        package var targets: [String]
        package var nodes: [String]
        /// How many assets the settings name, and of how many of them something came since the node started.
        package var assets: Int
        package var heard: Int
        /// When something of the plant last came since the node started.
        package var lastReading: Instant?
        /// Exceptions that are open, among the first ``countedExceptions`` of the node.
        package var exceptions: Int

        /// Open exceptions of the node that are shared out to its plants.
        package static let countedExceptions = 10_000

        package init(
            name: String, sources: [String] = [], targets: [String] = [], nodes: [String] = [], assets: Int = 0,
            heard: Int = 0, lastReading: Instant? = nil, exceptions: Int = 0
        ) {
            self.name = name
            self.sources = sources
            self.targets = targets
            self.nodes = nodes
            self.assets = assets
            self.heard = heard
            self.lastReading = lastReading
            self.exceptions = exceptions
        }
    }
}

/// How the parts of one plant are.
struct PlantJudgement {
    typealias Level = OverviewJudgement.Level

    /// Sources that work, of all.
    let working: Int
    let sources: Int
    /// What does not keep up, in a few words each, the worst first: `edge grenoble is offline`.
    let late: [(level: Level, words: String)]
    let verdict: OverviewJudgement.Verdict

    init(_ plant: OverviewSnapshot.Plant, _ judgement: OverviewJudgement) {
        let snapshot = judgement.snapshot
        let (sourceNames, targetNames, nodeNames) = (Set(plant.sources), Set(plant.targets), Set(plant.nodes))
        let sources = snapshot.sources.filter { sourceNames.contains($0.name) }
            .map { (name: $0.name, verdict: judgement.verdict($0)) }
        var late: [(level: Level, words: String)] = []
        for node in snapshot.nodes where nodeNames.contains(node.name) {
            let verdict = judgement.verdict(node)
            if verdict.level > .good { late.append((verdict.level, "\(node.name): \(verdict.word.lowercased())")) }
        }
        for source in sources where source.verdict.level > .good {
            late.append((source.verdict.level, "\(source.name): \(source.verdict.word.lowercased())"))
        }
        for target in snapshot.targets where targetNames.contains(target.name) {
            let verdict = judgement.verdict(target)
            if judgement.isLate(target), let oldest = target.oldestWaiting {
                let behind = PageFormat.wholeSpan(snapshot.time.since(oldest))
                late.append((max(verdict.level, .notice), "\(target.name): \(behind) behind"))
            } else if verdict.level == .trouble {
                late.append((verdict.level, "\(target.name): \(verdict.word.lowercased())"))
            }
        }
        self.sources = sources.count
        working = sources.filter { $0.verdict.level == .good }.count
        self.late = late.filter { $0.level == .trouble } + late.filter { $0.level != .trouble }
        let worst = late.map { $0.level }.max() ?? .good
        verdict =
            switch worst {
            case .trouble: .init(level: .trouble, word: "In trouble")
            case .notice: .init(level: .notice, word: "Needs attention")
            case .good where plant.exceptions > 0: .init(level: .notice, word: "Needs attention")
            case .good: .init(level: .good, word: "In order")
            }
    }
}
