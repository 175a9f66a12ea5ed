package import Canonical
package import World

/// What every page of the console has around it: head, navigation, foot, and the policy that it is sent with.
package struct PageFrame: Sendable {
    /// The node whose console it is.
    package struct Node: Sendable {
        package let name: String
        /// `hub`, `edge`, `single`
        package let role: String
        package let version: String

        package init(name: String, role: String, version: String) {
            self.name = name
            self.role = role
            self.version = version
        }
    }

    /// A page of the navigation.
    enum Tab: String, CaseIterable {
        case overview = "Overview"
        case exceptions = "Exceptions"
        case flows = "Flows"
        case targets = "Targets"
        case sources = "Sources"
        case trace = "Trace"
        case settings = "Settings"
        case audit = "Audit"

        var path: String { self == .overview ? "/" : "/\(rawValue.lowercased())" }
    }

    let node: Node
    let title: String
    let tab: Tab?
    let visitor: Visitor?
    /// Whether somebody could sign in.
    let hasTokens: Bool
    var style = ""
    var script = ""
    /// In the head where no script runs.
    var withoutScript: HTML = ""
    /// At the right of the head.
    var state: HTML = ""
    var foot: HTML = ""

    /// The whole document. `nonce` allows the page's own style and script under its content security policy.
    func render(_ content: HTML, nonce: String) -> String {
        let page: HTML = """
            <!doctype html>
            <html lang="en">
            <head>
            <meta charset="utf-8">
            <meta name="viewport" content="width=device-width, initial-scale=1">
            <meta name="color-scheme" content="light dark">
            <title>\(title) · Millwright</title>
            <link rel="icon" href="data:,">
            \(withoutScript)
            <style nonce="\(nonce)">\(HTML(markup: PageStyle.text))\(HTML(markup: style))</style>
            </head>
            <body>
            <a class="skip" href="#main">Skip to the content</a>
            <header>
            <div class="bar">
            <p class="brand">\(Self.mark)Millwright</p>
            <p class="node">\(node.name) <span class="role">\(node.role)</span></p>
            <nav aria-label="Console"><ul>\(navigation)</ul></nav>
            \(state)
            \(person)
            </div>
            </header>
            <main id="main">
            \(content)</main>
            <footer><p>Millwright \(node.version) · all times UTC\(foot)</p></footer>
            \(script.isEmpty ? "" : HTML("<script nonce=\"\(nonce)\">\(HTML(markup: script))</script>"))
            </body>
            </html>

            """
        return page.source
    }

    private var navigation: [HTML] {
        Tab.allCases.map { tab in
            let current: HTML = tab == self.tab ? " aria-current=\"page\"" : ""
            return HTML("<li><a href=\"\(tab.path)\"\(current)>\(tab.rawValue)</a></li>")
        }
    }

    private var person: HTML {
        guard let name = visitor?.name, let scope = visitor?.scope else {
            return hasTokens ? "<p class=\"person\"><a href=\"/login\">Sign in</a></p>" : ""
        }
        guard let formToken = visitor?.formToken else { return "" }
        return """
            <form class="person" method="post" action="/logout">\
            <span>\(name) <span class="role">\(scope.rawValue)</span></span>\
            \(Controls.hidden([("form", formToken)]))<button class="plain">Sign out</button></form>
            """
    }

    /// A gear wheel.
    private static let mark: HTML = """
        <svg viewBox="0 0 24 24" aria-hidden="true"><circle cx="12" cy="12" r="3.4"/><circle cx="12" cy="12" r="7.4"/>\
        <path d="M12 1.6v3M12 19.4v3M1.6 12h3M19.4 12h3M4.65 4.65l2.1 2.1M17.25 17.25l2.1 2.1M4.65 19.35l2.1-2.1M17.25 \
        6.75l2.1-2.1"/></svg>
        """

    /// A page as it is sent: nothing from elsewhere, no script but its own, forms that go nowhere else.
    static func response(_ page: String, nonce: String, status: Int = 200) -> HTTPResponse {
        let policy = [
            "default-src 'none'", "style-src 'nonce-\(nonce)'", "script-src 'nonce-\(nonce)'", "connect-src 'self'",
            "img-src data:", "base-uri 'none'", "form-action 'self'", "frame-ancestors 'none'",
        ]
        return HTTPResponse(
            status: status,
            headers: [
                "Content-Type": "text/html; charset=utf-8", "Cache-Control": "no-store",
                "Content-Security-Policy": policy.joined(separator: "; "),
                "Referrer-Policy": "same-origin", "X-Frame-Options": "DENY",
            ], body: Array(page.utf8))
    }
}
