/// How a file's text is to be read: what the settings say of it.
struct FormatOptions: Sendable, Hashable {
    enum Kind: String, Sendable, Hashable {
        case sections, csv, tsv, jsonlines, cloudevents
    }

    /// What ends a section.
    enum SectionEnd: Sendable, Hashable {
        /// An empty line, or the next header.
        case blank
        /// The next header alone; with the quiet time, silence.
        case header
        /// A line of exactly this text.
        case marker(String)
    }

    var kind: Kind
    var encoding: TextEncoding = .utf8
    /// Sections that belong to the section before them.
    var attach: Set<String> = []
    var end: SectionEnd = .blank
    /// What a line begins with that is no data.
    var comment: String?
    var delimiter: UInt8 = UInt8(ascii: ",")
    /// Nil where quotes have no meaning.
    var quote: UInt8? = UInt8(ascii: "\"")
    /// The columns' names, where the settings give them.
    var columns: [String]?
    /// Whether the first row names the columns.
    var hasHeader = true
    /// Lines before the header or the first row that are passed over.
    var skip = 0
    /// The name of records that do not name themselves; nil: the file's name without its ending.
    var record: String?
    /// The field whose value names the record.
    var recordField: String?
    /// Bytes of a line, section or row.
    var maximum = 1 << 20
    /// Bytes that a fault keeps.
    var originalMaximum = 64 << 10
    /// Nesting of JSON.
    var depth = 64

    /// The parser for a file whose records are called `record` where they have no name of their own. `header` is what
    /// an earlier reading of the same file found, where it does not start at the file's beginning.
    func parser(record: String, encoding: TextEncoding, header: [String]?, isAtStart: Bool) -> any RecordParser {
        switch kind {
        case .sections: SectionParser(self, encoding: encoding)
        case .csv, .tsv:
            DelimitedParser(self, encoding: encoding, record: record, header: header, skip: isAtStart ? skip : 0)
        case .jsonlines, .cloudevents: JSONLinesParser(self, encoding: encoding, record: record)
        }
    }
}
