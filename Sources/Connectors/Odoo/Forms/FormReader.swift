import Canonical
import Contracts
import ExactJSON
import Foundation

/// Reads a command's arguments by the fields of a form, and looks up in Odoo what they name.
struct FormReader: Sendable {
    let session: OdooSession
    let dialect: OdooDialect

    /// Lines that one command may have.
    static let maximumLines = 1_000

    init(session: OdooSession) async throws(OdooError) {
        self.session = session
        dialect = try await session.dialect()
    }

    func row(_ fields: [FormField], _ arguments: Arguments) async throws(OdooError) -> FormRow {
        var row = FormRow()
        var product: OdooDirectory.Product?
        for field in fields {
            guard let given = arguments.json[field.argument], !given.isNull else {
                guard !field.isRequired else { throw arguments.missing(field.argument) }
                continue
            }
            guard let name = field.field.name(dialect) else {
                throw .reject(
                    OdooFailures.notInVersion,
                    "Odoo \(dialect.version) has nothing for the argument `\(field.argument)` of \(arguments.operation)"
                )
            }
            switch field.kind {
            case .item:
                let found = try await session.directory.product(code: arguments.requiredText(field.argument))
                product = found
                row.set(name, .record(.int(found.id)))
            case .amount(let unit):
                try await amount(arguments, field.argument, name, unit?.name(dialect), product, &row)
            case .lines(let fields):
                row.lines.append((name, try await lines(arguments, field.argument, fields)))
            case .values:
                try await values(given, &row)
            default:
                try await row.set(name, value(field, given, arguments))
            }
        }
        return row
    }

    private func value(
        _ field: FormField, _ given: JSON, _ arguments: Arguments
    ) async throws(OdooError) -> FormRow.Value {
        let name = field.argument
        switch field.kind {
        case .text(let maximum): return .text(String(try arguments.requiredText(name).prefix(maximum)))
        case .html: return .text(OdooText.html(try arguments.requiredText(name)))
        case .number: return .number(try arguments.requiredNumber(name))
        case .flag: return .flag(try arguments.flag(name, default: false))
        case .mapped(let value): return value(try arguments.flag(name, default: false), dialect)
        case .day: return .text(try arguments.requiredDay(name, zone: session.options.timeZone))
        case .instant: return .text(try arguments.requiredInstant(name).odooText)
        case .choice(let words):
            let given = try arguments.requiredText(name)
            guard let chosen = words.first(where: { $0.word == given }) else {
                throw arguments.wrong(name, "one of " + words.map(\.word).joined(separator: ", "))
            }
            return .text(chosen.value)
        case .record(let lookup): return .record(.int(try await session.directory.record(lookup, given)))
        case .records(let lookup):
            var ids: [Int] = []
            for value in try arguments.list(name) { ids.append(try await session.directory.record(lookup, value)) }
            return .records(ids)
        case .item, .amount, .lines, .values: throw arguments.wrong(name, "another kind of value")
        }
    }

    private func lines(
        _ arguments: Arguments, _ name: String, _ fields: [FormField]
    ) async throws(OdooError) -> [FormRow] {
        let list = try arguments.list(name)
        guard list.count <= Self.maximumLines else { throw arguments.wrong(name, "at most \(Self.maximumLines) lines") }
        var rows: [FormRow] = []
        for (index, line) in list.enumerated() {
            guard line.object != nil else { throw arguments.wrong(name, "a list of objects") }
            let own = Arguments(operation: "\(arguments.operation), \(name)[\(index)],", json: line)
            for key in line.object?.keys ?? [] where !fields.contains(where: { $0.argument == key }) {
                throw own.unknown(key, fields.map(\.argument))
            }
            rows.append(try await row(fields, own))
        }
        return rows
    }

