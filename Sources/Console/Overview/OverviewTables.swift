import Canonical

/// The page's tables. On a narrow screen each row becomes a block whose cells carry their column's name.
struct OverviewTables {
    let snapshot: OverviewSnapshot
    let judgement: OverviewJudgement

    /// Rows of one table; what is more is counted below it.
    private static let maximumRows = 200

    var targets: HTML {
        table(
            "Targets", "where events go",
            empty: "No target is set up. Add one under targets/ and every event finds its way.",
            columns: [
                ("Target", false), ("State", false), ("Waiting", true), ("In flight", true), ("Oldest waiting", true),
                ("Last error", false),
            ],
            rows: snapshot.targets.map { target in
                let verdict = judgement.verdict(target)
                return [
                    Self.name(target.name, target.connector), Self.pill(verdict, extra: pause(target)),
                    HTML(text: PageFormat.count(target.waiting)), HTML(text: PageFormat.count(target.inFlight)),
                    oldest(target), lastError(target),
                ]
            })
    }

    private func pause(_ target: OverviewSnapshot.Target) -> String? {
        if case .open(let until?) = target.breaker { return "until \(PageFormat.clock(until))" }
        if let until = target.quietUntil { return "until \(PageFormat.clock(until))" }
        if target.blockedKeys > 0 {
            return "\(PageFormat.count(target.blockedKeys)) \(target.blockedKeys == 1 ? "key" : "keys") blocked"
        }
        return nil
    }

    private func oldest(_ target: OverviewSnapshot.Target) -> HTML {
        guard let oldest = target.oldestWaiting else { return Self.none }
        let span = PageFormat.wholeSpan(snapshot.time.since(oldest))
        return judgement.isLate(target) ? "<strong class=\"late\">\(span)</strong>" : HTML(text: span)
    }

    private func lastError(_ target: OverviewSnapshot.Target) -> HTML {
        guard let error = target.lastError else { return Self.none }
        let over: HTML = error.isOver ? ", since then accepted" : ""
        return "<code>\(error.code)</code> \(error.message) <span class=\"when\">\(ago(error.time))\(over)</span>"
    }

    var sources: HTML {
        table(
            "Sources", "where facts come from",
            empty: "No source is set up. Add one under sources/ and its machine or folder shows up here.",
            columns: [("Source", false), ("State", false), ("Last reading", true), ("Rate", true)],
            rows: snapshot.sources.map { source in
                [
                    Self.name(source.name, source.connector), Self.pill(judgement.verdict(source)),
                    source.lastReading.map(ago) ?? Self.none,
                    "\(PageFormat.rate(source.readingsPerSecond))<span class=\"unit\">/s</span>",
                ]
            })
    }

    var nodes: HTML {
        table(
            "Nodes", "who takes part",
            empty: "No node is enrolled. Enrol an edge with millwright enrol and it shows up here.",
            columns: [("Node", false), ("State", false), ("Last heard of", true), ("Clock", true)],
            rows: snapshot.nodes.map { node in
                // What an edge's store holds only the edge can say.
                let store: HTML = node.buffer.map(Self.gauge) ?? ""
                return [
                    Self.name(node.name, node.role), "\(Self.pill(judgement.verdict(node)))\(store)",
                    node.lastSeen.map(ago) ?? Self.none, HTML(text: PageFormat.skew(node.clockSkew)),
                ]
            })
    }

    private static func gauge(_ buffer: OverviewSnapshot.Buffer) -> HTML {
        let level: OverviewJudgement.Level =
            buffer.fill >= OverviewJudgement.nearlyFull
            ? .trouble : buffer.fill >= OverviewJudgement.filling ? .notice : .good
        let percent = Int((buffer.fill * 100).rounded())
        return """
            <div class="gauge left \(OverviewSections.style(level))">\
            <span>Store \(PageFormat.percent(buffer.fill))</span>\
            <meter min="0" max="100" value="\(percent)" aria-label="\(percent) percent full">\(percent) %</meter></div>\
            <span class="when">\(PageFormat.bytes(buffer.usedBytes)) of \
            \(PageFormat.bytes(buffer.ceilingBytes)), \
            \(PageFormat.count(buffer.waitingEvents)) waiting</span>
            """
    }

