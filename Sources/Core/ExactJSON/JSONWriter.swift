/// Writes JSON compactly, as UTF-8, members in their own order.
public enum JSONWriter {
    /// Appends `value` to `output`.
    public static func write(_ value: JSON, to output: inout [UInt8]) {
        switch value {
        case .null: output.append(contentsOf: "null".utf8)
        case .bool(let flag): output.append(contentsOf: (flag ? "true" : "false").utf8)
        case .number(let number):
            if let digit = number.digit {
                output.append(UInt8(ascii: "0") + digit)
            } else {
                output.append(contentsOf: number.description.utf8)
            }
        case .string(let text): write(text, to: &output)
        case .array(let elements):
            output.append(UInt8(ascii: "["))
            var first = true
            for element in elements {
                if !first { output.append(UInt8(ascii: ",")) }
                first = false
                write(element, to: &output)
            }
            output.append(UInt8(ascii: "]"))
        case .object(let members):
            output.append(UInt8(ascii: "{"))
            members.withUnsafeMembers { names, values, count in
                for place in 0..<count {
                    if place > 0 { output.append(UInt8(ascii: ",")) }
                    write(names[place], to: &output)
                    output.append(UInt8(ascii: ":"))
                    write(values[place], to: &output)
                }
            }
            output.append(UInt8(ascii: "}"))
        }
    }

    /// Appends `text` as a JSON string, quotes and escapes included.
    public static func write(_ text: String, to output: inout [UInt8]) {
        output.append(UInt8(ascii: "\""))
        let isWritten: Void? = text.utf8.withContiguousStorageIfAvailable { write($0, to: &output) }
        if isWritten == nil { Array(text.utf8).withUnsafeBufferPointer { write($0, to: &output) } }
        output.append(UInt8(ascii: "\""))
    }

    private static func write(_ bytes: UnsafeBufferPointer<UInt8>, to output: inout [UInt8]) {
        guard let base = bytes.baseAddress else { return }
        var start = 0
        while true {
            let end = start + PlainBytes.count(base + start, bytes.count - start, asciiOnly: false)
            output.append(contentsOf: UnsafeBufferPointer(start: base + start, count: end - start))
            guard end < bytes.count else { return }
            appendEscape(bytes[end], to: &output)
            start = end + 1
        }
    }

    private static let hexadecimal = Array("0123456789abcdef".utf8)

    private static func appendEscape(_ byte: UInt8, to output: inout [UInt8]) {
        output.append(UInt8(ascii: "\\"))
        switch byte {
        case 0x08: output.append(UInt8(ascii: "b"))
        case 0x09: output.append(UInt8(ascii: "t"))
        case 0x0A: output.append(UInt8(ascii: "n"))
        case 0x0C: output.append(UInt8(ascii: "f"))
        case 0x0D: output.append(UInt8(ascii: "r"))
        case UInt8(ascii: "\""), UInt8(ascii: "\\"): output.append(byte)
        default:
            output.append(contentsOf: "u00".utf8)
            output.append(hexadecimal[Int(byte >> 4)])
            output.append(hexadecimal[Int(byte & 15)])
        }
    }
}

extension JSON: CustomStringConvertible {
    /// The compact JSON text.
    public var description: String { String(decoding: bytes, as: UTF8.self) }

    /// The compact JSON text as UTF-8.
    public var bytes: [UInt8] {
        var output: [UInt8] = []
        JSONWriter.write(self, to: &output)
        return output
    }
}
