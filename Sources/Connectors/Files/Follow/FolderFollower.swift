import Canonical
import Contracts
import ExactJSON
import World

/// Follows the files of a folder as they grow, are rotated, emptied and removed.
///
/// Files are read in turn, one piece each, so that none waits for another's backlog. Each piece is handed in with the
/// file's position, and the next is read only when that is durable.
struct FolderFollower {
    let options: FollowOptions
    let world: World
    let intake: any Intake
    var files: [String: FollowedFile] = [:]
    /// Which path a key is read at: a copy of a file is not read beside it.
    var owners: [FileKey: String] = [:]
    private var scannedAt: Duration?
    /// Troubles that were reported, so that each is reported once.
    private var reported: Set<String> = []

    init(_ options: FollowOptions, world: World, intake: any Intake) {
        self.options = options
        self.world = world
        self.intake = intake
    }

    var disk: any Disk { world.disk }

    /// Works until cancelled. Throws where the folder itself cannot be read.
    mutating func run() async throws {
        while true {
            try Task.checkCancellation()
            if try await pass() == false { try await world.clock.sleep(for: options.poll) }
        }
    }

    /// Looks for new files and reads one piece of each; true where there is more to read now.
    mutating func pass() async throws -> Bool {
        let now = world.clock.uptime()
        if scannedAt.map({ now - $0 >= options.poll }) ?? true {
            try await scan()
            scannedAt = now
        }
        var hasMore = false
        for path in files.keys.sorted() {
            do {
                if try await step(path) { hasMore = true }
            } catch let failure as DiskFailure {
                // What is gone is looked for at the next pass; anything else is for a person, and is tried again.
                if failure.reason != .notFound { try await report(failure, path) }
            }
        }
        return hasMore
    }

    // MARK: - Finding files

    private mutating func scan() async throws {
        let found: FolderScan.Found
        do {
            found = try FolderScan(root: options.root, pattern: options.pattern, maximum: options.maximumFiles).run(
                disk)
        } catch {
            throw Failure(FilesFailures.folder, error.description)
        }
        for failure in found.failures { try await report(failure, failure.path) }
        if found.isCut, reported.insert("files").inserted {
            try await report(
                Failure(
                    FilesFailures.tooManyFiles,
                    "more than \(options.maximumFiles) files below \(options.root) fit \(options.pattern.text)"),
                options.root, fact: nil)
        }
        for path in found.paths where files[path] == nil { try await add(path) }
    }

    private mutating func add(_ path: String) async throws {
        do {
            guard let status = try disk.status(options.absolute(path)), !status.isDirectory else { return }
            if let age = options.ignoreOlder, status.modified + age < world.clock.now() { return }
            try await begin(path, status)
        } catch let failure as DiskFailure {
            if failure.reason != .notFound { try await report(failure, path) }
        }
    }

    /// A file that begins, as far as anybody knows.
    func fresh(_ path: String, identity: String) -> FollowedFile {
        FollowedFile(
            path: path, identity: identity, reader: FormatReader(options.format, record: options.record(for: path)),
            maker: ReadingMaker(asset: options.asset, place: path, clock: RecordClock(options.time)),
            now: world.clock.uptime())
    }

    // MARK: - Reading

    /// Reads one piece of a file; true where there is more.
    private mutating func step(_ path: String) async throws -> Bool {
        guard var file = files[path] else { return false }
        if let key = file.key {
            // A copy beside the file that it was made of waits until that one is emptied or gone.
            if let owner = owners[key], owner != path, files[owner]?.key == key {
                if try disk.status(options.absolute(path))?.identity != file.identity { release(file) }
                return false
            }
            owners[key] = path
        }
        let now = world.clock.uptime()
        if file.isCaughtUp, let looked = file.lookedAt, now - looked < min(options.poll, options.quiet) { return false }
        file.lookedAt = now
        guard let status = try disk.status(options.absolute(path)), status.identity == file.identity else {
            // What took its name is found at once.
            scannedAt = nil
            try await relocate(file)
            return true
        }
        if file.isCopy {
            // A copy that grows is no copy any more.
            files[path] = status.size == file.size ? file : fresh(path, identity: file.identity)
            return false
        }
        if status.size < file.offset { return try await restart(file) }
        if file.isCaughtUp, status.size == file.size, status.modified == file.modified {
            return try await idle(&file, now)
        }
        let bytes: [UInt8]
        switch try read(file, status) {
        case .other: return false
        case .rewritten: return try await restart(file)
        case .next(let next): bytes = next
        }
        file.size = status.size
        file.modified = status.modified
        file.isCaughtUp = bytes.isEmpty || file.offset + bytes.count >= status.size
        if bytes.isEmpty { return try await idle(&file, now) }
        file.grownAt = now
        let items = file.feed(bytes, maximumWindow: options.maximumWindow)
        try await deliver(items, &file)
        return !file.isCaughtUp
    }

