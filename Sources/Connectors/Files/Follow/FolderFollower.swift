import Canonical
import Contracts
import ExactJSON
import World

/// Follows the files of a folder as they grow, are rotated, emptied and removed.
///
/// Files are read in turn, one piece each, so that none waits for another's backlog; those of a series, as a rotation
/// leaves them, one after the other (``ReadingOrder``). Each piece is handed in with the file's position, and the next
/// is read only when that is durable.
struct FolderFollower {
    let options: FollowOptions
    let world: World
    let intake: any Intake
    var files: [String: FollowedFile] = [:]
    /// Which path a key is read at: a copy of a file is not read beside it.
    var owners: [FileKey: String] = [:]
    /// When all files were last looked at, and how often they were; nil where that is due now.
    private var surveyedAt: Duration?
    var surveys = 0
    /// The files of each series in the order in which they are read.
    var order: [[String]] = []
    var sideBySide = SideBySide()
    /// Entries of the register of files: more than are followed at once.
    var registered: Int
    /// Troubles that were reported, so that each is reported once.
    var reported: Set<String> = []
    private var keeper: FaultKeeper

    init(_ options: FollowOptions, world: World, intake: any Intake) {
        self.options = options
        self.world = world
        self.intake = intake
        registered = max(Self.leastRegistered, 2 * options.maximumFiles)
        keeper = FaultKeeper(options.source, intake)
    }

    var disk: any Disk { world.disk }

    /// Works until cancelled. Throws where the folder itself cannot be read.
    mutating func run() async throws {
        while true {
            try Task.checkCancellation()
            if try await pass() == false { try await world.clock.sleep(for: options.poll) }
        }
    }

    /// Looks for new files and reads one piece of each series; true where there is more to read now.
    mutating func pass() async throws -> Bool {
        let now = world.clock.uptime()
        if surveyedAt.map({ now - $0 >= options.poll }) ?? true {
            surveyedAt = nil
            if let batch = try await keeper.due(now: world.clock.now()) { try await submit(batch) }
            try await survey()
            surveyedAt = now
        }
        var hasMore = false
        for series in order where try await read(series) { hasMore = true }
        return hasMore
    }

    // MARK: - Reading

    /// How a file stands after it was attended to.
    private enum Outcome {
        /// There is more to read now.
        case more
        /// There is more, but not now: what comes behind it waits as well.
        case waits
        /// Everything that it held is handed in.
        case done
    }

    /// Reads one piece of a series; true where there is more.
    private mutating func read(_ series: [String]) async throws -> Bool {
        let last = series.lastIndex { files[$0]?.hasNews ?? false } ?? 0
        for (index, path) in series.enumerated() {
            do {
                switch try await step(path, isFirst: index == 0, mustLook: index < last) {
                case .more: return true
                case .waits: return false
                case .done: continue
                }
            } catch let failure as DiskFailure {
                // What is gone is looked for before the next of its series is read; anything else is for a person, is
                // tried again, and does not hold the others up.
                if failure.reason == .notFound {
                    surveyedAt = nil
                    return true
                }
                try await report(failure, path)
            }
        }
        return false
    }

    /// Reads one piece of a file. With `mustLook` it is done only when its end was looked for since the last survey.
    private mutating func step(_ path: String, isFirst: Bool, mustLook: Bool) async throws -> Outcome {
        // A copy beside the file that it was made of waits until that one is emptied or gone.
        guard var file = files[path], !isWaiting(file) else { return .done }
        if let key = file.key { owners[key] = path }
        let now = world.clock.uptime()
        if file.isCaughtUp, !mustLook || file.endSeenIn == surveys {
            if let looked = file.lookedAt, now - looked < min(options.poll, options.quiet) {
                return file.reader.canSettle ? .waits : .done
            }
            if file.attendedIn != surveys, file.isAsRead(file.surveyed) {
                file.attendedIn = surveys
                file.lookedAt = now
                return try await idle(&file, now)
            }
        }
        file.attendedIn = surveys
        file.lookedAt = now
        guard let status = try disk.status(options.absolute(path)), status.identity == file.identity else {
            // Where it is now, and what took its name, is found out before anything else of its series is read.
            surveyedAt = nil
            return .more
        }
        if status.size < file.surveyed.size, !file.isBegun {
            // It was emptied before it was read: there may be a copy now.
            surveyedAt = nil
            return .more
        }
        file.endSeenIn = surveys
        if file.isCopy {
            // A copy that grows is no copy any more.
            files[path] = status.size == file.size ? file : fresh(path, status)
            return .done
        }
        if status.size < file.offset { return try await restart(file) }
        if status.size != file.surveyed.size { file.grownAt = now }
        if file.isCaughtUp, file.isAsRead(status) { return try await idle(&file, now) }
        return try await take(file, status, upTo: isFirst ? status.size : min(status.size, file.surveyed.size))
    }

