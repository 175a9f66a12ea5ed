import Canonical
import World

/// The page of the traces: a pure function from what was found to HTML.
struct TracePage {
    let what: String
    let findings: TraceFindings

    var content: HTML {
        """
        <section class="card wide" aria-labelledby="title"><h1 id="title">Trace</h1>
        <p class="lead">the way of an event, an order, a lot or an asset through this node</p>
        <form class="row end" method="get" action="/trace" role="search">
        \(Controls.field("what", "Event, order, lot, asset, line of a file", value: what))\
        <button>Show</button></form>\(found)</section>
        \(findings.traces.map(card))
        """
    }

    private var found: HTML {
        guard !what.isEmpty else { return "" }
        let looked: HTML = findings.reachText.map { " This node \($0)." } ?? ""
        guard findings.traces.isEmpty else {
            return findings.reach == nil ? "" : "<p role=\"status\">Found by what the events hold.\(looked)</p>"
        }
        return """
            <p class="empty" role="status">Nothing was found of <code>\(what)</code>: \
            \(TraceFindings.wanted).\(looked) What was trimmed is not found any more.</p>
            """
    }

    private func card(_ trace: EventTrace) -> HTML {
        // How long a machine's file lay about before anybody read it says nothing about the node.
        let times = trace.steps.drop { $0.name == "captured" }.compactMap(\.time)
        let span = Span(first: times.min(), last: times.max())
        var last: Instant?
        var rows: [HTML] = []
        for step in trace.steps {
            rows.append(row(step, since: last, span))
            last = step.time ?? last
        }
        let subject: HTML =
            trace.subject.map { "<a href=\"/trace?\(FormText.encode([("what", $0)]))\">\($0)</a>" } ?? "–"
        let total: HTML =
            span.length > .zero ? ", \(PageFormat.span(span.length)) from stored to the last step" : ""
        return """
            <section class="card wide trace" aria-label="\(trace.type) \(trace.id)"><h2>\(trace.type)</h2>
            <p class="lead">subject \(subject), source <code>\(trace.source)</code>, id <code>\(trace.id)</code>\
            \(total)</p>
            <table><thead><tr><th scope="col">Step</th><th scope="col">Time</th><th scope="col">After</th>\
            <th scope="col" class="bar-column"><span class="hidden">Course</span></th><th scope="col">What</th></tr>\
            </thead><tbody>
            \(rows)</tbody></table></section>

            """
    }

    private func row(_ step: EventTrace.Step, since last: Instant?, _ span: Span) -> HTML {
        var settings: HTML = ""
        if let version = step.settings?.version, let text = step.settingsText {
            settings = "; <a href=\"/settings/\(Int(version))\">\(text)</a>"
        }
        return """
            <tr><th scope="row">\(step.name)</th>
            <td data-label="Time"><div>\(step.time.map(Controls.stamp) ?? RunningTables.none)</div></td>
            <td data-label="After" class="word"><div>\
            \(step.after.map { "\(PageFormat.span($0))" } ?? RunningTables.none)</div></td>
            <td data-label="" class="bar-column"><div>\(bar(from: last, to: step.time, span))</div></td>
            <td data-label="What" class="what"><div>\(step.detail)\(settings)</div></td></tr>

            """
    }

    /// From the first step to the last.
    private struct Span {
        let first: Instant
        let length: Duration

        init(first: Instant?, last: Instant?) {
            self.first = first ?? Instant(microseconds: 0)
            length = first.flatMap { first in last.map { $0.since(first) } } ?? .zero
        }

        /// From 0 to 120.
        func place(_ instant: Instant) -> Int {
            let (part, whole) = (Double(instant.since(first).microseconds), Double(max(1, length.microseconds)))
            return Int((min(1, max(0, part / whole)) * 120).rounded())
        }
    }

    /// Which part of the whole time a step took.
    private func bar(from last: Instant?, to time: Instant?, _ span: Span) -> HTML {
        guard let time, time >= span.first, span.length > .zero else { return "" }
        let (begin, end) = (span.place(last ?? time), span.place(time))
        let (from, width) = (min(begin, end), max(2, abs(end - begin)))
        return """
            <svg class="course" viewBox="0 0 122 10" preserveAspectRatio="none" aria-hidden="true">\
            <rect class="rail" x="0" y="4" width="122" height="2"/>\
            <rect x="\(from)" y="1" width="\(width)" height="8" rx="1"/></svg>
            """
    }

    static let style = """
        #what{width:min(32em,100%)}.course{display:block;width:140px;height:12px;fill:var(--curve)}
        .course .rail{fill:var(--line)}
        @media (max-width:720px){td.bar-column{display:none}}
        """
}
