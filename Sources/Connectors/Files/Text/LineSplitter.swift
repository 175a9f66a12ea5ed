/// One line of a file as it stands in the bytes.
struct RawLine: Sendable {
    enum Kind: Sendable {
        case text
        /// The beginning of a line that is longer than allowed; the rest is passed over.
        case oversize
        /// The end of such a line: nothing of it is here but its place.
        case oversizeEnd
        /// A run of zero bytes before a line's text.
        case zeros
    }

    var kind: Kind
    /// Where it begins in the file.
    var start: Int
    /// Where what follows begins.
    var end: Int
    /// From 1.
    var number: Int
    /// The line with its line end, in the file's own encoding.
    var bytes: [UInt8]
    /// How many of `bytes` come before the line end.
    var textCount: Int

    var text: ArraySlice<UInt8> { bytes[..<textCount] }
    /// Whether the line's end was there: the last line of a file may have none.
    var isTerminated: Bool { textCount < bytes.count }
    var nextNumber: Int { kind == .zeros || kind == .oversize ? number : number + 1 }
}

/// Cuts bytes into lines at LF or CRLF, however the bytes come in pieces. Memory is bounded by `maximum`.
struct LineSplitter: Sendable {
    private let encoding: TextEncoding
    private let maximum: Int
    private var buffer: [UInt8] = []
    private var isPassingOver = false
    private var zeros = 0
    /// Where the next byte handed in stands in the file.
    private var offset: Int
    /// Where the line that is not finished yet begins.
    private(set) var lineStart: Int
    private(set) var lineNumber: Int

    init(encoding: TextEncoding, maximum: Int, offset: Int, line: Int) {
        self.encoding = encoding
        self.maximum = maximum
        self.offset = offset
        lineStart = offset
        lineNumber = line
    }

    /// Whether bytes of an unfinished line were handed in.
    var hasPartialLine: Bool { offset > lineStart }
    /// The bytes of the unfinished line that are kept.
    var partial: [UInt8] { buffer }

    mutating func feed(_ bytes: [UInt8], _ body: (RawLine) -> Void) {
        var index = 0
        while index < bytes.count {
            if encoding.unit == 1, buffer.isEmpty, !isPassingOver, bytes[index] == 0 {
                zeros += 1
                offset += 1
                index += 1
                continue
            }
            endZeros(body)
            let end = lineEnd(bytes, from: index)
            let stop = end ?? bytes.count
            take(bytes[index..<stop], body)
            if end != nil { endLine(body) }
            index = stop
        }
    }

    /// The file's last line, which may have no line end.
    mutating func finish(_ body: (RawLine) -> Void) {
        endZeros(body)
        if hasPartialLine { endLine(body) }
    }

    /// The index behind the next line feed, counted in code units from the beginning of the file.
    private func lineEnd(_ bytes: [UInt8], from start: Int) -> Int? {
        if encoding.unit == 1 {
            var index = start
            let count = bytes.count
            while index < count {
                if bytes[index] == 0x0A { return index + 1 }
                index += 1
            }
            return nil
        }
        // Which byte of its unit the first byte is; a unit may have been cut between two pieces.
        var position = (offset - lineStart) & 1
        var previous: UInt8 = position == 1 ? buffer.last ?? 0 : 0
        for index in start..<bytes.count {
            if position == 1 {
                let isFeed =
                    encoding == .utf16LittleEndian
                    ? previous == 0x0A && bytes[index] == 0 : previous == 0 && bytes[index] == 0x0A
                if isFeed { return index + 1 }
            }
            previous = bytes[index]
            position ^= 1
        }
        return nil
    }

    private mutating func take(_ piece: ArraySlice<UInt8>, _ body: (RawLine) -> Void) {
        offset += piece.count
        if isPassingOver {
            // The last byte is kept, because a UTF-16 line feed may be cut between two pieces.
            if let last = piece.last { buffer = [last] }
            return
        }
        buffer.append(contentsOf: piece.prefix(maximum + 2 - buffer.count))
        guard offset - lineStart > maximum else { return }
        isPassingOver = true
        body(
            RawLine(
                kind: .oversize, start: lineStart, end: offset, number: lineNumber, bytes: buffer,
                textCount: buffer.count))
        buffer = piece.last.map { [$0] } ?? []
    }

    private mutating func endZeros(_ body: (RawLine) -> Void) {
        guard zeros > 0 else { return }
        body(RawLine(kind: .zeros, start: lineStart, end: offset, number: lineNumber, bytes: [], textCount: 0))
        zeros = 0
        lineStart = offset
    }

    private mutating func endLine(_ body: (RawLine) -> Void) {
        if isPassingOver {
            body(
                RawLine(kind: .oversizeEnd, start: lineStart, end: offset, number: lineNumber, bytes: [], textCount: 0))
        } else {
            let count = textCount
            body(
                RawLine(kind: .text, start: lineStart, end: offset, number: lineNumber, bytes: buffer, textCount: count)
            )
        }
        buffer = []
        isPassingOver = false
        lineStart = offset
        lineNumber += 1
    }

    /// How much of the buffer stands before CRLF or LF.
    private var textCount: Int {
        let unit = encoding.unit
        func isUnit(_ value: UInt8, at end: Int) -> Bool {
            guard end >= unit else { return false }
            if unit == 1 { return buffer[end - 1] == value }
            let low = encoding == .utf16LittleEndian ? buffer[end - 2] : buffer[end - 1]
            let high = encoding == .utf16LittleEndian ? buffer[end - 1] : buffer[end - 2]
            return low == value && high == 0
        }
        let count = buffer.count
        // An odd byte at the end of a UTF-16 file is no line end, whatever it is.
        guard count % unit == 0, isUnit(0x0A, at: count) else { return count }
        return isUnit(0x0D, at: count - unit) ? count - 2 * unit : count - unit
    }
}
