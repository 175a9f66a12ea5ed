import Canonical
import Contracts
import ExactJSON

/// `record`: fields of one record of any model, for everything that has no question of its own.
struct RecordQuery: OdooQuery {
    /// Fields of one question.
    static let maximumFields = 50
    /// Records behind one field whose ids are given.
    static let maximumLinks = 100
    /// Characters of one text.
    static let maximumText = 2_000

    let spec = QuerySpec(
        name: "record",
        summary: "Fields of one record of any model, by Odoo's own names.",
        arguments: [
            .init("model", .text, required: true, "The model's technical name, such as `stock.lot`."),
            .init(
                "record", .text, required: true,
                "The record: its name (of a product the internal reference, of a partner the reference, …), "
                    + "`{\"id\": 42}`, `{\"externalID\": \"base.main_company\"}` or "
                    + "`{\"field\": …, \"value\": …}`."),
            .init(
                "fields", .text, required: true,
                "The fields' technical names with commas between them, at most \(RecordQuery.maximumFields) and "
                    + "\(QuerySpec.maximumArgument) bytes in all."),
        ],
        answer: """
            `model`, `id`, `name` (what Odoo shows for the record) and `values` by field: null where it is empty; a \
            record behind it as `{id, name}`; several as `{count, ids}`, the first \(RecordQuery.maximumLinks) ids; \
            instants in UTC; texts cut at \(RecordQuery.maximumText) characters, with `…`. Fields that hold files, \
            and those of Odoo's types `json`, `properties` and the like, are refused
            """,
        example: ["model": "stock.lot", "record": "R-0816", "fields": "name,ref,product_id,product_qty"],
        needs: "reading the model: a group that may, for `stock.lot` *Inventory / User*; and its name in the target's "
            + "`answers.models`")

    func answer(_ query: Query, in session: OdooSession) async throws(OdooError) -> JSON {
        let model = query["model"] ?? ""
        guard session.options.openModels.contains(model) else {
            throw Self.wrong("is not open for \(model): the target's `answers.models` does not name it")
        }
        let names = try Self.names(query["fields"] ?? "")
        let types = try await types(of: names, model, in: session)
        let id = try await record(query["record"] ?? "", model, in: session)
        let rows = try await session.rows(.read(model, [id], names + ["display_name"]))
        guard let row = rows.first else {
            throw .reject(OdooFailures.recordNotFound, "\(model) #\(id) is not in Odoo, or this user cannot see it")
        }
        var values: JSON = [:]
        for name in names { values[name] = Self.shown(row.json[name] ?? .null, types[name] ?? "") }
        return [
            "model": .string(model), "id": .int(id),
            "name": row.text("display_name").map { .string(Self.bounded($0)) } ?? .null, "values": values,
        ]
    }

    // MARK: What is asked for

    /// The fields that a question names, each once. Pure.
    static func names(_ text: String) throws(OdooError) -> [String] {
        var names: [String] = []
        for part in text.split(whereSeparator: { $0 == "," || $0.isWhitespace }) {
            let name = String(part)
            if !names.contains(name) { names.append(name) }
        }
        guard (1...maximumFields).contains(names.count) else {
            throw wrong("takes 1 to \(maximumFields) names as fields, and was given \(names.count)")
        }
        return names
    }

    /// Odoo's type of each field. Throws where there is no such field, or one whose value is not given.
    private func types(
        of names: [String], _ model: String, in session: OdooSession
    ) async throws(OdooError) -> [String: String] {
        let known = try await session.connection.call(
            OdooCall(
                model, "fields_get",
                named: ["allfields": .array(names.map { .string($0) }), "attributes": ["type"]], isWrite: false))
        var types: [String: String] = [:]
        for name in names {
            guard let type = known[name]?["type"]?.string else {
                throw Self.wrong("names a field \"\(name)\", which \(model) does not have, or this user may not read")
            }
            guard Self.shownTypes.contains(type) else {
                let words = type == "binary" ? "which holds a file" : "of the type \(type)"
                throw Self.wrong("names the field \"\(name)\" of \(model), \(words): that is not given")
            }
            types[name] = type
        }
        return types
    }

    private func record(_ text: String, _ model: String, in session: OdooSession) async throws(OdooError) -> Int {
        guard text.first == "{" else { return try await session.directory.record(.named(model), .string(text)) }
        guard let given = try? JSONReader.read(text), given.object != nil else {
            throw Self.wrong("needs a record's name or a JSON object, and was given \(text.prefix(80))")
        }
        guard given["field"] != nil else { return try await session.directory.record(.named(model), given) }
        // Looked for by what may be shown alone: what is found, or not, tells of a field too.
        _ = try await types(of: [given["field"]?.string ?? ""], model, in: session)
        let arguments = Arguments(operation: spec.name, json: ["record": given])
        return try await RecordOperations.find(arguments, model, in: session)
    }

    private static func wrong(_ what: String) -> OdooError {
        .reject(QueryFailures.arguments, "the question record \(what)")
    }

    // MARK: What is shown

    /// Odoo's types of fields whose values are given.
    private static let shownTypes: Set<String> = [
        "char", "text", "html", "selection", "reference", "boolean", "integer", "float", "monetary", "date", "datetime",
        "many2one", "many2one_reference", "one2many", "many2many",
    ]

    /// A field's value as the answer has it. Pure.
    static func shown(_ value: JSON, _ type: String) -> JSON {
        switch type {
        case "boolean": return .bool(value.bool ?? false)
        case "integer", "float", "monetary", "many2one_reference":
            return value.number.map { .number($0.trimmed()) } ?? .null
        case "many2one":
            guard let id = value[0]?.int ?? value.int else { return .null }
            return ["id": .int(id), "name": value[1]?.string.map { .string(bounded($0)) } ?? .null]
        case "one2many", "many2many":
            let ids = value.array ?? []
            return ["count": .int(ids.count), "ids": .array(Array(ids.prefix(maximumLinks)))]
        case "datetime":
            return value.string.flatMap { Instant(text: $0 + "Z") }.map { .string($0.description) } ?? .null
        default: return value.string.map { .string(bounded($0)) } ?? .null
        }
    }

    private static func bounded(_ text: String) -> String {
        text.count <= maximumText ? text : text.prefix(maximumText) + "…"
    }
}
