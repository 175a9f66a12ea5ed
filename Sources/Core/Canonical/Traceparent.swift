/// W3C Trace Context, version 00: `00-<32 hex trace id>-<16 hex span id>-<2 hex flags>`.
package struct Traceparent: Sendable, Hashable, CustomStringConvertible {
    package let traceID: String
    package let spanID: String
    package let flags: String

    /// `traceID`: 32 lower-case hexadecimal digits; `spanID`: 16.
    package init(traceID: String, spanID: String, isSampled: Bool) {
        self.traceID = traceID
        self.spanID = spanID
        flags = isSampled ? "01" : "00"
    }

    /// Reads the header or attribute; nil for another version or a broken one.
    package init?(_ text: String) {
        let parts = text.split(separator: "-", omittingEmptySubsequences: false)
        guard parts.count == 4, parts[0] == "00", parts[1].utf8.count == 32, parts[2].utf8.count == 16,
            parts[3].utf8.count == 2, parts.allSatisfy({ $0.utf8.allSatisfy { "0123456789abcdef".utf8.contains($0) } }),
            parts[1].contains(where: { $0 != "0" }), parts[2].contains(where: { $0 != "0" })
        else { return nil }
        traceID = String(parts[1])
        spanID = String(parts[2])
        flags = String(parts[3])
    }

    package var description: String { "00-\(traceID)-\(spanID)-\(flags)" }

    /// Whether who made it may have recorded it (section 3.2.2.5.1: the lowest bit).
    package var isSampled: Bool { flags.utf8.last.map { "13579bdf".utf8.contains($0) } ?? false }

    /// The trace that what this task does belongs to: what it sends out says so. Set by who carries a command out, for
    /// the time of one call of its target; never kept.
    @TaskLocal package static var current: Traceparent?
}
