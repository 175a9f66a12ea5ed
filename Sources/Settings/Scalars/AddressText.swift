import Contracts

/// Network addresses as settings write them.
package enum AddressText {
    /// Reads `host:port`; an IPv6 address stands in brackets: `[::1]:7878`. Port 0 (any free port) only to listen.
    package static func hostAndPort(_ text: String, toListen: Bool = false) throws(ScalarRefusal) -> (
        host: String, port: Int
    ) {
        try refuseCredentials(text)
        let quoted = text.quotedBriefly
        if text.contains("://") {
            throw refusal(
                "is \(quoted), and a host and port are asked for, without scheme", "write \(afterScheme(text))")
        }
        if let number = Self.port(text[...], from: toListen ? 0 : 1) {
            throw refusal(
                "is \(quoted), which is a port and names no host",
                "write \(toListen ? "127.0.0.1" : "localhost"):\(number)")
        }
        guard let colon = text.lastIndex(of: ":"), text.last != "]" else {
            throw refusal("is \(quoted), which names no port", "write \(text.isEmpty ? "host" : text):PORT")
        }
        let portText = text[text.index(after: colon)...]
        let hostText = text[..<colon]
        guard !hostText.isEmpty else {
            throw refusal(
                "is \(quoted), which names no host", "write \(toListen ? "127.0.0.1" : "localhost"):\(portText)")
        }
        guard let port = port(portText, from: toListen ? 0 : 1) else {
            throw refusal("is \(quoted), and \(String(portText).quotedBriefly) is no port from 1 to 65535", nil)
        }
        if hostText.contains(":") {
            guard hostText.first == "[", hostText.last == "]" else {
                throw refusal("is \(quoted), and an IPv6 address stands in brackets", "write [\(hostText)]:\(port)")
            }
            let inner = hostText.dropFirst().dropLast()
            // A scope may follow: fe80::1%eth0 (RFC 4007 section 11).
            let parts = inner.split(separator: "%", maxSplits: 1, omittingEmptySubsequences: false)
            let isAddress =
                parts[0].contains(":")
                && parts[0].allSatisfy { $0.isASCII && ($0.isHexDigit || $0 == ":" || $0 == ".") }
            guard isAddress, parts.count == 1 || isHost(parts[1]) else {
                throw refusal("is \(quoted), whose host is no IPv6 address", nil)
            }
            return (String(inner), port)
        }
        guard isHost(hostText) else {
            throw refusal("is \(quoted), and \(String(hostText).quotedBriefly) is no host name or address", nil)
        }
        return (String(hostText), port)
    }

    /// Checks an absolute URL with one of `schemes` (RFC 3986), and returns it without a trailing slash.
    package static func url(_ text: String, schemes: [String]) throws(ScalarRefusal) -> String {
        try refuseCredentials(text)
        let quoted = text.quotedBriefly
        func refusal(_ reason: String, _ suggestion: String? = nil) -> ScalarRefusal {
            ScalarRefusal(SettingsFailures.url, reason, suggestion: suggestion)
        }
        let wanted = schemes.joined(separator: " or ")
        guard let separator = text.firstRange(of: "://") else {
            throw refusal("is \(quoted), which has no scheme", "write \(schemes.first ?? "https")://\(text)")
        }
        let scheme = text[..<separator.lowerBound].lowercased()
        guard schemes.isEmpty || schemes.contains(scheme) else {
            let fixed = "\(schemes.first ?? "https")\(text[separator.lowerBound...])"
            throw refusal("is \(quoted), and its scheme must be \(wanted)", "write \(fixed)")
        }
        let rest = text[separator.upperBound...]
        let authority = rest.prefix { $0 != "/" && $0 != "?" && $0 != "#" }
        guard
            text.unicodeScalars.allSatisfy({
                $0.value > 0x20 && $0.value < 0x7F && !"<>\"{}|\\^`".unicodeScalars.contains($0)
            })
        else { throw refusal("is \(quoted), which has a character that no URL may have", "encode it as %XX") }
        let hasPort = authority.last != "]" && authority.contains(":")
        let host = hasPort ? authority[..<(authority.lastIndex(of: ":") ?? authority.endIndex)] : authority
        guard host.first == "[" ? host.last == "]" : isHost(host) else {
            throw refusal("is \(quoted), which names no host")
        }
        if hasPort, port(authority[authority.index(after: host.endIndex)...], from: 1) == nil {
            throw refusal("is \(quoted), whose port is none from 1 to 65535")
        }
        return text.last == "/" && rest.count == authority.count + 1 ? String(text.dropLast()) : text
    }

    /// User and password before an @ are refused first of all, because every other fault would quote them.
    private static func refuseCredentials(_ text: String) throws(ScalarRefusal) {
        let start = text.firstRange(of: "://")?.upperBound ?? text.startIndex
        guard text[start...].prefix(while: { $0 != "/" && $0 != "?" && $0 != "#" }).contains("@") else { return }
        throw ScalarRefusal(
            SettingsFailures.secretLiteral, "has a user or password in it",
            suggestion: "leave it out of the address; login and secret have settings of their own")
    }

    private static func port(_ text: Substring, from lowest: Int) -> Int? {
        guard !text.isEmpty, text.count <= 5, text.allSatisfy({ $0.isASCII && $0.isNumber }), let port = Int(text)
        else {
            return nil
        }
        return (lowest...65_535).contains(port) ? port : nil
    }

    /// Host names as plants use them: RFC 1123, and the underscore that Windows machines have.
    private static func isHost(_ text: Substring) -> Bool {
        guard !text.isEmpty, text.count <= 253 else { return false }
        return text.split(separator: ".", omittingEmptySubsequences: false).allSatisfy { label in
            !label.isEmpty && label.count <= 63 && label.first != "-" && label.last != "-"
                && label.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "-" || $0 == "_") }
        }
    }

    private static func afterScheme(_ text: String) -> String {
        guard let separator = text.firstRange(of: "://") else { return text }
        let rest = text[separator.upperBound...].prefix { $0 != "/" }
        return rest.contains(":") ? String(rest) : "\(rest):PORT"
    }

    private static func refusal(_ reason: String, _ suggestion: String?) -> ScalarRefusal {
        ScalarRefusal(SettingsFailures.address, reason, suggestion: suggestion)
    }
}
