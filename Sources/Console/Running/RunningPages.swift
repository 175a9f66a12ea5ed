import Canonical
package import Contracts
import Store
package import World

/// What runs, for people: `/flows`, `/targets`, `/sources`, and what their forms send.
///
/// The pages work without JavaScript: a form is answered with 303 and the page that shows what came of it.
package struct RunningPages: Sendable {
    private let view: RunningView
    private let desk: Desk
    private let door: PageDoor

    package init(_ view: RunningView, desk: Desk, door: PageDoor) {
        self.view = view
        self.desk = desk
        self.door = door
    }

    /// Bytes of a form: a name and a reason, percent-encoded.
    private static let maximumBody = 16 << 10

    /// The routes.
    package var routes: [Route] {
        [
            page("/flows", .flows) { FlowsPage(facts: $0, said: $1, visitor: $2).content },
            page("/targets", .targets) { TargetsPage(facts: $0, said: $1, visitor: $2).content },
            page("/sources", .sources) { facts, _, _ in SourcesPage(facts: facts).content },
            post("/flows/{name}/{action}", back: "/flows") { .flow(FlowName($0)) },
            post("/targets/{name}/{action}", back: "/targets") { .target(TargetName($0)) },
        ]
    }

    private func page(
        _ path: String, _ tab: PageFrame.Tab,
        _ content: @escaping @Sendable (RunningFacts, [String], Visitor) -> HTML
    ) -> Route {
        door.route(path) { request, _, visitor in
            let said = try await said(request.query["asked"])
            return door.render(
                content(try await view.facts(), said, visitor), tab, visitor,
                style: DeskStyle.text + RunningStyle.text, script: DeskScript.text)
        }
    }

    private func post(
        _ path: String, back: String, _ subject: @escaping @Sendable (String) -> PauseSubject
    ) -> Route {
        Route("POST", path, maximumBody: Self.maximumBody) { request, parameters in
            let form = Form(request)
            switch door.access.admit(page: request, .operates, form: form.values) {
            case .failure(let turned): return turned.response
            case .success(let visitor):
                guard let kind = RunningRoutes.kind(parameters["action"]) else {
                    return Problem(404, "Not found", detail: "there are pause and resume").response()
                }
                do {
                    let wish = Desk.Wish(kind: kind, subject: 0, detail: subject(parameters["name"] ?? "").json)
                    let requests = try await desk.ask([wish], by: visitor.name ?? "nobody", note: form["note"])
                    _ = try await desk.results(of: requests)
                    return HTTPResponse(
                        status: 303,
                        headers: ["Location": "\(back)?asked=\(requests.first ?? 0)", "Cache-Control": "no-store"])
                } catch {
                    return Problem.store(error).response(["Retry-After": "2"])
                }
            }
        }
    }

    /// What became of the request that `asked` names.
    private func said(_ asked: String?) async throws -> [String] {
        guard let id = asked.flatMap({ Int64($0) }) else { return [] }
        return try await desk.store.look { try $0.requestState(id) }.map { [$0.result ?? DeskPages.noted] } ?? []
    }
}

/// What the style sheet has for these pages beside ``DeskStyle``.
enum RunningStyle {
    static let text = """
        td .curve{height:26px;width:110px;margin:0 0 0 auto}
        td details form{margin-top:8px}td form .field{width:100%;margin-bottom:8px}
        td.act{min-width:9em}td button{min-height:32px;padding:3px 12px}
        td.value code{white-space:normal;overflow-wrap:anywhere}td.number .when{white-space:nowrap}
        @media (max-width:720px){td .curve{margin:0}td button{min-height:44px}}
        """
}
