public import ExactJSON

/// The documents that a schema may refer to, by their URIs. Nothing is ever fetched: what is not here does not exist.
///
/// The metaschema of 2020-12 and its vocabularies are always here.
public struct SchemaRegistry: Sendable {
    private var documents: [String: JSON]

    /// A registry of these documents, by absolute URI without a fragment. Each is known by its own `$id` as well.
    public init(_ documents: [String: JSON] = [:]) {
        self.documents = documents
        for (uri, document) in documents.sorted(by: { $0.key < $1.key }) {
            guard let id = document["$id"]?.string else { continue }
            let own = SchemaURI(id).resolved(against: SchemaURI(uri)).withoutFragment.text
            if self.documents[own] == nil { self.documents[own] = document }
        }
    }

    func document(_ uri: String) -> JSON? { documents[uri] ?? Metaschema.documents[uri] }

    /// All URIs, for a guess at what was meant.
    var uris: [String] { (Array(documents.keys) + Array(Metaschema.documents.keys)).sorted() }
}
