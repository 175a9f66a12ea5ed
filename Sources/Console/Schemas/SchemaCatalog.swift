package import ExactJSON

/// The event types that a node knows, each with its JSON Schema (2020-12): the canonical ones and those of its folder.
package struct SchemaCatalog: Sendable {
    /// One event type.
    package struct Entry: Sendable {
        /// The CloudEvents type: `millwright.production.completed.v1`.
        package let type: String
        /// The CloudEvents `dataschema`; nil where the schema gives itself no name.
        package let id: String?
        package let title: String?
        package let summary: String?
        /// Whether it is Millwright's own, and not of the folder.
        package let isCanonical: Bool
        /// The type that its events can be translated to; nil where there is no newer one.
        package let next: String?

        package init(
            type: String, id: String?, title: String?, summary: String?, isCanonical: Bool, next: String? = nil
        ) {
            self.type = type
            self.id = id
            self.title = title
            self.summary = summary
            self.isCanonical = isCanonical
            self.next = next
        }
    }

    package let entries: [Entry]
    /// The schemas by type, and by file name those that they refer to as their neighbours.
    private let documents: [String: [UInt8]]

    /// `documents`: by type; and by file name what they refer to.
    package init(_ entries: [Entry], documents: [String: [UInt8]]) {
        self.entries = entries.sorted { $0.type < $1.type }
        self.documents = documents
    }

    /// The schema of a type, or the file of that name.
    func document(_ name: String) -> [UInt8]? {
        if let document = documents[name] { return document }
        let ending = ".json"
        return name.hasSuffix(ending) ? documents[String(name.dropLast(ending.count))] : nil
    }

    var json: JSON {
        .array(
            entries.map { entry in
                [
                    "type": .string(entry.type), "dataschema": entry.id.map { .string($0) } ?? .null,
                    "title": entry.title.map { .string($0) } ?? .null,
                    "description": entry.summary.map { .string($0) } ?? .null, "canonical": .bool(entry.isCanonical),
                    "next": entry.next.map { .string($0) } ?? .null, "href": .string("/v1/schemas/\(entry.type)"),
                ]
            })
    }
}
