/// A place in a document: where a subschema or keyword stands.
struct SchemaPlace: Hashable {
    /// The document's URI.
    let document: String
    let pointer: String

    func appending(_ name: String) -> SchemaPlace {
        SchemaPlace(document: document, pointer: pointer + "/" + JSONPointer.escaped(name))
    }

    func appending(_ index: Int) -> SchemaPlace { SchemaPlace(document: document, pointer: "\(pointer)/\(index)") }

    var text: String { "\(document)#\(pointer)" }
}
