/// The overview page: a pure function from a snapshot to HTML.
///
/// The page is complete without JavaScript (it then reloads itself every ten seconds); with it, ``OverviewFeed``
/// replaces the sections that changed.
package enum OverviewPage {
    /// The whole document. `nonce` allows the page's own style and script under its content security policy.
    package static func render(_ snapshot: OverviewSnapshot, nonce: String = "") -> String {
        let sections = OverviewSections(snapshot)
        let body = sections.all.map { section in
            HTML(
                """
                <section id="\(section.id)" class="\(section.style)" aria-label="\(section.label)">
                \(section.html)</section>

                """)
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
            <p class="brand">\(mark)Millwright</p>
            <h1>\(snapshot.node) <span class="role">\(snapshot.role)</span></h1>
            <p class="live" id="connection"><span class="dot" aria-hidden="true"></span>\
            <span id="connection-text">As of \(OverviewFormat.stamp(snapshot.time))</span></p>
            </div>
            </header>
            <main id="overview">
            \(body)</main>
            <footer><p>Millwright \(snapshot.version) · running since \
            <time datetime="\(snapshot.started.description)">\(OverviewFormat.stamp(snapshot.started))</time> · \
            all times UTC · <a href="/v1/status">status as JSON</a></p></footer>
            <script nonce="\(nonce)">\(HTML(markup: OverviewScript.text))</script>
            </body>
            </html>

            """
        return page.source
    }

    /// A gear wheel.
    private static let mark: HTML = """
        <svg viewBox="0 0 24 24" aria-hidden="true"><circle cx="12" cy="12" r="3.4"/><circle cx="12" cy="12" r="7.4"/>\
        <path d="M12 1.6v3M12 19.4v3M1.6 12h3M19.4 12h3M4.65 4.65l2.1 2.1M17.25 17.25l2.1 2.1M4.65 19.35l2.1-2.1M17.25 \
        6.75l2.1-2.1"/></svg>
        """
}
