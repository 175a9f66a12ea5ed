import Canonical
import World

/// One file that is being followed: what was read of it and what is not complete yet. A value without I/O.
struct FollowedFile: Sendable {
    /// Below the source's folder.
    var path: String
    /// The path that it was written at, before it was renamed, and what that has in common with the files of its
    /// series.
    var origin: String { didSet { series = ReadingOrder.name(of: origin) } }
    private(set) var series: String
    /// Device and inode.
    var identity: String
    /// Whether the pattern does not fit its name any more: it was rotated away and is read to its end.
    var isRotated = false
    /// Whether it holds nothing but the beginning of another file that is followed.
    var isCopy = false
    /// Known as soon as the first record is complete.
    var key: FileKey?
    /// What the file at this path was known by before it was emptied or replaced.
    var previous: FileKey?
    var reader: FormatReader
    var maker: ReadingMaker
    var headLength = 0
    var headHash: UInt64 = 0
    /// The file's first bytes, until its key is known.
    var head: [UInt8] = []
    /// The last bytes that were read, at least those from the guard before the resume point on.
    private(set) var window: [UInt8] = []
    /// Whether everything was read when the file was last looked at.
    var isCaughtUp = false
    var size = -1
    var modified = Instant(microseconds: 0)
    /// What the file system said when all files were last looked at.
    private(set) var surveyed: FileStatus
    /// The survey that first found something in it.
    private(set) var filledIn: Int?
    /// Whether there was something then in a file of its series that comes behind it.
    var hasYounger = false
    /// When the file was last seen to grow, and when it was last looked at.
    var grownAt: Duration
    var lookedAt: Duration?
    /// Behind which survey it was last attended to, and behind which its end was looked for.
    var attendedIn = 0
    var endSeenIn = 0
    /// Whether the pointers from path and inode to the key are stored.
    var hasPointers = false

    init(
        path: String, status: FileStatus, reader: FormatReader, maker: ReadingMaker, now: Duration, survey: Int
    ) {
        self.path = path
        origin = path
        series = ReadingOrder.name(of: path)
        identity = status.identity
        surveyed = status
        filledIn = status.size > 0 ? survey : nil
        self.reader = reader
        self.maker = maker
        grownAt = now
    }

    /// Where the file is read from next.
    var offset: Int { reader.offset }

    /// Whether something of it was handed in: a record is whole only then.
    var isBegun: Bool { key != nil }

    /// Whether there may be something in it that was not read, or not handed in yet.
    var hasNews: Bool { !isCaughtUp || !isAsRead(surveyed) || reader.canSettle }

    /// Whether the file is as it was when it was last read.
    func isAsRead(_ status: FileStatus) -> Bool { status.size == size && status.modified == modified }

    /// Takes note of what the file system says of it.
    mutating func note(_ status: FileStatus, at now: Duration, in survey: Int) {
        if filledIn == nil, status.size > 0 { filledIn = survey }
        if status.size != surveyed.size || status.modified != surveyed.modified { grownAt = now }
        surveyed = status
    }

    /// The bytes before ``offset`` that the next read checks.
    var tail: ArraySlice<UInt8> { window.suffix(FilePosition.guardLength) }

    /// Bytes of records that are not complete.
    var pendingBytes: [UInt8] { Array(window.suffix(max(0, offset - reader.resume.offset))) }

    /// Starts the window with what stands before ``offset``.
    mutating func begin(window: [UInt8]) { self.window = window }

    /// Takes the next bytes of the file. The window is kept to what a record may have, and the guard before it.
    mutating func feed(_ bytes: [UInt8], maximumWindow: Int) -> [ParsedItem] {
        if key == nil, head.count < FileKey.maximumHead { head += bytes.prefix(FileKey.maximumHead - head.count) }
        window += bytes
        if window.count > maximumWindow { window.removeFirst(window.count - maximumWindow) }
        return reader.feed(bytes)
    }

    /// Forgets the bytes that no position needs any more.
    mutating func trimWindow() {
        let needed = offset - reader.resume.offset + FilePosition.guardLength
        if window.count > needed { window.removeFirst(window.count - needed) }
    }

    /// The position at `point`; nil as long as the file has no key.
    func position(at point: ReadingPoint) -> FilePosition? {
        guard let key else { return nil }
        let windowStart = offset - window.count
        let start = max(windowStart, point.offset - FilePosition.guardLength, 0)
        let guarded = start < point.offset ? Array(window[(start - windowStart)..<(point.offset - windowStart)]) : []
        return FilePosition(
            key: key, point: point, headLength: headLength, headHash: headHash, guardHash: ContentHash.of(guarded),
            guardCount: guarded.count, encoding: reader.encoding, header: reader.header, lastTime: maker.clock.last)
    }
}
