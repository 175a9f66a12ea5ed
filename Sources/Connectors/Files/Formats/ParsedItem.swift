import Contracts
import ExactJSON

/// What a parser makes of a run of bytes: a record, or a fault with the bytes kept aside.
struct ParsedItem: Sendable {
    enum Content: Sendable, Hashable {
        case record(kind: String, fields: JSONObject)
        case fault(ParseFault)
    }

    var content: Content
    /// Where it begins in the file.
    var start: Int
    /// The line it begins in, from 1.
    var line: Int
    /// Where reading goes on behind it.
    var end: ReadingPoint
    /// Where its own first run of text ends, whatever followed when it was read: the same at every reading.
    var headEnd: Int
    /// Its bytes, as many as a fault may keep.
    var original: [UInt8]
}

/// A place in a file from which reading can go on.
struct ReadingPoint: Sendable, Hashable {
    var offset: Int
    var line: Int
}

/// What is wrong with a run of bytes.
struct ParseFault: Error, Sendable, Hashable {
    let kind: FailureKind
    /// What happened, with the real values; completed by the place where the reading stands.
    let message: String
    /// The byte of the file at fault, where it is a certain one.
    var byte: Int?
    var line: Int?
}

/// A format's parser: takes a file's lines in order and says what they are. A value without I/O and time.
protocol RecordParser: Sendable {
    /// Takes the next line.
    mutating func take(_ line: RawLine, into items: inout [ParsedItem])
    /// The file has ended: what is open is complete.
    mutating func finish(into items: inout [ParsedItem])
    /// Nothing came for the quiet time: what may be complete is.
    mutating func settle(into items: inout [ParsedItem])
    /// Whether ``settle(into:)`` would give anything.
    var canSettle: Bool { get }
    /// Where the first line stands that is in no item yet; nil where all lines taken are in items.
    var pending: ReadingPoint? { get }
    /// What the file itself says of its columns, where its format has that.
    var header: [String]? { get }
}

/// Collects the bytes of a record up to a bound.
struct Original: Sendable {
    private(set) var bytes: [UInt8] = []
    /// All bytes, kept or not.
    private(set) var count = 0
    private let maximum: Int

    init(maximum: Int) { self.maximum = maximum }

    mutating func append(_ line: RawLine) {
        count += line.end - line.start
        let room = maximum - bytes.count
        if room > 0 { bytes.append(contentsOf: line.bytes.prefix(room)) }
    }
}
