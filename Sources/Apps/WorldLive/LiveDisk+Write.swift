import Glibc
import Synchronization
package import World

extension LiveDisk {
    /// Tells the temporary files of concurrent ``replace(_:with:mode:)`` calls apart.
    private static let temporaryNumber = Atomic<Int>(0)

    @discardableResult
    package func append(_ bytes: [UInt8], to path: String, sync: Bool) throws(DiskFailure) -> Int {
        let isNew = try status(path) == nil
        let file = try OpenFile(path, "append to", flags: O_WRONLY | O_APPEND | O_CREAT, mode: 0o644)
        let before = Int(try file.status().st_size)
        do {
            try file.write(bytes)
        } catch {
            // A half-written record must not stay in front of the next one. If this fails too, the first failure says
            // more.
            try? file.truncate(to: before)
            throw error
        }
        guard sync else { return before }
        try file.syncData()
        // A process that was killed before this call may have made the name, and written the bytes, but synced neither.
        if isNew || before == 0 || bytes.isEmpty { try Self.syncDirectory(Self.parent(of: path), "append to") }
        return before
    }

    package func replace(_ path: String, with bytes: [UInt8], mode: UInt32) throws(DiskFailure) {
        let directory = Self.parent(of: path)
        let name = path.split(separator: "/").last.map(String.init) ?? path
        let number = Self.temporaryNumber.add(1, ordering: .relaxed).newValue
        let temporary = "\(directory)/.\(name).\(getpid()).\(number).tmp"
        do throws(DiskFailure) {
            try Self.write(bytes, toNew: temporary, mode: mode)
            guard Glibc.rename(temporary, path) == 0 else { throw DiskFailure.last("replace", path) }
        } catch {
            unlink(temporary)
            // The caller knows its own path, not the temporary one.
            throw DiskFailure(operation: "replace", path: path, reason: error.reason, detail: error.detail)
        }
        try Self.syncDirectory(directory, "replace")
    }

    private static func write(_ bytes: [UInt8], toNew path: String, mode: UInt32) throws(DiskFailure) {
        let file = try OpenFile(path, "replace", flags: O_WRONLY | O_CREAT | O_EXCL, mode: mode)
        // The process's umask may have taken bits away; a secret's 0600 and a drop folder's 0664 are both meant as
        // said.
        try file.setMode(mode)
        try file.write(bytes)
        try file.sync()
    }

    /// By a hard link to the new name, which refuses a name that is taken, and the removal of the old one.
    package func move(_ path: String, to destination: String) throws(DiskFailure) {
        try rename(path, toFree: destination)
        let from = Self.parent(of: path)
        let to = Self.parent(of: destination)
        try Self.syncDirectory(to, "move")
        if from != to { try Self.syncDirectory(from, "move") }
    }

    private func rename(_ path: String, toFree destination: String) throws(DiskFailure) {
        let code = link(path, destination) == 0 ? 0 : errno
        switch code {
        case 0: break
        case EEXIST:
            // Where both names are one file, an earlier move was cut off between its two steps.
            guard let from = try status(path), try status(destination)?.identity == from.identity else {
                throw Self.moveFailure(code, path, destination)
            }
        case EPERM, ENOSYS, EOPNOTSUPP, EMLINK: return try moveWithoutLinks(path, to: destination)
        default: throw Self.moveFailure(code, path, destination)
        }
        guard unlink(path) == 0 else { throw Self.moveFailure(errno, path, destination) }
    }

    /// For directories, and file systems without hard links (FAT, some network shares): takes the new name with
    /// something empty, which fails where the name is taken, and renames over that.
    private func moveWithoutLinks(_ path: String, to destination: String) throws(DiskFailure) {
        guard let moving = try status(path) else { throw Self.moveFailure(ENOENT, path, destination) }
        if moving.isDirectory {
            guard mkdir(destination, 0o755) == 0 else { throw Self.moveFailure(errno, path, destination) }
        } else {
            _ = try OpenFile(destination, "move \(path) to", flags: O_WRONLY | O_CREAT | O_EXCL, mode: 0o644)
        }
        guard Glibc.rename(path, destination) == 0 else {
            let code = errno
            if moving.isDirectory { rmdir(destination) } else { unlink(destination) }
            throw Self.moveFailure(code, path, destination)
        }
    }

    private static func moveFailure(_ code: Int32, _ path: String, _ destination: String) -> DiskFailure {
        DiskFailure("move", "\(path) to \(destination)", code: code)
    }

    package func truncate(_ path: String, to size: Int) throws(DiskFailure) {
        let file = try OpenFile(path, "truncate", flags: O_WRONLY)
        let before = Int(try file.status().st_size)
        guard (0...before).contains(size) else {
            throw DiskFailure(
                operation: "truncate", path: path, reason: .other,
                detail: "it has \(before) bytes and cannot be cut to \(size)")
        }
        try file.truncate(to: size)
        try file.sync()
    }

    package func remove(_ path: String) throws(DiskFailure) {
        guard unlink(path) == 0 else {
            if errno == ENOENT || errno == ENOTDIR { return }
            throw DiskFailure.last("remove", path)
        }
        try Self.syncDirectory(Self.parent(of: path), "remove")
    }

    package func makeDirectory(_ path: String) throws(DiskFailure) {
        if let found = try status(path) {
            guard found.isDirectory else {
                throw DiskFailure(
                    operation: "make directory", path: path, reason: .exists, detail: "a file has that name")
            }
            return
        }
        let parent = Self.parent(of: path)
        if parent != path { try makeDirectory(parent) }
        // Another process may make it at the same time: then it is there, which is all that was asked for.
        guard mkdir(path, 0o755) == 0 || errno == EEXIST else { throw DiskFailure.last("make directory", path) }
        try Self.syncDirectory(parent, "make directory")
    }
}
