/// W3C Trace Context, version 00: `00-<32 hex trace id>-<16 hex span id>-<2 hex flags>`.
package struct Traceparent: Sendable, Hashable, CustomStringConvertible {
    package let traceID: String
    package let spanID: String
    package let flags: String

    /// A new trace from 24 bytes of entropy.
    package init(entropy: [UInt8]) {
        precondition(entropy.count >= 24, "a trace id is 16 bytes and a span id 8")
        let hex = entropy.prefix(24).map { byte in
            let text = String(byte, radix: 16)
            return text.utf8.count == 1 ? "0" + text : text
        }
        traceID = hex[0..<16].joined()
        spanID = hex[16..<24].joined()
        flags = "01"
    }

    /// Reads the header or attribute; nil for another version or a broken one.
    package init?(_ text: String) {
        let parts = text.split(separator: "-", omittingEmptySubsequences: false)
        guard parts.count == 4, parts[0] == "00", parts[1].utf8.count == 32, parts[2].utf8.count == 16,
            parts[3].utf8.count == 2, parts.allSatisfy({ $0.allSatisfy { $0.isHexDigit && !$0.isUppercase } }),
            parts[1].contains(where: { $0 != "0" }), parts[2].contains(where: { $0 != "0" })
        else { return nil }
        traceID = String(parts[1])
        spanID = String(parts[2])
        flags = String(parts[3])
    }

    package var description: String { "00-\(traceID)-\(spanID)-\(flags)" }
}