    /// Reads the next piece of what the file holds before `end`.
    private mutating func take(_ file: FollowedFile, _ status: FileStatus, upTo end: Int) async throws -> Outcome {
        var file = file
        guard end > file.offset || status.size == file.offset else {
            // Before it was written, something may have been written to the files before this one.
            files[file.path] = file
            return .waits
        }
        let bytes: [UInt8]
        switch try read(file, status, upTo: end) {
        case .other:
            surveyedAt = nil
            return .more
        case .rewritten: return try await restart(file)
        case .next(let next): bytes = next
        }
        let now = world.clock.uptime()
        file.size = status.size
        file.modified = status.modified
        file.isCaughtUp = bytes.isEmpty || file.offset + bytes.count >= status.size
        if bytes.isEmpty { return try await idle(&file, now) }
        let items = file.feed(bytes, maximumWindow: options.maximumWindow)
        try await deliver(items, &file)
        if file.isCopy { return .done }
        return file.isCaughtUp ? try await idle(&file, now) : .more
    }

    /// The file was emptied or written anew: what follows is found out before anything else of its series is read.
    private mutating func restart(_ file: FollowedFile) async throws -> Outcome {
        try await beginAnew(file)
        surveyedAt = nil
        return .more
    }

    private enum Piece {
        case next([UInt8])
        /// The bytes before it are not those that were read.
        case rewritten
        /// Another file took its name meanwhile, or it was emptied.
        case other
    }

    private func read(_ file: FollowedFile, _ status: FileStatus, upTo end: Int) throws(DiskFailure) -> Piece {
        let path = options.absolute(file.path)
        let check = Array(file.tail)
        // A file that is not known yet is read in small pieces, because it may turn out to have been read before.
        let most = file.key == nil ? min(max(4_096, file.head.count), FollowOptions.chunk) : FollowOptions.chunk
        // Never beyond the size that was seen, so that a share that tells sizes late is not taken for a file that
        // shrank.
        let count = min(most, end - file.offset)
        var bytes = try disk.read(path, from: file.offset - check.count, upTo: check.count + count)
        let after = try disk.status(path)
        guard let after, after.identity == file.identity, after.size >= status.size else { return .other }
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
    private mutating func idle(_ file: inout FollowedFile, _ now: Duration) async throws -> Outcome {
        let silence = now - file.grownAt
        if file.isRotated, silence >= FollowOptions.rotatedPatience {
            let items = file.reader.finish()
            try await deliver(items, &file)
            release(file)
            return .done
        }
        if silence >= options.quiet, file.reader.canSettle {
            let items = file.reader.settle()
            try await deliver(items, &file)
        } else {
            files[file.path] = file
        }
        // What turned out to be known is read on from where it was left.
        if !file.isCaughtUp { return .more }
        return file.reader.canSettle ? .waits : .done
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

    private mutating func submit(
        _ items: ArraySlice<ParsedItem>, _ file: inout FollowedFile, isLast: Bool
    ) async throws {
        guard let key = file.key else { return }
        let now = world.clock.now()
        let made = file.maker.make(items, now: now) { key.fact(at: $0) }
        var batch = SourceBatch(source: options.source, readings: made.readings)
        try await keeper.keep(made.faults, in: &batch, now: now)
        let point = isLast ? file.reader.resume : items.last?.end
        if let point, let position = file.position(at: point) {
            batch.positions.append(SourcePosition(name: PositionName.file(key), value: position.json))
        }
        if !file.hasPointers {
            // What is forgotten for it comes first: it may be what is stored anew.
            let entered = try await register(key, file.path, file.identity)
            let pointers = PositionName.pointers(path: file.path, identity: file.identity, key: key)
            batch.positions = entered + batch.positions + pointers
            file.hasPointers = true
        }
        try await submit(batch)
    }

    /// Hands a batch in, and tries again until it is stored: what was read is not read again.
    func submit(_ batch: SourceBatch) async throws {
        let patient = PatientIntake(intake, clock: world.clock, wait: PatientIntake.doubling(from: options.poll))
        try await patient.submit(batch)
    }

    // MARK: - Reporting

    mutating func report(_ failure: DiskFailure, _ path: String) async throws {
        guard reported.count < 10_000, reported.insert("\(path) \(failure.reason)").inserted else { return }
        try await report(
            Failure(FilesFailures.unreadable, failure.description), path, fact: "unreadable:\(path):\(failure.reason)")
    }

    /// Tells once of a name that is no UTF-8.
    mutating func report(brokenName path: String) async throws {
        guard reported.count < 10_000, reported.insert("name \(path)").inserted else { return }
        try await report(FilesFailures.brokenName(path, in: options.root), path, fact: "name:\(path)")
    }

    /// Keeps a trouble for a person, or counts it.
    mutating func report(_ failure: Failure, _ place: String, fact: String?, original: [UInt8] = []) async throws {
        let now = world.clock.now()
        let fault = InputFault(
            failure: failure, origin: Origin(place), original: Array(original.prefix(options.limits.originalBytes)),
            time: now, factID: fact)
        var batch = SourceBatch(source: options.source)
        try await keeper.keep([fault], in: &batch, now: now)
        try await submit(batch)
    }
}
