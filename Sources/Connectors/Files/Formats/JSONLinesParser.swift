import Contracts
import ExactJSON

/// One JSON object a line (JSON Lines). Empty lines are passed over; a line that is none is a fault of its own.
struct JSONLinesParser: RecordParser {
    private let options: FormatOptions
    private let encoding: TextEncoding
    private let record: String
    private var passedOver: ReadingPoint?

    init(_ options: FormatOptions, encoding: TextEncoding, record: String) {
        self.options = options
        self.encoding = encoding
        self.record = record
    }

    var header: [String]? { nil }
    var canSettle: Bool { false }
    var pending: ReadingPoint? { passedOver }
    mutating func settle(into items: inout [ParsedItem]) {}
    mutating func finish(into items: inout [ParsedItem]) { passedOver = nil }

    mutating func take(_ line: RawLine, into items: inout [ParsedItem]) {
        switch line.kind {
        case .text:
            if let content = content(of: line) { append(content, line, into: &items) }
        case .oversizeEnd:
            passedOver = nil
        case .oversize:
            passedOver = ReadingPoint(offset: line.start, line: line.number)
            append(
                fault(
                    FilesFailures.tooLong, "line \(line.number) is longer than \(options.maximum) bytes", line, at: 0),
                line,
                into: &items)
        case .zeros:
            append(
                fault(FilesFailures.zeroBytes, "\(line.end - line.start) zero bytes stand there", line, at: 0), line,
                into: &items)
        }
    }

    private func content(of line: RawLine) -> ParsedItem.Content? {
        let text: String
        do {
            text = try encoding.decode(line.text)
        } catch {
            return fault(
                FilesFailures.encoding, "\(error.reason), and the file is read as \(encoding.rawValue)", line,
                at: error.offset)
        }
        if text.trimmed.isEmpty { return nil }
        if let comment = options.comment, text.hasPrefix(comment) { return nil }
        do {
            let value = try JSONReader.read(text, maximumDepth: options.depth)
            guard let fields = value.object else {
                return fault(
                    FilesFailures.json, "the line is \"\(text.brief)\", which is JSON, but no object", line, at: 0)
            }
            let named = options.recordField.flatMap { fields[$0]?.string }.flatMap { $0.isEmpty ? nil : $0 }
            return .record(kind: named ?? record, fields: fields)
        } catch {
            return fault(
                FilesFailures.json, "\(error.reason) at character \(error.column)", line,
                at: error.offset * encoding.unit)
        }
    }

    private func fault(
        _ kind: FailureKind, _ message: String, _ line: RawLine, at offset: Int
    ) -> ParsedItem.Content {
        .fault(ParseFault(kind: kind, message: message, byte: line.start + offset, line: line.number))
    }

    private func append(_ content: ParsedItem.Content, _ line: RawLine, into items: inout [ParsedItem]) {
        let isWhole = line.kind != .oversize
        items.append(
            ParsedItem(
                content: content, start: line.start, line: line.number,
                end: isWhole
                    ? ReadingPoint(offset: line.end, line: line.nextNumber)
                    : ReadingPoint(offset: line.start, line: line.number),
                headEnd: isWhole
                    ? line.start + max(line.textCount, line.kind == .zeros ? line.end - line.start : 0)
                    : line.start + options.originalMaximum,
                original: Array(line.bytes.prefix(options.originalMaximum))))
    }
}
