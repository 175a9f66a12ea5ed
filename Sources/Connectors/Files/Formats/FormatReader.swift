/// Reads one file's bytes as they come: byte order mark, lines, records. A value without I/O.
struct FormatReader: Sendable {
    private let options: FormatOptions
    private let record: String
    private var splitter: LineSplitter
    private var parser: any RecordParser
    /// The first bytes, until it is known whether they are a byte order mark.
    private var opening: [UInt8]?
    private(set) var encoding: TextEncoding
    /// Where the next byte handed in stands in the file.
    private(set) var offset: Int

    /// Reads from the file's beginning.
    init(_ options: FormatOptions, record: String) {
        self.init(options, record: record, from: ReadingPoint(offset: 0, line: 1), encoding: nil, header: nil)
    }

    /// Goes on from a place that an earlier reading found.
    init(
        _ options: FormatOptions, record: String, from point: ReadingPoint, encoding: TextEncoding?, header: [String]?
    ) {
        self.options = options
        self.record = record
        let encoding = encoding ?? options.encoding
        self.encoding = encoding
        offset = point.offset
        opening = point.offset == 0 ? [] : nil
        splitter = LineSplitter(encoding: encoding, maximum: options.maximum, offset: point.offset, line: point.line)
        parser = options.parser(record: record, encoding: encoding, header: header, isAtStart: point.offset == 0)
    }

    var header: [String]? { parser.header }
    /// Whether something waits that is neither in an item nor passed over.
    var hasPending: Bool { parser.pending != nil || splitter.hasPartialLine || opening?.isEmpty == false }
    var canSettle: Bool { parser.canSettle && !splitter.hasPartialLine }
    /// Where reading must go on so that nothing is missed: behind the last item, or behind lines that give none.
    var resume: ReadingPoint {
        parser.pending ?? ReadingPoint(offset: opening == nil ? splitter.lineStart : 0, line: splitter.lineNumber)
    }
    /// The bytes of the unfinished line, for a report.
    var partialLine: [UInt8] { splitter.partial }

    mutating func feed(_ bytes: [UInt8]) -> [ParsedItem] {
        offset += bytes.count
        guard let waiting = opening else { return split(bytes) }
        let all = waiting + bytes
        // Three bytes tell every mark from text; fewer wait, unless they cannot be one.
        if all.count < 3, [0xEF, 0xFF, 0xFE].contains(all.first ?? 0xFF) {
            opening = all
            return []
        }
        return open(all)
    }

    private mutating func open(_ bytes: [UInt8]) -> [ParsedItem] {
        opening = nil
        guard let mark = TextEncoding.mark(bytes) else { return split(bytes) }
        encoding = mark.encoding
        splitter = LineSplitter(encoding: encoding, maximum: options.maximum, offset: mark.length, line: 1)
        parser = options.parser(record: record, encoding: encoding, header: nil, isAtStart: true)
        return split(Array(bytes.dropFirst(mark.length)))
    }

    private mutating func split(_ bytes: [UInt8]) -> [ParsedItem] {
        var items: [ParsedItem] = []
        var parser = self.parser
        splitter.feed(bytes) { parser.take($0, into: &items) }
        self.parser = parser
        return items
    }

    /// Nothing came for the quiet time.
    mutating func settle() -> [ParsedItem] {
        var items: [ParsedItem] = []
        if canSettle { parser.settle(into: &items) }
        return items
    }

    /// The file ends here.
    mutating func finish() -> [ParsedItem] {
        var items: [ParsedItem] = []
        if let waiting = opening { items += open(waiting) }
        var parser = self.parser
        splitter.finish { parser.take($0, into: &items) }
        parser.finish(into: &items)
        self.parser = parser
        return items
    }
}
