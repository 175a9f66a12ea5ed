import Canonical
import Contracts
import ExactJSON
import JSONSchema

extension FolderCheck {
    /// Compiles the schemas of the folder's own event types, and looks at what translates one version to the next.
    mutating func readSchemas() {
        var documents: [(key: String, source: SourceText, document: JSON)] = []
        for key in keys(in: "schemas") where key.hasSuffix(".json") {
            guard let source = files.base[key]?.source else {
                markBroken(key)
                continue
            }
            do {
                documents.append((key, source, try JSONReader.read(source.text, maximumDepth: reader.limits.depth)))
            } catch {
                markBroken(key)
                fault(SettingsFailures.schemaSyntax, at: source.location(ofByte: error.offset), error.reason)
            }
        }
        checkTranslations(documents.map(\.key))
        guard !documents.isEmpty else { return }
        var registry: [String: JSON] = [:]
        // A schema may refer to canonical facts' data, too.
        for shape in FactShape.all { registry[shape.dataSchema] = shape.jsonSchema }
        for (key, _, document) in documents { registry[Self.schemaURI(key)] = document }
        let known = SchemaRegistry(registry)
        var keys: [String: String] = [:]
        for (key, _, document) in documents {
            keys[Self.schemaURI(key)] = key
            if let id = document["$id"]?.string { keys[id] = key }
        }
        var referred: Set<String> = []
        var unnamed: [(key: String, place: SettingLocation)] = []
        let formats = formats
        for (key, source, document) in documents {
            let name = checkTypeName(key)
            if name == nil { unnamed.append((key, SettingLocation(file: source.path, line: 1, column: 1))) }
            do throws(InvalidSchema) {
                let schema = try Schema.compile(
                    document, uri: Self.schemaURI(key), registry: known, formats: formats)
                for warning in schema.warnings { report(warning, keys, .warning) }
                referred.formUnion(schema.documents.compactMap { keys[$0] }.filter { $0 != key })
                guard let name, !name.base.hasPrefix("millwright.") else { continue }
                eventTypes.append(
                    EventTypeSection(
                        name: name, schema: schema, translation: files.base["schemas/\(name).jq"]?.source?.text))
            } catch {
                for error in error.errors { report(error, keys, .error) }
            }
        }
        for (key, place) in unnamed where !referred.contains(key) {
            fault(
                SettingsFailures.schemaName, .warning, at: place,
                "\(Self.stem(key).quotedBriefly) is no event type, and no other schema refers to this one")
        }
    }

    /// What `format` does in the folder's schemas. A setting that cannot be read is reported with its file.
    private var formats: Schema.Formats {
        let name = (try? node?.settings(NodeFields.schemas)).flatMap { try? $0(NodeFields.formats) }
        return name == "annotation" ? .annotation : .assertion
    }

    /// Where the schemas of the folder stand for one another: `"$ref": "common.json"` finds its neighbour.
    private static func schemaURI(_ key: String) -> String { "millwright:/\(key)" }

    /// The event type that a file is called like; nil where it is called like none.
    private mutating func checkTypeName(_ key: String) -> EventTypeName? {
        let stem = Self.stem(key)
        if stem.hasPrefix("millwright.") {
            let isKnown = FactShape.of(type: stem) != nil
            fault(
                SettingsFailures.canonicalType, at: SettingLocation(file: key, line: 1, column: 1),
                isKnown
                    ? "\(stem) is a canonical type, which has a schema already"
                    : "\(stem) begins like a canonical type, and those are Millwright's own")
        }
        return EventTypeName(stem)
    }

    private mutating func report(_ error: SchemaError, _ keys: [String: String], _ severity: CheckFault.Severity) {
        guard let key = keys[error.document], let source = files.base[key]?.source else { return }
        let offset = JSONPlaces.offset(of: error.pointer, isName: error.isAboutName, in: Array(source.text.utf8))
        fault(
            SettingsFailures.schema, severity, at: source.location(ofByte: offset), error.reason,
            suggestion: error.suggestion)
    }

    /// A translation stands beside the older version's schema, and the next version must be there.
    private mutating func checkTranslations(_ schemas: [String]) {
        for key in keys(in: "schemas") where key.hasSuffix(".jq") {
            let place = SettingLocation(file: key, line: 1, column: 1)
            let stem = Self.stem(key)
            guard let name = EventTypeName(stem) else {
                let nearest = NearestName.of(stem, among: schemas.map(Self.stem))
                fault(
                    SettingsFailures.translation, at: place, "\(stem.quotedBriefly) is no event type",
                    suggestion: nearest.map { "did you mean \($0).jq?" })
                continue
            }
            let all = schemas + broken.filter { $0.hasPrefix("schemas/") }
            // Where the older version is missing the name is wrong, and the next one would be, too.
            guard let missing = [name, name.next].first(where: { !all.contains("schemas/\($0).json") }) else {
                continue
            }
            let nearest = NearestName.of("\(missing)", among: schemas.map(Self.stem))
            fault(
                SettingsFailures.translation, at: place,
                missing == name
                    ? "there is no schema \(missing).json that this translates from"
                    : "this makes \(missing) of \(name), and there is no schema \(missing).json",
                suggestion: missing == name ? nearest.map { "did you mean \($0).jq?" } : nil)
        }
    }
}

extension SourceText {
    /// The line and column of a byte of the text.
    fileprivate func location(ofByte offset: Int) -> SettingLocation {
        let before = Array(text.utf8.prefix(offset))
        let line = before.count { $0 == UInt8(ascii: "\n") } + 1
        let start = before.lastIndex(of: UInt8(ascii: "\n")).map { $0 + 1 } ?? 0
        let column = String(decoding: before[start...], as: UTF8.self).unicodeScalars.count + 1
        return SettingLocation(file: path, line: line, column: column)
    }
}
