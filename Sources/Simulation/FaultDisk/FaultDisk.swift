import CFaultVFS

/// A disk in memory on which SQLite databases lie, and which fails by plan and seed: what is written lies in a page
/// cache first, a sync makes it durable, and a power loss takes some of what was not synced.
///
/// A store is opened over it by ``path(_:)``, nothing else: `StoreSettings(path: disk.path("node.db"))`. Readers of the
/// same process find the same files there. A disk outlives the processes that use it; with the last reference to it and
/// the last connection to its files it is gone.
///
/// `@unchecked Sendable`: the pointer never changes, and every function that takes it locks the disk's own mutex in C.
package final class FaultDisk: @unchecked Sendable {
    /// Why there is no disk.
    package enum Unavailable: Error, CustomStringConvertible {
        /// SQLite's result code.
        case notRegistered(code: Int)
        case noAddresses
        case noMemory
        case tooManyRules(Int)

        package var description: String {
            switch self {
            case .notRegistered(let code): "SQLite refused the simulated file system with code \(code)"
            case .noAddresses:
                "this SQLite was built without SQLITE_USE_URI, so a database's path cannot name the simulated disk;"
                    + " install the distribution's libsqlite3"
            case .noMemory: "there is no memory for a simulated disk"
            case .tooManyRules(let count):
                "a plan has \(count) rules, and at most \(DiskPlan.maximumRules) are followed at once"
            }
        }
    }

    private let disk: OpaquePointer

    /// A new empty disk, switched on. `seed`: of the faults that are drawn, and of what power losses leave.
    package init(seed: UInt64, plan: DiskPlan = DiskPlan()) throws(Unavailable) {
        let code = millwright_vfs_register()
        guard code == 0 else { throw .notRegistered(code: Int(code)) }
        guard millwright_vfs_reads_addresses() else { throw .noAddresses }
        guard let disk = millwright_disk_make(seed) else { throw .noMemory }
        self.disk = disk
        try follow(plan)
    }

    deinit { millwright_disk_discard(disk) }

    /// The name by which SQLite knows the file system of all fault disks.
    package static var fileSystem: String { String(cString: millwright_vfs_name) }

    /// What to open a database named `name` by. Names are at most 55 bytes of letters, digits, `-`, `_` and `.`.
    /// `through`: another of SQLite's file systems, one that lies over that of the fault disks.
    package func path(_ name: String, through fileSystem: String = fileSystem) -> String {
        "file:/\(millwright_disk_number(disk))/\(name)?vfs=\(fileSystem)"
    }

    /// Follows `plan` from now on, in place of what it followed before; its operations are counted from here.
    package func follow(_ plan: DiskPlan) throws(Unavailable) {
        guard plan.rules.count <= DiskPlan.maximumRules else { throw .tooManyRules(plan.rules.count) }
        millwright_disk_clear_rules(disk)
        for rule in plan.rules { _ = millwright_disk_add_rule(disk, rule.inC) }
        millwright_disk_set_capacity(disk, UInt64(max(0, plan.capacity ?? 0)))
        let loss =
            switch plan.loss {
            case .drawn: MILLWRIGHT_LOSS_DRAWN
            case .allUnsynced: MILLWRIGHT_LOSS_ALL_UNSYNCED
            case .nothing: MILLWRIGHT_LOSS_NOTHING
            }
        millwright_disk_set_loss(disk, loss)
    }

    /// No further faults; the disk is as large as it must be.
    package func heal() { try? follow(DiskPlan()) }

    // MARK: - Power and processes

    /// The power goes off: open connections are dead, and nothing can be opened until ``powerOn()``.
    package func powerLoss() { millwright_disk_power_off(disk) }

    /// Whether the power is off, by ``powerLoss()`` or by plan. Whoever simulates a process on this disk kills it then.
    package var isOff: Bool { millwright_disk_is_off(disk) }

    /// The power is back: what the loss left can be opened.
    package func powerOn() { millwright_disk_power_on(disk) }

    /// The process on this disk ends as by `kill -9`: its connections are dead, even where they are closed later, and
    /// what it wrote is in the page cache, synced or not.
    package func kill() { millwright_disk_kill(disk) }

    // MARK: - Files

    /// The files' names, in the order in which they were made: `node.db`, `node.db-wal`.
    package var files: [String] {
        var names: [String] = []
        while let name = millwright_disk_name(disk, names.count) { names.append(String(cString: name)) }
        return names
    }

    /// A file's size as a reader sees it, or nil where there is none.
    package func size(of file: String) -> Int? {
        let size = millwright_disk_size(disk, file)
        return size < 0 ? nil : Int(size)
    }

    /// A whole file as a reader sees it; empty where there is none.
    package func contents(of file: String) -> [UInt8] {
        let size = size(of: file) ?? 0
        return [UInt8](unsafeUninitializedCapacity: size) { buffer, count in
            count = millwright_disk_copy(disk, file, 0, buffer.baseAddress, size)
        }
    }

    /// Puts a whole file there, durably. For copies of disks; false where it has no room.
    @discardableResult
    package func put(_ bytes: [UInt8], as file: String) -> Bool {
        bytes.withUnsafeBytes { millwright_disk_put(disk, file, $0.baseAddress, $0.count) }
    }

    /// Turns one bit (0…7) of a file over, for readers and on the platter. False where there is no such byte.
    @discardableResult
    package func flipBit(_ bit: Int, at offset: Int, of file: String) -> Bool {
        offset >= 0 && millwright_disk_flip(disk, file, UInt64(offset), UInt32(truncatingIfNeeded: bit))
    }

    /// Turns over a bit somewhere, by the disk's dice. False where all files are empty.
    @discardableResult
    package func flipAnyBit() -> Bool { millwright_disk_flip_any(disk) }

    /// Runs statements on a database of this disk, as another program would; false where one of them fails.
    package func execute(_ sql: String, on path: String) -> Bool { millwright_vfs_execute(path, sql) == 0 }

    // MARK: - What happened

    /// Everything counted since the disk was made.
    package var counts: DiskCounts {
        var counts = millwright_disk_counts(disk)
        let operations = withUnsafeBytes(of: &counts.operations) { Self.tally($0, DiskOperation.allCases) }
        let faults = withUnsafeBytes(of: &counts.faults) { Self.tally($0, DiskFault.allCases) }
        return DiskCounts(
            operations: operations, faults: faults, writtenBytes: Int(counts.written_bytes),
            flippedBits: Int(counts.flipped_bits), powerLosses: Int(counts.power_losses), kills: Int(counts.kills))
    }

    private static func tally<Kind: Hashable>(_ bytes: UnsafeRawBufferPointer, _ kinds: [Kind]) -> [Kind: Int] {
        let counts = bytes.bindMemory(to: UInt64.self)
        return Dictionary(uniqueKeysWithValues: zip(kinds, counts.map { Int($0) }).filter { $0.1 > 0 })
    }

    /// The last fault that was injected, or nil.
    package var lastInjection: DiskInjection? {
        var last = millwright_injection()
        guard millwright_disk_last_injection(disk, &last) else { return nil }
        let file = withUnsafeBytes(of: &last.file) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
        return DiskInjection(
            fault: DiskFault.allCases[Int(last.fault.rawValue)],
            operation: DiskOperation.allCases[Int(last.operation.rawValue)], number: Int(last.number), file: file,
            offset: Int(last.offset), length: Int(last.length))
    }

    /// Makes SQLite's own random numbers (log salts) repeat, for the whole process: for runs that must be the same to
    /// the last byte.
    package static func seedSQLite(_ seed: UInt64) {
        millwright_vfs_seed_sqlite(UInt32(truncatingIfNeeded: seed ^ (seed >> 32)))
    }
}
