/// The part of HTTP structured fields (RFC 8941) that signatures, digests and the node link are written in:
/// dictionaries whose members are items or inner lists, with parameters. Decimals are not taken.
package struct StructuredDictionary: Sendable, Hashable {
    package private(set) var members: [(key: String, value: StructuredMember)]

    /// The members in their order; of two with the same key the later one stays.
    package init(_ members: [(key: String, value: StructuredMember)]) {
        self.members = []
        for (key, value) in members { self[key] = value }
    }

    /// The member of that name; nil where there is none.
    package subscript(key: String) -> StructuredMember? {
        get { members.first { $0.key == key }?.value }
        set {
            members.removeAll { $0.key == key }
            if let newValue { members.append((key, newValue)) }
        }
    }

    package static func == (a: Self, b: Self) -> Bool {
        a.members.elementsEqual(b.members) { $0.key == $1.key && $0.value == $1.value }
    }

    package func hash(into hasher: inout Hasher) {
        for member in members {
            hasher.combine(member.key)
            hasher.combine(member.value)
        }
    }
}

/// One member of a dictionary.
package enum StructuredMember: Sendable, Hashable {
    case item(StructuredItem)
    case innerList(StructuredList)

    /// The bare value of an item; nil for a list.
    package var bare: BareItem? { if case .item(let item) = self { item.value } else { nil } }
}

/// An item with its parameters.
package struct StructuredItem: Sendable, Hashable {
    package var value: BareItem
    package var parameters: [StructuredParameter]

    package init(_ value: BareItem, parameters: [StructuredParameter] = []) {
        self.value = value
        self.parameters = parameters
    }
}

/// An inner list: `("a" "b");x=1`.
package struct StructuredList: Sendable, Hashable {
    package var items: [StructuredItem]
    package var parameters: [StructuredParameter]

    package init(_ items: [StructuredItem], parameters: [StructuredParameter] = []) {
        self.items = items
        self.parameters = parameters
    }

    /// The parameter of that name; nil where there is none.
    package func parameter(_ name: String) -> BareItem? { parameters.first { $0.name == name }?.value }
}

/// One parameter: `;created=1618884473`.
package struct StructuredParameter: Sendable, Hashable {
    package let name: String
    package let value: BareItem

    package init(_ name: String, _ value: BareItem) {
        self.name = name
        self.value = value
    }
}

/// A bare value (RFC 8941 section 3.3).
package enum BareItem: Sendable, Hashable {
    /// At most 15 digits.
    case integer(Int64)
    /// Printable ASCII.
    case string(String)
    case token(String)
    case bytes([UInt8])
    case boolean(Bool)

    package var integer: Int64? { if case .integer(let value) = self { value } else { nil } }
    package var string: String? { if case .string(let value) = self { value } else { nil } }
    package var token: String? { if case .token(let value) = self { value } else { nil } }
    package var bytes: [UInt8]? { if case .bytes(let value) = self { value } else { nil } }
}

/// Writing (RFC 8941 section 4.1). Keys, tokens and strings must be of their alphabets: a bug of ours where they are
/// not.
extension StructuredDictionary {
    /// The field's value.
    package var text: String {
        members.map { key, value in
            switch value {
            // A member that is true stands as its key alone.
            case .item(let item) where item.value == .boolean(true): key + StructuredParameter.text(item.parameters)
            case .item(let item): "\(key)=\(item.text)"
            case .innerList(let list): "\(key)=\(list.text)"
            }
        }.joined(separator: ", ")
    }
}

extension StructuredItem {
    /// The item as it stands in a field.
    package var text: String { value.text + StructuredParameter.text(parameters) }
}

extension StructuredList {
    /// The list as it stands in a field.
    package var text: String { "(\(items.map(\.text).joined(separator: " ")))" + StructuredParameter.text(parameters) }
}

extension StructuredParameter {
    static func text(_ parameters: [StructuredParameter]) -> String {
        parameters.map { $0.value == .boolean(true) ? ";\($0.name)" : ";\($0.name)=\($0.value.text)" }.joined()
    }
}

extension BareItem {
    var text: String {
        switch self {
        case .integer(let value): return "\(value)"
        case .string(let text):
            var output = "\""
            for scalar in text.unicodeScalars {
                if scalar == "\"" || scalar == "\\" { output += "\\" }
                output.unicodeScalars.append(scalar)
            }
            return output + "\""
        case .token(let text): return text
        case .bytes(let bytes): return ":\(Base64.encode(bytes)):"
        case .boolean(let value): return value ? "?1" : "?0"
        }
    }
}
