import Canonical
import Store

/// The page of the flows: a pure function from what was found to HTML.
struct FlowsPage {
    let facts: RunningFacts
    /// What became of what was asked for last, if anything was.
    let said: [String]
    let visitor: Visitor

    var content: HTML {
        """
        <section class="card wide" id="flows" aria-labelledby="title"><h1 id="title">Flows</h1>
        <p class="lead">what becomes of events; what was accepted and refused, and the times, are those of the last \
        hour; exceptions are those that are open now</p>
        \(ExceptionsPage.said(said))\(table)</section>

        """
    }

    private var table: HTML {
        guard !facts.flows.isEmpty else {
            return "<p class=\"empty\">No flow is set up. Add one under flows/ and events become commands.</p>"
        }
        return """
            <table><thead><tr><th scope="col">Flow</th><th scope="col">State</th>\
            <th scope="col" class="number">Waiting</th><th scope="col" class="number">Accepted</th>\
            <th scope="col" class="number">Refused</th><th scope="col" class="number">Exceptions</th>\
            <th scope="col" class="number">Latency</th>\
            <th scope="col">Pause</th></tr></thead><tbody>
            \(facts.flows.map(row))</tbody></table>
            """
    }

    private func row(_ flow: RunningFacts.Flow) -> HTML {
        let name = flow.plan.name.rawValue
        let types = flow.plan.types.isEmpty ? "every event" : flow.plan.types.joined(separator: ", ")
        let goal = [flow.plan.operation, "to \(flow.plan.target)"].compactMap { $0 }.joined(separator: " ")
        let since = RunningTables.words(flow.pause, now: facts.now)
        let byTarget =
            flow.pause == nil
            ? flow.targetPause.map { _ in "with its target" } : nil
        let shadow = flow.plan.isShadow && flow.verdict.word != "Shadow" ? "shadow" : nil
        let exceptions: HTML =
            flow.facts.exceptions > 0
            ? """
            <a href="/exceptions?flow=\(name)">\(PageFormat.count(flow.facts.exceptions)) open</a>
            """ : RunningTables.none
        let blocked: HTML =
            flow.facts.blocked > 0
            ? "<span class=\"when\">\(PageFormat.count(flow.facts.blocked)) behind exceptions</span>" : ""
        return """
            <tr><th scope="row"><span class="name">\(name)</span><span class="kind">\(types) → \(goal)</span></th>
            <td data-label="State"><div>\(RunningTables.pill(flow.verdict, [since, byTarget, shadow, flow.plan.pace]))\
            </div></td>
            <td data-label="Waiting" class="number"><div>\
            \(RunningTables.count(flow.facts.waiting + flow.facts.underWay))\(blocked)</div></td>
            <td data-label="Accepted" class="number"><div>\(RunningTables.rate(flow.facts, of: name))</div></td>
            <td data-label="Refused" class="number"><div>\(RunningTables.count(flow.facts.rejected))</div></td>
            <td data-label="Exceptions" class="number"><div>\(exceptions)</div></td>
            <td data-label="Latency" class="number"><div>\(RunningTables.latency(flow.facts))</div></td>
            <td data-label="Pause" class="act"><div>\
            \(RunningTables.action(.flow(flow.plan.name), flow.pause, visitor))</div></td></tr>

            """
    }
}
