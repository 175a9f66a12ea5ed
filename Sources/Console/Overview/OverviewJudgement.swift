import Canonical
import Contracts
import Store

/// What a snapshot means: how each thing is, and what a person should look at first.
struct OverviewJudgement {
    enum Level: Int, Comparable, Hashable {
        case good, notice, trouble
        static func < (a: Level, b: Level) -> Bool { a.rawValue < b.rawValue }
    }

    /// A state in words with how bad it is.
    struct Verdict: Hashable {
        let level: Level
        let word: String
        /// More, in a sentence; nil where the word says it all.
        var detail: String?
    }

    /// One thing that needs attention: what it is about, and a sentence.
    struct Concern: Hashable {
        let level: Level
        let anchor: String
        let subject: String
        let sentence: String
    }

    /// A store fuller than this is worth a look, fuller than ``nearlyFull`` a trouble.
    static let filling = 0.75
    static let nearlyFull = 0.90
    /// A clock further off than this is worth a look.
    static let tolerableSkew: Duration = .seconds(5)

    let snapshot: OverviewSnapshot

    init(_ snapshot: OverviewSnapshot) { self.snapshot = snapshot }

    func verdict(_ node: OverviewSnapshot.Node) -> Verdict {
        guard let seen = node.lastSeen else { return Verdict(level: .notice, word: "Never seen") }
        if snapshot.time.since(seen) > node.offlineAfter {
            // Who has just started cannot have heard of an edge that asks only now and then.
            guard snapshot.time.since(snapshot.started) > node.offlineAfter else {
                return Verdict(level: .good, word: "Awaited", detail: "not heard of since this node started")
            }
            return Verdict(level: .trouble, word: "Offline")
        }
        if let buffer = node.buffer {
            if buffer.fill >= Self.nearlyFull { return Verdict(level: .trouble, word: "Store nearly full") }
            if buffer.fill >= Self.filling { return Verdict(level: .notice, word: "Store filling") }
        }
        if let skew = node.clockSkew, skew.magnitude > Self.tolerableSkew {
            return Verdict(level: .notice, word: "Clock off")
        }
        return Verdict(level: .good, word: "Online")
    }

    func verdict(_ source: OverviewSnapshot.Source) -> Verdict {
        switch source.state {
        case .running: Verdict(level: .good, word: "Running")
        case .waiting(let reason): Verdict(level: .notice, word: "Waiting", detail: reason)
        case .failed(let reason): Verdict(level: .trouble, word: "Failed", detail: reason)
        }
    }

    func verdict(_ target: OverviewSnapshot.Target) -> Verdict {
        if isPaused(target) { return Verdict(level: .notice, word: "Paused") }
        return switch target.breaker {
        case .open: Verdict(level: .trouble, word: "Unreachable")
        case .halfOpen: Verdict(level: .notice, word: "Trying again")
        case .closed:
            if target.quietUntil != nil {
                Verdict(level: .good, word: "Quiet hours")
            } else if isLate(target) {
                Verdict(level: .notice, word: "Late")
            } else if target.blockedKeys > 0 {
                Verdict(level: .notice, word: "Partly blocked")
            } else if !target.warnings.isEmpty {
                Verdict(level: .notice, word: "Needs attention")
            } else {
                Verdict(level: .good, word: "Delivering")
            }
        }
    }

    func isLate(_ target: OverviewSnapshot.Target) -> Bool {
        // Within the quiet hours what waits is meant to, as is what a person has paused.
        guard target.quietUntil == nil, !isPaused(target) else { return false }
        return target.oldestWaiting.map { snapshot.time.since($0) > target.lateAfter } ?? false
    }

    private func isPaused(_ target: OverviewSnapshot.Target) -> Bool {
        snapshot.pauses.contains { $0.subject == .target(TargetName(target.name)) }
    }