    /// A quantity in its own unit where the record takes one and Odoo has it, else in the product's.
    private func amount(
        _ arguments: Arguments, _ name: String, _ field: String, _ unitField: String?,
        _ product: OdooDirectory.Product?, _ row: inout FormRow
    ) async throws(OdooError) {
        let quantity = try arguments.requiredQuantity(name)
        guard !quantity.value.isNegative, !quantity.value.isZero else { throw arguments.wrong(name, "more than 0") }
        guard let product else {
            // A line without a product has no unit to convert to: a service, a fee.
            row.set(field, .number(quantity.value))
            return
        }
        let (units, own) = try await session.directory.unit(product.unit)
        let unit = unitField == nil ? own : units.alike(quantity, preferring: own) ?? own
        row.set(field, .number(try units.exactly(quantity, in: unit)))
        if let unitField { row.set(unitField, .record(.int(unit.id))) }
    }

    /// Fields by Odoo's own names: texts, numbers, flags, records (`{"model": …}`), lists of ids.
    func values(_ given: JSON, _ row: inout FormRow) async throws(OdooError) {
        for (field, value) in given.object ?? [:] {
            switch value {
            case .string(let text): row.set(field, .text(text))
            case .number(let number): row.set(field, .number(number))
            case .bool(let flag): row.set(field, .flag(flag))
            case .null: row.set(field, .flag(false))
            case .object: row.set(field, .record(.int(try await RawRecord(value, field).find(in: session))))
            case .array(let elements):
                var ids: [Int] = []
                for element in elements {
                    if let id = element.int {
                        ids.append(id)
                    } else {
                        ids.append(try await RawRecord(element, field).find(in: session))
                    }
                }
                row.set(field, .records(ids))
            }
        }
    }
}

extension Arguments {
    func requiredNumber(_ name: String) throws(OdooError) -> ExactNumber {
        guard let number = json[name]?.number ?? json[name]?.string.flatMap({ ExactNumber(text: $0) }) else {
            throw json[name] == nil ? missing(name) : wrong(name, "a number")
        }
        return number
    }

    /// A calendar day as Odoo writes it; of an instant the day at the plant.
    func requiredDay(_ name: String, zone: String) throws(OdooError) -> String {
        let text = try requiredText(name)
        if let instant = Instant(text: text) { return OdooText.day(instant, in: zone) }
        guard text.count == 10, Instant(text: text + "T00:00:00Z") != nil else {
            throw wrong(name, "a day such as 2025-02-03, or an instant")
        }
        return text
    }

    func unknown(_ name: String, _ known: [String]) -> OdooError {
        .reject(
            OdooFailures.arguments,
            "\(operation) has no argument `\(name.prefix(80))`; it has: \(known.joined(separator: ", "))")
    }
}

/// A record as a generic operation names it: `{"id": 42}`, `{"externalID": "base.main_company"}`, or
/// `{"model": "res.partner", "field": "ref", "value": "C-1042"}`.
struct RawRecord: Sendable {
    let json: JSON
    let words: String

    init(_ json: JSON, _ words: String) {
        self.json = json
        self.words = words
    }

    func find(in session: OdooSession) async throws(OdooError) -> Int {
        if let id = json["id"]?.int { return id }
        if let name = json["externalID"]?.string {
            let parts = name.split(separator: ".", maxSplits: 1).map(String.init)
            guard
                let found = try await session.connection.reference(
                    module: parts.count == 2 ? parts[0] : ExternalID.module, name: parts.last ?? "")
            else {
                throw .reject(OdooFailures.recordNotFound, "Odoo has no record under the external id \"\(name)\"")
            }
            return found.id
        }
        guard let model = json["model"]?.string, let field = json["field"]?.string, let value = json["value"] else {
            throw .reject(
                OdooFailures.arguments,
                "\(words) takes {\"id\": 42}, {\"externalID\": \"module.name\"} or {\"model\": …, \"field\": …, "
                    + "\"value\": …}, and was given \(json.description.prefix(80))")
        }
        return try await session.directory.record(
            Lookup(model: model, by: [field], words: words, isDocument: true), value)
    }
}
