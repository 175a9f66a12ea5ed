import Canonical

/// The page of the sources with what their tags said last: a pure function from what was found to HTML.
struct SourcesPage {
    let facts: RunningFacts

    /// Characters of a value that are shown.
    private static let shown = 200

    var content: HTML {
        guard !facts.sources.isEmpty else {
            return """
                <section class="card wide" aria-labelledby="title"><h1 id="title">Sources</h1>
                <p class="empty">No source is set up. Add one under sources/ and its machine or folder shows up \
                here.</p>
                </section>
                """
        }
        return """
            <section class="card wide" aria-labelledby="title"><h1 id="title">Sources</h1>
            <p class="lead">where facts come from, and what each tag said last since the node started</p></section>
            \(facts.sources.map(section))
            """
    }

    private func section(_ source: RunningFacts.Source) -> HTML {
        let state = source.state
        let last: HTML = state.lastReading.map { "last heard \(Controls.ago($0, now: facts.now))" } ?? "not heard yet"
        return """
            <section class="card wide" id="source-\(state.name)" aria-labelledby="title-\(state.name)">
            <h2 id="title-\(state.name)">\(state.name) <span class="sub">\(state.connector)</span></h2>
            <p class="lead">\(RunningTables.pill(source.verdict, [])) \(last), \
            \(PageFormat.rate(state.readingsPerSecond)) a second</p>
            \(table(source.tags))</section>

            """
    }

    private func table(_ tags: TagLines) -> HTML {
        guard !tags.lines.isEmpty else {
            return """
                <p class="empty">No tags: nothing has come yet, or it brings events as they stand.</p>
                """
        }
        let rows = tags.lines.map { line -> HTML in
            let value: HTML =
                line.value.map { "<code>\(String($0.prefix(Self.shown)))</code>" }
                ?? "<span class=\"none\">unavailable</span>"
            return """
                <tr><th scope="row"><span class="name">\(line.tag)</span><span class="kind">\(line.asset)</span></th>
                <td data-label="Value" class="value"><div>\(value)</div></td>
                <td data-label="Time" class="word"><div>\(Controls.ago(line.time, now: facts.now))</div></td>
                <td data-label="Readings" class="number"><div>\(PageFormat.count(line.count))</div></td></tr>

                """
        }
        let more: HTML = tags.isCut ? "<p class=\"empty\">It has more tags than are remembered.</p>" : ""
        return """
            <table><thead><tr><th scope="col">Tag</th><th scope="col">Value</th><th scope="col">Time</th>\
            <th scope="col" class="number">Readings</th></tr></thead><tbody>
            \(rows)</tbody></table>\(more)
            """
    }
}
