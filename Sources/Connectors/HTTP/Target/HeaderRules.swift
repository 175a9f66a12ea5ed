/// Which header fields a person's settings and a command may set. Pure.
enum HeaderRules {
    /// Fields of one command.
    static let maximumFields = 64
    /// Bytes of one value.
    static let maximumBytes = 8_192

    /// What the connection, the credentials or the signature say, and nobody else.
    private static let own: Set<String> = [
        "authorization", "connection", "content-length", "expect", "host", "keep-alive", "proxy-authorization",
        "proxy-connection", "te", "trailer", "transfer-encoding", "upgrade", "webhook-id", "webhook-signature",
        "webhook-timestamp",
    ]

    /// Why a field cannot be sent; nil where it can. The value is never shown: it may be a secret.
    static func refusal(_ name: String, _ value: String, taken: [String]) -> String? {
        guard !name.isEmpty, name.utf8.count <= 256, name.utf8.allSatisfy(isToken) else {
            return "\"\(shown(name))\" is no name of a header field"
        }
        let lowered = name.lowercased()
        guard !own.contains(lowered), !taken.contains(where: { $0.lowercased() == lowered }) else {
            return "the header field \(name) is set by the target itself"
        }
        guard value.utf8.count <= maximumBytes else {
            return "the header field \(name) has \(value.utf8.count) bytes, and may have \(maximumBytes)"
        }
        // A line break would begin a field of the sender's own (RFC 9110 section 5.5); what is beyond ASCII means
        // different things to different receivers.
        guard value.utf8.allSatisfy({ $0 >= 0x20 && $0 < 0x7F || $0 == 0x09 }) else {
            return "the header field \(name) has a character that is none of printable ASCII"
        }
        return nil
    }

    /// What may stand in a message of a text that may hold anything.
    static func shown(_ text: String) -> String {
        String(text.unicodeScalars.prefix(60).map { $0.value < 0x20 || $0.value == 0x7F ? "?" : Character($0) })
    }

    /// RFC 9110 section 5.6.2.
    private static func isToken(_ byte: UInt8) -> Bool {
        (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte)
            || "!#$%&'*+-.^_`|~".utf8.contains(byte)
    }
}
