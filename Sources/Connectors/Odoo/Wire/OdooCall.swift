package import ExactJSON

/// One call of a model's method, independent of the interface that carries it.
package struct OdooCall: Sendable, Hashable {
    package let model: String
    package let method: String
    /// The records that the method is called on; nil for a method of the model itself.
    package let ids: [Int]?
    /// Parameters by their Python names. `positional` go by place over JSON-RPC, where older versions insist on it.
    package let positional: JSONObject
    package let named: JSONObject
    /// Keys beside the language and time zone that every call carries.
    package let context: JSONObject
    /// Whether the method may change anything: a lost answer then leaves the fate open.
    package let isWrite: Bool

    package init(
        _ model: String, _ method: String, ids: [Int]? = nil, _ positional: JSONObject = [:],
        named: JSONObject = [:], context: JSONObject = [:], isWrite: Bool = true
    ) {
        self.model = model
        self.method = method
        self.ids = ids
        self.positional = positional
        self.named = named
        self.context = context
        self.isWrite = isWrite
    }

    /// Field labels and messages in one language and instants in UTC, whatever the user's preferences say; and the one
    /// company that the target works in, where its settings name one: Odoo then shows that company's records and the
    /// shared ones alone, and makes new ones in it.
    private func wholeContext(_ company: Int?) -> JSON {
        var whole: JSONObject = ["lang": "en_US", "tz": "UTC"]
        if let company { whole["allowed_company_ids"] = [.int(company)] }
        for (key, value) in context { whole[key] = value }
        return .object(whole)
    }

    /// Arguments as `execute_kw` takes them: by place, and by name.
    func remoteArguments(company: Int?) -> (places: JSON, names: JSON) {
        var places = positional.values.map { $0 }
        if let ids { places.insert(.array(ids.map { .int($0) }), at: 0) }
        var names = named
        names["context"] = wholeContext(company)
        return (.array(places), .object(names))
    }

    /// The body of a JSON-2 request.
    func json2Body(company: Int?) -> JSON {
        var body = positional
        for (name, value) in named { body[name] = value }
        if let ids { body["ids"] = .array(ids.map { .int($0) }) }
        body["context"] = wholeContext(company)
        return .object(body)
    }
}

extension OdooCall {
    /// Finds records and reads them: one call, at most `limit` rows. `archived`: also those that Odoo hides.
    package static func find(
        _ model: String, _ domain: JSON, _ fields: [String], order: String = "id", limit: Int, archived: Bool = false
    ) -> OdooCall {
        OdooCall(
            model, "search_read", ["domain": domain],
            named: ["fields": .array(fields.map { .string($0) }), "order": .string(order), "limit": .int(limit)],
            context: archived ? ["active_test": false] : [:], isWrite: false)
    }

    /// Reads records by id; what is gone is missing from the answer.
    package static func read(_ model: String, _ ids: [Int], _ fields: [String]) -> OdooCall {
        OdooCall(model, "read", ids: ids, ["fields": .array(fields.map { .string($0) })], isWrite: false)
    }

    /// Writes the same values to records.
    package static func write(_ model: String, _ ids: [Int], _ values: JSON) -> OdooCall {
        OdooCall(model, "write", ids: ids, ["vals": values])
    }

    /// Creates records; the answer is their ids in order.
    package static func create(_ model: String, _ values: [JSON]) -> OdooCall {
        OdooCall(model, "create", ["vals_list": .array(values)])
    }
}
