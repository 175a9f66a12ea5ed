import ExactJSON

/// A method that may be called from outside.
struct OdooMethod: Sendable {
    typealias Body = @Sendable (inout OdooEnvironment, OdooCall) throws(OdooFault) -> OdooResult

    struct Parameter: Sendable {
        let name: String
        let isRequired: Bool
    }

    /// Whether the first argument is the list of ids.
    let takesIDs: Bool
    let parameters: [Parameter]
    /// Whether Odoo's method has `**kwargs` that go on to another one, which is named in the complaint.
    var passesOn: String?
    /// Whether further arguments by place are let through in ``OdooCall/rest``.
    var takesMore = false
    let body: Body

    /// A method of records: `"vals"` is a required parameter, `"fields?"` one with a default.
    static func records(_ parameters: String = "", _ body: @escaping Body) -> OdooMethod {
        OdooMethod(takesIDs: true, parameters: parse(parameters), body: body)
    }

    /// A method of the model itself (`@api.model`).
    static func model(_ parameters: String = "", passesOn: String? = nil, _ body: @escaping Body) -> OdooMethod {
        OdooMethod(takesIDs: false, parameters: parse(parameters), passesOn: passesOn, body: body)
    }

    /// A method without parameters of records that must be there: works on all of them at once, gives back `result`.
    static func together(
        _ result: OdooResult = .done,
        _ body: @escaping @Sendable (inout OdooEnvironment, [Int]) throws(OdooFault) -> Void
    ) -> OdooMethod {
        .records { (env, call) throws(OdooFault) in
            try env.checkThere(call)
            try body(&env, call.ids)
            return result
        }
    }

    /// The same with one record after the other.
    static func each(
        _ result: OdooResult = .done,
        _ body: @escaping @Sendable (inout OdooEnvironment, Int) throws(OdooFault) -> Void
    ) -> OdooMethod {
        .together(result) { (env, ids) throws(OdooFault) in
            for id in ids { try body(&env, id) }
        }
    }

    private static func parse(_ text: String) -> [Parameter] {
        text.split(separator: " ").map {
            Parameter(name: String($0.hasSuffix("?") ? $0.dropLast() : $0), isRequired: !$0.hasSuffix("?"))
        }
    }
}

/// What a method gives back.
enum OdooResult: Sendable {
    /// Python's None: JSON-RPC then says neither result nor error.
    case none
    case json(JSON)

    static var done: OdooResult { .json(true) }
}

/// One call, its arguments bound to the parameters' names.
struct OdooCall: Sendable {
    let model: OdooModel
    let ids: [Int]
    let arguments: [String: JSON]
    /// Arguments by place beyond the parameters, where the method takes them.
    var rest: [JSON] = []

    subscript(name: String) -> JSON? {
        guard let value = arguments[name], !value.isNull else { return nil }
        return value
    }

    /// A limit or an offset; `false` and None are no limit.
    func count(_ name: String) -> Int? {
        guard let value = self[name], value != false else { return nil }
        return (value.int ?? value.string.flatMap { Int($0) }).map { Swift.max(0, $0) }
    }

    /// The one record that the method is for.
    func single() throws(OdooFault) -> Int {
        guard ids.count == 1, let id = ids.first else {
            let list = ids.map(String.init).joined(separator: ", ") + (ids.count == 1 ? "," : "")
            throw .valueError("Expected singleton: \(model.name)(\(list))")
        }
        return id
    }
}

extension OdooEnvironment {
    /// Refuses a call on records of which one is gone.
    func checkThere(_ call: OdooCall) throws(OdooFault) {
        for id in call.ids where !exists(call.model.name, id) { throw .missing(call.model.name, id, uid: uid) }
    }

    /// Finds the method, binds arguments given by place and by name (`execute_kw`), runs it.
    mutating func call(
        _ model: OdooModel, _ name: String, positional: [JSON], named: JSONObject
    ) throws(OdooFault) -> OdooResult {
        try checkCallable(model, name)
        guard let method = model.methods[name] else {
            if let result = try recordsetMethod(model, name, positional) { return result }
            throw .attributeError(
                version == .v17 || version == .v18
                    ? "The method '\(name)' does not exist on the model '\(model.name)'"
                    : "The method '\(model.name).\(name)' does not exist")
        }
        var named = named
        if let given = named.removeValue(forKey: "context")?.object {
            try take(given)
        }
        var rest = positional[...]
        var ids: [Int] = []
        if method.takesIDs {
            guard let first = rest.popFirst() ?? named.removeValue(forKey: "ids") else {
                throw .indexError(version == .v19 ? "list index out of range" : "tuple index out of range")
            }
            ids = Self.ids(first)
        }
        var arguments: [String: JSON] = [:]
        for parameter in method.parameters {
            if let value = rest.popFirst() ?? named.removeValue(forKey: parameter.name) {
                arguments[parameter.name] = value
            } else if parameter.isRequired {
                throw .typeError(
                    "\(className(model, name)).\(name)() missing 1 required positional argument: '\(parameter.name)'")
            }
        }
        if let extra = named.keys.first {
            let owner = method.passesOn ?? "\(className(model, name)).\(name)"
            throw .typeError("\(owner)() got an unexpected keyword argument '\(extra)'")
        }
        guard rest.isEmpty || method.takesMore else {
            let takes = method.parameters.count + 1, given = takes + rest.count
            throw .typeError(
                "\(className(model, name)).\(name)() takes \(takes) positional arguments but \(given) were given"
            )
        }
        return try method.body(&self, OdooCall(model: model, ids: ids, arguments: arguments, rest: Array(rest)))
    }

