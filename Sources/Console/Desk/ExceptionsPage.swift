import Canonical
import Store
import World

/// The list of exceptions: a pure function from what was found to HTML.
struct ExceptionsPage {
    let now: Instant
    let filter: ExceptionFilter
    /// How many the filter lets through.
    let count: Int
    let groups: [ExceptionGroup]
    let groupCount: Int
    let records: [ExceptionRecord]
    /// Where the list goes on; nil where this is its end.
    let next: Int64?
    /// Whether this is the list's first page.
    let isFirst: Bool
    /// The newest exception that there was when this was looked up: no decision here is about later ones.
    let last: Int64
    let assignees: [String]
    /// Decisions about many that are under way.
    let underWay: [RequestState]
    /// What became of what was asked for last, if anything was.
    let said: [String]
    let visitor: Visitor
    let hasTokens: Bool

    /// Exceptions of one page.
    static let size = 50
    /// Groups that are shown.
    static let maximumGroups = 50

    var content: HTML {
        """
        <section class="card wide" aria-labelledby="title"><h1 id="title">Exceptions</h1>
        <p class="lead">\(PageFormat.count(count)) \(Self.words(filter.progress))\(described)</p>
        <div>\(Self.said(said))</div><div>\(progress)</div>\(filters)</section>
        <section class="card wide" id="groups" aria-labelledby="groups-title">\
        <h2 id="groups-title">By cause</h2>\(groupTable)\(decideAll)</section>
        <section class="card wide" id="list" aria-labelledby="list-title">\
        <h2 id="list-title">One by one</h2>\(list)</section>

        """
    }

    /// What the node answered, each with a look of its own.
    static func said(_ results: [String]) -> [HTML] {
        results.map { result in
            let isDone = result.contains("ok: ")
            let style: HTML = isDone ? "good" : result.hasSuffix(DeskPages.noted) ? "notice" : "trouble"
            return "<p class=\"said \(style)\" role=\"status\">\(result)</p>\n"
        }
    }

    private static func words(_ progress: ExceptionFilter.Progress) -> String {
        switch progress {
        case .open: "wait for a person"
        case .settled: "are settled"
        case .all: "in all"
        }
    }

    /// The filter in words, without what the state says.
    private var described: HTML {
        let words = filter.words.filter { $0.name != "state" }
        guard !words.isEmpty else { return "" }
        let parts = words.map { HTML(", \($0.name) <code>\($0.value == "-" ? "nobody" : $0.value)</code>") }
        return "\(parts) · <a href=\"/exceptions\">show all</a>"
    }

    private var progress: [HTML] {
        underWay.map { state in
            let stop: HTML =
                mayAct
                ? """
                <form method="post" action="/exceptions/stop"><input type="hidden" name="form" \
                value="\(visitor.formToken ?? "")"><input type="hidden" name="request" value="\(Int(state.id))">\
                <button class="second">Stop</button></form>
                """ : ""
            if let order = state.replayOrder {
                return """
                    <div class="said notice row"><span>Replaying through \(order.flow.rawValue): \
                    \(PageFormat.count(state.replay?.seen ?? 0)) events, asked for by \(state.by)</span>\(stop)</div>

                    """
            }
            let far = state.progress ?? ManyProgress()
            let done = far.done + far.refused
            let action = state.order?.action == .discard ? "Discarding" : "Resubmitting"
            return """
                <div class="said notice row"><span>\(action) \(PageFormat.count(done)) of \
                \(PageFormat.count(far.total)), asked for by \(state.by)</span>\
                <progress max="\(max(1, far.total))" value="\(done)" aria-label="\(action)"></progress>\(stop)</div>

                """
        }
    }

    private var mayAct: Bool { visitor.scope >= .operates && visitor.formToken != nil }

    private var groupTable: HTML {
        guard !groups.isEmpty else { return "<p class=\"empty\">\(Self.nothing(filter))</p>" }
        let rows = groups.map { group -> HTML in
            let record = group.example
            return """
                <tr><th scope="row" class="what"><a href="/exceptions?\(link(group))">\
                <code>\(record.failure.kind.code)</code> \(ExceptionCause(record).pattern)</a></th>
                <td data-label="Count" class="number"><div>\(PageFormat.count(group.count))</div></td>
                <td data-label="Where"><div>\(Self.place(record))</div></td>
                <td data-label="Newest"><div>\(Controls.ago(group.newest, now: now))</div></td>
                <td data-label="Oldest"><div>\(Controls.ago(group.oldest, now: now))</div></td>
                <td data-label="What to do"><div>\(record.failure.suggestion)</div></td></tr>

                """
        }
        let more = groupCount - groups.count
        let rest: HTML =
            more > 0
            ? "<p class=\"empty\">\(PageFormat.count(more)) more causes are not shown; narrow the list.</p>" : ""
        return """
            <table><thead><tr><th scope="col">Cause</th><th scope="col" class="number">Count</th>\
            <th scope="col">Where</th><th scope="col">Newest</th><th scope="col">Oldest</th>\
            <th scope="col">What to do</th></tr></thead><tbody>
            \(rows)</tbody></table>\(rest)
            """
    }

