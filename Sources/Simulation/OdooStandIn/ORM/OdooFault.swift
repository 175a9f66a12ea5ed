/// An exception as Odoo's server raises it: a class name, and the arguments of the exception.
struct OdooFault: Error, Sendable, Equatable {
    /// The Python class with its module: `odoo.exceptions.UserError`.
    let name: String
    let message: String
    /// The HTTP status that JSON-2 gives it.
    let status: Int

    static func userError(_ message: String) -> Self {
        Self(name: "odoo.exceptions.UserError", message: message, status: 422)
    }
    static func validation(_ message: String) -> Self {
        Self(name: "odoo.exceptions.ValidationError", message: message, status: 422)
    }
    static func access(_ message: String) -> Self {
        Self(name: "odoo.exceptions.AccessError", message: message, status: 403)
    }
    static var accessDenied: Self {
        Self(name: "odoo.exceptions.AccessDenied", message: "Access Denied", status: 403)
    }
    static func missing(_ model: String, _ id: Int, uid: Int) -> Self {
        Self(
            name: "odoo.exceptions.MissingError",
            message: "Record does not exist or has been deleted.\n(Record: \(model)(\(id),), User: \(uid))", status: 404
        )
    }
    static func valueError(_ message: String) -> Self { python("ValueError", message) }
    static func keyError(_ message: String) -> Self { python("KeyError", message) }
    static func typeError(_ message: String) -> Self { python("TypeError", message) }
    static func indexError(_ message: String) -> Self { python("IndexError", message) }
    static func attributeError(_ message: String) -> Self { python("AttributeError", message) }
    static func python(_ type: String, _ message: String, status: Int = 500) -> Self {
        Self(name: "builtins.\(type)", message: message, status: status)
    }
    static func unknownDatabase(_ name: String) -> Self {
        let text =
            "connection to server at \"127.0.0.1\", port 5432 failed: FATAL:  database \"\(name)\" does not exist\n"
        return Self(name: "psycopg2.OperationalError", message: text, status: 404)
    }

    /// A call that JSON-2 refuses before the method runs.
    static func unprocessable(_ message: String) -> Self {
        Self(name: "werkzeug.exceptions.UnprocessableEntity", message: message, status: 422)
    }
    static func notFound(_ message: String) -> Self {
        Self(name: "werkzeug.exceptions.NotFound", message: message, status: 404)
    }
    static func badRequest(_ message: String) -> Self {
        Self(name: "werkzeug.exceptions.BadRequest", message: message, status: 400)
    }
    static func unauthorized(_ message: String) -> Self {
        Self(name: "werkzeug.exceptions.Unauthorized", message: message, status: 401)
    }
}
