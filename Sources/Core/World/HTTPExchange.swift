/// One HTTP request as connectors speak of it: independent of the library that carries it.
package struct HTTPRequest: Sendable {
    package var method: String
    /// Absolute for an outgoing request (`https://odoo.example/jsonrpc`), path and query for an incoming one (`/v1/events?x=1`).
    package var target: String
    package var headers: HTTPHeaders
    package var body: [UInt8]
    /// Whom to trust where the request goes out over TLS.
    package var trust: Trust

    package init(
        method: String, target: String, headers: HTTPHeaders = [:], body: [UInt8] = [], trust: Trust = .system
    ) {
        self.method = method
        self.target = target
        self.headers = headers
        self.body = body
        self.trust = trust
    }

    /// The path without query.
    package var path: String { String(target.prefix { $0 != "?" }) }

    /// The decoded query parameters (`application/x-www-form-urlencoded`), the last one winning.
    package var query: [String: String] {
        guard let mark = target.firstIndex(of: "?") else { return [:] }
        return Dictionary(
            FormText.decode(target[target.index(after: mark)...]).map { ($0.name, $0.value) },
            uniquingKeysWith: { _, last in last })
    }
}

/// Names and values of forms (`application/x-www-form-urlencoded`, WHATWG URL section 5).
package enum FormText {
    /// In the order in which they stand.
    package static func decode(_ text: some StringProtocol) -> [(name: String, value: String)] {
        text.split(separator: "&").map { pair in
            let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            return (
                PercentCoding.decode(String(parts[0]), plusIsSpace: true),
                parts.count > 1 ? PercentCoding.decode(String(parts[1]), plusIsSpace: true) : ""
            )
        }
    }

    /// What ``decode(_:)`` reads back.
    package static func encode(_ pairs: [(name: String, value: String)]) -> String {
        pairs.map { PercentCoding.encode($0.name) + "=" + PercentCoding.encode($0.value) }.joined(separator: "&")
    }
}

/// Which certificates a TLS client accepts. Verification is never off.
package enum Trust: Sendable, Hashable {
    /// The roots of the operating system.
    case system
    /// Only chains to a certificate in this PEM file.
    case rootsFile(String)
}

/// One HTTP response.
package struct HTTPResponse: Sendable {
    package var status: Int
    package var headers: HTTPHeaders
    package var body: [UInt8]

    package init(status: Int, headers: HTTPHeaders = [:], body: [UInt8] = []) {
        self.status = status
        self.headers = headers
        self.body = body
    }
}

/// Header fields in the order in which they came; names compare without case (RFC 9110 section 5.1).
package struct HTTPHeaders: Sendable, ExpressibleByDictionaryLiteral {
    package private(set) var fields: [(name: String, value: String)] = []

    package init(_ fields: [(name: String, value: String)] = []) { self.fields = fields }
    package init(dictionaryLiteral elements: (String, String)...) { fields = elements.map { ($0.0, $0.1) } }

    /// The first field of that name; setting replaces all fields of that name.
    package subscript(name: String) -> String? {
        get { fields.first { $0.name.lowercased() == name.lowercased() }?.value }
        set {
            fields.removeAll { $0.name.lowercased() == name.lowercased() }
            if let newValue { fields.append((name, newValue)) }
        }
    }
}

/// Percent-encoding (RFC 3986 section 2.1).
package enum PercentCoding {
    /// Decodes `%XX` (and `+` as a space in forms); what is no escape stays as it stands.
    package static func decode(_ text: String, plusIsSpace: Bool = false) -> String {
        let bytes = Array(text.utf8)
        var output: [UInt8] = []
        var index = 0
        while index < bytes.count {
            if bytes[index] == UInt8(ascii: "%"), index + 2 < bytes.count,
                let high = Character(Unicode.Scalar(bytes[index + 1])).hexDigitValue,
                let low = Character(Unicode.Scalar(bytes[index + 2])).hexDigitValue
            {
                output.append(UInt8(high << 4 | low))
                index += 3
            } else {
                output.append(plusIsSpace && bytes[index] == UInt8(ascii: "+") ? 0x20 : bytes[index])
                index += 1
            }
        }
        return String(decoding: output, as: UTF8.self)
    }

    /// Encodes everything but RFC 3986's unreserved characters.
    package static func encode(_ text: String) -> String {
        var output = ""
        for byte in text.utf8 {
            let scalar = Unicode.Scalar(byte)
            if byte < 0x80,
                scalar.properties.isAlphabetic || (0x30...0x39).contains(byte) || "-._~".unicodeScalars.contains(scalar)
            {
                output.unicodeScalars.append(scalar)
            } else {
                let hex = String(byte, radix: 16, uppercase: true)
                output += "%" + (hex.utf8.count == 1 ? "0" + hex : hex)
            }
        }
        return output
    }
}
