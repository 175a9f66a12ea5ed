package import Canonical
import Synchronization
package import World

/// Files in memory, for nodes whose connectors read and write files in a simulation. Outlives its node's processes.
package final class SimulatedDisk: Disk {
    private struct File {
        var bytes: [UInt8]
        var identity: Int
    }

    private struct State {
        var files: [String: File] = [:]
        var nextIdentity = 1
    }

    private let state = Mutex(State())

    package init() {}

    private static func missing(_ operation: String, _ path: String) -> DiskFailure {
        DiskFailure(operation: operation, path: path, reason: .notFound, detail: "no such file or directory")
    }

    package func list(_ directory: String) throws(DiskFailure) -> [DiskEntry] {
        let prefix = directory.hasSuffix("/") ? directory : directory + "/"
        let entries = state.withLock { state in
            Set(
                state.files.keys.filter { $0.hasPrefix(prefix) }.map { path in
                    let rest = path.dropFirst(prefix.count)
                    let name = rest.prefix { $0 != "/" }
                    return DiskEntry(name: String(name), isDirectory: name.count < rest.count)
                })
        }
        guard !entries.isEmpty else { throw Self.missing("list", directory) }
        return entries.sorted { $0.name < $1.name }
    }

    package func status(_ path: String) throws(DiskFailure) -> FileStatus? {
        state.withLock { state in
            if let file = state.files[path] {
                return FileStatus(
                    size: file.bytes.count, modified: Instant(microseconds: 0), isDirectory: false,
                    identity: "1:\(file.identity)")
            }
            guard state.files.keys.contains(where: { $0.hasPrefix(path + "/") }) else { return nil }
            return FileStatus(size: 0, modified: Instant(microseconds: 0), isDirectory: true, identity: "1:\(path)")
        }
    }

    package func read(_ path: String, from offset: Int, upTo count: Int) throws(DiskFailure) -> [UInt8] {
        guard let file = state.withLock({ $0.files[path] }) else { throw Self.missing("read", path) }
        return Array(file.bytes.dropFirst(offset).prefix(count))
    }

    package func append(_ bytes: [UInt8], to path: String, sync: Bool) throws(DiskFailure) -> Int {
        state.withLock { state in
            var file = state.files[path] ?? Self.newFile(&state)
            let before = file.bytes.count
            file.bytes += bytes
            state.files[path] = file
            return before
        }
    }

    private static func newFile(_ state: inout State) -> File {
        state.nextIdentity += 1
        return File(bytes: [], identity: state.nextIdentity)
    }

    package func replace(_ path: String, with bytes: [UInt8], mode: UInt32) throws(DiskFailure) {
        state.withLock { state in
            var file = Self.newFile(&state)
            file.bytes = bytes
            state.files[path] = file
        }
    }

    package func move(_ path: String, to destination: String) throws(DiskFailure) {
        let failure: DiskFailure? = state.withLock { state in
            guard let file = state.files[path] else { return Self.missing("move", path) }
            guard state.files[destination] == nil else {
                return DiskFailure(operation: "move", path: destination, reason: .exists, detail: "file exists")
            }
            state.files[path] = nil
            state.files[destination] = file
            return nil
        }
        if let failure { throw failure }
    }

    package func truncate(_ path: String, to size: Int) throws(DiskFailure) {
        let isThere = state.withLock { state in
            guard let count = state.files[path]?.bytes.count else { return false }
            if count > size { state.files[path]?.bytes.removeLast(count - size) }
            return true
        }
        if !isThere { throw Self.missing("truncate", path) }
    }

    package func remove(_ path: String) throws(DiskFailure) { state.withLock { $0.files[path] = nil } }
    package func makeDirectory(_ path: String) throws(DiskFailure) {}
    package func freeBytes(at path: String) throws(DiskFailure) -> Int { 1 << 40 }
}
