import Canonical
import Contracts
import ExactJSON

/// Reads a command's arguments, each refusal naming the argument and what stood there.
struct Arguments: Sendable {
    let operation: String
    let json: JSON

    init(_ command: Command) {
        operation = command.operation
        json = command.arguments
    }

    init(operation: String, json: JSON) {
        self.operation = operation
        self.json = json
    }

    /// Text; nil where it is missing, null or blank. Numbers are taken as they were written: order 4711 is "4711".
    func text(_ name: String) throws(OdooError) -> String? {
        switch json[name] {
        case nil, .null: return nil
        case .string(let text): return text.allSatisfy(\.isWhitespace) ? nil : text
        case .number(let number): return number.description
        default: throw wrong(name, "a text")
        }
    }

    func requiredText(_ name: String) throws(OdooError) -> String {
        guard let text = try text(name) else { throw missing(name) }
        return text
    }

    /// Any value but null.
    func required(_ name: String) throws(OdooError) -> JSON {
        guard let value = json[name], !value.isNull else { throw missing(name) }
        return value
    }

    func quantity(_ name: String) throws(OdooError) -> Quantity? {
        guard let value = json[name], !value.isNull else { return nil }
        guard let quantity = Quantity(value) else { throw wrong(name, "{\"value\": number, \"unit\": text}") }
        return quantity
    }

    func requiredQuantity(_ name: String) throws(OdooError) -> Quantity {
        guard let quantity = try quantity(name) else { throw missing(name) }
        return quantity
    }

    func flag(_ name: String, default standard: Bool) throws(OdooError) -> Bool {
        guard let value = json[name], !value.isNull else { return standard }
        guard let flag = value.bool else { throw wrong(name, "true or false") }
        return flag
    }

    func instant(_ name: String) throws(OdooError) -> Instant? {
        guard let value = json[name], !value.isNull else { return nil }
        guard let text = value.string, let instant = Instant(text: text) else {
            throw wrong(name, "an instant such as 2025-02-03T06:00:19Z")
        }
        return instant
    }

    func requiredInstant(_ name: String) throws(OdooError) -> Instant {
        guard let instant = try instant(name) else { throw missing(name) }
        return instant
    }

    func list(_ name: String) throws(OdooError) -> [JSON] {
        guard let value = json[name], !value.isNull else { return [] }
        guard let list = value.array else { throw wrong(name, "a list") }
        return list
    }

    func texts(_ name: String) throws(OdooError) -> [String] {
        var texts: [String] = []
        for element in try list(name) {
            guard let text = element.string ?? element.number?.description else { throw wrong(name, "a list of texts") }
            texts.append(text)
        }
        return texts
    }

    /// One of the words of an enumeration.
    func choice<Word: RawRepresentable & CaseIterable>(_ name: String, _ standard: Word) throws(OdooError) -> Word
    where Word.RawValue == String {
        guard let text = try text(name) else { return standard }
        guard let word = Word(rawValue: text) else {
            throw wrong(name, "one of " + Word.allCases.map(\.rawValue).joined(separator: ", "))
        }
        return word
    }

    func missing(_ name: String) -> OdooError {
        .reject(OdooFailures.arguments, "\(operation) needs the argument `\(name)`")
    }

    func wrong(_ name: String, _ expected: String) -> OdooError {
        let given = (json[name] ?? .null).description
        return .reject(
            OdooFailures.arguments,
            "the argument `\(name)` of \(operation) takes \(expected), and was given \(given.prefix(80))")
    }
}