    private enum Piece {
        case next([UInt8])
        /// The bytes before it are not those that were read.
        case rewritten
        /// Another file took its name meanwhile.
        case other
    }

    private func read(_ file: FollowedFile, _ status: FileStatus) throws(DiskFailure) -> Piece {
        let path = options.absolute(file.path)
        let check = Array(file.tail)
        // A file that is not known yet is read in small pieces, because it may turn out to have been read before.
        let most = file.key == nil ? min(max(4_096, file.head.count), FollowOptions.chunk) : FollowOptions.chunk
        // Never beyond the size that was seen, so that a share that tells sizes late is not taken for a file that
        // shrank.
        let count = min(most, status.size - file.offset)
        var bytes = try disk.read(path, from: file.offset - check.count, upTo: check.count + count)
        guard try disk.status(path)?.identity == file.identity else { return .other }
        guard bytes.starts(with: check) else { return .rewritten }
        bytes.removeFirst(check.count)
        guard file.reader.encoding.unit == 1, bytes.last == 0 else { return .next(bytes) }
        // Zeros at the end may be room that was set aside and is still to be written. Zeros before text are left by a
        // power cut.
        if file.offset + bytes.count >= status.size || bytes.contains(where: { $0 != 0 }) {
            while bytes.last == 0 { bytes.removeLast() }
        } else {
            let end = try disk.read(path, from: max(0, status.size - 4_096), upTo: 4_096)
            if end.allSatisfy({ $0 == 0 }) { return .next([]) }
        }
        return .next(bytes)
    }

    /// Nothing new: what may be complete is after the quiet time; a rotated file is let go.
    private mutating func idle(_ file: inout FollowedFile, _ now: Duration) async throws -> Bool {
        let silence = now - file.grownAt
        if file.isRotated, silence >= FollowOptions.rotatedPatience {
            let items = file.reader.finish()
            try await deliver(items, &file)
            release(file)
        } else if silence >= options.quiet, file.reader.canSettle {
            let items = file.reader.settle()
            try await deliver(items, &file)
        } else {
            files[file.path] = file
        }
        return false
    }

    // MARK: - Handing in

    /// Hands in what was found, with the position behind it. Where the file turns out to be a known one, it goes on
    /// there instead.
    private mutating func deliver(_ items: [ParsedItem], _ file: inout FollowedFile) async throws {
        if file.key == nil, let first = items.first {
            let known = try await identify(&file, headEnd: first.headEnd)
            if let known { file = try resume(file, at: known) }
            if known != nil || file.isCopy {
                files[file.path] = file
                return
            }
        }
        if let key = file.key { owners[key] = file.path }
        var rest = items[...]
        while !rest.isEmpty {
            let part = rest.prefix(options.batch)
            rest = rest.dropFirst(part.count)
            try await submit(part, &file, isLast: rest.isEmpty)
        }
        file.trimWindow()
        files[file.path] = file
    }

    private func submit(_ items: ArraySlice<ParsedItem>, _ file: inout FollowedFile, isLast: Bool) async throws {
        guard let key = file.key else { return }
        let made = file.maker.make(items, now: world.clock.now()) { key.fact(at: $0) }
        var batch = SourceBatch(source: options.source, readings: made.readings, faults: made.faults)
        let point = isLast ? file.reader.resume : items.last?.end
        if let point, let position = file.position(at: point) {
            batch.positions.append(SourcePosition(name: PositionName.file(key), value: position.json))
        }
        if !file.hasPointers {
            batch.positions += PositionName.pointers(path: file.path, identity: file.identity, key: key)
            file.hasPointers = true
        }
        try await submit(batch)
    }

    /// Hands a batch in, and tries again until it is stored: what was read is not read again.
    func submit(_ batch: SourceBatch) async throws {
        try await PatientIntake(intake: intake, clock: world.clock, first: options.poll).submit(batch)
    }

    // MARK: - Reporting

    private mutating func report(_ failure: DiskFailure, _ path: String) async throws {
        guard reported.count < 10_000, reported.insert("\(path) \(failure.reason)").inserted else { return }
        try await report(
            Failure(FilesFailures.unreadable, failure.description), path, fact: "unreadable:\(path):\(failure.reason)")
    }

    /// Keeps a trouble for a person.
    func report(_ failure: Failure, _ place: String, fact: String?, original: [UInt8] = []) async throws {
        let fault = InputFault(
            failure: failure, origin: Origin(place), original: Array(original.prefix(options.limits.originalBytes)),
            time: world.clock.now(), factID: fact)
        try await submit(SourceBatch(source: options.source, faults: [fault]))
    }
}
