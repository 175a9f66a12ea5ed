import Canonical
import Contracts

/// What is wrong with one line: bounded, whatever the line holds.
struct LineFaults {
    /// Faults that are told one by one; one more says how many there are besides.
    static let maximum = 16

    let origin: Origin
    /// The line, which all of them share.
    let original: [UInt8]
    let time: Instant
    private var listed: [InputFault] = []
    private var more = 0
    private var moreKind: FailureKind?

    init(origin: Origin, original: [UInt8], time: Instant) {
        self.origin = origin
        self.original = original
        self.time = time
    }

    /// `cause`: what it is about, which with the kind names the cause that further lines share; nil where each such
    /// line is a matter of its own.
    mutating func add(_ kind: FailureKind, _ words: String, cause: String?) {
        guard listed.count < Self.maximum else {
            more += 1
            moreKind = moreKind ?? kind
            return
        }
        listed.append(fault(kind, words, cause: cause))
    }

    /// Those that are told one by one, and one for the rest.
    var all: [InputFault] {
        guard let moreKind else { return listed }
        return listed + [
            fault(moreKind, "the line has \(more) more faults, which are not told one by one", cause: "more faults")
        ]
    }

    private func fault(_ kind: FailureKind, _ words: String, cause: String?) -> InputFault {
        InputFault(
            failure: Failure(kind, "\(origin): \(words)"), origin: origin, original: original, time: time,
            factID: cause.map { "\(kind.code):\(Self.name($0))" })
    }

    /// Short causes as they stand, long ones by their fingerprint.
    private static func name(_ cause: String) -> String {
        cause.utf8.count <= 100 ? cause : Fingerprint.text(of: Array(cause.utf8))
    }
}

extension StringProtocol {
    /// Its beginning, for an error's message. By scalars: one character may be as long as a line.
    var excerpt: String { String(String.UnicodeScalarView(unicodeScalars.prefix(100))) }
}
