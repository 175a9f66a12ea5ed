import Canonical
import Glibc
package import World

/// The file system of this machine, by POSIX calls.
///
/// What promises durability has been through `fsync` or `fdatasync`, and so has the directory wherever a name came,
/// went or changed.
package struct LiveDisk: Disk {
    package init() {}

    package func list(_ directory: String) throws(DiskFailure) -> [DiskEntry] {
        guard let stream = opendir(directory) else { throw DiskFailure.last("list", directory) }
        defer { closedir(stream) }
        var entries: [DiskEntry] = []
        while true {
            // readdir tells its end from an error by errno alone.
            errno = 0
            guard let entry = readdir(stream) else {
                guard errno == 0 else { throw DiskFailure.last("list", directory) }
                break
            }
            let (name, isBroken) = withUnsafeBytes(of: &entry.pointee.d_name) { raw in
                Self.name(raw.prefix { $0 != 0 })
            }
            if name == "." || name == ".." { continue }
            var type = Int(entry.pointee.d_type)
            if isBroken {
                // Its own name cannot be said to the system, so that nothing more can be found out about it.
                let isDirectory = type == Int(DT_DIR)
                entries.append(
                    DiskEntry(
                        name: name, isDirectory: isDirectory, isLink: type == Int(DT_LNK), isNameBroken: true))
                continue
            }
            if type == Int(DT_UNKNOWN), Self.isLink("\(directory)/\(name)") { type = Int(DT_LNK) }
            let isDirectory =
                type == Int(DT_LNK) || type == Int(DT_UNKNOWN)
                ? (try? status("\(directory)/\(name)"))?.isDirectory ?? false : type == Int(DT_DIR)
            entries.append(DiskEntry(name: name, isDirectory: isDirectory, isLink: type == Int(DT_LNK)))
        }
        return entries.sorted { $0.name < $1.name }
    }

    /// A name as the system has it, in bytes: as it stands, or with escapes where it is no UTF-8.
    private static func name(_ bytes: some Collection<UInt8>) -> (text: String, isBroken: Bool) {
        if let text = String(validating: bytes, as: UTF8.self) { return (text, false) }
        var shown = ""
        for byte in bytes {
            if (0x20..<0x7F).contains(byte) {
                shown.unicodeScalars.append(UnicodeScalar(byte))
            } else {
                shown += "\\x" + (byte < 16 ? "0" : "") + String(byte, radix: 16, uppercase: true)
            }
        }
        return (shown, true)
    }

    package func status(_ path: String) throws(DiskFailure) -> FileStatus? {
        var found = stat()
        guard stat(path, &found) == 0 else {
            if errno == ENOENT || errno == ENOTDIR { return nil }
            throw DiskFailure.last("look at", path)
        }
        return FileStatus(
            size: Int(found.st_size),
            modified: Instant(
                microseconds: Int64(found.st_mtim.tv_sec) * 1_000_000 + Int64(found.st_mtim.tv_nsec) / 1_000),
            isDirectory: Self.isDirectory(found),
            identity: "\(found.st_dev):\(found.st_ino)")
    }

    package func read(_ path: String, from offset: Int, upTo count: Int) throws(DiskFailure) -> [UInt8] {
        // O_NONBLOCK: a named pipe that somebody put into the folder must not stop the reader.
        let file = try OpenFile(path, "read", flags: O_RDONLY | O_NONBLOCK)
        let status = try file.status()
        guard status.st_mode & S_IFMT == S_IFREG else {
            throw DiskFailure(operation: "read", path: path, reason: .other, detail: "not a regular file")
        }
        let available = max(0, Int(status.st_size) - max(0, offset))
        return try file.read(from: max(0, offset), upTo: min(max(0, count), available))
    }

    package func freeBytes(at path: String) throws(DiskFailure) -> Int {
        var found = statvfs()
        guard OpenFile.retrying({ statvfs(path, &found) }) == 0 else { throw DiskFailure.last("measure", path) }
        let (bytes, overflow) = UInt64(found.f_bavail).multipliedReportingOverflow(by: UInt64(found.f_frsize))
        return overflow ? Int.max : Int(clamping: bytes)
    }

    /// For file systems that do not say in a listing what an entry is.
    private static func isLink(_ path: String) -> Bool {
        var found = stat()
        return lstat(path, &found) == 0 && found.st_mode & S_IFMT == S_IFLNK
    }

    static func isDirectory(_ status: stat) -> Bool { status.st_mode & S_IFMT == S_IFDIR }

    /// The directory that holds `path`.
    static func parent(of path: String) -> String {
        let trimmed = path.count > 1 && path.hasSuffix("/") ? String(path.dropLast()) : path
        guard let slash = trimmed.lastIndex(of: "/") else { return "." }
        return slash == trimmed.startIndex ? "/" : String(trimmed[..<slash])
    }

    /// Makes the directory's entries durable.
    static func syncDirectory(_ directory: String, _ operation: String) throws(DiskFailure) {
        let opened = try OpenFile(directory, operation, flags: O_RDONLY | O_DIRECTORY)
        try opened.sync()
    }
}
