import ExactJSON

/// What the companion addon's inbox does with a batch: each operation in a savepoint of its own, its effect once for
/// each key.
enum OdooInbox {
    static let maximumOperations = 500

    /// What an operation is refused with: the addon's code instead of an exception's class.
    static func refusal(_ code: String, _ message: String) -> OdooFault {
        OdooFault(name: prefix + code, message: message, status: 422)
    }

    private static let prefix = "millwright.refused/"

    /// The code under which the addon answers a fault.
    static func code(_ fault: OdooFault) -> String {
        if fault.name.hasPrefix(prefix) { return String(fault.name.dropFirst(prefix.count)) }
        return switch fault.name.split(separator: ".").last {
        case "AccessError", "AccessDenied": "rights"
        case "MissingError": "gone"
        case "ValidationError": "constraint"
        case "UserError", "RedirectWarning": "business_rule"
        case "ValueError", "TypeError", "KeyError", "AttributeError", "UnprocessableEntity", "NotFound": "bad_request"
        default: "server_error"
        }
    }
}

extension OdooEnvironment {
    mutating func submit(_ operations: [JSON], source: String) -> JSON {
        database.outbox.origin = source
        var answers: [JSON] = []
        for (index, operation) in operations.enumerated() {
            var answer: JSON = [
                "index": .int(index), "key": operation["key"] ?? .null, "replayed": false, "code": .null,
                "message": .null, "reference": .null, "results": [:],
            ]
            for (name, value) in handle(operation, source: source) { answer[name] = value }
            answers.append(answer)
        }
        return ["epoch": "stand-in", "answers": .array(answers)]
    }

    /// The parts of one operation's answer.
    private mutating func handle(_ operation: JSON, source: String) -> [(String, JSON)] {
        guard let key = operation["key"]?.string, !key.isEmpty, let steps = operation["steps"]?.array else {
            return [("status", "refused"), ("code", "bad_request"), ("message", "an operation has a key and steps")]
        }
        let digest = operation["steps"]?.description ?? ""
        let known = first("millwright.inbox", where: "key", is: .text(key))
        if let known, text("millwright.inbox", known, "state") == "done" {
            let recorded = try? JSONReader.read(text("millwright.inbox", known, "answer"))
            return [
                ("status", "done"), ("replayed", true), ("results", recorded ?? [:]),
                ("reference", .string(text("millwright.inbox", known, "reference"))),
                ("code", text("millwright.inbox", known, "digest") == digest ? .null : "steps_differ"),
            ]
        }
        let savepoint = database.savepoint
        let outer = context
        var run = OdooInboxRun()
        var row: OdooValues = ["source": .text(source), "digest": .text(digest)]
        var parts: [(String, JSON)]
        do throws(OdooFault) {
            for step in steps where !run.isFinished {
                context = outer
                try carryOut(step, &run)
            }
            row["state"] = .text("done")
            row["answer"] = .text(JSON.object(run.answer).description)
            parts = [("status", "done"), ("results", .object(run.answer))]
        } catch {
            database.rollback(to: savepoint)
            row["state"] = .text("refused")
            row["code"] = .text(OdooInbox.code(error))
            row["message"] = .text(error.message)
            parts = [
                ("status", "refused"), ("code", .string(OdooInbox.code(error))), ("message", .string(error.message)),
            ]
        }
        context = outer
        if let reference = run.reference {
            row["reference"] = .text(reference)
            parts.append(("reference", .string(reference)))
        }
        if let known {
            assign("millwright.inbox", known, row)
        } else {
            row["key"] = .text(key)
            _ = insert("millwright.inbox", row)
        }
        return parts
    }
}

/// What the steps of one operation found and made so far.
struct OdooInboxRun {
    var results: [String: [Int]] = [:]
    var answer: JSONObject = [:]
    var reference: String?
    /// A window that Odoo would have opened for a person.
    var window: String?
    /// Whether a guard said that the goal is reached.
    var isFinished = false

    /// Puts ids where `{"$": name}` and `{"$ids": name}` stand.
    func fill(_ value: JSON) throws(OdooFault) -> JSON {
        switch value {
        case .object(let members):
            if members.count == 1, let name = members["$ids"]?.string {
                return .array((results[name] ?? []).map { .int($0) })
            }
            if members.count == 1, let name = members["$"]?.string {
                guard let ids = results[name], ids.count == 1 else {
                    throw OdooInbox.refusal(
                        "not_found", "\"\(name)\" stands for \(results[name]?.count ?? 0) records, not for one")
                }
                return .int(ids[0])
            }
            var filled: JSONObject = [:]
            for (name, part) in members { filled[name] = try fill(part) }
            return .object(filled)
        case .array(let elements):
            var filled: [JSON] = []
            for element in elements { filled.append(try fill(element)) }
            return .array(filled)
        default: return value
        }
    }

    mutating func keep(_ step: JSON, _ ids: [Int], answer: JSON? = nil) {
        guard let alias = step["as"]?.string else { return }
        results[alias] = ids
        self.answer[alias] = answer ?? .array(ids.map { .int($0) })
    }

    mutating func note(_ model: String, _ ids: [Int]) {
        if reference == nil, let id = ids.first { reference = "\(model),\(id)" }
    }
}

// MARK: - Steps

