import Canonical
import Contracts
import ExactJSON
import World

/// Takes whole documents in: `in` → durable in the store → `done`, or `failed` with a report beside it.
struct DropFolder {
    /// Names that programs give files while they write them.
    static let unfinishedEndings = [".tmp", ".part", ".partial", ".filepart", ".crdownload", ".swp", "~"]
    static let markerEnding = ".ready"
    /// How long a document that could not be moved or read is left alone.
    static let patience = Duration.seconds(30)

    let options: FollowOptions
    let drop: DropOptions
    let world: World
    let intake: any Intake
    /// What each waiting document looked like, and since when.
    private var waiting: [String: Waiting] = [:]
    private var reported: Set<String> = []
    var keeper: FaultKeeper

    private struct Waiting {
        var status: FileStatus
        var since: Duration
        var notBefore: Duration?
    }

    init(_ options: FollowOptions, _ drop: DropOptions, world: World, intake: any Intake) {
        self.options = options
        self.drop = drop
        self.world = world
        self.intake = intake
        keeper = FaultKeeper(options.source, intake)
    }

    var disk: any Disk { world.disk }
    var incoming: String { options.root + "/in" }
    var done: String { options.root + "/done" }
    var failed: String { options.root + "/failed" }

    /// Works until cancelled. Throws where the folders cannot be made or read.
    mutating func run() async throws {
        while true {
            try Task.checkCancellation()
            if try await pass() == 0 { try await world.clock.sleep(for: options.poll) }
        }
    }

    /// Takes in what is ready; returns how many documents that were.
    mutating func pass() async throws -> Int {
        if let batch = try await keeper.due(now: world.clock.now()) { try await submit(batch) }
        let found = try find()
        for failure in found.failures where failure.reason == .denied { try await report(failure, failure.path) }
        for path in found.broken.sorted() where isDocument(path) { try await report(brokenName: path) }
        let paths = Set(found.paths.filter(isDocument))
        waiting = waiting.filter { paths.contains($0.key) }
        var count = 0
        for path in paths.sorted() {
            do {
                guard let status = try disk.status(incoming + "/" + path), try isReady(path, status) else { continue }
                if try await take(path, status) { count += 1 } else { waiting[path] = nil }
            } catch let failure as DiskFailure {
                let later = world.clock.uptime() + Self.patience
                waiting[path]?.notBefore = later
                if failure.reason != .notFound { try await report(failure, path) }
            }
        }
        return count
    }

    private func find() throws(Failure) -> FolderScan.Found {
        do {
            for folder in [incoming, done, failed] { try disk.makeDirectory(folder) }
            let scan = FolderScan(
                root: incoming, pattern: options.pattern, maximum: options.maximumFiles, followsLinks: false)
            return try scan.run(disk)
        } catch {
            // A disk that forgets empty folders lists nothing for one.
            if error.reason == .notFound, error.path == incoming { return FolderScan.Found() }
            throw Failure(FilesFailures.folder, error.description)
        }
    }

    private func isDocument(_ path: String) -> Bool {
        let name = path.lowercased()
        if drop.ready == .marker, name.hasSuffix(Self.markerEnding) { return false }
        return !Self.unfinishedEndings.contains { name.hasSuffix($0) }
    }

    private mutating func isReady(_ path: String, _ status: FileStatus) throws(DiskFailure) -> Bool {
        let now = world.clock.uptime()
        var entry = waiting[path] ?? Waiting(status: status, since: now)
        if entry.status != status { entry = Waiting(status: status, since: now) }
        waiting[path] = entry
        if let time = entry.notBefore, now < time { return false }
        switch drop.ready {
        case .stable: return now - entry.since >= options.quiet
        case .rename: return true
        case .marker: return try disk.status(incoming + "/" + path + Self.markerEnding) != nil
        }
    }

    private mutating func report(_ failure: DiskFailure, _ path: String) async throws {
        guard reported.count < 10_000, reported.insert("\(path) \(failure.operation)").inserted else { return }
        let isMove = failure.operation == "move" || failure.operation == "make directory"
        let kind = isMove ? FilesFailures.setAside : FilesFailures.unreadable
        try await submit(Failure(kind, failure.description), path)
    }

    /// Tells once of a name that is no UTF-8.
    private mutating func report(brokenName path: String) async throws {
        guard reported.count < 10_000, reported.insert("\(path) name").inserted else { return }
        try await submit(FilesFailures.brokenName(path, in: incoming), path)
    }

    private mutating func submit(_ failure: Failure, _ path: String) async throws {
        let now = world.clock.now()
        let fault = InputFault(
            failure: failure, origin: Origin(path), original: [], time: now, factID: "\(failure.kind.code):\(path)")
        var batch = SourceBatch(source: options.source)
        try await keeper.keep([fault], in: &batch, now: now)
        try await submit(batch)
    }

    /// Hands a batch in, and tries again until it is stored.
    func submit(_ batch: SourceBatch) async throws {
        let patient = PatientIntake(intake, clock: world.clock, wait: PatientIntake.doubling(from: options.poll))
        try await patient.submit(batch)
    }
}
