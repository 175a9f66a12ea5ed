import Canonical
import Contracts
import ExactJSON
import World

extension FolderFollower {
    /// Starts to follow a file: where it was left, if this path was read before and holds the same file still.
    mutating func begin(_ path: String, _ status: FileStatus) async throws {
        var file = fresh(path, identity: status.identity)
        let pointer = try await intake.position(options.source, PositionName.path(path))
        if let key = pointer?["key"]?.string.flatMap({ FileKey($0) }), let stored = try await position(key) {
            if try stored.fits(options.absolute(path), disk) {
                file = try resume(file, at: stored)
                file.hasPointers = pointer?["identity"]?.string == status.identity
            } else {
                // Another file has the name now: the one that was read may have an end that was not.
                file.previous = key
                let identity = pointer?["identity"]?.string
                let isSame = identity == status.identity
                let isFound = try await followRemains(of: stored, besides: path, identity: isSame ? nil : identity)
                if isSame, !isFound { try await reportTruncation(path, key, at: stored.point.offset, pending: []) }
            }
        }
        files[path] = file
    }

    /// Finds the key of a file whose first record ends at `headEnd`. Returns the stored position of a file that is
    /// known; a new one gets the next generation that is free.
    func identify(_ file: inout FollowedFile, headEnd: Int) async throws -> FilePosition? {
        let path = options.absolute(file.path)
        if file.previous == nil,
            let known = try await intake.position(options.source, PositionName.inode(file.identity)),
            let key = known.string.flatMap({ FileKey($0) }), let stored = try await position(key),
            try stored.fits(path, disk)
        {
            return stored
        }
        let head = Array(file.head.prefix(min(headEnd, FileKey.maximumHead)))
        var key = FileKey(path: FileKey.stem(of: file.path), head: head)
        // A file that was emptied and begins as before is a new one, whatever it holds.
        if let previous = file.previous, previous.digest == key.digest { key.generation = previous.generation + 1 }
        while let stored = try await position(key) {
            if try stored.fits(path, disk) { return stored }
            if try isBeginning(of: key, file) {
                file.isCopy = true
                return nil
            }
            key.generation += 1
        }
        file.key = key
        file.headLength = head.count
        file.headHash = ContentHash.of(head)
        file.head = []
        return nil
    }

    /// Whether the file ends as the followed file of that key goes on from the same place: then it is an earlier copy
    /// of it.
    private func isBeginning(of key: FileKey, _ file: FollowedFile) throws(DiskFailure) -> Bool {
        guard let owner = owners[key], owner != file.path, file.size > 0 else { return false }
        let start = max(0, file.size - 4_096)
        let end = try disk.read(options.absolute(file.path), from: start, upTo: file.size - start)
        return try disk.read(options.absolute(owner), from: start, upTo: file.size - start) == end
    }

    func position(_ key: FileKey) async throws -> FilePosition? {
        try await intake.position(options.source, PositionName.file(key)).flatMap { FilePosition($0, key: key) }
    }

    /// The file, to be read on from a stored position.
    func resume(_ file: FollowedFile, at stored: FilePosition) throws(DiskFailure) -> FollowedFile {
        var file = file
        file.key = stored.key
        file.headLength = stored.headLength
        file.headHash = stored.headHash
        file.head = []
        file.reader = FormatReader(
            options.format, record: options.record(for: file.path), from: stored.point,
            encoding: stored.encoding, header: stored.header)
        file.maker.clock = RecordClock(options.time, last: stored.lastTime)
        file.begin(
            window: try disk.read(
                options.absolute(file.path), from: stored.point.offset - stored.guardCount, upTo: stored.guardCount))
        file.isCaughtUp = false
        return file
    }

    // MARK: - Rotation

