import Contracts
import ExactJSON

extension OdooAnswer {
    /// Characters of Odoo's message that a person gets to read.
    private static let messageCharacters = 600
    /// Bytes at the end of Odoo's traceback that the log keeps; its end says what failed.
    private static let traceBytes = 2_000

    /// The verdict on an exception inside Odoo, by its name alone: messages are translated and change.
    static func fault(_ data: JSON, call: OdooCall) -> OdooError {
        let name = data["name"]?.string ?? "unknown"
        let words = plain(data["message"]?.string ?? "")
        let place = "\(call.model).\(call.method)"
        let detail = data["debug"]?.string.map {
            "\(name): " + String(decoding: $0.utf8.suffix(traceBytes), as: UTF8.self)
        }
        let (verdict, kind) = judge(name: name, message: words, isWrite: call.isWrite)
        var suggestion: String?
        if kind == OdooFailures.rights, words.contains("account.move") || words.contains("wip_move_ids") {
            suggestion = """
                Odoo reads journal entries while it splits an order: give the target's user the group \
                "Show Accounting Features - Readonly", then resubmit.
                """
        }
        return OdooError(
            verdict,
            Failure(
                kind, words.isEmpty ? "\(place): \(name)" : "\(place): \(words)", suggestion: suggestion, detail: detail
            ),
            exception: name)
    }

    private static func judge(name: String, message: String, isWrite: Bool) -> (OdooError.Verdict, FailureKind) {
        let short = name.split(separator: ".").last.map(String.init) ?? name
        switch short {
        case "AccessDenied", "Unauthorized", "SessionExpiredException":
            return (.deferred(after: nil, isTargetDown: true), OdooFailures.credentials)
        case "AccessError", "Forbidden":
            return (.rejected, OdooFailures.rights)
        case "MissingError":
            return (.rejected, OdooFailures.gone)
        case "ValidationError":
            return (.rejected, OdooFailures.constraint)
        case "UserError", "RedirectWarning", "Warning", "ServerActionWithWarningsError":
            let isModel = message.hasPrefix("Object ") && message.contains("doesn't exist")
            return (.rejected, isModel ? OdooFailures.missingModel : OdooFailures.businessRule)
        case "NotFound":
            return (.rejected, OdooFailures.missingModel)
        case "SerializationFailure", "DeadlockDetected", "LockNotAvailable", "TransactionRollbackError",
            "QueryCanceled":
            return (.deferred(after: nil, isTargetDown: false), OdooFailures.busy)
        case "OperationalError", "InterfaceError", "PoolError", "AdminShutdown", "CannotConnectNow":
            return database(message: message, isWrite: isWrite)
        case "IntegrityError", "UniqueViolation", "ForeignKeyViolation", "NotNullViolation", "CheckViolation":
            return (.rejected, OdooFailures.constraint)
        case "AttributeError", "ValueError", "KeyError", "TypeError", "IndexError", "BadRequest", "UnprocessableEntity":
            return (.rejected, OdooFailures.badRequest)
        default:
            // Odoo rolls a call back when anything is raised, so this was surely not done.
            return (.rejected, OdooFailures.serverError)
        }
    }

    /// Trouble between Odoo and PostgreSQL. Only where the connection never stood is it sure that nothing was
    /// committed.
    private static func database(message: String, isWrite: Bool) -> (OdooError.Verdict, FailureKind) {
        if message.contains("does not exist") {
            return (.deferred(after: nil, isTargetDown: true), OdooFailures.unknownDatabase)
        }
        let neverStood = [
            "Connection refused", "could not connect", "starting up", "shutting down", "too many clients",
            "remaining connection slots", "Connection Pool Is Full", "authentication failed",
            "could not translate host",
        ]
        if !isWrite || neverStood.contains(where: message.contains) {
            return (.deferred(after: nil, isTargetDown: true), OdooFailures.databaseTrouble)
        }
        return (.unknown, OdooFailures.fateUnknown)
    }

    /// Odoo's words on one line, bounded, without the lists of groups and models that follow them.
    static func plain(_ message: String) -> String {
        let lines = message.split(whereSeparator: \.isNewline)
            .map { line in String(line.drop { $0 == " " || $0 == "\t" || $0 == "-" }) }.filter { !$0.isEmpty }
        let text = lines.joined(separator: " ")
        return text.count <= messageCharacters ? text : text.prefix(messageCharacters) + "…"
    }
}
