import Contracts
import ExactJSON

/// How a record is found that a command names: by what people call it, by its database id, or by an external id.
///
/// A value is a text (`"AZURE"`), `{"id": 42}` or `{"externalID": "base.res_partner_1"}`.
struct Lookup: Sendable, Hashable {
    let model: String
    /// The fields by which people call such a record, the most particular first.
    let by: [String]
    /// What it is called in a message: "vendor".
    let words: String
    /// What else must hold, as terms of a domain.
    var scope: [JSON] = []
    /// Whether it is a document, whose state changes, and is looked up each time; else it is believed for a while.
    var isDocument = false

    /// For the docs: `` `code` or `name` ``.
    var names: String { by.map { "`\($0)`" }.joined(separator: " or ") }

    /// Of the records that carry the text, those that carry it in the most particular field. Pure.
    func choose(_ rows: [OdooRow], _ text: String) -> [OdooRow] {
        for field in by {
            let found = rows.filter { $0.json[field]?.string == text }
            if !found.isEmpty { return found }
        }
        return rows
    }

    /// Every record that carries the text in one of the fields.
    func domain(_ text: String) -> JSON {
        let terms = by.map { field -> JSON in [.string(field), "=", .string(text)] }
        return .array(scope + Array(repeating: "|", count: max(0, by.count - 1)) + terms)
    }
}

extension OdooDirectory {
    /// More records of one name than this are not read.
    private static let maximumNamesakes = 20

    /// The one record that `value` means.
    func record(_ lookup: Lookup, _ value: JSON) async throws(OdooError) -> Int {
        if let id = value["id"]?.int { return id }
        if let name = value["externalID"]?.string { return try await record(externalID: name, lookup) }
        guard let text = value.string ?? value.number?.description, !text.isEmpty else {
            throw .reject(
                OdooFailures.arguments,
                "a \(lookup.words) is a text, {\"id\": 42} or {\"externalID\": \"module.name\"}, and was given "
                    + value.description.prefix(80))
        }
        if !lookup.isDocument, let id = known(lookup, text) { return id }
        let rows = try await connection.rows(
            .find(lookup.model, lookup.domain(text), ["display_name"] + lookup.by, limit: Self.maximumNamesakes))
        let found = lookup.choose(rows, text)
        let fields = lookup.by.joined(separator: " or ")
        guard let row = found.first else {
            throw .reject(
                OdooFailures.recordNotFound,
                "no \(lookup.words) in Odoo has the \(fields) \"\(text)\" (\(lookup.model))")
        }
        guard found.count == 1 else {
            let names = found.prefix(5).map { "\($0.text("display_name") ?? "") #\($0.id)" }
            throw .reject(
                OdooFailures.recordAmbiguous,
                "several records have the \(fields) \"\(text)\" (\(lookup.model)): \(names.joined(separator: ", "))")
        }
        if !lookup.isDocument { keep(row.id, lookup, text) }
        return row.id
    }

    private func record(externalID name: String, _ lookup: Lookup) async throws(OdooError) -> Int {
        let parts = name.split(separator: ".", maxSplits: 1).map(String.init)
        guard parts.count == 2 else {
            throw .reject(OdooFailures.arguments, "the external id \"\(name)\" is not of the form module.name")
        }
        guard let (model, id) = try await connection.reference(module: parts[0], name: parts[1]) else {
            throw .reject(OdooFailures.recordNotFound, "Odoo has no record under the external id \"\(name)\"")
        }
        guard model == lookup.model else {
            throw .reject(
                OdooFailures.recordNotFound, "the external id \"\(name)\" is a \(model), not a \(lookup.words)")
        }
        return id
    }
}