extension OdooEnvironment {
    fileprivate mutating func carryOut(_ step: JSON, _ run: inout OdooInboxRun) throws(OdooFault) {
        for (name, value) in try run.fill(step["context"] ?? [:]).object ?? [:] { context[name] = value }
        if let name = step["guard"]?.string {
            try guarded(try inboxModel(name), step, &run)
        } else if let name = step["find"]?.string {
            let model = try inboxModel(name)
            let found = search(model, try domain(run.fill(step["where"] ?? []), model), limit: step["limit"]?.int)
            if let count = step["count"]?.int, found.count != count {
                throw OdooInbox.refusal(
                    found.count < count ? "not_found" : "ambiguous",
                    "\(found.count) records of \(name) fit; expected \(count)")
            }
            run.keep(step, found)
        } else if let name = step["read"]?.string {
            let model = try inboxModel(name)
            let ids = try inboxIDs(step, run)
            run.keep(step, ids, answer: try read(model, ids, fields(step["fields"], model)))
        } else if let name = step["create"]?.string {
            made(try create(inboxModel(name), inboxValues(step, run)), name, step, &run)
        } else if let name = step["ensure"]?.string {
            let model = try inboxModel(name)
            let found = search(model, try domain(run.fill(step["where"] ?? []), model), limit: 2)
            guard found.count < 2 else { throw OdooInbox.refusal("ambiguous", "several records of \(name) fit") }
            if let id = found.first {
                made(id, name, step, &run)
            } else {
                made(try create(model, inboxValues(step, run)), name, step, &run)
            }
        } else if let name = step["write"]?.string {
            let model = try inboxModel(name)
            let ids = try inboxIDs(step, run)
            let chosen = try chosen(model, ids, step["when"])
            if !chosen.isEmpty { try write(model, chosen, inboxValues(step, run)) }
            run.note(name, ids)
        } else if let name = step["call"]?.string {
            try called(try inboxModel(name), step, &run)
        } else {
            throw OdooInbox.refusal("bad_request", "a step has one verb")
        }
    }

    private func guarded(_ model: OdooModel, _ step: JSON, _ run: inout OdooInboxRun) throws(OdooFault) {
        let ids = try inboxIDs(step, run)
        run.note(model.name, ids)
        if let gone = ids.first(where: { !exists(model.name, $0) }) {
            throw OdooInbox.refusal("gone", "\(model.name) \(gone) is not there, or not to be seen by this user")
        }
        let domain = try domain(step["where"] ?? [], model)
        guard let other = ids.first(where: { !matches(model, $0, domain) }) else { return }
        if step["otherwise"] == "stop" {
            run.isFinished = true
            return
        }
        let opened = run.window.map { ", and Odoo opened the window \($0)" } ?? ""
        throw OdooInbox.refusal(
            step["code"]?.string ?? "guard",
            "\(displayName(model.name, other)) (\(model.name),\(other)): expected \(step["where"] ?? [])" + opened)
    }

    private mutating func called(_ model: OdooModel, _ step: JSON, _ run: inout OdooInboxRun) throws(OdooFault) {
        let method = step["method"]?.string ?? ""
        var body = try run.fill(step["kwargs"] ?? [:]).object ?? [:]
        if step["ids"] != nil {
            let ids = try inboxIDs(step, run)
            run.note(model.name, ids)
            let chosen = try chosen(model, ids, step["when"])
            guard !chosen.isEmpty else { return }
            body["ids"] = .array(chosen.map { .int($0) })
        }
        guard case .json(let answer) = try call(model, method, body: body) else { return }
        if method == "load" {
            guard let ids = answer["ids"]?.array?.compactMap(\.int) else {
                let words = (answer["messages"]?.array ?? []).compactMap { $0["message"]?.string }
                throw OdooInbox.refusal("constraint", words.joined(separator: "; "))
            }
            run.keep(step, ids)
            run.note(model.name, ids)
        } else {
            run.keep(step, body["ids"]?.array?.compactMap(\.int) ?? [], answer: answer)
        }
        run.window = answer["res_model"]?.string ?? run.window
    }

    private func made(_ id: Int, _ model: String, _ step: JSON, _ run: inout OdooInboxRun) {
        run.keep(step, [id])
        run.note(model, [id])
    }

    private func inboxModel(_ name: String) throws(OdooFault) -> OdooModel {
        guard let model = registry[name] else {
            throw OdooInbox.refusal("missing_model", "this Odoo has no model \(name): its app is not installed")
        }
        return model
    }

    private func inboxIDs(_ step: JSON, _ run: OdooInboxRun) throws(OdooFault) -> [Int] {
        try run.fill(step["ids"] ?? []).array?.compactMap(\.int) ?? []
    }

    private func inboxValues(_ step: JSON, _ run: OdooInboxRun) throws(OdooFault) -> [String: JSON] {
        let values = try run.fill(step["values"] ?? [:]).object ?? [:]
        return Dictionary(values.map { ($0.key, $0.value) }, uniquingKeysWith: { $1 })
    }

    private func chosen(_ model: OdooModel, _ ids: [Int], _ when: JSON?) throws(OdooFault) -> [Int] {
        guard let when else { return ids }
        let domain = try domain(when, model)
        return ids.filter { matches(model, $0, domain) }
    }
}