    /// The file is not at its path any more: it is followed under its new name, or it is gone.
    mutating func relocate(_ file: FollowedFile) async throws {
        release(file)
        // A folder that went away with its file has no siblings to look at.
        let moved = (try? sibling(of: file.path, where: { $1.identity == file.identity })) ?? nil
        if let path = moved {
            var file = file
            file.path = path
            file.isRotated = !options.pattern.matches(path)
            file.hasPointers = false
            file.isCaughtUp = false
            // The file may have been found under its new name before: what is known of it goes on.
            files[path] = file
            if let key = file.key { owners[key] = path }
            return
        }
        let pending = file.pendingBytes
        if pending.contains(where: { $0 > 0x20 }) {
            let failure = Failure(
                FilesFailures.unfinished,
                "\(file.path) is gone, and its last \(pending.count) bytes are no whole record")
            try await report(
                failure, file.path, fact: file.key.map { "\($0.fact(at: file.reader.resume.offset)):gone" },
                original: pending)
        }
        if file.key != nil {
            // The inode will be another file's; the file's own position stays, in case that it comes back.
            try await submit(
                SourceBatch(
                    source: options.source,
                    positions: [SourcePosition(name: PositionName.inode(file.identity), value: .null)]))
        }
    }

    /// The file was emptied or written anew in its place: it is read from its beginning as another one.
    mutating func restart(_ file: FollowedFile) async throws -> Bool {
        release(file)
        var isWhole = file.key == nil && !file.reader.hasPending
        if let key = file.key, let stored = try await position(key) {
            isWhole = try await followRemains(of: stored, besides: file.path, identity: nil)
        }
        if !isWhole { try await reportTruncation(file.path, file.key, at: file.offset, pending: file.pendingBytes) }
        var next = fresh(file.path, identity: file.identity)
        next.previous = file.key ?? file.previous
        next.isRotated = file.isRotated
        files[file.path] = next
        return true
    }

    /// Tells a person that what was not read of a file is lost, unless that is how files are rotated here.
    private func reportTruncation(_ path: String, _ key: FileKey?, at offset: Int, pending: [UInt8]) async throws {
        guard options.truncation == .report else { return }
        let failure = Failure(
            FilesFailures.truncated, "\(path) was read up to byte \(offset), and now holds something else or less")
        try await report(failure, path, fact: key.map { "\($0.fact(at: offset)):truncated" }, original: pending)
    }

    /// Looks beside `path` for the file that was read to a stored position, under a name that a rotation gave it or
    /// as a copy, and follows it to its end. False where it is not there.
    mutating func followRemains(of stored: FilePosition, besides path: String, identity: String?) async throws -> Bool {
        let stem = FileKey.stem(of: path)
        let found = try sibling(of: path) { name, status in
            guard name != path, identity == status.identity || FileKey.stem(of: name) == stem else { return false }
            return (try? stored.fits(options.absolute(name), disk)) ?? false
        }
        guard let found, let status = try disk.status(options.absolute(found)) else { return false }
        guard files[found]?.key == nil else { return true }
        var file = try resume(fresh(found, identity: status.identity), at: stored)
        file.isRotated = !options.pattern.matches(found)
        files[found] = file
        return true
    }

    /// The file in the same folder that `isIt` says yes to; at most as many are looked at as may be followed.
    private func sibling(of path: String, where isIt: (String, FileStatus) -> Bool) throws(DiskFailure) -> String? {
        let slash = path.lastIndex(of: "/")
        let folder = slash.map { options.absolute(String(path[..<$0])) } ?? options.root
        let prefix = slash.map { String(path[...$0]) } ?? ""
        for entry in try disk.list(folder).prefix(options.maximumFiles) where !entry.isDirectory {
            let name = prefix + entry.name
            guard let status = try disk.status(options.absolute(name)), !status.isDirectory else { continue }
            if isIt(name, status) { return name }
        }
        return nil
    }

    /// Follows the file no more.
    mutating func release(_ file: FollowedFile) {
        files[file.path] = nil
        if let key = file.key, owners[key] == file.path { owners[key] = nil }
    }
}
