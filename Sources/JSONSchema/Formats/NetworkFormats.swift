/// Addresses of mail and hosts.
enum NetworkFormats {
    /// RFC 1123 section 2.1, with the rules for labels that IDNA 2008 made (RFC 5891 section 4.2.3.1).
    static func isHostname(_ bytes: ArraySlice<UInt8>) -> Bool {
        guard !bytes.isEmpty, bytes.count <= 253 else { return false }
        return bytes.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false).allSatisfy {
            isLabel(Array($0))
        }
    }

    private static func isLabel(_ label: [UInt8]) -> Bool {
        let hyphen = UInt8(ascii: "-")
        guard (1...63).contains(label.count), label.first != hyphen, label.last != hyphen,
            label.allSatisfy({ ASCII.isAlphanumeric($0) || $0 == hyphen })
        else { return false }
        guard label.count >= 4, label[2] == hyphen, label[3] == hyphen else { return true }
        guard label[0] | 0x20 == UInt8(ascii: "x"), label[1] | 0x20 == UInt8(ascii: "n") else { return false }
        return Punycode.isLabel(label[4...])
    }

    /// RFC 2673 section 3.2: four numbers up to 255, without leading zeros.
    static func isIPv4(_ bytes: ArraySlice<UInt8>) -> Bool {
        let parts = bytes.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        return parts.count == 4
            && parts.allSatisfy { part in
                (1...3).contains(part.count) && part.allSatisfy(ASCII.isDigit)
                    && (part.count == 1 || part.first != UInt8(ascii: "0"))
                    && part.reduce(0) { $0 * 10 + Int($1 - 0x30) } <= 255
            }
    }

    /// RFC 4291 section 2.2, without a zone.
    static func isIPv6(_ bytes: ArraySlice<UInt8>) -> Bool {
        var groups = 0
        var hasGap = false
        var rest = bytes
        let colon = UInt8(ascii: ":")
        if rest.starts(with: [colon]) {
            guard rest.starts(with: [colon, colon]) else { return false }
            hasGap = true
            rest = rest.dropFirst(2)
            if rest.isEmpty { return true }
        }
        while true {
            let end = rest.firstIndex(of: colon) ?? rest.endIndex
            let group = rest[..<end]
            if end == rest.endIndex, group.contains(UInt8(ascii: ".")) {
                guard isIPv4(group) else { return false }
                groups += 2
                break
            }
            guard (1...4).contains(group.count), group.allSatisfy(ASCII.isHex) else { return false }
            groups += 1
            guard end < rest.endIndex, groups <= 8 else { break }
            rest = rest[(end + 1)...]
            if rest.first == colon {
                guard !hasGap else { return false }
                hasGap = true
                rest = rest.dropFirst()
                if rest.isEmpty { break }
            } else if rest.isEmpty {
                return false
            }
        }
        return hasGap ? groups <= 7 : groups == 8
    }

    /// RFC 5321 section 4.1.2; with texts beyond ASCII RFC 6531 section 3.3.
    static func isEmail(_ bytes: [UInt8], international: Bool) -> Bool {
        guard let at = bytes.lastIndex(of: UInt8(ascii: "@")) else { return false }
        let (local, domain) = (bytes[..<at], bytes[(at + 1)...])
        guard isLocalPart(Array(local), international), domain.count <= 255 else { return false }
        if domain.first == UInt8(ascii: "["), domain.last == UInt8(ascii: "]") {
            let literal = domain.dropFirst().dropLast()
            let tag = Array("IPv6:".utf8)
            return literal.starts(with: tag) ? isIPv6(literal.dropFirst(tag.count)) : isIPv4(literal)
        }
        guard international, domain.contains(where: { $0 >= 0x80 }) else { return isHostname(domain) }
        return domain.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false).allSatisfy { label in
            !label.isEmpty && label.first != UInt8(ascii: "-") && label.last != UInt8(ascii: "-")
                && label.allSatisfy { ASCII.isAlphanumeric($0) || $0 == UInt8(ascii: "-") || $0 >= 0x80 }
        }
    }

    private static func isLocalPart(_ local: [UInt8], _ international: Bool) -> Bool {
        guard (1...64).contains(local.count) else { return false }
        if local.first == UInt8(ascii: "\"") {
            guard local.count >= 2, local.last == UInt8(ascii: "\"") else { return false }
            var isEscape = false
            for byte in local.dropFirst().dropLast() {
                guard (0x20...0x7E).contains(byte) || (international && byte >= 0x80) else { return false }
                if !isEscape, byte == UInt8(ascii: "\"") { return false }
                isEscape = !isEscape && byte == UInt8(ascii: "\\")
            }
            return !isEscape
        }
        let others = Array("!#$%&'*+-/=?^_`{|}~".utf8)
        return local.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false).allSatisfy { atom in
            !atom.isEmpty
                && atom.allSatisfy { ASCII.isAlphanumeric($0) || others.contains($0) || (international && $0 >= 0x80) }
        }
    }
}
