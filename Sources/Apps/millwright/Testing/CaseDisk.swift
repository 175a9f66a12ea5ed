import Canonical
import SimulatedWorld
import Synchronization
import World

/// The disk of a case's node: files in memory that were changed when the case's clock says so. What is not there can be
/// read, and only that, from the real disk: a machine's device model belongs to the settings.
final class CaseDisk: Disk {
    private let files = SimulatedDisk()
    private let clock: any WorldClock
    private let real: any Disk
    private let modified = Mutex<[String: Instant]>([:])

    init(clock: any WorldClock, real: any Disk) {
        self.clock = clock
        self.real = real
    }

    private func note(_ path: String) {
        let now = clock.now()
        modified.withLock { $0[path] = now }
    }

    func list(_ directory: String) throws(DiskFailure) -> [DiskEntry] { try files.list(directory) }

    func status(_ path: String) throws(DiskFailure) -> FileStatus? {
        guard let status = try files.status(path) else { return nil }
        return FileStatus(
            size: status.size, modified: modified.withLock { $0[path] } ?? status.modified,
            isDirectory: status.isDirectory, identity: status.identity)
    }

    func read(_ path: String, from offset: Int, upTo count: Int) throws(DiskFailure) -> [UInt8] {
        guard try files.status(path) == nil else { return try files.read(path, from: offset, upTo: count) }
        return try real.read(path, from: offset, upTo: count)
    }

    func append(_ bytes: [UInt8], to path: String, sync: Bool) throws(DiskFailure) -> Int {
        note(path)
        return try files.append(bytes, to: path, sync: sync)
    }

    func replace(_ path: String, with bytes: [UInt8], mode: UInt32) throws(DiskFailure) {
        note(path)
        try files.replace(path, with: bytes, mode: mode)
    }

    func move(_ path: String, to destination: String) throws(DiskFailure) {
        try files.move(path, to: destination)
        modified.withLock { $0[destination] = $0.removeValue(forKey: path) }
    }

    func truncate(_ path: String, to size: Int) throws(DiskFailure) {
        note(path)
        try files.truncate(path, to: size)
    }

    func remove(_ path: String) throws(DiskFailure) { try files.remove(path) }
    func makeDirectory(_ path: String) throws(DiskFailure) {}
    func freeBytes(at path: String) throws(DiskFailure) -> Int { try files.freeBytes(at: path) }
}
