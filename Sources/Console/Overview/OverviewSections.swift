import Canonical

/// The parts of the page that change, each on its own.
struct OverviewSections {
    struct Section: Hashable {
        /// The element's id; the feed replaces its content.
        let id: String
        let label: String
        let style: String
        let html: HTML
    }

    let all: [Section]

    init(_ snapshot: OverviewSnapshot) {
        let judgement = OverviewJudgement(snapshot)
        let tables = OverviewTables(snapshot: snapshot, judgement: judgement)
        all = [
            Section(id: "attention", label: "Needs attention", style: "attention", html: Self.attention(judgement)),
            Section(id: "figures", label: "Key figures", style: "figures", html: Self.figures(snapshot)),
            Section(id: "plants", label: "Plants", style: "card wide", html: tables.plants),
            Section(id: "targets", label: "Targets", style: "card wide", html: tables.targets),
            Section(id: "sources", label: "Sources", style: "card", html: tables.sources),
            Section(id: "nodes", label: "Nodes", style: "card", html: tables.nodes),
            Section(id: "exceptions", label: "Exceptions", style: "card wide", html: tables.exceptions),
        ]
    }

    private static func attention(_ judgement: OverviewJudgement) -> HTML {
        let concerns = judgement.concerns
        guard let worst = concerns.first?.level else {
            return """
                <div class="banner good">\(icon(.good))<div><h2>Everything is in order</h2>
                <p>All nodes, sources and targets work, nothing is late and nothing waits for a person.</p></div></div>
                """
        }
        let items = concerns.map { concern in
            HTML(
                """
                <li class="\(style(concern.level))">\(icon(concern.level))\
                <span><a href="#\(concern.anchor)">\(concern.subject)</a> \(concern.sentence)</span></li>

                """)
        }
        let title = concerns.count == 1 ? "One thing needs attention" : "\(concerns.count) things need attention"
        return """
            <div class="banner \(style(worst))">\(icon(worst))<div><h2>\(title)</h2>
            <ul>\(items)</ul></div></div>
            """
    }

    private static func figures(_ snapshot: OverviewSnapshot) -> HTML {
        let history = snapshot.history.suffix(OverviewSnapshot.maximumHistory)
        let (rates, totals) = (snapshot.rates, snapshot.totals)
        let figures: [(String, String, String, Double, Int, any KeyPath<OverviewSnapshot.Rates, Double> & Sendable)] = [
            ("Captured", "fact", "read from sources since the start", rates.captured, totals.captured, \.captured),
            ("Stored", "event", "made durable", rates.stored, totals.stored, \.stored),
            (
                "Delivered", "command", "accepted by targets since the start", rates.delivered, totals.delivered,
                \.delivered
            ),
        ]
        let cards = figures.map { name, noun, meaning, rate, total, path in
            HTML(
                """
                <div class="figure"><h2>\(name)</h2>
                <p class="value">\(PageFormat.rate(rate))<span class="unit">/s</span></p>
                \(curve(history.map { $0[keyPath: path] }, name))
                <p class="note">\(PageFormat.count(total)) \(noun)\(total == 1 ? "" : "s") \(meaning)</p></div>

                """)
        }
        let open = snapshot.exceptions.open
        let waiting =
            open == 0 ? "nothing waits for a person" : open == 1 ? "waits for a person" : "wait for a person"
        return """
            \(cards)<div class="figure"><h2>Latency</h2>\(latency(snapshot.latency))</div>
            <div class="figure"><h2>Exceptions</h2><p class="value">\(PageFormat.count(open))</p>
            <p class="note">\(waiting)</p></div>
            """
    }

    private static func latency(_ latency: OverviewSnapshot.Latency?) -> HTML {
        guard let latency else {
            return "<p class=\"value none\">–</p><p class=\"note\">nothing was delivered yet</p>"
        }
        return """
            <dl class="pair"><div><dt>p50</dt><dd>\(PageFormat.span(latency.p50))</dd></div>
            <div><dt>p99</dt><dd>\(PageFormat.span(latency.p99))</dd></div></dl>
            <p class="note">from stored to accepted</p>
            """
    }

    /// A curve from zero to the highest value, drawn only where there is something to see.
    /// `unit`: what follows the name for who hears the curve described.
    static func curve(_ values: [Double], _ name: String, unit: String = " per second") -> HTML {
        let finite = values.map { $0.isFinite ? max(0, $0) : 0 }
        guard finite.count > 1, let highest = finite.max(), highest > 0 else { return "<div class=\"curve\"></div>" }
        let step = 120 / Double(finite.count - 1)
        // Numbers alone, so there is nothing to escape; and no point may be cut off, as a long text would be.
        let points = HTML(
            markup: finite.enumerated().map { index, value in
                "\(tenth(Double(index) * step)),\(tenth(31 - 29 * value / highest))"
            }.joined(separator: " "))
        return """
            <svg class="curve" viewBox="0 0 120 32" preserveAspectRatio="none" role="img" \
            aria-label="\(name)\(unit), recent course, at most \(PageFormat.rate(highest))">\
            <polygon points="0,32 \(points) 120,32"/><polyline points="\(points)"/></svg>
            """
    }

    private static func tenth(_ value: Double) -> String {
        let tenths = Int((value * 10).rounded())
        return "\(tenths / 10).\(abs(tenths % 10))"
    }

    static func style(_ level: OverviewJudgement.Level) -> String {
        switch level {
        case .good: "good"
        case .notice: "notice"
        case .trouble: "trouble"
        }
    }

    /// A shape of its own for each level, so that nobody has to tell them apart by colour.
    static func icon(_ level: OverviewJudgement.Level) -> HTML {
        let shape: HTML =
            switch level {
            case .good: "<circle cx=\"8\" cy=\"8\" r=\"7\"/><path d=\"M4.7 8.3l2.2 2.2 4.4-4.8\"/>"
            case .notice: "<path d=\"M8 1.2L15.3 14.5H.7z\"/><path d=\"M8 6v4M8 12v.6\"/>"
            case .trouble: "<path d=\"M5 1h6l4 4v6l-4 4H5l-4-4V5z\"/><path d=\"M5.5 5.5l5 5M10.5 5.5l-5 5\"/>"
            }
        return "<svg class=\"icon\" viewBox=\"0 0 16 16\" aria-hidden=\"true\">\(shape)</svg>"
    }
}
