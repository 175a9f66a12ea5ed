/// The overview page: a pure function from a snapshot to HTML.
///
/// The page is complete without JavaScript (it then reloads itself every ten seconds); with it, ``OverviewFeed`` replaces the
/// sections that changed.
package enum OverviewPage {
    /// The whole document. `nonce` allows the page's own style and script under its content security policy.
    package static func render(_ snapshot: OverviewSnapshot, nonce: String = "") -> String {
        let sections = OverviewSections(snapshot)
        let body = sections.all.map { section in
            HTML("<section id=\"\(section.id)\" class=\"\(section.style)\" aria-label=\"\(section.label)\">\(section.html)</section>\n")
        }
        let page: HTML = """
            <!doctype html>
            <html lang="en">
            <head>
            <meta charset="utf-8">
            <meta name="viewport" content="width=device-width, initial-scale=1">
            <meta name="color-scheme" content="light dark">
            <title>\(snapshot.node) · Millwright</title>
            <link rel="icon" href="data:,">
            <noscript><meta http-equiv="refresh" content="10"></noscript>
            <style nonce="\(nonce)">\(HTML(markup: OverviewStyle.text))</style>
            </head>
            <body>
            <a class="skip" href="#overview">Skip to the overview</a>
            <header>
            <div class="bar">
            <p class="brand"><svg viewBox="0 0 24 24" aria-hidden="true"><path d="M12 2l2 3 3.5-1 .5 3.5 3.500.5-1 3.500 3 2-3 2 1 3.500-3.500.5-.5 3.500-3.500-1-2 3-2-3-3.500 1-.5-3.500-3.500-.5 1-3.500-3-2 3-2-1-3.500 3.500-.5.5-3.500 3.500 1z"/><circle cx="12" cy="13.500" r="4"/></svg>Millwright</p>
            <h1>\(snapshot.node) <span class="role">\(snapshot.role)</span></h1>
            <p class="live" id="connection" role="status"><span class="dot" aria-hidden="true"></span><span id="connection-text">As of \(OverviewFormat.stamp(snapshot.time))</span></p>
            </div>
            </header>
            <main id="overview">
            \(body)</main>
            <footer><p>Millwright \(snapshot.version) · running since <time datetime="\(snapshot.started.description)">\(OverviewFormat.stamp(snapshot.started))</time> · all times UTC · <a href="/v1/status">status as JSON</a></p></footer>
            <script nonce="\(nonce)">\(HTML(markup: OverviewScript.text))</script>
            </body>
            </html>

            """
        return page.source
    }
}
