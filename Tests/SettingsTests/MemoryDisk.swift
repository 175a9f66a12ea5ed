import Canonical
import World

/// A disk of files in memory, for reading settings folders.
struct MemoryDisk: Disk {
    var files: [String: [UInt8]] = [:]
    /// Paths whose reading fails.
    var denied: Set<String> = []
    /// The most bytes that one read gives, as a disk may give fewer than asked for.
    var chunk = Int.max

    func list(_ directory: String) throws(DiskFailure) -> [DiskEntry] {
        let prefix = directory + "/"
        var names: [String: Bool] = [:]
        for path in files.keys where path.hasPrefix(prefix) {
            let parts = path.dropFirst(prefix.count).split(separator: "/")
            if let first = parts.first { names[String(first)] = parts.count > 1 }
        }
        guard !names.isEmpty, !denied.contains(directory) else {
            throw failure("list", directory, .notFound, "No such file or directory")
        }
        return names.sorted { $0.key < $1.key }.map { DiskEntry(name: $0.key, isDirectory: $0.value) }
    }

    func read(_ path: String, from offset: Int, upTo count: Int) throws(DiskFailure) -> [UInt8] {
        guard let bytes = files[path], !denied.contains(path) else {
            throw failure("read", path, .denied, "Permission denied")
        }
        return Array(bytes.dropFirst(offset).prefix(min(count, chunk)))
    }

    func status(_ path: String) throws(DiskFailure) -> FileStatus? {
        files[path].map {
            FileStatus(size: $0.count, modified: Instant(microseconds: 0), isDirectory: false, identity: path)
        }
    }

    func append(_ bytes: [UInt8], to path: String, sync: Bool) throws(DiskFailure) -> Int { throw readOnly(path) }
    func replace(_ path: String, with bytes: [UInt8], mode: UInt32) throws(DiskFailure) { throw readOnly(path) }
    func move(_ path: String, to destination: String) throws(DiskFailure) { throw readOnly(path) }
    func truncate(_ path: String, to size: Int) throws(DiskFailure) { throw readOnly(path) }
    func remove(_ path: String) throws(DiskFailure) { throw readOnly(path) }
    func makeDirectory(_ path: String) throws(DiskFailure) { throw readOnly(path) }
    func freeBytes(at path: String) throws(DiskFailure) -> Int { throw readOnly(path) }

    private func failure(_ operation: String, _ path: String, _ reason: DiskFailure.Reason, _ detail: String)
        -> DiskFailure
    {
        DiskFailure(operation: operation, path: path, reason: reason, detail: detail)
    }

    private func readOnly(_ path: String) -> DiskFailure { failure("write", path, .denied, "Read-only file system") }
}
