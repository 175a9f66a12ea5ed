/// What is wrong with a schema, and where in it.
public struct SchemaError: Error, Sendable, Hashable, CustomStringConvertible {
    /// The document's URI; the one given to ``Schema/compile(_:uri:registry:formats:limits:)`` for that schema itself.
    public let document: String
    /// The place in it, as a JSON Pointer (RFC 6901).
    public let pointer: String
    /// Whether the member's name at that place is what is wrong, and not its value.
    public let isAboutName: Bool
    /// What is wrong, naming the keyword.
    public let reason: String
    /// What to write instead, where there is a good guess.
    public let suggestion: String?

    init(_ place: SchemaPlace, _ reason: String, suggestion: String? = nil, isAboutName: Bool = false) {
        document = place.document
        pointer = place.pointer
        self.reason = reason
        self.suggestion = suggestion
        self.isAboutName = isAboutName
    }

    public var description: String {
        "\(document)#\(pointer): \(reason)" + (suggestion.map { "; \($0)" } ?? "")
    }
}

/// Why a schema cannot be compiled: everything that is wrong with it, as far as ``SchemaLimits/errors`` goes.
public struct InvalidSchema: Error, Sendable, Hashable, CustomStringConvertible {
    /// At least one.
    public let errors: [SchemaError]

    public var description: String { errors.map(\.description).joined(separator: "\n") }
}

/// What keeps a value from fitting a schema.
public struct SchemaFault: Error, Sendable, Hashable, CustomStringConvertible {
    /// The place in the value, as a JSON Pointer (RFC 6901), behind the prefix that the look was given.
    public let pointer: String
    /// The keyword that refuses it: the schema's URI, `#`, and a JSON Pointer.
    public let keyword: String
    /// A sentence that begins with the place: `/quantity/value is 12.5, which is not a multiple of 1`.
    public let message: String

    public var description: String { message }
}
