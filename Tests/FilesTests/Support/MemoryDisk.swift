import Canonical
import Synchronization
import World

/// A disk in memory with inodes, times that move with every change, and failures on demand.
final class MemoryDisk: Disk {
    private final class Node: Sendable {
        struct Content {
            var bytes: [UInt8] = []
            var modified: Int64
            /// What survives a power cut; nil where nothing was synced yet.
            var durable: [UInt8]?
            /// Bytes that the system gave up bringing to the disk, and takes for written.
            var lost: Range<Int>?

            mutating func sync() {
                var bytes = bytes
                for index in lost ?? 0..<0 where index < bytes.count { bytes[index] = 0 }
                durable = bytes
            }
        }
        let number: Int
        let content: Mutex<Content>
        init(_ number: Int, _ modified: Int64) {
            self.number = number
            content = Mutex(Content(modified: modified))
        }
    }

    /// A reference, as a closure that is moved in and out is wrapped anew each time.
    private final class Others: Sendable {
        let work: @Sendable (String) -> Void
        init(_ work: @escaping @Sendable (String) -> Void) { self.work = work }
    }

    private struct State {
        var files: [String: Node] = [:]
        var folders: Set<String> = []
        var nextNumber = 1
        var tick: Int64 = 1_700_000_000_000_000
        /// Microseconds between two changes.
        var step: Int64
        /// What others do to the disk before a call to list, look or read.
        var others: Others?
        /// While they work, they are not asked again.
        var othersWork = false
        /// Calls that change something until one fails, and how much of an append is written before it does.
        var changesLeft: Int?
        var tornBytes = 0
        /// Whether the one that fails is a sync that gives up what was written.
        var losesBytes = false
        var denied: Set<String> = []
        /// Files whose names are no UTF-8: they are listed with escapes, and nothing finds them by those.
        var broken: Set<String> = []
    }

    private let state: Mutex<State>

    /// A disk whose time goes on by `tick` microseconds with every change; with 0 all files are of the same time.
    init(tick: Int64 = 1_000) { state = Mutex(State(step: tick)) }

    // MARK: - What a test does to it

    func write(_ text: String, to path: String) { write(Array(text.utf8), to: path) }

    /// Appends as a machine does, which knows nothing of syncing.
    func write(_ bytes: [UInt8], to path: String) {
        state.withLock { state in
            let node = Self.node(path, &state)
            let tick = state.tick
            node.content.withLock {
                $0.bytes += bytes
                $0.modified = tick
            }
        }
    }

    func overwrite(_ bytes: [UInt8], at offset: Int, in path: String) {
        state.withLock { state in
            let node = Self.node(path, &state)
            let tick = state.tick
            node.content.withLock {
                $0.bytes.replaceSubrange(offset..<(offset + bytes.count), with: bytes)
                $0.modified = tick
            }
        }
    }

    func rename(_ path: String, _ destination: String) {
        state.withLock { $0.files[destination] = $0.files.removeValue(forKey: path) }
    }

    func copy(_ path: String, _ destination: String) { write(bytes(path), to: destination) }
    func delete(_ path: String) { state.withLock { $0.files[path] = nil } }
    func empty(_ path: String) {
        state.withLock { state in
            let node = Self.node(path, &state)
            let tick = state.tick
            node.content.withLock {
                $0.bytes = []
                $0.modified = tick
            }
        }
    }

    func bytes(_ path: String) -> [UInt8] { state.withLock { $0.files[path]?.content.withLock(\.bytes) ?? [] } }
    func text(_ path: String) -> String { String(decoding: bytes(path), as: UTF8.self) }
    func exists(_ path: String) -> Bool { state.withLock { $0.files[path] != nil } }
    var paths: [String] { state.withLock { $0.files.keys.sorted() } }
    func breakName(of path: String) { state.withLock { _ = $0.broken.insert(path) } }
    func deny(_ path: String) { state.withLock { _ = $0.denied.insert(path) } }
    /// Lets others work on the disk before each call to list, look or read; they are told its path.
    func share(with others: (@Sendable (String) -> Void)?) { state.withLock { $0.others = others.map(Others.init) } }
    private func letOthersWork(_ path: String) {
        let others: Others? = state.withLock { state in
            guard !state.othersWork, let others = state.others else { return nil }
            state.othersWork = true
            return others
        }
        guard let others else { return }
        others.work(path)
        state.withLock { $0.othersWork = false }
    }
    func allow(_ path: String) { state.withLock { _ = $0.denied.remove(path) } }

    /// Lets the process die at the change after `count` more of them; an append is cut to `torn` bytes. With `losing`
    /// its bytes can be read, but a later sync does not bring them to the disk either, as after an EIO.
    func fail(after count: Int?, torn: Int = 0, losing: Bool = false) {
        state.withLock {
            $0.changesLeft = count
            $0.tornBytes = torn
            $0.losesBytes = losing
        }
    }

    /// The power fails: what was never synced is gone.
    func cutPower() {
        state.withLock { state in
            for (path, node) in state.files {
                let isLeft = node.content.withLock { content in
                    content.bytes = content.durable ?? []
                    return content.durable != nil
                }
                if !isLeft { state.files[path] = nil }
            }
        }
    }