    private func link(_ group: ExceptionGroup) -> String {
        var words = filter.words.filter { $0.name != "cause" }
        words.append(("cause", group.cause))
        return FormText.encode(words)
    }

    static func place(_ record: ExceptionRecord) -> String {
        let end = record.target?.rawValue ?? record.source ?? ""
        return record.flow.map { "\($0.rawValue) → \(end)" } ?? end
    }

    private static func nothing(_ filter: ExceptionFilter) -> String {
        filter.isEverythingOpen
            ? """
            Nothing waits for a person. What a target refuses or a map cannot turn into a command would be listed here \
            with its reason.
            """
            : "No exception is like that."
    }

    private var decideAll: HTML {
        guard mayAct, filter.progress == .open, count > 0 else { return signIn }
        let number = PageFormat.count(count)
        let label = filter.isEverythingOpen ? "all \(number) that are open" : "all \(number) that are shown"
        return """
            <details><summary>Decide about \(label)</summary>
            <form class="row end" method="post" action="/exceptions/many">
            \(Controls.hidden([("form", visitor.formToken ?? ""), ("through", String(last))] + filter.words))
            \(Controls.field("rate", "How many a second, at most", value: "50", id: "many-rate", type: "number"))
            \(Controls.field("note", "Why", id: "many-note", hint: "needed to discard"))
            <button name="action" value="resubmit">Resubmit \(label)</button>
            <button name="action" value="discard" class="danger">Discard \(label)</button></form></details>
            """
    }

    private var signIn: HTML {
        mayAct || count == 0 ? "" : Self.signIn(hasTokens, to: "/exceptions")
    }

    /// How one gets to decide, for who only looks.
    static func signIn(_ hasTokens: Bool, to place: String) -> HTML {
        hasTokens
            ? "<p class=\"empty\"><a href=\"/login?to=\(place)\">Sign in</a> as an operator to decide.</p>"
            : """
            <p class="empty">To decide here, set <code>console.tokens</code> in millwright.yaml; on the \
            command line it is <code>millwright exceptions</code>.</p>
            """
    }

    private var list: HTML {
        guard !records.isEmpty else { return "<p class=\"empty\">\(Self.nothing(filter))</p>" }
        let rows = records.map(row)
        let box: HTML = mayAct ? "<th scope=\"col\" class=\"check\"><span class=\"hidden\">Choose</span></th>" : ""
        let table: HTML = """
            <table><thead><tr>\(box)<th scope="col">No.</th><th scope="col">What</th><th scope="col">About</th>\
            <th scope="col">Where</th><th scope="col">Since</th><th scope="col">Who</th></tr></thead><tbody>
            \(rows)</tbody></table>\(pages)
            """
        guard mayAct else { return table }
        return """
            <form method="post" action="/exceptions/chosen">
            \(Controls.hidden([("form", visitor.formToken ?? ""), ("back", FormText.encode(filter.words))]))
            \(table)
            <fieldset><legend>With those that are chosen</legend><div class="row">
            \(Controls.field("note", "Why", id: "chosen-note", hint: "needed to discard"))
            <button name="action" value="resubmit">Resubmit</button>
            <button name="action" value="discard" class="danger">Discard</button>
            \(Controls.field("to", "Give to", id: "chosen-to"))
            <button name="action" value="assign" class="second">Give</button></div></fieldset></form>
            """
    }

    private func row(_ record: ExceptionRecord) -> HTML {
        let id = Int(record.id)
        let box: HTML =
            mayAct
            ? """
            <td class="check"><input type="checkbox" name="id" value="\(id)" aria-label="Choose exception \(id)"></td>
            """ : ""
        let state: HTML = record.state == .open ? "" : " <span class=\"kind\">\(record.state.name)</span>"
        return """
            <tr>\(box)<th scope="row"><a href="/exceptions/\(id)">\(id)</a>\(state)</th>
            <td data-label="What" class="what"><div><code>\(record.failure.kind.code)</code> \
            \(record.failure.message)</div></td>
            <td data-label="About"><div>\(record.subject)</div></td>
            <td data-label="Where"><div>\(Self.place(record))</div></td>
            <td data-label="Since"><div>\(Controls.ago(record.created, now: now))</div></td>
            <td data-label="Who"><div>\(record.assignee ?? "–")</div></td></tr>

            """
    }

    private var pages: HTML {
        let first: HTML =
            isFirst ? "" : "<a href=\"/exceptions?\(FormText.encode(filter.words))\">From the newest on</a>"
        let words = next.map { FormText.encode(filter.words + [("before", String($0))]) }
        let older: HTML = words.map { "<a href=\"/exceptions?\($0)\" rel=\"next\">Older ones</a>" } ?? ""
        return isFirst && next == nil ? "" : "<p class=\"pages\">\(first)\(older)</p>"
    }
}
