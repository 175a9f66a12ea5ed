package import Canonical

/// The file system as connectors use it. All calls are synchronous and bounded by what the caller asks for.
package protocol Disk: Sendable {
    /// The entries of a directory, sorted by name; without `.` and `..`.
    func list(_ directory: String) throws(DiskFailure) -> [DiskEntry]
    /// What is at `path`, or nil where nothing is. Follows symbolic links.
    func status(_ path: String) throws(DiskFailure) -> FileStatus?
    /// At most `count` bytes from `offset`; empty at or behind the end.
    func read(_ path: String, from offset: Int, upTo count: Int) throws(DiskFailure) -> [UInt8]
    /// Appends and, with `sync`, returns only when the bytes survive a power cut. Returns the file's size before.
    /// No bytes with `sync` make durable what is there already, the file's name among it: after a crash, before it is
    /// relied on.
    @discardableResult
    func append(_ bytes: [UInt8], to path: String, sync: Bool) throws(DiskFailure) -> Int
    /// Writes a whole file so that a reader sees the old or the new one, never a part: temporary file, fsync, rename, fsync of the directory.
    func replace(_ path: String, with bytes: [UInt8], mode: UInt32) throws(DiskFailure)
    /// Renames within one file system, durably; refuses to overwrite.
    func move(_ path: String, to destination: String) throws(DiskFailure)
    /// Shortens a file to `size` bytes, durably.
    func truncate(_ path: String, to size: Int) throws(DiskFailure)
    /// Removes a file; nothing happens where none is.
    func remove(_ path: String) throws(DiskFailure)
    /// Makes a directory and what is missing above it.
    func makeDirectory(_ path: String) throws(DiskFailure)
    /// Free bytes of the file system that holds `path`, for an ordinary user.
    func freeBytes(at path: String) throws(DiskFailure) -> Int
}

/// One entry of a directory.
package struct DiskEntry: Sendable, Hashable {
    package let name: String
    package let isDirectory: Bool
    /// Whether it is a symbolic link; ``isDirectory`` then speaks of what it leads to.
    package let isLink: Bool
    /// Whether its name is no UTF-8: ``name`` then shows it with escapes (`Gr\xF6sse.csv`), and no call finds it by
    /// that.
    package let isNameBroken: Bool

    package init(name: String, isDirectory: Bool, isLink: Bool = false, isNameBroken: Bool = false) {
        self.name = name
        self.isDirectory = isDirectory
        self.isLink = isLink
        self.isNameBroken = isNameBroken
    }
}

/// What the file system says of a file.
package struct FileStatus: Sendable, Hashable {
    package let size: Int
    package let modified: Instant
    package let isDirectory: Bool
    /// Device and inode: stays with a file that is renamed, changes where a new file takes its name.
    package let identity: String

    package init(size: Int, modified: Instant, isDirectory: Bool, identity: String) {
        self.size = size
        self.modified = modified
        self.isDirectory = isDirectory
        self.identity = identity
    }
}

/// A file system call that failed.
package struct DiskFailure: Error, Sendable, CustomStringConvertible {
    package enum Reason: Sendable, Hashable { case notFound, denied, full, exists, other }
    package let operation: String
    package let path: String
    package let reason: Reason
    /// The operating system's words: `No space left on device`.
    package let detail: String

    package init(operation: String, path: String, reason: Reason, detail: String) {
        self.operation = operation
        self.path = path
        self.reason = reason
        self.detail = detail
    }

    package var description: String { "cannot \(operation) \(path): \(detail)" }
}
