/// URIs (RFC 3986) and IRIs (RFC 3987), by their characters and parts.
struct URIFormats {
    private let uri: SchemaURI
    private let international: Bool

    init(_ text: String, international: Bool) {
        uri = SchemaURI(text)
        self.international = international
    }

    /// With a scheme.
    var isAbsolute: Bool { uri.scheme != nil && isReference }

    /// With a scheme or relative.
    var isReference: Bool {
        if let scheme = uri.scheme {
            let bytes = Array(scheme.utf8)
            guard ASCII.isLetter(bytes[0]), bytes.allSatisfy({ ASCII.isAlphanumeric($0) || "+-.".utf8.contains($0) })
            else {
                return false
            }
        } else if uri.authority == nil,
            let segment = uri.path.split(separator: "/", omittingEmptySubsequences: false).first,
            segment.contains(":")
        {
            return false
        }
        if let authority = uri.authority {
            guard isAuthority(authority) else { return false }
        }
        return consists(uri.path, of: ":@/") && consists(uri.query ?? "", of: ":@/?", isQuery: true)
            && consists(uri.fragment ?? "", of: ":@/?")
    }

    private func isAuthority(_ authority: String) -> Bool {
        var rest = authority[...]
        if let at = rest.lastIndex(of: "@") {
            guard consists(String(rest[..<at]), of: ":") else { return false }
            rest = rest[rest.index(after: at)...]
        }
        if rest.hasPrefix("[") {
            guard let end = rest.firstIndex(of: "]"), isLiteral(rest[rest.index(after: rest.startIndex)..<end]) else {
                return false
            }
            rest = rest[rest.index(after: end)...]
            return rest.isEmpty || (rest.hasPrefix(":") && isPort(rest.dropFirst()))
        }
        if let colon = rest.lastIndex(of: ":") {
            guard isPort(rest[rest.index(after: colon)...]) else { return false }
            rest = rest[..<colon]
        }
        return consists(String(rest), of: "")
    }

    private func isPort(_ text: Substring) -> Bool { text.utf8.allSatisfy(ASCII.isDigit) }

    private func isLiteral(_ text: Substring) -> Bool {
        guard text.hasPrefix("v") || text.hasPrefix("V") else { return NetworkFormats.isIPv6(Array(text.utf8)[...]) }
        let parts = text.dropFirst().split(separator: ".", maxSplits: 1, omittingEmptySubsequences: false)
        return parts.count == 2 && !parts[0].isEmpty && parts[0].utf8.allSatisfy(ASCII.isHex) && !parts[1].isEmpty
            && consists(String(parts[1]), of: ":") && !parts[1].contains("%")
    }

    /// Whether the text is of unreserved characters, sub-delimiters, percent-encodings and `others`.
    private func consists(_ text: String, of others: String, isQuery: Bool = false) -> Bool {
        var scalars = Array(text.unicodeScalars)[...]
        while let scalar = scalars.popFirst() {
            if scalar == "%" {
                guard scalars.count >= 2, scalars.prefix(2).allSatisfy({ $0.isASCII && ASCII.isHex(UInt8($0.value)) })
                else {
                    return false
                }
                scalars = scalars.dropFirst(2)
                continue
            }
            if scalar.isASCII {
                guard
                    ASCII.isAlphanumeric(UInt8(scalar.value)) || "-._~!$&'()*+,;=".unicodeScalars.contains(scalar)
                        || others.unicodeScalars.contains(scalar)
                else { return false }
            } else if !(international && Self.isInternational(scalar, isQuery: isQuery)) {
                return false
            }
        }
        return true
    }

    /// `ucschar` and, in a query, `iprivate` (RFC 3987 section 2.2).
    private static func isInternational(_ scalar: Unicode.Scalar, isQuery: Bool) -> Bool {
        switch scalar.value {
        case 0xA0...0xD7FF, 0xF900...0xFDCF, 0xFDF0...0xFFEF: true
        case 0x10000...0xDFFFF: scalar.value & 0xFFFF < 0xFFFE
        case 0xE1000...0xEFFFD: true
        case 0xE000...0xF8FF, 0xF0000...0xFFFFD, 0x100000...0x10FFFD: isQuery
        default: false
        }
    }
}

/// URI templates (RFC 6570 section 2).
enum URITemplate {
    static func isTemplate(_ text: String) -> Bool {
        var rest = text[...]
        while let character = rest.popFirst() {
            if character == "{" {
                guard let end = rest.firstIndex(of: "}"), isExpression(rest[..<end]) else { return false }
                rest = rest[rest.index(after: end)...]
            } else if character == "}" || !isLiteral(character, &rest) {
                return false
            }
        }
        return true
    }

    private static func isLiteral(_ character: Character, _ rest: inout Substring) -> Bool {
        if character == "%" {
            let code = rest.prefix(2)
            rest = rest.dropFirst(2)
            return code.utf8.count == 2 && code.utf8.allSatisfy(ASCII.isHex)
        }
        return character.unicodeScalars.allSatisfy {
            $0.value > 0x20 && $0.value != 0x7F && !"\"<>\\^`|".unicodeScalars.contains($0)
        }
    }

    private static func isExpression(_ text: Substring) -> Bool {
        var text = text
        if let first = text.first, "+#./;?&=,!@|".contains(first) { text = text.dropFirst() }
        return text.split(separator: ",", omittingEmptySubsequences: false).allSatisfy { isVariable($0) }
    }

    private static func isVariable(_ text: Substring) -> Bool {
        var name = text
        if name.hasSuffix("*") {
            name = name.dropLast()
        } else if let colon = name.firstIndex(of: ":") {
            let length = name[name.index(after: colon)...]
            guard (1...4).contains(length.utf8.count), length.utf8.allSatisfy(ASCII.isDigit), !length.hasPrefix("0")
            else {
                return false
            }
            name = name[..<colon]
        }
        let parts = name.split(separator: ".", omittingEmptySubsequences: false)
        return parts.allSatisfy { part in
            var bytes = Array(part.utf8)[...]
            guard !bytes.isEmpty else { return false }
            while let byte = bytes.popFirst() {
                if byte == UInt8(ascii: "%") {
                    guard bytes.count >= 2, bytes.prefix(2).allSatisfy(ASCII.isHex) else { return false }
                    bytes = bytes.dropFirst(2)
                } else if !ASCII.isAlphanumeric(byte), byte != UInt8(ascii: "_") {
                    return false
                }
            }
            return true
        }
    }
}