    private func sync(_ path: String) {
        let node = state.withLock { $0.files[path] }
        if let node { node.content.withLock { $0.sync() } }
    }

    private static func node(_ path: String, _ state: inout State) -> Node {
        state.tick += state.step
        if let node = state.files[path] { return node }
        state.nextNumber += 1
        let node = Node(state.nextNumber, state.tick)
        state.files[path] = node
        var parts = path.split(separator: "/").dropLast()
        while !parts.isEmpty {
            state.folders.insert("/" + parts.joined(separator: "/"))
            parts.removeLast()
        }
        return node
    }

    private static func missing(_ operation: String, _ path: String) -> DiskFailure {
        DiskFailure(operation: operation, path: path, reason: .notFound, detail: "No such file or directory")
    }

    private func change(_ operation: String, _ path: String) throws(DiskFailure) {
        let isDead = state.withLock { state in
            guard let left = state.changesLeft else { return false }
            state.changesLeft = left - 1
            return left <= 0
        }
        if isDead { throw DiskFailure(operation: operation, path: path, reason: .other, detail: "the process is dead") }
    }

    // MARK: - Disk

    func list(_ directory: String) throws(DiskFailure) -> [DiskEntry] {
        letOthersWork(directory)
        let entries: [DiskEntry]? = state.withLock { state in
            let prefix = directory + "/"
            var entries: Set<DiskEntry> = []
            for (paths, isFolder) in [(Array(state.files.keys), false), (Array(state.folders), true)] {
                for path in paths where path.hasPrefix(prefix) {
                    let rest = path.dropFirst(prefix.count)
                    let name = rest.prefix { $0 != "/" }
                    let isDirectory = isFolder || name.count < rest.count
                    let isBroken = state.broken.contains(prefix + name)
                    entries.insert(
                        DiskEntry(name: String(name), isDirectory: isDirectory, isNameBroken: isBroken))
                }
            }
            return entries.isEmpty && !state.folders.contains(directory) ? nil : Array(entries)
        }
        guard let entries else { throw Self.missing("list", directory) }
        return entries.sorted { $0.name < $1.name }
    }

    func status(_ path: String) throws(DiskFailure) -> FileStatus? {
        letOthersWork(path)
        return state.withLock { state in
            if state.broken.contains(path) { return nil }
            if let node = state.files[path] {
                let content = node.content.withLock { ($0.bytes.count, $0.modified) }
                return FileStatus(
                    size: content.0, modified: Instant(microseconds: content.1), isDirectory: false,
                    identity: "1:\(node.number)")
            }
            guard state.folders.contains(path) else { return nil }
            return FileStatus(size: 0, modified: Instant(microseconds: 0), isDirectory: true, identity: path)
        }
    }

    func read(_ path: String, from offset: Int, upTo count: Int) throws(DiskFailure) -> [UInt8] {
        letOthersWork(path)
        let (node, isDenied) = state.withLock { ($0.files[path], $0.denied.contains(path)) }
        if isDenied { throw DiskFailure(operation: "read", path: path, reason: .denied, detail: "Permission denied") }
        guard let node else { throw Self.missing("read", path) }
        return node.content.withLock { Array($0.bytes.dropFirst(offset).prefix(count)) }
    }

    func append(_ bytes: [UInt8], to path: String, sync: Bool) throws(DiskFailure) -> Int {
        let before = self.bytes(path).count
        let (torn, isLosing) = state.withLock { ($0.tornBytes, $0.losesBytes) }
        do {
            try change("append to", path)
        } catch {
            write(Array(bytes.prefix(torn)), to: path)
            if isLosing {
                let range = before..<self.bytes(path).count
                let node = state.withLock { $0.files[path] }
                if let node { node.content.withLock { $0.lost = range } }
            }
            throw error
        }
        write(bytes, to: path)
        if sync { self.sync(path) }
        return before
    }

    func replace(_ path: String, with bytes: [UInt8], mode: UInt32) throws(DiskFailure) {
        try change("replace", path)
        delete(path)
        write(bytes, to: path)
        sync(path)
    }

    func move(_ path: String, to destination: String) throws(DiskFailure) {
        try change("move", path)
        guard exists(path) else { throw Self.missing("move", path) }
        guard !exists(destination) else {
            throw DiskFailure(operation: "move", path: destination, reason: .exists, detail: "File exists")
        }
        rename(path, destination)
    }

    func truncate(_ path: String, to size: Int) throws(DiskFailure) {
        try change("truncate", path)
        state.withLock { state in
            let node = Self.node(path, &state)
            node.content.withLock { content in
                content.bytes = Array(content.bytes.prefix(size))
                if let lost = content.lost, lost.lowerBound >= size { content.lost = nil }
                content.sync()
            }
        }
    }

    func remove(_ path: String) throws(DiskFailure) {
        try change("remove", path)
        delete(path)
    }

    func makeDirectory(_ path: String) throws(DiskFailure) { state.withLock { _ = $0.folders.insert(path) } }
    func freeBytes(at path: String) throws(DiskFailure) -> Int { 1 << 40 }
}
