import Canonical
package import Contracts
import Delivery
import ExactJSON
import Store
package import World

/// The exceptions desk for people: `/exceptions`, `/exceptions/{exception}` and what their forms send.
///
/// The pages work without JavaScript: a form is answered with 303 and the page that shows what came of it.
package struct DeskPages: Sendable {
    private let desk: Desk
    private let door: PageDoor

    package init(_ desk: Desk, door: PageDoor) {
        self.desk = desk
        self.door = door
    }

    /// What is said of a request that the node has not carried out yet.
    static let noted = "noted; the node carries it out as soon as it can"

    /// A form may bring a changed event or command, percent-encoded.
    private static let maximumBody = 3 * ExceptionEdit.maximumBytes
    /// Requests whose results one page shows, at most.
    private static let maximumSaid = 60

    /// The routes.
    package var routes: [Route] {
        [
            page("/exceptions") { request, _, visitor in try await list(request, visitor) },
            page("/exceptions/{exception}") { request, parameters, visitor in
                try await one(request, parameters["exception"] ?? "", visitor)
            },
            post("/exceptions/many") { form, _, person in try await many(form, person) },
            post("/exceptions/chosen") { form, _, person in try await chosen(form, person) },
            post("/exceptions/stop") { form, _, person in
                let request = Int64(form["request"] ?? "") ?? 0
                return try await carry([.init(kind: .stop, subject: request)], nil, person, back: "/exceptions?")
            },
            post("/exceptions/{exception}/{what}") { form, parameters, person in
                guard let id = Int64(parameters["exception"] ?? "") else {
                    throw DeskFault("there is no such exception")
                }
                return try await change(id, parameters["what"] ?? "", form, person)
            },
        ]
    }

    private func page(
        _ path: String,
        _ body: @escaping @Sendable (HTTPRequest, [String: String], Visitor) async throws -> HTTPResponse
    ) -> Route {
        door.route(path) { request, parameters, visitor in
            do { return try await body(request, parameters, visitor) } catch { return failed(error, visitor) }
        }
    }

    private func post(
        _ path: String, _ body: @escaping @Sendable (Form, [String: String], String) async throws -> HTTPResponse
    ) -> Route {
        Route("POST", path, maximumBody: Self.maximumBody) { request, parameters in
            let form = Form(request)
            switch door.access.admit(page: request, .operates, form: form.values) {
            case .failure(let turned): return turned.response
            case .success(let visitor):
                do {
                    return try await body(form, parameters, visitor.name ?? "nobody")
                } catch {
                    return failed(error, visitor)
                }
            }
        }
    }

    // MARK: - Looking

    private func list(_ request: HTTPRequest, _ visitor: Visitor) async throws -> HTTPResponse {
        let query = request.query
        guard let filter = ExceptionFilter(words: query) else { throw DeskFault(ExceptionFilter.shape) }
        let before = query["before"].flatMap { Int64($0) }
        let said = try await said(query["asked"])
        let (now, hasTokens) = (desk.clock.now(), door.access.hasTokens)
        let page = try await desk.store.look { transaction in
            var records = try transaction.newestExceptions(
                filter, before: before ?? .max, limit: ExceptionsPage.size + 1)
            let isMore = records.count > ExceptionsPage.size
            if isMore { records.removeLast() }
            let groups = try transaction.exceptionGroups(filter, limit: ExceptionsPage.maximumGroups)
            return ExceptionsPage(
                now: now, filter: filter, count: groups.exceptions, groups: groups.groups,
                groupCount: groups.count, records: records, next: isMore ? records.last?.id : nil,
                isFirst: before == nil, last: try transaction.lastExceptionID(),
                assignees: try transaction.assignees(limit: 100),
                underWay: try transaction.openManyRequests(limit: 5), said: said, visitor: visitor,
                hasTokens: hasTokens)
        }
        return door.render(page.content, .exceptions, visitor, script: DeskScript.text)
    }

    private func one(_ request: HTTPRequest, _ text: String, _ visitor: Visitor) async throws -> HTTPResponse {
        let id = Int64(text) ?? 0
        let said = try await said(request.query["asked"])
        guard let story = try await desk.store.look({ try ExceptionStory(id, $0) }) else {
            throw DeskFault("there is no exception \(text.prefix(40))")
        }
        let page = ExceptionPage(
            now: desk.clock.now(), story: story, said: said, visitor: visitor,
            hasTokens: door.access.hasTokens)
        return door.render(
            page.content, .exceptions, visitor, title: "Exception \(id)", script: DeskScript.text)
    }

    /// What became of the requests that `asked` names: `17` or `17-22`.
    private func said(_ asked: String?) async throws -> [String] {
        let ends = (asked ?? "").split(separator: "-").compactMap { Int64($0) }
        guard let first = ends.first, let last = ends.last, first <= last, last - first < Self.maximumSaid else {
            return []
        }
        return try await desk.store.look { transaction in
            try (first...last).compactMap { id in
                guard let state = try transaction.requestState(id) else { return nil }
                let subject = try transaction.requestSubject(id)
                return (subject > 0 ? "\(state.kind) \(subject): " : "") + (state.result ?? Self.noted)
            }
        }
    }

    private func failed(_ error: any Error, _ visitor: Visitor) -> HTTPResponse {
        let words: String
        let status: Int
        switch error {
        case let fault as DeskFault: (words, status) = (fault.reason, 400)
        case let failure as Failure: (words, status) = ("\(failure.message). \(failure.suggestion)", 503)
        default: (words, status) = ("\(error)", 503)
        }
        let content: HTML = """
            <section class="card wide"><h1>That did not work</h1>
            <p class="said trouble" role="alert">\(words)</p><p><a href="/exceptions">Exceptions</a></p></section>
            """
        return door.render(content, .exceptions, visitor, status: status)
    }

    // MARK: - Acting

    /// Something that a form said and that cannot be done.
    private struct DeskFault: Error {
        let reason: String
        init(_ reason: String) { self.reason = reason }
    }

    /// Asks the node, waits a while, and goes back to a page that shows what came of it.
    private func carry(
        _ wishes: [Desk.Wish], _ note: String?, _ person: String, back: String
    ) async throws -> HTTPResponse {
        let requests = try await desk.ask(wishes, by: person, note: note)
        // A decision about many goes on while its page is looked at.
        if wishes.first?.kind != .many { _ = try await desk.results(of: requests) }
        guard let first = requests.min(), let last = requests.max() else { throw DeskFault("nothing is chosen") }
        let asked = first == last ? "\(first)" : "\(first)-\(last)"
        return HTTPResponse(
            status: 303, headers: ["Location": "\(back)asked=\(asked)", "Cache-Control": "no-store"])
    }

    private func many(_ form: Form, _ person: String) async throws -> HTTPResponse {
        guard let action = form["action"].flatMap(ManyOrder.Action.init),
            let filter = ExceptionFilter(words: form.values), filter.progress == .open
        else { throw DeskFault("the form cannot be read; open the page again") }
        let note = form["note"]
        if action == .discard, note == nil { throw Self.missingNote }
        var rate: Int?
        if let text = form["rate"] {
            guard let number = Int(text), (1...ManyOrder.maximumRate).contains(number) else {
                throw DeskFault("how many a second goes from 1 to \(ManyOrder.maximumRate)")
            }
            rate = number
        }
        // What came in since the page was made was not shown, and is not meant.
        guard let through = form["through"].flatMap({ Int64($0) }), through >= 0 else {
            throw DeskFault("the form cannot be read; open the page again")
        }
        let back = "/exceptions?" + FormText.encode(filter.words)
        let wish = try await desk.many(action, filter, through: through, rate: rate)
        return try await carry([wish], note, person, back: back + (back.hasSuffix("?") ? "" : "&"))
    }

    private func chosen(_ form: Form, _ person: String) async throws -> HTTPResponse {
        let ids = form.all("id").compactMap { Int64($0) }
        guard !ids.isEmpty else { throw DeskFault("nothing is chosen") }
        guard ids.count <= Self.maximumSaid else { throw DeskFault("choose \(Self.maximumSaid) at most") }
        // What the page sent along is the query of the page to go back to, and no other place.
        let filter = ExceptionFilter(words: HTTPRequest(method: "GET", target: "/?" + (form["back"] ?? "")).query)
        let back = "/exceptions?" + FormText.encode(filter?.words ?? [])
        let wishes = try ids.map { try wish($0, form) }
        return try await carry(wishes, form["note"], person, back: back + (back.hasSuffix("?") ? "" : "&"))
    }

    private static let missingNote = DeskFault("to discard, say why: it is kept in the audit trail")

    /// What a button of the forms about one or several exceptions means.
    private func wish(_ id: Int64, _ form: Form) throws -> Desk.Wish {
        switch form["action"] {
        case "resubmit": return .init(kind: .resubmit, subject: id)
        case "discard":
            guard form["note"] != nil else { throw Self.missingNote }
            return .init(kind: .discard, subject: id)
        case "assign":
            return .init(kind: .assign, subject: id, detail: ["to": form["to"].map { .string($0) } ?? .null])
        case "comment": return .init(kind: .comment, subject: id)
        default: throw DeskFault("the form cannot be read; open the page again")
        }
    }

    /// What the forms of one exception's page send.
    private func change(
        _ id: Int64, _ what: String, _ form: Form, _ person: String
    ) async throws -> HTTPResponse {
        let back = "/exceptions/\(id)?"
        let edit: ExceptionEdit
        switch what {
        case "act": return try await carry([wish(id, form)], form["note"], person, back: back)
        case "arguments":
            guard let arguments = try Self.json(form.values["arguments"], "the arguments").object else {
                throw DeskFault("the arguments are a JSON object")
            }
            edit = .arguments(arguments, delivery: form["delivery"].flatMap { Int64($0) })
        case "event": edit = try await correction(id, form)
        case "document": edit = .document(try Self.json(form.values["document"], "the event"))
        default: throw DeskFault("the form cannot be read; open the page again")
        }
        let changing = Desk.Wish(kind: .edit, subject: id, detail: edit.json)
        guard form["then"] == "resubmit" else { return try await carry([changing], nil, person, back: back) }
        let request = try await desk.ask([changing], by: person, note: nil)
        // Sent only as it was changed: never what it was before.
        guard let first = request.first, try await desk.results(of: request)[first]?.hasPrefix("ok") == true else {
            return HTTPResponse(
                status: 303, headers: ["Location": "\(back)asked=\(request.first ?? 0)", "Cache-Control": "no-store"])
        }
        return try await carry([.init(kind: .resubmit, subject: id)], nil, person, back: back)
    }

    /// The difference between the event as it is stored and as the form has it.
    private func correction(_ id: Int64, _ form: Form) async throws -> ExceptionEdit {
        guard let entry = try await desk.store.look({ try ExceptionStory(id, $0) })?.event else {
            throw DeskFault("the event is not in the journal any more")
        }
        let old = try JSONReader.read(entry.document.bytes)
        let data = try Self.json(form.values["data"], "the data")
        let subject = form["subject"].map { JSON.string($0) }
        var patch: JSONObject = [:]
        if subject != old["subject"] { patch["subject"] = subject ?? .null }
        let before = old["data"] ?? .null
        if before != data { patch["data"] = before.mergePatch(to: data) }
        guard !patch.isEmpty else { throw DeskFault("nothing is changed") }
        return .event(.object(patch))
    }

    private static func json(_ text: String?, _ what: String) throws -> JSON {
        do {
            return try JSONReader.read(text ?? "")
        } catch {
            throw DeskFault("\(what) cannot be read: \(error)")
        }
    }
}
