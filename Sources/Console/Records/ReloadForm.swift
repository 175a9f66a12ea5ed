import Contracts
import Store
import World

/// The part of the page `/settings` that is for integrators: the button that has the folder read again, and what became
/// of it.
///
/// It works without JavaScript: the form is answered with 303 and the page that shows what came of it.
struct ReloadForm: Sendable {
    let reloader: SettingsReloader
    let door: PageDoor

    /// Bytes of a form: its own word.
    private static let maximumBody = 8 << 10

    /// Where the form goes.
    var route: Route {
        Route("POST", "/settings/reload", maximumBody: Self.maximumBody) { request, _ in
            switch door.access.admit(page: request, .integrator, form: Form(request).values) {
            case .failure(let turned): return turned.response
            case .success(let visitor): return await carry(visitor)
            }
        }
    }

    private func carry(_ visitor: Visitor) async -> HTTPResponse {
        guard let number = reloader.ask(by: visitor.name ?? "nobody") else {
            return page(Self.said("trouble", "\(SettingsRoutes.crowded.detail)"), visitor, status: 503)
        }
        let standing = await reloader.end(of: number)
        switch standing {
        // There the page of afterwards would not be found, or nobody would answer.
        case .told(.moving): return page(Self.content(standing), visitor)
        case .told(.failed), .gone: return page(Self.content(standing), visitor, status: 503)
        case .open, .told(.settled):
            return HTTPResponse(
                status: 303, headers: ["Location": "/settings?reload=\(number)", "Cache-Control": "no-store"])
        }
    }

    private func page(_ content: HTML, _ visitor: Visitor, status: Int = 200) -> HTTPResponse {
        door.render(
            """
            <section class="card wide" aria-labelledby="title"><h1 id="title">Settings</h1>
            \(content)<p><a href="/settings">Settings</a></p></section>

            """, .settings, visitor, status: status)
    }

    /// The button, and what became of the wish that `reload` names; nothing for who may not have the folder read.
    func content(_ visitor: Visitor, reload: String?) -> HTML {
        guard visitor.scope >= .integrator, let token = visitor.formToken else { return "" }
        let standing = reload.flatMap { Int($0) }.map { reloader.standing(of: $0) }
        // A number of another life of the process says nothing.
        let told: HTML
        if let standing, !standing.isGone { told = Self.content(standing) } else { told = "" }
        return """
            \(told)<form class="row end" method="post" action="/settings/reload">\
            \(Controls.hidden([("form", token)]))<button>Read the folder again</button></form>

            """
    }

    // MARK: - What became of it

    private static func content(_ standing: SettingsReloader.Standing) -> HTML {
        switch standing {
        case .open: said("notice", "noted; the node is at it still")
        case .gone: said("trouble", "\(SettingsRoutes.stopping.detail)")
        case .told(.moving):
            said(
                "notice",
                "The folder runs at another address or with another certificate from now on: open the page there.")
        case .told(.failed(let error)): said("trouble", "\(Problem.store(error).detail)")
        case .told(.settled(let report)): content(report)
        }
    }

    private static func content(_ report: ReloadReport) -> HTML {
        let time = Controls.stamp(report.time)
        let runs: HTML = report.version.map { "version \(Int($0))" } ?? "what ran"
        let sentence: HTML
        switch report.result {
        case .unchanged: sentence = said("good", "The folder is as it runs: \(runs), read at \(time).")
        case .running: sentence = said("good", "The folder runs: \(runs), since \(time).")
        case .refused:
            sentence = said("trouble", "The folder is refused and \(runs) goes on; it was read at \(time).")
        }
        let changes = report.changes.map { HTML("<li>\($0)</li>") }
        let list: HTML = changes.isEmpty ? "" : "<ul>\(changes)</ul>\n"
        return "\(sentence)\(list)\(table(report))"
    }

    private static func table(_ report: ReloadReport) -> HTML {
        guard !report.faults.isEmpty else { return "" }
        let rows = report.faults.map { fault -> HTML in
            let code: HTML = fault.code.map { " <code>\($0)</code>" } ?? ""
            let kind: HTML = fault.isWarning ? "warning: " : ""
            return """
                <tr><th scope="row"><code>\(fault.place ?? "–")</code></th>
                <td data-label="What is wrong" class="what"><div>\(kind)\(fault.message)\(code)</div></td>
                <td data-label="What to do" class="what"><div>\(fault.suggestion ?? "–")</div></td></tr>

                """
        }
        let more: HTML =
            report.more > 0
            ? "<p class=\"lead\">and \(report.more) more: <code>millwright check</code> lists all of them</p>\n" : ""
        return """
            <table id="faults"><thead><tr><th scope="col">Where</th><th scope="col">What is wrong</th>\
            <th scope="col">What to do</th></tr></thead><tbody>
            \(rows)</tbody></table>
            \(more)
            """
    }

    private static func said(_ style: HTML, _ words: HTML) -> HTML {
        "<p class=\"said \(style)\" role=\"status\">\(words)</p>\n"
    }
}

extension SettingsReloader.Standing {
    fileprivate var isGone: Bool { if case .gone = self { true } else { false } }
}