    /// What needs attention, the worst first.
    var concerns: [Concern] {
        let all =
            snapshot.nodes.compactMap(concern) + snapshot.sources.compactMap(concern)
            + snapshot.targets.compactMap(concern)
            + exceptionConcern + settingsConcern + snapshot.pauses.map(concern)
        return all.filter { $0.level == .trouble } + all.filter { $0.level == .notice }
    }

    private var settingsConcern: [Concern] {
        snapshot.refusedSettings.map {
            [
                Concern(
                    level: .notice, anchor: "nodes", subject: "The changed settings",
                    sentence: "are refused, and the node goes on with those before: \($0)")
            ]
        } ?? []
    }

    private func concern(_ pause: Pause) -> Concern {
        let reason = pause.note.map { " (\($0))" } ?? ""
        return Concern(
            level: .notice, anchor: "targets",
            subject: "\(pause.subject.kind == "flow" ? "Flow" : "Target") \(pause.subject.name)",
            sentence: """
                is paused since \(PageFormat.stamp(pause.since)) by \(pause.by)\(reason); what comes for it waits.
                """)
    }

    private func concern(_ node: OverviewSnapshot.Node) -> Concern? {
        let verdict = verdict(node)
        guard verdict.level > .good else { return nil }
        var parts: [String] = []
        if node.lastSeen == nil {
            parts.append("is enrolled and was never heard of")
        } else if let seen = node.lastSeen, verdict.word == "Offline" {
            parts.append("has not been heard of for \(PageFormat.wholeSpan(snapshot.time.since(seen)))")
        }
        if let fill = node.buffer?.fill, fill >= Self.filling {
            parts.append("has its store \(PageFormat.percent(fill)) full (intake stops at 100 %)")
        }
        if let skew = node.clockSkew, skew.magnitude > Self.tolerableSkew {
            parts.append("has a clock that is \(PageFormat.skew(skew))")
        }
        let sentence = parts.joined(separator: ", ") + "."
        return Concern(level: verdict.level, anchor: "nodes", subject: "Node \(node.name)", sentence: sentence)
    }

    private func concern(_ source: OverviewSnapshot.Source) -> Concern? {
        let verdict = verdict(source)
        guard verdict.level > .good else { return nil }
        let prefix = verdict.level == .trouble ? "cannot work: " : "is waiting: "
        return Concern(
            level: verdict.level, anchor: "sources", subject: "Source \(source.name)",
            sentence: prefix + (verdict.detail ?? ""))
    }

    private func concern(_ target: OverviewSnapshot.Target) -> Concern? {
        let verdict = verdict(target)
        // A pause says so itself.
        guard verdict.level > .good, !isPaused(target) else { return nil }
        var parts: [String] = []
        switch target.breaker {
        case .open: parts.append("cannot be reached" + (target.lastError.map { " (\($0.code))" } ?? ""))
        case .halfOpen: parts.append("is being tried again")
        case .closed: break
        }
        if let oldest = target.oldestWaiting, isLate(target) {
            let behind = PageFormat.wholeSpan(snapshot.time.since(oldest))
            parts.append("is \(behind) behind with \(PageFormat.count(target.waiting)) waiting")
        }
        if target.blockedKeys > 0 {
            let noun = target.blockedKeys == 1 ? "key" : "keys"
            parts.append("has \(PageFormat.count(target.blockedKeys)) \(noun) blocked by exceptions")
        }
        if let warning = target.warnings.first { parts.append("will need somebody: " + warning) }
        let sentence = parts.joined(separator: ", ") + "."
        return Concern(level: verdict.level, anchor: "targets", subject: "Target \(target.name)", sentence: sentence)
    }

    private var exceptionConcern: [Concern] {
        let open = snapshot.exceptions.open
        guard open > 0 else { return [] }
        let sentence = open == 1 ? "waits for a person." : "wait for a person."
        return [
            Concern(
                level: .notice, anchor: "exceptions",
                subject: "\(PageFormat.count(open)) \(open == 1 ? "exception" : "exceptions")",
                sentence: sentence)
        ]
    }
}

extension Duration {
    /// The duration without its sign.
    var magnitude: Duration { self < .zero ? .zero - self : self }
}
