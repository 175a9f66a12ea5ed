/// The overview page: a pure function from a snapshot to HTML.
///
/// The page is complete without JavaScript (it then reloads itself every ten seconds); with it, ``OverviewFeed``
/// replaces the sections that changed.
package enum OverviewPage {
    /// The whole document. `nonce` allows the page's own style and script under its content security policy.
    package static func render(
        _ snapshot: OverviewSnapshot, visitor: Visitor? = nil, hasTokens: Bool = false, nonce: String = ""
    ) -> String {
        let sections = OverviewSections(snapshot)
        let body = sections.all.map { section in
            HTML(
                """
                <section id="\(section.id)" class="\(section.style)" aria-label="\(section.label)">
                \(section.html)</section>

                """)
        }
        var frame = PageFrame(
            node: .init(name: snapshot.node, role: snapshot.role, version: snapshot.version), title: snapshot.node,
            tab: .overview, visitor: visitor, hasTokens: hasTokens)
        frame.script = OverviewScript.text
        frame.withoutScript = "<noscript><meta http-equiv=\"refresh\" content=\"10\"></noscript>"
        frame.state = """
            <p class="live" id="connection"><span class="dot" aria-hidden="true"></span>\
            <span id="connection-text">As of \(PageFormat.stamp(snapshot.time))</span></p>
            """
        frame.foot = """
             · running since \(Controls.stamp(snapshot.started)) · <a href="/v1/status">status as JSON</a>
            """
        return frame.render("<h1 class=\"hidden\">Overview of \(snapshot.node)</h1>\n\(body)", nonce: nonce)
    }
}
