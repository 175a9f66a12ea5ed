/// The fields of one SHDR line: texts between pipes, without the spaces around them.
///
/// A field that begins with a double quote and ends with one may hold pipes, each written as `\|` (MTConnect agent,
/// SHDR escape rules); a field that only begins so is taken as it stands.
enum SHDRLine {
    /// Fields of a line that are read; adapters that send all they have after a connect stay far below.
    static let maximumFields = 10_000

    private static let pipe = UInt8(ascii: "|")
    private static let quote = UInt8(ascii: "\"")
    private static let backslash = UInt8(ascii: "\\")

    /// Splits a line (without its line end) that is valid UTF-8. One field more than ``maximumFields`` says that there
    /// are more, which are not split.
    static func fields(of line: ArraySlice<UInt8>) -> [String] {
        var fields: [String] = []
        var index = line.startIndex
        while true {
            while index < line.endIndex, isSpace(line[index]) { index += 1 }
            if index < line.endIndex, line[index] == quote, let quoted = quotedField(line, from: index) {
                fields.append(String(decoding: quoted.text, as: UTF8.self))
                index = quoted.end
            } else {
                var end = index
                while end < line.endIndex, line[end] != pipe { end += 1 }
                fields.append(String(decoding: trimmedEnd(line[index..<end]), as: UTF8.self))
                index = end
            }
            guard index < line.endIndex, fields.count <= maximumFields else { return fields }
            index += 1  // the pipe
        }
    }

    /// The unescaped text of a quoted field, and the index of the pipe behind it or of the line's end.
    private static func quotedField(_ line: ArraySlice<UInt8>, from start: Int) -> (text: [UInt8], end: Int)? {
        var text: [UInt8] = []
        var index = start + 1
        while index < line.endIndex {
            let byte = line[index]
            if byte == backslash, index + 1 < line.endIndex {
                text.append(line[index + 1])
                index += 2
                continue
            }
            // An unescaped pipe inside means that the quote was no quoting.
            if byte == pipe { return nil }
            if byte == quote {
                var next = index + 1
                while next < line.endIndex, isSpace(line[next]) { next += 1 }
                return next == line.endIndex || line[next] == pipe ? (text, next) : nil
            }
            text.append(byte)
            index += 1
        }
        return nil
    }

    private static func trimmedEnd(_ bytes: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
        var bytes = bytes
        while let last = bytes.last, isSpace(last) { bytes = bytes.dropLast() }
        return bytes
    }

    private static func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x09 }
}
