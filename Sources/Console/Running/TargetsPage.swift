import Canonical
import Contracts
import Store

/// The page of the targets: a pure function from what was found to HTML.
struct TargetsPage {
    let facts: RunningFacts
    /// What became of what was asked for last, if anything was.
    let said: [String]
    let visitor: Visitor

    var content: HTML {
        """
        <section class="card wide" id="targets" aria-labelledby="title"><h1 id="title">Targets</h1>
        <p class="lead">where commands and events go; counts and times are those of the last hour</p>
        \(ExceptionsPage.said(said))\(table)</section>

        """
    }

    private var table: HTML {
        guard !facts.targets.isEmpty else {
            return "<p class=\"empty\">No target is set up. Add one under targets/.</p>"
        }
        return """
            <table><thead><tr><th scope="col">Target</th><th scope="col">State</th>\
            <th scope="col" class="number">Waiting</th><th scope="col" class="number">In flight</th>\
            <th scope="col" class="number">Accepted</th><th scope="col" class="number">Latency</th>\
            <th scope="col">Last error</th><th scope="col">Pause</th></tr></thead><tbody>
            \(facts.targets.map(row))</tbody></table>
            """
    }

    private func row(_ target: RunningFacts.Target) -> HTML {
        let state = target.state
        let oldest: HTML =
            state.oldestWaiting.map { "<span class=\"when\">oldest \(Controls.ago($0, now: facts.now))</span>" } ?? ""
        let until: String? =
            if case .open(let until?) = state.breaker { "tried again at \(PageFormat.clock(until))" } else {
                state.quietUntil.map { "until \(PageFormat.clock($0))" }
            }
        let error: HTML =
            state.lastError.map { error -> HTML in
                let over: HTML = error.isOver ? ", since then accepted" : ""
                return """
                    <code>\(error.code)</code> \(error.message) <span class="when">\
                    \(Controls.ago(error.time, now: facts.now))\(over)</span>
                    """
            } ?? RunningTables.none
        return """
            <tr><th scope="row"><span class="name">\(state.name)</span><span class="kind">\(state.connector)</span></th>
            <td data-label="State"><div>\
            \(RunningTables.pill(target.verdict, [RunningTables.words(target.pause, now: facts.now), until]))</div></td>
            <td data-label="Waiting" class="number"><div>\(RunningTables.count(state.waiting))\(oldest)</div></td>
            <td data-label="In flight" class="number"><div>\(RunningTables.count(state.inFlight))</div></td>
            <td data-label="Accepted" class="number"><div>\(RunningTables.rate(target.facts, of: state.name))</div></td>
            <td data-label="Latency" class="number"><div>\(RunningTables.latency(target.facts))</div></td>
            <td data-label="Last error"><div>\(error)</div></td>
            <td data-label="Pause" class="act"><div>\
            \(RunningTables.action(.target(TargetName(state.name)), target.pause, visitor))</div></td></tr>

            """
    }
}
