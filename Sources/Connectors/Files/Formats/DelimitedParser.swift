import Contracts
import ExactJSON

/// Rows of delimited text (RFC 4180): quoted fields may hold delimiters, doubled quotes and line ends.
///
/// A row with fewer fields than columns lacks the last ones; one with more is a fault, unless the surplus is empty. A
/// quote stands for itself inside a field that did not begin with one. A quoted field that is not closed within
/// ``openLines`` lines is taken for a stray quote: its first line is a fault, and the others are read anew.
struct DelimitedParser: RecordParser {
    /// Lines and bytes that a quoted field may go on for.
    static let openLines = 256
    static let openBytes = 256 << 10

    private let options: FormatOptions
    private let encoding: TextEncoding
    private let record: String
    private var columns: [String]?
    private var toSkip: Int
    /// The lines of a row whose quoted field is still open.
    private var openRow: [RawLine] = []
    private var openCount = 0
    private var scanner: RowScanner
    private var passedOver: ReadingPoint?
    /// Lines before the first row that give no item, but belong to the file's head.
    private(set) var header: [String]?

    init(_ options: FormatOptions, encoding: TextEncoding, record: String, header: [String]?, skip: Int) {
        self.options = options
        self.encoding = encoding
        self.record = record
        self.header = header
        columns = header ?? options.columns
        toSkip = skip
        scanner = RowScanner(delimiter: options.delimiter, quote: options.quote)
    }

    var canSettle: Bool { false }
    mutating func settle(into items: inout [ParsedItem]) {}
    var pending: ReadingPoint? {
        openRow.first.map { ReadingPoint(offset: $0.start, line: $0.number) } ?? passedOver
    }

    mutating func finish(into items: inout [ParsedItem]) {
        while !openRow.isEmpty { giveUp(into: &items) }
        passedOver = nil
    }

    mutating func take(_ line: RawLine, into items: inout [ParsedItem]) {
        switch line.kind {
        case .text: takeText(line, into: &items)
        case .oversizeEnd: passedOver = nil
        case .oversize:
            while !openRow.isEmpty { giveUp(into: &items) }
            let point = ReadingPoint(offset: line.start, line: line.number)
            passedOver = point
            let fault = ParseFault(
                kind: FilesFailures.tooLong, message: "line \(line.number) is longer than \(options.maximum) bytes",
                byte: line.start, line: line.number)
            items.append(item(.fault(fault), [line], end: point, headEnd: line.start + options.originalMaximum))
        case .zeros:
            while !openRow.isEmpty { giveUp(into: &items) }
            let fault = ParseFault(
                kind: FilesFailures.zeroBytes, message: "\(line.end - line.start) zero bytes stand there",
                byte: line.start,
                line: line.number)
            items.append(item(.fault(fault), [line], end: ReadingPoint(offset: line.end, line: line.nextNumber)))
        }
    }

    private mutating func takeText(_ line: RawLine, into items: inout [ParsedItem]) {
        if toSkip > 0 {
            toSkip -= 1
            return
        }
        var text: String
        do {
            text = try encoding.decode(line.text)
        } catch {
            while !openRow.isEmpty { giveUp(into: &items) }
            let fault = ParseFault(
                kind: FilesFailures.encoding, message: "\(error.reason), and the file is read as \(encoding.rawValue)",
                byte: line.start + error.offset, line: line.number)
            return items.append(item(.fault(fault), [line], end: ReadingPoint(offset: line.end, line: line.nextNumber)))
        }
        if openRow.isEmpty {
            if text.utf8.allSatisfy({ $0 == 0x20 }) { return }
            if let comment = options.comment, text.hasPrefix(comment) { return }
        }
        openRow.append(line)
        openCount += line.bytes.count
        // A line end within quotes is part of the value, as it stands in the file.
        if line.isTerminated { text += line.bytes.count - line.textCount > encoding.unit ? "\r\n" : "\n" }
        let isComplete = text.withUTF8 { scanner.take($0) }
        if isComplete || !line.isTerminated && !scanner.isOpen {
            complete(into: &items)
        } else if openRow.count > Self.openLines || openCount > min(Self.openBytes, options.maximum) {
            giveUp(into: &items)
        }
    }

    /// The row's quotes are closed.
    private mutating func complete(into items: inout [ParsedItem]) {
        let lines = openRow
        let row = scanner.endRow()
        openRow = []
        openCount = 0
        guard let last = lines.last else { return }
        let end = ReadingPoint(offset: last.end, line: last.nextNumber)
        if row.isBroken {
            let fault = ParseFault(
                kind: FilesFailures.afterQuote,
                message: "field \(row.fields.count) of the row has text behind its closing quote",
                byte: lines.first?.start,
                line: lines.first?.number)
            return items.append(item(.fault(fault), lines, end: end))
        }
        if columns == nil, options.hasHeader {
            let names = Self.columnNames(row.fields)
            columns = names
            header = names
            return
        }
        switch fields(of: row.fields) {
        case .success(let fields):
            let kind = options.recordField.flatMap { fields[$0]?.string }.flatMap { $0.isEmpty ? nil : $0 } ?? record
            items.append(item(.record(kind: kind, fields: fields), lines, end: end))
        case .failure(var fault):
            fault.byte = lines.first?.start
            fault.line = lines.first?.number
            items.append(item(.fault(fault), lines, end: end))
        }
    }

    private func fields(of values: [String]) -> Result<JSONObject, ParseFault> {
        var fields = JSONObject()
        for (index, value) in values.enumerated() {
            guard let columns else {
                fields[String(index + 1)] = .string(value)
                continue
            }
            if index < columns.count {
                fields[columns[index]] = .string(value)
            } else if !value.isEmpty {
                return .failure(
                    ParseFault(
                        kind: FilesFailures.surplusFields,
                        message: "the row has \(values.count) fields, and there are \(columns.count) columns"))
            }
        }
        return .success(fields)
    }

    /// A header's names: an empty one becomes its column's number, a repeated one gets a number.
    private static func columnNames(_ row: [String]) -> [String] {
        var seen: Set<String> = []
        return row.enumerated().map { index, text in
            let base = text.trimmed.isEmpty ? String(index + 1) : String(text.trimmed)
            var name = base
            var number = 2
            while !seen.insert(name).inserted {
                name = "\(base)_\(number)"
                number += 1
            }
            return name
        }
    }

    /// The open row's first line is a fault; its other lines are taken again.
    private mutating func giveUp(into items: inout [ParsedItem]) {
        let lines = openRow
        openRow = []
        openCount = 0
        _ = scanner.endRow()
        guard let first = lines.first, let last = lines.last else { return }
        let fault = ParseFault(
            kind: FilesFailures.openQuote,
            message: "a quoted field that begins in line \(first.number) is not closed up to line \(last.number)",
            byte: first.start, line: first.number)
        items.append(item(.fault(fault), [first], end: ReadingPoint(offset: first.end, line: first.nextNumber)))
        for line in lines.dropFirst() { takeText(line, into: &items) }
    }

    private func item(
        _ content: ParsedItem.Content, _ lines: [RawLine], end: ReadingPoint, headEnd: Int? = nil
    ) -> ParsedItem {
        var original = Original(maximum: options.originalMaximum)
        for line in lines { original.append(line) }
        let last = lines.last
        return ParsedItem(
            content: content, start: lines.first?.start ?? end.offset, line: lines.first?.number ?? end.line, end: end,
            headEnd: headEnd ?? last.map { $0.kind == .zeros ? $0.end : $0.start + $0.textCount } ?? end.offset,
            original: original.bytes)
    }
}
