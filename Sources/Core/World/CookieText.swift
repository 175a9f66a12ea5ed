/// Cookies of a request (RFC 6265 section 5.4). Byte by byte: what is no separator to a browser is none here.
package enum CookieText {
    /// The first value of that name, blanks around it left out; nil where there is none, or none but an empty one.
    package static func value(of name: String, in headers: HTTPHeaders) -> String? {
        let name = Array(name.utf8)
        for field in headers.fields where field.name.lowercased() == "cookie" {
            for pair in Array(field.value.utf8).split(separator: UInt8(ascii: ";")) {
                guard let equals = pair.firstIndex(of: UInt8(ascii: "=")),
                    trimmed(pair[..<equals]).elementsEqual(name)
                else { continue }
                let value = trimmed(pair[(equals + 1)...])
                if !value.isEmpty { return String(decoding: value, as: UTF8.self) }
            }
        }
        return nil
    }

    private static func trimmed(_ bytes: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
        func isBlank(_ byte: UInt8) -> Bool { byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t") }
        var rest = bytes.drop(while: isBlank)
        while let last = rest.last, isBlank(last) { rest.removeLast() }
        return rest
    }
}
