public import ExactJSON

/// A JSON Schema of draft 2020-12, compiled: made once, asked from any number of threads.
public struct Schema: Sendable {
    /// Whether `format` refuses what is not of it, or only says what is meant.
    public enum Formats: Sendable, Equatable {
        /// `format` says what is meant, as 2020-12 has it unless a metaschema says otherwise.
        case annotation
        /// `format` refuses what does not have it. A format that is not known refuses nothing.
        case assertion
    }

    /// The URI that a schema has where it is given none.
    public static let defaultURI = "json-schema:///"

    let nodes: [SchemaNode]
    let root: Int
    /// The nodes of dynamic anchors, by resource and name.
    let dynamicAnchors: [Int: [String: Int]]
    let limits: SchemaLimits
    /// What may be a mistake and is none: keywords that are not known and nearly called like one that is.
    public let warnings: [SchemaError]

    /// The URIs of the documents that it consists of: its own, and those that it refers to.
    public var documents: Set<String> { Set(nodes.map(\.place.document)) }

    /// Compiles `document`. Names every mistake in it and in what it refers to; refers to nothing but itself, what
    /// `registry` holds, and the metaschema. `uri` is its own where it has no `$id`.
    public static func compile(
        _ document: JSON, uri: String = defaultURI, registry: SchemaRegistry = SchemaRegistry(),
        formats: Formats = .annotation, limits: SchemaLimits = .default
    ) throws(InvalidSchema) -> Schema {
        var compiler = SchemaCompiler(registry: registry, formats: formats, limits: limits)
        return try compiler.compile(document, uri: uri)
    }

    /// What keeps `value` from fitting; empty where it fits. `prefix` stands before every pointer.
    public func faults(in value: JSON, prefix: String = "") -> [SchemaFault] {
        var evaluator = SchemaEvaluator(schema: self, prefix: prefix)
        return evaluator.run(value)
    }

    /// Whether `value` fits.
    public func admits(_ value: JSON) -> Bool { faults(in: value).isEmpty }
}
