import Canonical
import Contracts
import World

extension FolderFollower {
    /// How often a folder is looked at again, before a file of it is read, because it changed meanwhile.
    static let mostLooks = 8

    /// Finds out which files there are, under which names and how long, and in which order they are to be read.
    ///
    /// Every file that is known is found again before any is read. And a file that is new is read only when another
    /// look at the folder finds nothing more: what was renamed before it began is found by then. What is read of a
    /// file that has older ones before it is bounded by its size now (``FollowedFile/surveyed``), and the older ones
    /// are looked at after now; so whatever was written before the bytes that are read is read before them.
    mutating func survey() async throws {
        for _ in 0..<Self.mostLooks {
            let hasMoved = try await look()
            let hasNew = try await scan()
            if !hasMoved, !hasNew { break }
        }
        surveys += 1
        let now = world.clock.uptime()
        sideBySide.forget(before: now - FollowOptions.rotatedPatience)
        let candidates = files.values.map { file in
            ReadingOrder.Candidate(
                path: file.path,
                series: sideBySide.isFound(file.series) ? "=\(FileKey.stem(of: file.origin))" : file.series,
                isBegun: file.isBegun, modified: file.surveyed.modified)
        }
        order = ReadingOrder.series(candidates)
        for series in order {
            var isFollowed = false
            for path in series.reversed() {
                files[path]?.hasYounger = isFollowed
                if let file = files[path], file.surveyed.size > 0 { isFollowed = true }
            }
        }
    }

    /// Looks at every followed file. Those that are not at their paths any more are followed under their new names;
    /// those that were emptied are begun anew. True where there was one of these, or one that was emptied unread.
    private mutating func look() async throws -> Bool {
        let now = world.clock.uptime()
        var moved: [FollowedFile] = []
        var emptied: [FollowedFile] = []
        var hasShrunk = false
        for path in Array(files.keys) {
            guard var file = files[path] else { continue }
            let status: FileStatus?
            do {
                status = try disk.status(options.absolute(path))
            } catch {
                if error.reason != .notFound { try await report(error, path) }
                continue
            }
            guard let status, status.identity == file.identity else {
                moved.append(file)
                continue
            }
            if status.size < file.surveyed.size { hasShrunk = true }
            if file.surveyed.size > 0, status.size > file.surveyed.size {
                sideBySide.grew(file, in: surveys + 1, at: now)
            }
            file.note(status, at: now, in: surveys + 1)
            files[path] = file
            if status.size < file.offset, !file.isCopy, !isWaiting(file) { emptied.append(file) }
        }
        for file in moved { release(file) }
        for file in moved.sorted(by: { $0.path < $1.path }) {
            try await reporting(file.path) { follower in try await follower.relocate(file) }
        }
        for file in emptied.sorted(by: { $0.path < $1.path }) {
            try await reporting(file.path) { follower in try await follower.beginAnew(file) }
        }
        return hasShrunk || !moved.isEmpty || !emptied.isEmpty
    }

    /// Does something with a file. What is gone meanwhile is looked for again; what else goes wrong on the disk is for
    /// a person, and is tried again.
    /// False where it is gone.
    @discardableResult
    private mutating func reporting(
        _ path: String, _ work: (inout FolderFollower) async throws -> Void
    ) async throws -> Bool {
        do {
            try await work(&self)
        } catch let failure as DiskFailure {
            if failure.reason == .notFound { return false }
            try await report(failure, path)
        }
        return true
    }

    /// Whether the file is a copy of one that is followed, and waits until that one is emptied or gone.
    func isWaiting(_ file: FollowedFile) -> Bool {
        guard let key = file.key, let owner = owners[key], owner != file.path else { return false }
        return files[owner]?.key == key
    }

    /// Begins to follow what is new; true where something was.
    private mutating func scan() async throws -> Bool {
        let found: FolderScan.Found
        do {
            found = try FolderScan(root: options.root, pattern: options.pattern, maximum: options.maximumFiles).run(
                disk)
        } catch {
            throw Failure(FilesFailures.folder, error.description)
        }
        for failure in found.failures { try await report(failure, failure.path) }
        for path in found.broken.sorted() { try await report(brokenName: path) }
        if found.isCut, reported.insert("files").inserted {
            try await report(
                Failure(
                    FilesFailures.tooManyFiles,
                    "more than \(options.maximumFiles) files below \(options.root) fit \(options.pattern.text)"),
                options.root, fact: nil)
        }
        var hasNew = false
        for path in found.paths where files[path] == nil {
            let isThere = try await reporting(path) { follower in try await follower.add(path) }
            if !isThere || files[path] != nil { hasNew = true }
        }
        return hasNew
    }

    private mutating func add(_ path: String) async throws {
        guard let status = try disk.status(options.absolute(path)), !isPassedOver(status) else { return }
        try await begin(path, status)
    }

    /// Whether it is no file, or one that was not changed for longer than the settings want.
    func isPassedOver(_ status: FileStatus) -> Bool {
        if status.isDirectory { return true }
        guard let age = options.ignoreOlder else { return false }
        return status.modified + age < world.clock.now()
    }

    /// A file that begins, as far as anybody knows.
    func fresh(_ path: String, _ status: FileStatus) -> FollowedFile {
        FollowedFile(
            path: path, status: status, reader: FormatReader(options.format, record: options.record(for: path)),
            maker: ReadingMaker(asset: options.asset, place: path, clock: RecordClock(options.time)),
            now: world.clock.uptime(), survey: surveys + 1)
    }
}
