import Contracts
import ExactJSON

/// Sections in an INI-like text, as log files of production machines have them: `[Name]`, then `key=value` lines.
///
/// A key that stands several times gives a list. A section named in `attach` belongs to the section before it and
/// becomes a field of it. Text outside of sections, lines without `=` and bytes of another encoding are faults of
/// their section alone.
struct SectionParser: RecordParser {
    private struct Section: Sendable {
        let name: String
        let start: Int
        let line: Int
        var fields = JSONObject()
        /// The attached section that is being read: its name and what it says.
        var attachment: (name: String, fields: JSONObject)?
        /// Whether lines that come now are no longer part of it.
        var isClosed = false
        var fault: ParseFault?
        var headEnd: Int
        var isHeadOpen = true
        var end: ReadingPoint
        var original: Original

        /// The first fault is the one that counts.
        mutating func fail(_ new: ParseFault) { fault = fault ?? new }
    }

    /// Consecutive lines that belong to no section.
    private struct Stray: Sendable {
        let start: Int
        let line: Int
        var end: ReadingPoint
        var original: Original
        let sample: String
        let headEnd: Int
    }

    private let options: FormatOptions
    private let encoding: TextEncoding
    private var section: Section?
    private var stray: Stray?
    /// Where a section began that is too long; passed over until the next header.
    private var passedOver: ReadingPoint?

    init(_ options: FormatOptions, encoding: TextEncoding) {
        self.options = options
        self.encoding = encoding
    }

    var header: [String]? { nil }

    var pending: ReadingPoint? {
        if let section { return ReadingPoint(offset: section.start, line: section.line) }
        if let stray { return ReadingPoint(offset: stray.start, line: stray.line) }
        return passedOver
    }

    var canSettle: Bool {
        if stray != nil { return true }
        guard let section else { return false }
        return section.isClosed || options.end == .header
    }

    mutating func settle(into items: inout [ParsedItem]) {
        if canSettle { flush(into: &items) }
    }

    mutating func finish(into items: inout [ParsedItem]) {
        flush(into: &items)
        passedOver = nil
    }

    mutating func take(_ line: RawLine, into items: inout [ParsedItem]) {
        switch line.kind {
        case .zeros: return takeZeros(line, into: &items)
        case .oversize: return takeOversize(line, into: &items)
        case .oversizeEnd:
            section?.end = ReadingPoint(offset: line.end, line: line.nextNumber)
            return
        case .text: break
        }
        let text: String
        do {
            text = try encoding.decode(line.text)
        } catch {
            return takeUndecodable(line, error, into: &items)
        }
        let trimmed = text.trimmed
        if trimmed.isEmpty {
            takeBlank(line)
        } else if let name = Self.sectionName(trimmed) {
            takeHeader(name, line, into: &items)
        } else if passedOver != nil {
            return
        } else if case .marker(let marker) = options.end, trimmed == marker[...] {
            append(line)
            close()
        } else if let comment = options.comment, trimmed.hasPrefix(comment) {
            append(line)
        } else {
            takeText(text, line, into: &items)
        }
    }

    /// `[Name]` → `Name`.
    private static func sectionName(_ text: Substring) -> String? {
        guard text.utf8.first == UInt8(ascii: "["), text.utf8.last == UInt8(ascii: "]"), text.utf8.count > 2 else {
            return nil
        }
        let name = text.dropFirst().dropLast().trimmed
        return name.isEmpty ? nil : String(name)
    }

    private mutating func takeHeader(_ name: String, _ line: RawLine, into items: inout [ParsedItem]) {
        if options.attach.contains(name) {
            // Behind a section that was too long its attached ones are passed over with it.
            if passedOver != nil { return }
            if section != nil {
                mergeAttachment()
                section?.isHeadOpen = false
                section?.isClosed = false
                section?.attachment = (name, JSONObject())
                return append(line, into: &items)
            }
        }
        flush(into: &items)
        passedOver = nil
        section = Section(
            name: name, start: line.start, line: line.number, headEnd: line.end,
            end: ReadingPoint(offset: line.end, line: line.nextNumber),
            original: Original(maximum: options.originalMaximum))
        append(line, into: &items)
    }

    private mutating func takeBlank(_ line: RawLine) {
        append(line)
        section?.isHeadOpen = false
        if options.end == .blank { close() }
    }

    private mutating func takeText(_ text: String, _ line: RawLine, into items: inout [ParsedItem]) {
        guard section?.isClosed == false else {
            flushSection(into: &items)
            return takeStray(line, text, into: &items)
        }
        append(line, into: &items)
        guard let name = section?.name else { return }
        guard let equals = text.utf8.firstIndex(of: UInt8(ascii: "=")) else {
            section?.fail(
                ParseFault(
                    kind: FilesFailures.noEquals, message: "the section [\(name)] has the line \"\(text.brief)\"",
                    byte: line.start, line: line.number))
            return
        }
        let key = String(text[..<equals].trimmed)
        let value = JSON.string(String(text[text.utf8.index(after: equals)...].trimmed))
        if section?.attachment != nil {
            section?.attachment?.fields.collect(key, value)
        } else {
            section?.fields.collect(key, value)
        }
    }

    /// A section that is closed takes no more lines; what was attached becomes a field.
    private mutating func close() {
        mergeAttachment()
        section?.isClosed = true
    }

    private mutating func mergeAttachment() {
        guard let attachment = section?.attachment else { return }
        section?.fields.collect(attachment.name, .object(attachment.fields))
        section?.attachment = nil
    }

