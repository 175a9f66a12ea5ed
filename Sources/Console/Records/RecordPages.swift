import Canonical
package import Contracts
import ExactJSON
package import Store
package import World

/// What the node keeps of itself, to be read: `/settings` (the settings that ran) and `/audit` (who did what); for
/// programs `/v1/settings` and `/v1/audit`.
package struct RecordPages: Sendable {
    private let store: Store
    private let door: PageDoor
    private let reloader: SettingsReloader?

    /// `reloader`: has the settings folder read again; nil where that cannot be asked for.
    package init(store: Store, door: PageDoor, reloader: SettingsReloader? = nil) {
        self.store = store
        self.door = door
        self.reloader = reloader
    }

    /// Lines of one page.
    private static let size = 100
    /// Versions that are listed.
    private static let maximumVersions = 200

    /// The routes.
    package var routes: [Route] {
        let viewer = RouteAbout.Access.console(scope: ConsoleScope.viewer.rawValue)
        let busy = RouteAbout.Answer.problem(503, "The store cannot be asked now.")
        let before = RouteAbout.Parameter(
            "before", "Only lines with a lower number.", ["type": "integer", "minimum": 1])
        let lists = [
            Route(
                "GET", "/v1/settings", maximumBody: 0,
                about: RouteAbout(
                    "listSettings", "node", "The settings that ran, the newest first.", access: viewer,
                    answers: [
                        .init(
                            200, "Each with its digest and what changed.",
                            .json(APISchemas.object([("versions", APISchemas.list(["type": "object"]))]))), busy,
                    ])
            ) { _, _ in
                await APIReply.answering {
                    APIReply.json(["versions": .array(try await versions().map { $0.version.json($0.changes) })])
                }
            },
            Route(
                "GET", "/v1/audit", maximumBody: 0,
                about: RouteAbout(
                    "listAudit", "node", "The audit trail, the newest line first.", access: viewer, query: [before],
                    answers: [
                        .init(
                            200, "A hundred lines at most.",
                            .json(APISchemas.object([("lines", APISchemas.list(["type": "object"]))]))), busy,
                    ])
            ) { request, _ in
                await APIReply.answering { APIReply.json(["lines": .array(try await lines(request).map(\.json))]) }
            },
        ]
        let form = reloader.map { ReloadForm(reloader: $0, door: door) }
        let pages = [
            door.route("/settings") { request, _, visitor in
                let reload = form?.content(visitor, reload: request.query["reload"]) ?? ""
                return door.render(
                    settingsPage(try await versions(), reload), .settings, visitor, script: DeskScript.text)
            },
            // A version never changes, so its page is not fetched again.
            page("/settings/{version}", .settings, script: "") { _, parameters in
                try await version(parameters["version"] ?? "")
            },
            page("/audit", .audit) { request, _ in auditPage(try await lines(request)) },
        ]
        return door.access.guarding(lists)
            + SettingsRoutes(store: store, reloader: reloader, access: door.access).routes
            + pages + [form?.route].compactMap { $0 }
    }

    private func page(
        _ path: String, _ tab: PageFrame.Tab, script: String = DeskScript.text,
        _ content: @escaping @Sendable (HTTPRequest, [String: String]) async throws -> HTML
    ) -> Route {
        door.route(path) { request, parameters, visitor in
            door.render(try await content(request, parameters), tab, visitor, script: script)
        }
    }

    // MARK: - Settings

    private func versions() async throws -> [(version: SettingsVersion, changes: [String])] {
        let found = try await store.look { try $0.settingsVersions(limit: Self.maximumVersions + 1) }
        return found.prefix(Self.maximumVersions).enumerated().map { index, version in
            (version, index + 1 < found.count ? version.changes(since: found[index + 1]) : [])
        }
    }

    private func settingsPage(_ versions: [(version: SettingsVersion, changes: [String])], _ reload: HTML) -> HTML {
        let rows = versions.map { version, changes -> HTML in
            let items = changes.map { HTML("<li>\($0)</li>") }
            let list: HTML = changes.isEmpty ? "–" : "<ul>\(items)</ul>"
            return """
                <tr><th scope="row"><a href="/settings/\(Int(version.id))">\(Int(version.id))</a></th>
                <td data-label="Since"><div>\(Controls.stamp(version.started))</div></td>
                <td data-label="Why"><div>\(version.reason)</div></td>
                <td data-label="Changed"><div>\(list)</div></td>
                <td data-label="Digest"><div><code>\(String(version.digest.prefix(12)))</code></div></td></tr>

                """
        }
        let table: HTML =
            rows.isEmpty
            ? "<p class=\"empty\">No settings are kept yet.</p>"
            : """
            <table><thead><tr><th scope="col">Version</th><th scope="col">Since</th><th scope="col">Why</th>\
            <th scope="col">Changed</th><th scope="col">Digest</th></tr></thead><tbody>
            \(rows)</tbody></table>
            """
        return """
            <section class="card wide" aria-labelledby="title"><h1 id="title">Settings</h1>
            <p class="lead">every folder that ran, the newest first; each delivery names the one that mapped it</p>
            \(reload)\(table)</section>
            """
    }

    private func version(_ text: String) async throws -> HTML {
        let id = Int64(text) ?? 0
        let found = try await store.look { transaction -> (SettingsVersion, [(String, [UInt8])])? in
            guard let version = try transaction.settingsVersion(id) else { return nil }
            let files = try version.files.keys.sorted().map { path in
                (path, try transaction.settingsFile(path, of: version) ?? [])
            }
            return (version, files)
        }
        guard let (version, files) = found else {
            let words: HTML = "<p>There is no version \(text).</p>"
            return "<section class=\"card wide\"><h1>Settings</h1>\(words)</section>"
        }
        let parts = files.map { path, bytes -> HTML in
            let shown = String(decoding: bytes.prefix(64 << 10), as: UTF8.self)
            return """
                <details><summary>\(path) <span class="sub">\(PageFormat.bytes(bytes.count))</span></summary>
                <pre class="scroll" tabindex="0" role="region" aria-label="\(path)">\(HTML(whole: shown))</pre>
                </details>

                """
        }
        return """
            <section class="card wide" aria-labelledby="title"><p><a href="/settings">Settings</a></p>
            <h1 id="title">Version \(Int(version.id))</h1>
            <p class="lead">since \(Controls.stamp(version.started)), <code>\(version.digest)</code></p>
            \(parts)</section>
            """
    }

    // MARK: - Audit

    private func lines(_ request: HTTPRequest) async throws -> [AuditLine] {
        let before = request.query["before"].flatMap { Int64($0) } ?? .max
        return try await store.look { try $0.auditLines(before: before, limit: Self.size) }
    }

    private func auditPage(_ lines: [AuditLine]) -> HTML {
        let rows = lines.map { line -> HTML in
            """
            <tr><th scope="row">\(Int(line.number))</th>
            <td data-label="When"><div>\(Controls.stamp(line.time))</div></td>
            <td data-label="Who" class="word"><div>\(line.actor)</div></td>
            <td data-label="What" class="word"><div>\(line.action)</div></td>
            <td data-label="Detail" class="what"><div>\(line.detail)</div></td></tr>

            """
        }
        let last = lines.count == Self.size ? lines.last?.number : nil
        let older: HTML =
            last.map { "<p class=\"pages\"><a href=\"/audit?before=\(Int($0))\">Older ones</a></p>" } ?? ""
        return """
            <section class="card wide" aria-labelledby="title"><h1 id="title">Audit</h1>
            <p class="lead">who did what; the digest of each line covers the one before, and \
            <code>millwright store check</code> goes through them</p>
            <table><thead><tr><th scope="col">Line</th><th scope="col">When</th><th scope="col">Who</th>\
            <th scope="col">What</th><th scope="col">Detail</th></tr></thead><tbody>
            \(rows)</tbody></table>\(older)</section>
            """
    }
}

extension SettingsVersion {
    fileprivate func json(_ changes: [String]) -> JSON {
        [
            "version": .int(Int(id)), "digest": .string(digest), "started": .string(started.description),
            "reason": .string(reason), "changes": .array(changes.map { .string($0) }),
            "files": .array(files.keys.sorted().map { .string($0) }),
        ]
    }
}

extension AuditLine {
    fileprivate var json: JSON {
        [
            "number": .int(Int(number)), "time": .string(time.description), "actor": .string(actor),
            "action": .string(action), "detail": (try? JSONReader.read(detail)) ?? .string(detail),
        ]
    }
}
