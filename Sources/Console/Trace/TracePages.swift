import Canonical
package import Contracts
import ExactJSON
package import Store
package import World

/// The way of an event, an order, a lot or an asset: `/trace` for people, `/v1/trace` for programs.
package struct TracePages: Sendable {
    private let store: Store
    private let door: PageDoor

    package init(store: Store, door: PageDoor) {
        self.store = store
        self.door = door
    }

    /// Events of one answer.
    private static let limit = 20
    /// The longest text that is looked for.
    private static let longest = 200

    /// The routes.
    package var routes: [Route] {
        [
            door.route("/trace") { request, _, visitor in
                let what = String((request.query["what"] ?? "").prefix(Self.longest))
                let page = TracePage(what: what, findings: try await find(what))
                return door.render(page.content, .trace, visitor, style: DeskStyle.text + TracePage.style)
            },
            Route("GET", "/v1/trace", maximumBody: 0, about: about) { request, _ in
                switch door.access.admit(request, .viewer) {
                case .failure(let turned): return turned.response
                case .success:
                    let what = request.query["what"] ?? ""
                    return await APIReply.answering {
                        guard !what.isEmpty, what.count <= Self.longest else {
                            throw APIReply.refusal(
                                400, "Bad request", "\"what\" is missing or too long: \(TraceFindings.wanted)")
                        }
                        return APIReply.json(try await find(what).json)
                    }
                }
            },
        ]
    }

    private func find(_ what: String) async throws -> TraceFindings {
        guard !what.isEmpty else { return .none }
        return try await TraceFindings.find(what, limit: Self.limit, in: store)
    }

    private var about: RouteAbout {
        RouteAbout(
            "trace", "node", "The way of an event, an order, a lot, an asset or a line of a file, step by step.",
            access: .console(scope: ConsoleScope.viewer.rawValue),
            query: [
                .init(
                    "what",
                    "An event's id, its subject, the last part of its source, a value that it holds, or the line of a "
                        + "file that its record begins in (`Job.sdc:14`).")
            ],
            answers: [
                .init(
                    200, "The newest events that fit, the oldest of them first.",
                    .json(RouteAbout.reference("Traces"))),
                .problem(400, "Nothing to look for is given."),
                .problem(503, "The store cannot be asked now."),
            ])
    }
}
