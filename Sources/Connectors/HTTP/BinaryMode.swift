import Canonical
import ExactJSON
import World

/// Builds the structured document of an event that came in binary mode: attributes as `ce-` headers, data as the body
/// (CloudEvents HTTP protocol binding 1.0.2, section 3.1).
enum BinaryMode {
    /// Why there is no document.
    enum Fault: Error {
        case header(String)
        /// The content type says JSON, and the body is none.
        case body(JSONSyntaxError)
    }

    /// Whether a request is in binary mode.
    static func isUsed(by request: HTTPRequest) -> Bool { request.headers["ce-specversion"] != nil }

    /// The document: attributes in the order of their headers, then `datacontenttype` and the data. JSON data goes in
    /// byte for byte, other text as a JSON string, everything else as `data_base64` (JSON event format 1.0.2, section
    /// 3.1).
    static func document(_ request: HTTPRequest, maximumDepth: Int) throws(Fault) -> [UInt8] {
        var output: [UInt8] = [UInt8(ascii: "{")]
        var names: Set<String> = []
        for field in request.headers.fields where field.name.lowercased().hasPrefix("ce-") {
            let name = String(field.name.lowercased().dropFirst(3))
            guard !name.isEmpty, name.utf8.allSatisfy({ (0x61...0x7A).contains($0) || (0x30...0x39).contains($0) })
            else {
                throw .header("\(EventCheck.short(field.name)) is no attribute's name: letters a to z and digits only")
            }
            guard name != "data", name != "datacontenttype" else {
                throw .header("ce-\(name) is no attribute; the body and Content-Type say it")
            }
            guard names.insert(name).inserted else { throw .header("ce-\(name) is given twice") }
            if output.count > 1 { output.append(UInt8(ascii: ",")) }
            JSONWriter.write(name, to: &output)
            output.append(UInt8(ascii: ":"))
            JSONWriter.write(try decode(field.value, name), to: &output)
        }
        try appendData(request.body, type: request.headers["content-type"], maximumDepth: maximumDepth, to: &output)
        output.append(UInt8(ascii: "}"))
        return output
    }

    /// A header's value as text: one pair of double quotes is taken off with its escapes, then `%XX` is decoded
    /// (section 3.1.3.2).
    private static func decode(_ value: String, _ name: String) throws(Fault) -> String {
        var text = value.trimmingPrefix(while: { $0 == " " || $0 == "\t" })
        while text.last == " " || text.last == "\t" { text.removeLast() }
        if text.count >= 2, text.first == "\"", text.last == "\"" {
            var inner = ""
            var isEscaped = false
            for character in text.dropFirst().dropLast() {
                if character == "\\", !isEscaped {
                    isEscaped = true
                } else {
                    inner.append(character)
                    isEscaped = false
                }
            }
            text = inner[...]
        }
        let decoded = PercentCoding.decode(String(text))
        guard !decoded.unicodeScalars.contains("\u{FFFD}") else {
            throw .header("ce-\(name) is not UTF-8 after percent-decoding")
        }
        return decoded
    }

    private static func appendData(
        _ body: [UInt8], type: String?, maximumDepth: Int, to output: inout [UInt8]
    ) throws(Fault) {
        if let type {
            output.append(contentsOf: ",\"datacontenttype\":".utf8)
            JSONWriter.write(type, to: &output)
        }
        guard !body.isEmpty else { return }
        let media = type?.prefix { $0 != ";" }.lowercased().filter { $0 != " " } ?? "application/json"
        if media.hasSuffix("/json") || media.hasSuffix("+json") {
            // Read here, so that a fault is named by its place in what the sender sent.
            do { _ = try JSONReader.read(body, maximumDepth: maximumDepth - 1) } catch { throw .body(error) }
            output.append(contentsOf: ",\"data\":".utf8)
            output.append(contentsOf: body)
        } else if media.hasPrefix("text/"), let text = String(validating: body, as: UTF8.self) {
            output.append(contentsOf: ",\"data\":".utf8)
            JSONWriter.write(text, to: &output)
        } else {
            output.append(contentsOf: ",\"data_base64\":\"".utf8)
            appendBase64(body, to: &output)
            output.append(UInt8(ascii: "\""))
        }
    }

    private static let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)

    /// Base 64 with padding (RFC 4648, section 4).
    static func appendBase64(_ bytes: [UInt8], to output: inout [UInt8]) {
        var index = 0
        while index < bytes.count {
            let left = bytes.count - index
            let group =
                UInt32(bytes[index]) << 16 | (left > 1 ? UInt32(bytes[index + 1]) << 8 : 0)
                | (left > 2 ? UInt32(bytes[index + 2]) : 0)
            output.append(alphabet[Int(group >> 18)])
            output.append(alphabet[Int(group >> 12 & 63)])
            output.append(left > 1 ? alphabet[Int(group >> 6 & 63)] : UInt8(ascii: "="))
            output.append(left > 2 ? alphabet[Int(group & 63)] : UInt8(ascii: "="))
            index += 3
        }
    }
}