    /// Takes the caller's context. It may name those companies alone that are the user's.
    private mutating func take(_ given: JSONObject) throws(OdooFault) {
        context = Dictionary(given.map { ($0.key, $0.value) }, uniquingKeysWith: { $1 })
        let companies = context["allowed_company_ids"]?.array?.compactMap(\.int) ?? []
        guard companies.allSatisfy(table("res.company").ids.contains) else {
            throw .access("Access to unauthorized or invalid companies.")
        }
    }

    /// The same for JSON-2, where all arguments have names and complaints are about the request.
    mutating func call(_ model: OdooModel, _ name: String, body: JSONObject) throws(OdooFault) -> OdooResult {
        try checkCallable(model, name)
        guard let method = model.methods[name] else {
            throw .notFound("The method '\(model.name).\(name)' does not exist")
        }
        var body = body
        if let given = body.removeValue(forKey: "context")?.object {
            try take(given)
        }
        let ids = body.removeValue(forKey: "ids").map(Self.ids) ?? []
        if !method.takesIDs, !ids.isEmpty { throw .unprocessable("cannot call \(model.name).\(name) with ids") }
        var arguments: [String: JSON] = [:]
        for parameter in method.parameters {
            if let value = body.removeValue(forKey: parameter.name) {
                arguments[parameter.name] = value
            } else if parameter.isRequired {
                throw .unprocessable("missing a required argument: '\(parameter.name)'")
            }
        }
        if let extra = body.keys.first { throw .unprocessable("got an unexpected keyword argument '\(extra)'") }
        return try method.body(&self, OdooCall(model: model, ids: ids, arguments: arguments))
    }

    private static func ids(_ json: JSON) -> [Int] {
        switch json {
        case .number(let number): number.intValue.map { [$0] } ?? []
        case .array(let items): items.compactMap(\.int)
        default: []
        }
    }

    /// The class that errors name: methods of all models belong to the base class unless the model has its own.
    private func className(_ model: OdooModel, _ method: String) -> String {
        let inherited = ["has_access", "search", "search_read", "read", "search_count", "fields_get", "load"]
        if method == "web_search_read" || method == "web_save" { return "Base" }
        return inherited.contains(method) ? "BaseModel" : model.className
    }

    /// Private methods cannot be called, whether they exist or not.
    private func checkCallable(_ model: OdooModel, _ name: String) throws(OdooFault) {
        let isGuarded =
            version == .v19 ? Self.recordsetMethods.contains(name) : version == .v16 && Self.isCacheMethod(name)
        guard name.hasPrefix("_") || isGuarded else { return }
        let shown = version == .v19 || version == .v16 ? "'\(model.name).\(name)'" : name
        throw .access("Private methods (such as \(shown)) cannot be called remotely.")
    }

    /// Methods of the recordset that 17 and 18 let through; they give the recordset back as a text.
    private func recordsetMethod(_ model: OdooModel, _ name: String, _ positional: [JSON]) throws(OdooFault)
        -> OdooResult?
    {
        guard Self.recordsetMethods.contains(name) else { return nil }
        if Self.isCacheMethod(name) { return OdooResult.none }
        let ids = positional.first.map(Self.ids) ?? []
        let list = ids.map(String.init).joined(separator: ", ") + (ids.count == 1 ? "," : "")
        return .json(.string("\(model.name)(\(list))"))
    }

    private static func isCacheMethod(_ name: String) -> Bool {
        name.hasPrefix("invalidate_") || name.hasPrefix("flush_")
    }

    private static let recordsetMethods: Set<String> = [
        "sudo", "browse", "with_context", "with_user", "with_company", "with_env", "with_prefetch",
        "invalidate_recordset",
        "invalidate_model", "flush_recordset", "flush_model", "ensure_one", "exists", "mapped", "filtered",
        "filtered_domain", "sorted", "concat", "union",
    ]
}
