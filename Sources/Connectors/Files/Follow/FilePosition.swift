import Canonical
import ExactJSON
import World

/// How far a file was read, and what the reading needs to go on there: stored with the events.
struct FilePosition: Sendable, Hashable {
    /// Bytes before the position that show whether the file is still the one that was read.
    static let guardLength = 64

    var key: FileKey
    var point: ReadingPoint
    /// Length and hash of the bytes up to the end of the first record.
    var headLength: Int
    var headHash: UInt64
    /// Hash and number of the bytes before the position that are compared, up to ``guardLength``.
    var guardHash: UInt64
    var guardCount: Int
    var encoding: TextEncoding
    var header: [String]?
    /// The time of the last record, for the hour that comes twice.
    var lastTime: Instant?

    var json: JSON {
        var value: JSON = [
            "offset": .int(point.offset), "line": .int(point.line), "head": .int(headLength),
            "headHash": .string(ContentHash.hex(headHash)), "guard": .string(ContentHash.hex(guardHash)),
            "guardCount": .int(guardCount),
            "encoding": .string(encoding.rawValue),
        ]
        if let header { value["header"] = .array(header.map { .string($0) }) }
        if let lastTime { value["time"] = .string(lastTime.description) }
        return value
    }

    init(
        key: FileKey, point: ReadingPoint, headLength: Int, headHash: UInt64, guardHash: UInt64, guardCount: Int,
        encoding: TextEncoding, header: [String]?, lastTime: Instant?
    ) {
        self.key = key
        self.point = point
        self.headLength = headLength
        self.headHash = headHash
        self.guardHash = guardHash
        self.guardCount = guardCount
        self.encoding = encoding
        self.header = header
        self.lastTime = lastTime
    }

    /// Nil where the stored value is none of this kind.
    init?(_ json: JSON, key: FileKey) {
        guard let offset = json["offset"]?.int, let line = json["line"]?.int, let head = json["head"]?.int,
            let headHash = json["headHash"]?.string.flatMap({ UInt64($0, radix: 16) }),
            let guardHash = json["guard"]?.string.flatMap({ UInt64($0, radix: 16) }),
            let guardCount = json["guardCount"]?.int, (0...Self.guardLength).contains(guardCount), guardCount <= offset,
            let encoding = json["encoding"]?.string.flatMap({ TextEncoding(rawValue: $0) }), head >= 0
        else { return nil }
        self.init(
            key: key, point: ReadingPoint(offset: offset, line: line), headLength: head, headHash: headHash,
            guardHash: guardHash, guardCount: guardCount, encoding: encoding,
            header: json["header"]?.array?.compactMap(\.string),
            lastTime: json["time"]?.string.flatMap { Instant(text: $0) })
    }

    /// Whether the file at `path` holds what was read of this one: the same head, and the same bytes before the
    /// position.
    func fits(_ path: String, _ disk: any Disk) throws(DiskFailure) -> Bool {
        guard let status = try disk.status(path), status.size >= max(point.offset, headLength) else { return false }
        let head = try disk.read(path, from: 0, upTo: headLength)
        guard head.count == headLength, ContentHash.of(head) == headHash else { return false }
        let tail = try disk.read(path, from: point.offset - guardCount, upTo: guardCount)
        return ContentHash.of(tail) == guardHash
    }
}
