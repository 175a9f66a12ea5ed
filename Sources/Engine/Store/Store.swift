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
    private nonisolated let window: StoreWindow
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
    /// What was done since it was opened.
    package nonisolated var tally: StoreTally { tallied.withLock { $0 } }
    private let tallied = Mutex(StoreTally())
    /// This store's epoch: made with the store, new when it is restored.
    package nonisolated let epoch: String
    private let lastCommandID: Mutex<Int64>

    package nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

    /// What was kept and lost where this start found the store damaged; nil where it did not.
    package nonisolated let mended: SalvageReport?
    /// The number before the first of each lane in this epoch: streams count from there.
    package nonisolated let origins: [Lane: Int64]
    /// When this store was restored, mended with losses, or begun in place of another one: what was sent until then may
    /// not be known to it. Nil for a store that remembers all that was done.
    package nonisolated var doubt: Instant? { doubted.withLock { $0 } }
    private let doubted: Mutex<Instant?>
    /// Whether what was done before ``doubt`` may stand in the ledger and nowhere else: damage took both an event and
    /// what was made of it, or pages are older than others.
    package nonisolated let isLedgerDoubted: Bool
    private let clock: any WorldClock
    private nonisolated let mending: StoreMending
    private let foundDamage = Mutex<Failure?>(nil)

    /// Opens or makes the store at `settings.path`; one that is damaged is mended first. Throws ``Failure`` where it
    /// cannot be had durable.
    package init(_ settings: StoreSettings, world: World) throws {
        self.settings = settings
        executor = world.storeExecutor
        let address = try StoreAddress(settings.path)
        mending = StoreMending(address, world: world)
        let opened: Opened
        do {
            opened = try Self.openMended(address, mending, world)
        } catch let error as DatabaseError {
            throw StoreFailures.cannotOpen(settings.path, error)
        }
        queue = opened.queue
        window = StoreWindow(address)
        mended = opened.mended
        epoch = opened.epoch
        origins = opened.origins
        doubted = Mutex(opened.doubt)
        isLedgerDoubted = opened.isLedgerDoubted
        clock = world.clock
        lastCommandID = Mutex(opened.command)
    }

    /// Notes that another store was here before this one, and that what was sent until now may not be known to this.
    package func beginDoubt() async throws {
        let now = clock.now()
        try await write { try $0.setDoubt(now) }
        doubted.withLock { $0 = now }
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
            return box.withLock { if case .failure(let error) = $0 { error } else { nil } }
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
        do { return try result.get() } catch  where StoreDamage.isDamage(error) { throw damage ?? error }
    }

    /// Runs `body` on the committed state; it must not write.
    package func read<R: Sendable>(_ body: @Sendable (StoreTransaction) throws -> R) throws -> R {
        if let damage { throw damage }
        do {
            return try queue.unsafeRead { db in try body(StoreTransaction(db: db, names: names)) }
        } catch  where StoreDamage.isDamage(error) {
            throw note(damage: error)
        }
    }

    /// Runs `body` on one committed state of the store, on a connection of its own: for people who look, so that what
    /// takes long to find holds up nobody who stores. It must not write.
    package nonisolated func look<R: Sendable>(
        _ body: @escaping @Sendable (StoreTransaction) throws -> R
    ) async throws -> R {
        if let damage { throw damage }
        do {
            return try await window.read(body)
        } catch  where StoreDamage.isDamage(error) {
            throw note(damage: error)
        }
    }

    /// The damage that was met while the store was open: nothing is read or written any more, and the next start mends.
    package nonisolated var damage: Failure? { foundDamage.withLock { $0 } }

    /// Returns as soon as damage is met, or the task is cancelled: whoever runs the node starts it anew then.
    package nonisolated func untilDamaged() async -> Failure? {
        while !Task.isCancelled {
            let rings = bell.rings
            if let damage { return damage }
            await bell.wait(beyond: rings)
        }
        return nil
    }

    private nonisolated func note(damage error: any Error) -> Failure {
        let failure = StoreFailures.damaged.failure("the store at \(settings.path) is damaged: \(error)")
        let isFirst = foundDamage.withLock { found in
            defer { found = found ?? failure }
            return found == nil
        }
        if isFirst { mending.leaveWord(failure.message) }
        bell.ring()
        return failure
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
        if let damage {
            for work in group { work.abort(damage) }
            return
        }
        let begun = clock.uptime()
        do {
            try queue.inDatabase { db in
                if try !transact(group, apart: false, db), group.count > 1 { _ = try transact(group, apart: true, db) }
                measure(db)
            }
            let time = clock.uptime() - begun
            tallied.withLock { $0.committed(group.count, in: time) }
        } catch {
            noteRollback()
            let found = StoreDamage.isDamage(error) ? note(damage: error) : damage
            let failure =
                found
                ?? StoreFailures.writeFailed.failure("the store at \(settings.path) could not commit: \(error)")
            tallied.withLock { $0.failed(failure) }
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
                if let error = work.body(transaction) {
                    // SQLite may have ended the transaction already, and whatever follows fails for that alone.
                    if StoreDamage.isDamage(error) { throw error }
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
    package nonisolated func abandon() {
        window.close()
        try? queue.close()
    }

    /// Copies the write-ahead log into the database and closes it. Best effort: what was committed is durable without it.
    package func close() {
        window.close()
        queue.inDatabase { db in _ = try? db.checkpoint(.truncate) }
        try? queue.close()
    }
}

/// One caller's work that waits for the next group.
private final class Waiting {
    let weight: Int
    /// What it failed with; nil where it succeeded.
    let body: (StoreTransaction) -> (any Error)?
    let abort: (any Error) -> Void
    var continuation: CheckedContinuation<Bool, Never>?

    init(weight: Int, body: @escaping (StoreTransaction) -> (any Error)?, abort: @escaping (any Error) -> Void) {
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
    /// Bytes that may be in use; ``StoreFill`` says what happens on the way there.
    package var ceiling: Int
    package var limits: Limits

    package init(path: String, ceiling: Int = 20 << 30, limits: Limits = Limits()) {
        self.path = path
        self.ceiling = ceiling
        self.limits = limits
    }
}
