import Canonical
import Contracts
import ExactJSON
import World

extension FolderFollower {
    /// Starts to follow a file: where it was left, if this path was read before and holds the same file still.
    mutating func begin(_ path: String, _ status: FileStatus) async throws {
        let pointer = try await intake.position(options.source, PositionName.path(path))
        let key = pointer?["key"]?.string.flatMap { FileKey($0) }
        let identity = pointer?["identity"]?.string
        let file: FollowedFile
        if let key, let stored = try await position(key) {
            if try holds(path, status.identity, stored) {
                var same = try resume(fresh(path, status), at: stored)
                same.hasPointers = identity == status.identity
                file = same
            } else {
                file = try await replaced(path, status, stored, identity: identity)
            }
        } else {
            file = try await recognized(fresh(path, status))
        }
        // It may have been found meanwhile as what another path held.
        if files[path]?.key == nil { files[path] = file }
    }

    /// The file that has the name of another one now: that one, which was read to a stored position, may have an end
    /// that was not.
    private mutating func replaced(
        _ path: String, _ status: FileStatus, _ stored: FilePosition, identity: String?
    ) async throws -> FollowedFile {
        let isSame = identity == status.identity
        let isFound = try await followRemains(of: stored, besides: path, identity: isSame ? nil : identity)
        var file = fresh(path, status)
        if isSame {
            if !isFound { try await reportTruncation(path, stored.key, at: stored.point.offset, pending: []) }
        } else {
            file = try await recognized(file)
        }
        if file.key == nil { file.previous = stored.key }
        return file
    }

    /// The file as it was left under another name, if its inode was read before and still holds what was read;
    /// otherwise as it is.
    private func recognized(_ file: FollowedFile) async throws -> FollowedFile {
        guard let stored = try await position(ofInode: file) else { return file }
        return try resume(file, at: stored)
    }

    /// How far the file of this one's inode was read, if it holds what was read.
    private func position(ofInode file: FollowedFile) async throws -> FilePosition? {
        let known = try await intake.position(options.source, PositionName.inode(file.identity))
        guard let key = known?.string.flatMap({ FileKey($0) }), let stored = try await position(key) else { return nil }
        return try holds(file.path, file.identity, stored) ? stored : nil
    }

    /// Whether the file of that identity holds what was read up to a stored position. Throws a ``DiskFailure``
    /// `notFound` where another file was at its path by then: whatever that one holds says nothing of this one.
    private func holds(_ path: String, _ identity: String, _ stored: FilePosition) throws -> Bool {
        let fits = try stored.fits(options.absolute(path), disk)
        try checkPlace(path, identity)
        return fits
    }

    private func checkPlace(_ path: String, _ identity: String) throws {
        guard try disk.status(options.absolute(path))?.identity == identity else { throw changed(path) }
    }

    /// What is at a path changed while it was looked at: everything is looked at again.
    private func changed(_ path: String) -> DiskFailure {
        DiskFailure(
            operation: "read", path: options.absolute(path), reason: .notFound, detail: "it was rotated meanwhile")
    }

