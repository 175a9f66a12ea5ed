import ExactJSON

/// One field of a fact: its name, kind, whether it must be there, and what it means.
///
/// A fact's table of fields is the single description from which reading, validation, the JSON Schema and the reference are made.
package struct FactField: Sendable {
    package indirect enum Kind: Sendable {
        case text
        /// One of these words.
        case code([String])
        /// ``Quantity``: `{value, unit}`.
        case quantity
        /// RFC 3339 time.
        case instant
        /// Seconds, as a JSON number ≥ 0.
        case seconds
        case number
        case integer
        case boolean
        /// Whatever the machine or partner said.
        case any
        case list(Kind)
        case object([FactField])
    }

    package let name: String
    package let kind: Kind
    package let isRequired: Bool
    package let summary: String
    /// The name as it stands in a document.
    let nameBytes: [UInt8]

    package init(_ name: String, _ kind: Kind, required: Bool = false, _ summary: String) {
        self.name = name
        nameBytes = Array(name.utf8)
        self.kind = kind
        self.isRequired = required
        self.summary = summary
    }
}

/// What is wrong with a fact's data, and where (JSON Pointer, RFC 6901).
package struct FactFault: Sendable, Hashable, CustomStringConvertible {
    package let pointer: String
    package let reason: String
    package var description: String { "\(pointer.isEmpty ? "/" : pointer): \(reason)" }
}

extension FactField.Kind {
    /// What a person calls it.
    package var name: String {
        switch self {
        case .text: "text"
        case .code(let words): words.map { "`\($0)`" }.joined(separator: " ")
        case .quantity: "quantity"
        case .instant: "time"
        case .seconds: "seconds"
        case .number: "number"
        case .integer: "whole number"
        case .boolean: "true or false"
        case .any: "anything"
        case .list(let element): "list of \(element.name)"
        case .object: "object"
        }
    }

    /// Appends what keeps `value` from being of this kind.
    func check(_ value: JSON, at pointer: String, into faults: inout [FactFault]) {
        func fault(_ reason: String) { faults.append(FactFault(pointer: pointer, reason: reason)) }
        switch self {
        case .any: break
        case .text: if value.string == nil { fault("must be text, not \(Self.short(value))") }
        case .code(let words):
            if !words.contains(value.string ?? "") {
                fault("must be one of \(words.joined(separator: ", ")), not \(Self.short(value))")
            }
        case .quantity:
            if let quantity = Quantity(value) {
                if UnitOfMeasure.named(quantity.unit) == nil {
                    fault("unit \"\(quantity.unit)\" is not known (UN/ECE Rec 20 code or symbol)")
                }
            } else {
                fault("must be {\"value\": number, \"unit\": text}, not \(Self.short(value))")
            }
        case .instant:
            if value.string.flatMap({ Instant(text: $0) }) == nil {
                fault("must be an RFC 3339 time with a zone, not \(Self.short(value))")
            }
        case .seconds:
            if value.number.map(\.isNegative) ?? true {
                fault("must be a number of seconds from 0, not \(Self.short(value))")
            }
        case .number: if value.number == nil { fault("must be a number, not \(Self.short(value))") }
        case .integer: if value.int == nil { fault("must be a whole number, not \(Self.short(value))") }
        case .boolean: if value.bool == nil { fault("must be true or false, not \(Self.short(value))") }
        case .list(let element):
            guard let elements = value.array else { return fault("must be a list, not \(Self.short(value))") }
            for (index, item) in elements.enumerated() { element.check(item, at: "\(pointer)/\(index)", into: &faults) }
        case .object(let fields): FactField.check(fields, value, at: pointer, into: &faults)
        }
    }

    private static func short(_ value: JSON) -> String {
        let text = value.description
        return text.count > 60 ? text.prefix(57) + "…" : text
    }
}

extension FactField {
    static func check(_ fields: [FactField], _ value: JSON, at pointer: String, into faults: inout [FactFault]) {
        guard let members = value.object else {
            faults.append(FactFault(pointer: pointer, reason: "must be an object"))
            return
        }
        for field in fields {
            let place = "\(pointer)/\(field.name)"
            if let member = members[field.name], !member.isNull {
                field.kind.check(member, at: place, into: &faults)
            } else if field.isRequired {
                faults.append(FactFault(pointer: place, reason: "is required: \(field.summary)"))
            }
        }
    }
}
