import JQ

/// The formats that can be asserted (2020-12 validation, section 7.3). `idn-hostname` is not among them: it needs the
/// tables of IDNA 2008.
enum SchemaFormat: String, CaseIterable, Sendable {
    case dateTime = "date-time"
    case date, time, duration, email
    case idnEmail = "idn-email"
    case hostname, ipv4, ipv6, uri
    case uriReference = "uri-reference"
    case iri
    case iriReference = "iri-reference"
    case uriTemplate = "uri-template"
    case uuid
    case jsonPointer = "json-pointer"
    case relativeJSONPointer = "relative-json-pointer"
    case regex

    /// What a text of this format is, in words.
    var description: String {
        switch self {
        case .dateTime: "a time with date and zone (2026-03-02T06:01:15Z)"
        case .date: "a date (2026-03-02)"
        case .time: "a time of day with zone (06:01:15Z)"
        case .duration: "a duration (PT1H30M)"
        case .email, .idnEmail: "an email address"
        case .hostname: "a host name"
        case .ipv4: "an IPv4 address"
        case .ipv6: "an IPv6 address"
        case .uri: "a URI"
        case .uriReference: "a URI or relative reference"
        case .iri: "an IRI"
        case .iriReference: "an IRI or relative reference"
        case .uriTemplate: "a URI template"
        case .uuid: "a UUID"
        case .jsonPointer: "a JSON Pointer"
        case .relativeJSONPointer: "a relative JSON Pointer"
        case .regex: "a regular expression"
        }
    }

    /// Whether `text` has this format.
    func admits(_ text: String, steps: inout Int) -> Bool {
        let bytes = Array(text.utf8)
        switch self {
        case .dateTime: return TimeFormats.isDateTime(bytes)
        case .date: return TimeFormats.isDate(bytes[...])
        case .time: return TimeFormats.isTime(bytes[...])
        case .duration: return TimeFormats.isDuration(bytes)
        case .email: return NetworkFormats.isEmail(bytes, international: false)
        case .idnEmail: return NetworkFormats.isEmail(bytes, international: true)
        case .hostname: return NetworkFormats.isHostname(bytes[...])
        case .ipv4: return NetworkFormats.isIPv4(bytes[...])
        case .ipv6: return NetworkFormats.isIPv6(bytes[...])
        case .uri: return URIFormats(text, international: false).isAbsolute
        case .uriReference: return URIFormats(text, international: false).isReference
        case .iri: return URIFormats(text, international: true).isAbsolute
        case .iriReference: return URIFormats(text, international: true).isReference
        case .uriTemplate: return URITemplate.isTemplate(text)
        case .uuid: return Self.isUUID(bytes)
        case .jsonPointer: return JSONPointer.parts(text) != nil
        case .relativeJSONPointer: return Self.isRelativePointer(text)
        case .regex:
            steps -= bytes.count
            return (try? ECMAPattern(text)) != nil
        }
    }

    private static func isUUID(_ bytes: [UInt8]) -> Bool {
        guard bytes.count == 36 else { return false }
        return bytes.enumerated().allSatisfy { index, byte in
            [8, 13, 18, 23].contains(index) ? byte == UInt8(ascii: "-") : ASCII.isHex(byte)
        }
    }

    /// `1/name`, `0#`, `2+1/name` (draft-bhutton-relative-json-pointer-00, section 3).
    private static func isRelativePointer(_ text: String) -> Bool {
        func number(_ rest: inout Substring) -> Bool {
            let digits = rest.prefix { $0.isASCII && $0.isNumber }
            rest = rest.dropFirst(digits.count)
            return !digits.isEmpty && (digits == "0" || !digits.hasPrefix("0"))
        }
        var rest = text[...]
        guard number(&rest) else { return false }
        if let sign = rest.first, sign == "+" || sign == "-" {
            rest = rest.dropFirst()
            guard rest.first != "0", number(&rest) else { return false }
        }
        return rest == "#" || JSONPointer.parts(String(rest)) != nil
    }
}

/// Kinds of bytes.
enum ASCII {
    static func isDigit(_ byte: UInt8) -> Bool { byte &- 0x30 < 10 }
    static func isLetter(_ byte: UInt8) -> Bool { (byte | 0x20) &- 0x61 < 26 }
    static func isHex(_ byte: UInt8) -> Bool { isDigit(byte) || (byte | 0x20) &- 0x61 < 6 }
    static func isAlphanumeric(_ byte: UInt8) -> Bool { isDigit(byte) || isLetter(byte) }
}
