package import Canonical
package import Contracts
import GRDB
import Synchronization
package import World

/// The durable store of a node: one SQLite file, one writer, one transaction per group of waiting callers.
///
/// All work goes through ``write(weight:_:)`` and ``read(_:)``. Bodies run one after the other, each within a savepoint of its own;
/// callers that wait at the same time share one commit, and each returns only after that commit is on the disk.
package actor Store {
    private let executor: any SerialExecutor
    private nonisolated let queue: DatabaseQueue
    private let settings: StoreSettings
    /// Passing through another actor puts the leader behind the callers that wait already, so that they join its group.
    private let turn = Turn()
    /// How often the leader of a group lets others in, at most, and how many callers are enough.
    private static let gatherings = 16
    private static let fullGroup = 32
    private var waiting: [Waiting] = []
    private var hasLeader = false
    private let names = NameTable()
    /// Rings after each commit.
    package nonisolated let bell = Bell()
    /// Counts rollbacks: whoever caches what it wrote within a transaction forgets it when this has changed.
    package nonisolated var rollbacks: Int { rollbackCount.withLock { $0 } }
    private let rollbackCount = Mutex(0)
    /// Bytes in use, as of the last commit.
    package nonisolated var usedBytes: Int { used.withLock { $0 } }
    private let used = Mutex(0)
    /// This store's epoch: made with the store, new when it is restored.
    package nonisolated let epoch: String
    private let lastCommandID: Mutex<Int64>

    package nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

    /// Opens or makes the store at `settings.path`; throws ``Failure`` where it cannot be had durable.
    package init(_ settings: StoreSettings, world: World) throws {
        self.settings = settings
        executor = world.storeExecutor
        let connection = try StoreConnection.open(settings.path)
        queue = connection
        // What recovery found in the log may never have been synced: after a sync that failed, the next process still reads
        // it from the system's cache. It is written into the database and synced before anything is built on it.
        try connection.writeWithoutTransaction { _ = try $0.checkpoint(.truncate) }
        let fresh = world.entropy.uuidV7(at: world.clock.now())
        let opened = try connection.write { db in
            try StoreSchema.migrate(db)
            try db.execute(sql: "INSERT OR IGNORE INTO meta VALUES('epoch', ?)", arguments: [fresh])
            for lane in Lane.allCases {
                try db.execute(sql: "INSERT OR IGNORE INTO lane VALUES(?, 0, 0)", arguments: [lane.rawValue])
            }
            return (
                epoch: try String.fetchOne(db, sql: "SELECT value FROM meta WHERE name = 'epoch'") ?? fresh,
                command: try Int64.fetchOne(db, sql: "SELECT seq FROM sqlite_sequence WHERE name = 'command'") ?? 0
            )
        }
        epoch = opened.epoch
        lastCommandID = Mutex(opened.command)
    }

    /// An id for a new command: ascending, never used before in this store.
    package nonisolated func makeCommandID() -> Int64 {
        lastCommandID.withLock { last in
            last += 1
            return last
        }
    }

    /// Runs `body` in a transaction and returns its result after the commit is durable. What `body` throws undoes its own
    /// changes alone; a commit that fails throws ``StoreFailures/writeFailed`` for everyone in the group.
    /// `weight`: about how many rows it writes. `body` may run twice, the first time undone: it must hand out nothing but its
    /// result.
    package func write<R: Sendable>(
        weight: Int = 1, _ body: @escaping @Sendable (StoreTransaction) throws -> R
    ) async throws -> R {
        let box = Mutex<Result<R, any Error>?>(nil)
        let work = Waiting(weight: weight) { transaction in
            box.withLock { $0 = Result { try body(transaction) } }
            return box.withLock { if case .success = $0 { true } else { false } }
        } abort: { error in
            box.withLock { $0 = .failure(error) }
        }
        // Whether to lead is decided where the work joins the queue, with no suspension between: waiting for the
        // continuation may let others in first.
        let mustLead = await withCheckedContinuation { continuation in
            waiting.append(work)
            if hasLeader {
                work.continuation = continuation
            } else {
                hasLeader = true
                continuation.resume(returning: true)
            }
        }
        if mustLead { await lead() }
        guard let result = box.withLock({ $0 }) else { throw CancellationError() }
        return try result.get()
    }

    /// Runs `body` on the committed state; it must not write.
    package func read<R: Sendable>(_ body: @Sendable (StoreTransaction) throws -> R) throws -> R {
        try queue.unsafeRead { db in try body(StoreTransaction(db: db, names: names)) }
    }

    /// Lets callers that are on their way join the group, for as long as some do: a commit costs the disk about the same
    /// for one as for many. A caller who is alone waits for nobody.
    private func gather() async {
        for _ in 0..<Self.gatherings {
            let before = waiting.count
            await turn.pass()
            guard waiting.count > before, waiting.count < Self.fullGroup else { return }
        }
    }

    /// Commits the group that waits, then hands the lead to the first who came meanwhile.
    private func lead() async {
        await gather()
        var group: [Waiting] = []
        var rows = 0
        var taken = 0
        while taken < waiting.count, rows < settings.limits.groupRows {
            rows += waiting[taken].weight
            group.append(waiting[taken])
            taken += 1
        }
        waiting.removeFirst(taken)
        commit(group)
        if let next = waiting.first(where: { $0.continuation != nil }) {
            let continuation = next.continuation
            next.continuation = nil
            for work in group { work.finish() }
            continuation?.resume(returning: true)
        } else {
            hasLeader = false
            for work in group { work.finish() }
        }
        bell.ring()
    }

    /// Most groups hold nothing that fails, and savepoints cost a copy of each page that is touched: so a group is tried
    /// without them first, and once more with them where a body threw.
    private func commit(_ group: [Waiting]) {
        do {
            try queue.inDatabase { db in
                if try !transact(group, apart: false, db), group.count > 1 { _ = try transact(group, apart: true, db) }
                measure(db)
            }
        } catch {
            noteRollback()
            let failure = StoreFailures.writeFailed.failure("the store at \(settings.path) could not commit: \(error)")
            for work in group { work.abort(failure) }
        }
    }

    /// Runs the bodies in one transaction and commits it. `apart`: each in a savepoint, so that one that throws undoes its
    /// own changes alone; else the first that throws undoes them all, and the answer is false.
    private func transact(_ group: [Waiting], apart: Bool, _ db: Database) throws -> Bool {
        try db.execute(sql: "BEGIN IMMEDIATE")
        do {
            let transaction = StoreTransaction(db: db, names: names)
            for work in group {
                if apart { try db.execute(sql: "SAVEPOINT work") }
                if !work.body(transaction) {
                    noteRollback()
                    guard apart else {
                        try db.execute(sql: "ROLLBACK")
                        return false
                    }
                    try db.execute(sql: "ROLLBACK TO work")
                }
                if apart { try db.execute(sql: "RELEASE work") }
            }
            try db.execute(sql: "COMMIT")
            return true
        } catch {
            try? db.execute(sql: "ROLLBACK")
            throw error
        }
    }

    private func noteRollback() {
        names.forget()
        rollbackCount.withLock { $0 += 1 }
    }

    private func measure(_ db: Database) {
        let pages = (try? Int.fetchOne(db, sql: "PRAGMA page_count")) ?? 0
        let free = (try? Int.fetchOne(db, sql: "PRAGMA freelist_count")) ?? 0
        used.withLock { $0 = (pages - free) * StoreConnection.pageBytes }
    }

    /// Lets go of the database without any last step, as the end of a process does. For simulations, where no step of
    /// this store is under way between two jobs.
    package nonisolated func abandon() { try? queue.close() }

    /// Copies the write-ahead log into the database and closes it. Best effort: what was committed is durable without it.
    package func close() {
        queue.inDatabase { db in _ = try? db.checkpoint(.truncate) }
        try? queue.close()
    }
}

/// One caller's work that waits for the next group.
private final class Waiting {
    let weight: Int
    /// Whether it succeeded.
    let body: (StoreTransaction) -> Bool
    let abort: (any Error) -> Void
    var continuation: CheckedContinuation<Bool, Never>?

    init(weight: Int, body: @escaping (StoreTransaction) -> Bool, abort: @escaping (any Error) -> Void) {
        self.weight = weight
        self.body = body
        self.abort = abort
    }

    func finish() {
        continuation?.resume(returning: false)
        continuation = nil
    }
}

private actor Turn {
    private var passes = 0

    /// Does next to nothing, but surely here: the compiler drops a way to an actor and back that changes nothing, and with
    /// it all that waits on the way.
    @inline(never)
    func pass() { passes &+= 1 }
}

/// Where a store lies and how large it may grow.
package struct StoreSettings: Sendable {
    package var path: String
    /// Bytes in use at which intake stops (back-pressure).
    package var ceiling: Int
    package var limits: Limits

    package init(path: String, ceiling: Int = 20 << 30, limits: Limits = Limits()) {
        self.path = path
        self.ceiling = ceiling
        self.limits = limits
    }
}
