import Canonical
import Contracts
import Store

/// Parts that the tables of flows, targets and sources share.
enum RunningTables {
    static let none: HTML = "<span class=\"none\">–</span>"

    static func pill(_ verdict: OverviewJudgement.Verdict, _ details: [String?]) -> HTML {
        let detail = (details + [verdict.detail]).compactMap { $0 }.joined(separator: ", ")
        let note: HTML = detail.isEmpty ? "" : "<span class=\"when\">\(detail)</span>"
        let icon = OverviewSections.icon(verdict.level)
        return "<span class=\"pill \(OverviewSections.style(verdict.level))\">\(icon)\(verdict.word)</span>\(note)"
    }

    /// Since when, by whom and why something is paused.
    static func words(_ pause: Pause?, now: Instant) -> String? {
        pause.map { pause in
            let reason = pause.note.map { ": \($0)" } ?? ""
            return "by \(pause.by), \(PageFormat.ago(pause.since, now: now))\(reason)"
        }
    }

    static func count(_ value: Int, atMost maximum: Int = StoreTransaction.factCount) -> HTML {
        guard value > 0 else { return none }
        return value >= maximum ? "over \(PageFormat.count(maximum))" : HTML(text: PageFormat.count(value))
    }

    static func latency(_ facts: FlowFacts) -> HTML {
        guard let middle = facts.latency(0.5), let high = facts.latency(0.99) else { return none }
        return """
            \(PageFormat.span(middle))<span class="when">99 %: \(PageFormat.span(high))</span>
            """
    }

    /// What was accepted of late, as a number and a curve.
    static func rate(_ facts: FlowFacts, of name: String) -> HTML {
        let count = facts.accepted + facts.shadowed
        guard count > 0 else { return none }
        let curve = OverviewSections.curve(
            facts.rates.map(Double.init), "\(name): accepted in five minutes", unit: "")
        return "\(PageFormat.count(count))\(curve)"
    }

    /// Pauses what runs, lets go on what is paused; nothing for who may only look.
    static func action(_ subject: PauseSubject, _ pause: Pause?, _ visitor: Visitor) -> HTML {
        guard visitor.scope >= .operates, let token = visitor.formToken else { return none }
        let path = "/\(subject.kind)s/\(subject.name)"
        let hidden = Controls.hidden([("form", token)])
        if pause != nil {
            return """
                <form method="post" action="\(path)/resume">\(hidden)\
                <button aria-label="Resume \(subject.kind) \(subject.name)">Resume</button></form>
                """
        }
        let id = "note-\(subject.kind)-\(subject.name)"
        return """
            <details><summary>Pause</summary><form method="post" action="\(path)/pause">\(hidden)\
            \(Controls.field("note", "Why", id: id))\
            <button class="second" aria-label="Pause \(subject.kind) \(subject.name)">Pause</button></form></details>
            """
    }
}
