package import Canonical
import NodeSecurity

/// The ids of traces and spans, made of what they are about: the same fact has the same trace at every node, and nobody
/// draws lots.
package enum TraceIdentity {
    /// The trace of an event that brought none along: 32 hexadecimal digits.
    package static func trace(of envelope: Envelope) -> String {
        let text = digest(["trace", envelope.source, envelope.id])
        return String(text.prefix(32))
    }

    /// A span of a trace, which `words` tell from all others of it: 16 hexadecimal digits.
    package static func span(_ trace: String, _ words: String...) -> String {
        String(digest([trace] + words).prefix(16))
    }

    private static func digest(_ words: [String]) -> String {
        // No name holds the separator, so no two lists of words give the same text.
        Digest.hex(Array(words.joined(separator: "\u{1F}").utf8))
    }
}

/// The share of all traces that is recorded, decided by the trace's id alone: so all nodes with the same share record
/// the same traces.
package struct TraceShare: Sendable, Hashable {
    /// Of 2^32 equally likely values of an id, those below this are recorded.
    private let bound: UInt64

    /// `percent`: from 0 to 100.
    package init(percent: Double) { bound = UInt64(min(max(percent, 0), 100) / 100 * 4_294_967_296) }

    /// None.
    package static let none = TraceShare(percent: 0)

    /// Whether a trace of this id is recorded. The last digits decide: those at the beginning are a time in the ids of
    /// some makers.
    package func takes(_ trace: String) -> Bool {
        guard let value = UInt64(trace.suffix(8), radix: 16) else { return false }
        return value < bound
    }
}