    private mutating func append(_ line: RawLine) {
        let end = ReadingPoint(offset: line.end, line: line.nextNumber)
        section?.original.append(line)
        section?.end = end
        // Blank lines behind strays belong to them, so that reading goes on behind both.
        if section == nil { stray?.end = end }
    }

    /// Adds a line with text to the section; one that has become too long turns into a fault.
    private mutating func append(_ line: RawLine, into items: inout [ParsedItem]) {
        append(line)
        if section?.isHeadOpen == true { section?.headEnd = line.start + line.textCount }
        guard let open = section, open.original.count > options.maximum else { return }
        passOver(
            open,
            ParseFault(
                kind: FilesFailures.tooLong,
                message: "the section [\(open.name)] is longer than \(options.maximum) bytes", line: open.line),
            into: &items)
    }

    private mutating func passOver(_ open: Section, _ fault: ParseFault, into items: inout [ParsedItem]) {
        passedOver = ReadingPoint(offset: open.start, line: open.line)
        var item = Self.item(open, .fault(fault))
        item.end = ReadingPoint(offset: open.start, line: open.line)
        item.headEnd = open.start + min(open.original.count, options.originalMaximum)
        items.append(item)
        section = nil
    }

    // MARK: - What is not text

    private mutating func takeOversize(_ line: RawLine, into items: inout [ParsedItem]) {
        if passedOver != nil { return }
        let message = "line \(line.number) is longer than \(options.maximum) bytes"
        let fault = ParseFault(kind: FilesFailures.tooLong, message: message, byte: line.start, line: line.number)
        if var open = section, !open.isClosed {
            open.original.append(line)
            return passOver(open, fault, into: &items)
        }
        flush(into: &items)
        passedOver = ReadingPoint(offset: line.start, line: line.number)
        items.append(
            ParsedItem(
                content: .fault(fault), start: line.start, line: line.number,
                end: ReadingPoint(offset: line.start, line: line.number),
                headEnd: line.start + options.originalMaximum,
                original: Array(line.bytes.prefix(options.originalMaximum))))
    }

    private mutating func takeZeros(_ line: RawLine, into items: inout [ParsedItem]) {
        if passedOver != nil { return }
        let fault = ParseFault(
            kind: FilesFailures.zeroBytes, message: "\(line.end - line.start) zero bytes stand there", byte: line.start,
            line: line.number)
        if section?.isClosed == false {
            section?.fail(fault)
            section?.end = ReadingPoint(offset: line.end, line: line.nextNumber)
            return
        }
        flush(into: &items)
        items.append(
            ParsedItem(
                content: .fault(fault), start: line.start, line: line.number,
                end: ReadingPoint(offset: line.end, line: line.nextNumber), headEnd: line.end, original: []))
    }

    private mutating func takeUndecodable(_ line: RawLine, _ fault: TextEncoding.Fault, into items: inout [ParsedItem])
    {
        if passedOver != nil { return }
        guard section?.isClosed == false else {
            flushSection(into: &items)
            return takeStray(line, "\(fault.reason)", into: &items)
        }
        section?.fail(
            ParseFault(
                kind: FilesFailures.encoding, message: "\(fault.reason), and the file is read as \(encoding.rawValue)",
                byte: line.start + fault.offset, line: line.number))
        append(line, into: &items)
    }

    private mutating func takeStray(_ line: RawLine, _ text: String, into items: inout [ParsedItem]) {
        if stray == nil {
            stray = Stray(
                start: line.start, line: line.number, end: ReadingPoint(offset: line.end, line: line.nextNumber),
                original: Original(maximum: options.originalMaximum), sample: text.brief,
                headEnd: line.start + line.textCount)
        }
        stray?.original.append(line)
        stray?.end = ReadingPoint(offset: line.end, line: line.nextNumber)
        guard let run = stray, run.original.count > options.maximum else { return }
        flush(into: &items)
        passedOver = run.end
    }

    // MARK: - Completing

    private mutating func flush(into items: inout [ParsedItem]) {
        flushSection(into: &items)
        guard let run = stray else { return }
        stray = nil
        let fault = ParseFault(
            kind: FilesFailures.outsideSection, message: "\"\(run.sample)\" belongs to no section", byte: run.start,
            line: run.line)
        items.append(
            ParsedItem(
                content: .fault(fault), start: run.start, line: run.line, end: run.end,
                headEnd: run.headEnd, original: run.original.bytes))
    }

    private mutating func flushSection(into items: inout [ParsedItem]) {
        mergeAttachment()
        guard let open = section else { return }
        section = nil
        if let fault = open.fault {
            items.append(Self.item(open, .fault(fault)))
        } else {
            items.append(Self.item(open, .record(kind: open.name, fields: open.fields)))
        }
    }

    private static func item(_ section: Section, _ content: ParsedItem.Content) -> ParsedItem {
        ParsedItem(
            content: content, start: section.start, line: section.line, end: section.end, headEnd: section.headEnd,
            original: section.original.bytes)
    }
}

extension JSONObject {
    /// Sets a field; where it is there already, its values become a list.
    mutating func collect(_ key: String, _ value: JSON) {
        switch self[key] {
        case nil: self[key] = value
        case .array(var values)?:
            self[key] = .null
            values.append(value)
            self[key] = .array(values)
        case let first?: self[key] = .array([first, value])
        }
    }
}