    /// Finds the key of a file whose first record ends at `headEnd`. Returns the stored position of a file that is
    /// known; a new one gets the next generation that is free.
    func identify(_ file: inout FollowedFile, headEnd: Int) async throws -> FilePosition? {
        if file.previous == nil, let stored = try await position(ofInode: file) { return stored }
        let head = Array(file.head.prefix(min(headEnd, FileKey.maximumHead)))
        var key = FileKey(path: FileKey.stem(of: file.path), head: head)
        // A file that was emptied and begins as before is a new one, whatever it holds.
        if let previous = file.previous, previous.digest == key.digest { key.generation = previous.generation + 1 }
        let forgotten = try await forgottenGeneration(key)
        while true {
            guard let stored = try await position(key) else {
                // One that was forgotten stands between those that are known, and is not given again.
                guard key.generation <= forgotten else { break }
                key.generation += 1
                continue
            }
            if try holds(file.path, file.identity, stored) { return stored }
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
    private func isBeginning(of key: FileKey, _ file: FollowedFile) throws -> Bool {
        guard let owner = owners[key], owner != file.path, file.size > 0 else { return false }
        let start = max(0, file.size - 4_096)
        let end = try disk.read(options.absolute(file.path), from: start, upTo: file.size - start)
        let isSame = try disk.read(options.absolute(owner), from: start, upTo: file.size - start) == end
        try checkPlace(file.path, file.identity)
        if let identity = files[owner]?.identity { try checkPlace(owner, identity) }
        return isSame
    }

    func position(_ key: FileKey) async throws -> FilePosition? {
        try await intake.position(options.source, PositionName.file(key)).flatMap { FilePosition($0, key: key) }
    }

    /// The file, to be read on from a stored position.
    func resume(_ file: FollowedFile, at stored: FilePosition) throws -> FollowedFile {
        var file = file
        file.key = stored.key
        file.headLength = stored.headLength
        file.headHash = stored.headHash
        file.head = []
        file.reader = FormatReader(
            options.format, record: options.record(for: file.path), from: stored.point,
            encoding: stored.encoding, header: stored.header)
        file.maker.clock = RecordClock(options.time, last: stored.lastTime)
        let window = try disk.read(
            options.absolute(file.path), from: stored.point.offset - stored.guardCount, upTo: stored.guardCount)
        try checkPlace(file.path, file.identity)
        guard ContentHash.of(window) == stored.guardHash else { throw changed(file.path) }
        file.begin(window: window)
        file.isCaughtUp = false
        return file
    }

    // MARK: - Rotation

    /// The file is not at its path any more, and was released: it is followed under its new name, or it is gone.
    mutating func relocate(_ file: FollowedFile) async throws {
        // A folder that went away with its file has no siblings to look at.
        if let path = (try? siblings(of: file.path))?.first(where: { $0.status.identity == file.identity })?.path {
            var moved = file
            moved.path = path
            moved.isRotated = !options.pattern.matches(path)
            moved.hasPointers = false
            moved.isCaughtUp = false
            // The file may have been found under its new name before: what is known of it goes on.
            files[path] = moved
            if let key = file.key, owners[key] == nil { owners[key] = path }
            try await followSuccessors(of: file.identity, at: file.origin)
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
        if let key = file.key {
            // The inode will be another file's; the file's own position stays for long, in case that it comes back.
            let inode = SourcePosition(name: PositionName.inode(file.identity), value: .null)
            let positions = try await register(key, file.path, file.identity)
            try await submit(SourceBatch(source: options.source, positions: positions + [inode]))
        }
    }

    /// The file was emptied or written anew in its place: it is read from its beginning as another one.
    mutating func beginAnew(_ file: FollowedFile) async throws {
        release(file)
        var isWhole = file.key == nil && !file.reader.hasPending
        if let key = file.key, let stored = try await position(key) {
            isWhole = try await followRemains(of: stored, besides: file.path, identity: nil)
        }
        if !isWhole { try await reportTruncation(file.path, file.key, at: file.offset, pending: file.pendingBytes) }
        guard let status = try disk.status(options.absolute(file.path)) else { return }
        var next = fresh(file.path, status)
        next.identity = file.identity
        next.previous = file.key ?? file.previous
        next.isRotated = file.isRotated
        next.origin = file.origin
        files[file.path] = next
    }

    /// Tells a person that what was not read of a file is lost, unless that is how files are rotated here.
    private mutating func reportTruncation(
        _ path: String, _ key: FileKey?, at offset: Int, pending: [UInt8]
    ) async throws {
        guard options.truncation == .report else { return }
        let failure = Failure(
            FilesFailures.truncated, "\(path) was read up to byte \(offset), and now holds something else or less")
        try await report(failure, path, fact: key.map { "\($0.fact(at: offset)):truncated" }, original: pending)
    }

    /// Looks beside `path` for the file that was read to a stored position, under a name that a rotation gave it or
    /// as a copy, and follows it to its end. False where it is not there.
    mutating func followRemains(of stored: FilePosition, besides path: String, identity: String?) async throws -> Bool {
        guard let sibling = try remains(of: stored, besides: path, identity: identity) else { return false }
        let found = sibling.path
        if files[found]?.key == nil {
            var file = try resume(fresh(found, sibling.status), at: stored)
            file.isRotated = !options.pattern.matches(found)
            files[found] = file
        }
        files[found]?.origin = path
        try await followSuccessors(of: sibling.status.identity, at: path)
        return true
    }

    /// The file beside `path` that holds what was read up to a stored position.
    private func remains(
        of stored: FilePosition, besides path: String, identity: String?
    ) throws -> Sibling? {
        let stem = FileKey.stem(of: path)
        for file in try siblings(of: path) where file.path != path {
            guard identity == file.status.identity || FileKey.stem(of: file.path) == stem else { continue }
            do {
                if try holds(file.path, file.status.identity, stored) { return file }
            } catch let failure as DiskFailure {
                // One that may not be read is not known to be the one.
                if failure.reason == .notFound { throw failure }
            }
        }
        return nil
    }

    /// Follows the files that were written at `path` after the one of that identity, and that were renamed like it
    /// before anybody looked. Where the pattern fits such names, they are found by it.
    private mutating func followSuccessors(of identity: String, at path: String) async throws {
        let siblings = try siblings(of: path)
        guard let elder = siblings.first(where: { $0.status.identity == identity }),
            !options.pattern.matches(elder.path),
            let rotation = ReadingOrder.Insertion(path, became: elder.path)
        else { return }
        for sibling in siblings where files[sibling.path] == nil && rotation.gave(sibling.path) {
            let name = sibling.path
            let status = sibling.status
            guard !options.pattern.matches(name), !isPassedOver(status),
                status.modified >= elder.status.modified,
                status.modified > elder.status.modified
                    || ReadingOrder.Age(of: elder.path) < ReadingOrder.Age(of: name)
            else { continue }
            var file = try await recognized(fresh(name, status))
            file.isRotated = true
            file.origin = path
            files[name] = file
        }
    }

    /// A file beside another one.
    private struct Sibling {
        let path: String
        let status: FileStatus
    }

    /// The files of the same folder, looked at until nothing was renamed meanwhile; at most as many as may be followed.
    private func siblings(of path: String) throws(DiskFailure) -> [Sibling] {
        var found: [Sibling] = []
        for _ in 0..<Self.mostLooks {
            let before = found
            found = try listed(beside: path)
            if found.elementsEqual(before, by: { $0.path == $1.path && $0.status.identity == $1.status.identity }) {
                break
            }
        }
        return found
    }

    private func listed(beside path: String) throws(DiskFailure) -> [Sibling] {
        let slash = path.lastIndex(of: "/")
        let folder = slash.map { options.absolute(String(path[..<$0])) } ?? options.root
        let prefix = slash.map { String(path[...$0]) } ?? ""
        var found: [Sibling] = []
        for entry in try disk.list(folder).prefix(options.maximumFiles)
        where !entry.isDirectory && !entry.isNameBroken {
            let name = prefix + entry.name
            guard let status = try disk.status(options.absolute(name)), !status.isDirectory else { continue }
            found.append(Sibling(path: name, status: status))
        }
        return found
    }

    /// Follows the file no more.
    mutating func release(_ file: FollowedFile) {
        files[file.path] = nil
        if let key = file.key, owners[key] == file.path { owners[key] = nil }
    }
}
