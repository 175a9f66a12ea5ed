import Canonical
import Foundation
import Glibc
import World

/// The real file system, as little of it as following needs.
struct PlainDisk: Disk {
    private static func failure(_ operation: String, _ path: String) -> DiskFailure {
        let reason: DiskFailure.Reason =
            switch errno {
            case ENOENT, ENOTDIR: .notFound
            case EACCES: .denied
            case EEXIST: .exists
            default: .other
            }
        return DiskFailure(operation: operation, path: path, reason: reason, detail: String(cString: strerror(errno)))
    }

    func list(_ directory: String) throws(DiskFailure) -> [DiskEntry] {
        guard let names = try? FileManager.default.contentsOfDirectory(atPath: directory) else {
            throw DiskFailure(operation: "list", path: directory, reason: .notFound, detail: "No such directory")
        }
        return names.sorted().map { name in
            DiskEntry(name: name, isDirectory: (try? status(directory + "/" + name))?.isDirectory ?? false)
        }
    }

    func status(_ path: String) throws(DiskFailure) -> FileStatus? {
        var found = stat()
        guard stat(path, &found) == 0 else {
            if errno == ENOENT || errno == ENOTDIR { return nil }
            throw Self.failure("look at", path)
        }
        return FileStatus(
            size: Int(found.st_size),
            modified: Instant(
                microseconds: Int64(found.st_mtim.tv_sec) * 1_000_000 + Int64(found.st_mtim.tv_nsec) / 1_000),
            isDirectory: found.st_mode & S_IFMT == S_IFDIR, identity: "\(found.st_dev):\(found.st_ino)")
    }

    func read(_ path: String, from offset: Int, upTo count: Int) throws(DiskFailure) -> [UInt8] {
        let file = open(path, O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { throw Self.failure("read", path) }
        defer { close(file) }
        var bytes = [UInt8](repeating: 0, count: count)
        let got = pread(file, &bytes, count, off_t(offset))
        guard got >= 0 else { throw Self.failure("read", path) }
        return Array(bytes.prefix(got))
    }

    func append(_ bytes: [UInt8], to path: String, sync: Bool) throws(DiskFailure) -> Int {
        let file = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0o644)
        guard file >= 0 else { throw Self.failure("append to", path) }
        defer { close(file) }
        let before = Int(lseek(file, 0, SEEK_END))
        guard Glibc.write(file, bytes, bytes.count) == bytes.count else { throw Self.failure("append to", path) }
        if sync { fdatasync(file) }
        return before
    }

    func replace(_ path: String, with bytes: [UInt8], mode: UInt32) throws(DiskFailure) {
        let temporary = path + ".tmp"
        unlink(temporary)
        _ = try append(bytes, to: temporary, sync: true)
        guard Glibc.rename(temporary, path) == 0 else { throw Self.failure("replace", path) }
    }

    func move(_ path: String, to destination: String) throws(DiskFailure) {
        guard link(path, destination) == 0, unlink(path) == 0 else { throw Self.failure("move", path) }
    }

    func truncate(_ path: String, to size: Int) throws(DiskFailure) {
        guard Glibc.truncate(path, off_t(size)) == 0 else { throw Self.failure("truncate", path) }
    }

    func remove(_ path: String) throws(DiskFailure) { unlink(path) }
    func makeDirectory(_ path: String) throws(DiskFailure) {
        try? FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }
    func freeBytes(at path: String) throws(DiskFailure) -> Int { 1 << 40 }
}
