import ExactJSON

/// Values inside error messages: short, and written without going through all of a large value.
enum Shown {
    /// jq 1.7 shows this many bytes of a value.
    private static let messageBytes = 14

    /// `object ({"a":1,"b...)`
    static func typed(_ json: JSON) -> String { "\(json.typeName) (\(short(json)))" }

    /// The beginning of the value as JSON.
    static func short(_ json: JSON, bytes: Int = messageBytes) -> String {
        var output: [UInt8] = []
        write(json, upTo: bytes, to: &output)
        guard output.count > bytes else { return String(decoding: output, as: UTF8.self) }
        var end = bytes - 3
        // A cut inside a character would show a broken one.
        while end > 0, output[end] & 0xC0 == 0x80 { end -= 1 }
        return String(decoding: output[..<end], as: UTF8.self) + "..."
    }

    /// Writes more than `limit` bytes only as far as it takes to know that there are more.
    private static func write(_ json: JSON, upTo limit: Int, to output: inout [UInt8]) {
        guard output.count <= limit else { return }
        switch json {
        case .string(let text):
            let start = String(decoding: Array(text.utf8.prefix(limit + 1)), as: UTF8.self)
            JSONWriter.write(text.utf8.count > limit + 1 ? start : text, to: &output)
        case .number(let number): output.append(contentsOf: Numbers.text(number).utf8)
        case .array(let elements):
            output.append(UInt8(ascii: "["))
            for (index, element) in elements.enumerated() where output.count <= limit {
                if index > 0 { output.append(UInt8(ascii: ",")) }
                write(element, upTo: limit, to: &output)
            }
            output.append(UInt8(ascii: "]"))
        case .object(let members):
            output.append(UInt8(ascii: "{"))
            for (index, member) in members.enumerated() where output.count <= limit {
                if index > 0 { output.append(UInt8(ascii: ",")) }
                write(.string(member.key), upTo: limit, to: &output)
                output.append(UInt8(ascii: ":"))
                write(member.value, upTo: limit, to: &output)
            }
            output.append(UInt8(ascii: "}"))
        default: JSONWriter.write(json, to: &output)
        }
    }
}