    var exceptions: HTML {
        let exceptions = snapshot.exceptions
        guard exceptions.open > 0 else {
            return """
                <h2>Exceptions <span class="sub">what waits for a person</span></h2>
                <p class="empty">Nothing waits for a person. What a target refuses or a map cannot turn into a command \
                would be listed here with its reason.</p>
                """
        }
        let highest = max(1, exceptions.causes.map(\.count).max() ?? 1)
        let causes = exceptions.causes.prefix(Self.maximumRows).map { cause in
            HTML(
                """
                <li><span class="cause"><a href="/exceptions?cause=\(cause.id)"><code>\(cause.code)</code></a> \
                \(cause.title)</span>\
                <meter min="0" max="\(highest)" value="\(cause.count)" aria-hidden="true"></meter>\
                <span class="number">\(PageFormat.count(cause.count))</span></li>

                """)
        }
        let newest = exceptions.newest.prefix(Self.maximumRows).map { entry in
            HTML(
                """
                <li><p class="head"><code>\(entry.code)</code> <strong>\(entry.subject)</strong> \
                <span class="when">\(ago(entry.time)) · \
                <a href="/exceptions/\(entry.id)">no. \(entry.id)</a></span></p>
                <p>\(entry.reason)</p><p class="advice">\(entry.suggestion)</p></li>

                """)
        }
        return """
            <h2>Exceptions <span class="sub">what waits for a person</span></h2>
            <div class="split"><div><h3>By cause</h3><ol class="causes">\(causes)</ol></div>
            <div><h3>Newest</h3><ol class="newest">\(newest)</ol></div></div>
            """
    }

    func table(
        _ title: String, _ subtitle: String, empty: String, columns: [(name: String, isNumber: Bool)], rows: [[HTML]]
    ) -> HTML {
        let heading: HTML = "<h2>\(title) <span class=\"sub\">\(subtitle)</span></h2>\n"
        guard !rows.isEmpty else { return "\(heading)<p class=\"empty\">\(empty)</p>" }
        func style(_ column: (name: String, isNumber: Bool)) -> HTML { column.isNumber ? " class=\"number\"" : "" }
        let head = columns.map { HTML("<th scope=\"col\"\(style($0))>\($0.name)</th>") }
        let body = rows.prefix(Self.maximumRows).map { cells in
            let row = zip(columns, cells).enumerated().map { index, pair in
                let (column, cell) = pair
                return index == 0
                    ? HTML("<th scope=\"row\">\(cell)</th>")
                    : HTML("<td data-label=\"\(column.name)\"\(style(column))><div>\(cell)</div></td>")
            }
            return HTML("<tr>\(row)</tr>\n")
        }
        let hidden = rows.count - body.count
        let more: HTML =
            hidden > 0 ? "<p class=\"empty\">\(PageFormat.count(hidden)) more are in the status document.</p>" : ""
        return "\(heading)<table><thead><tr>\(head)</tr></thead><tbody>\n\(body)</tbody></table>\(more)"
    }

    static let none: HTML = "<span class=\"none\">–</span>"

    static func name(_ name: String, _ kind: String) -> HTML {
        "<span class=\"name\">\(name)</span><span class=\"kind\">\(kind)</span>"
    }

    static func pill(_ verdict: OverviewJudgement.Verdict, extra: String? = nil) -> HTML {
        let detail = [extra, verdict.detail].compactMap { $0 }.joined(separator: ", ")
        let note: HTML = detail.isEmpty ? "" : "<span class=\"when\">\(detail)</span>"
        let icon = OverviewSections.icon(verdict.level)
        return "<span class=\"pill \(OverviewSections.style(verdict.level))\">\(icon)\(verdict.word)</span>\(note)"
    }

    func ago(_ instant: Instant) -> HTML {
        let text = PageFormat.ago(instant, now: snapshot.time)
        return "<time datetime=\"\(instant.description)\" title=\"\(PageFormat.stamp(instant))\">\(text)</time>"
    }
}
