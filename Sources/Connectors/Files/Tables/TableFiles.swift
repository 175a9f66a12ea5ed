import Canonical
import Contracts
import ExactJSON
import World

/// The files that rows are written to, and the position file beside them. Used by one actor alone.
final class TableFiles {
    /// The operation that fails where the position file is broken.
    static let understanding = "understand"

    /// What became of a command.
    enum Fate {
        case written(TablesState.Written)
        case absent
        /// The file was taken away while it was written to.
        case lost(String)
        /// So many were written since that it would not be remembered.
        case forgotten
    }

    private let world: World
    private let names: SegmentName
    private let isWhole: Bool
    private let segmentBytes: Int
    private let segmentAge: Duration?
    private let maximumState: Int
    /// Nil until it was read, and after a change that failed: then the files are looked at again.
    private var state: TablesState?
    /// The command whose change failed in this process: what it left in the file is not believed, as the system may
    /// have given up bringing it to the disk, and forgotten that it did.
    private var failed: String?
    /// A command whose file went away, and that file.
    private var lost: (key: String, path: String)?

    init(_ settings: Settings, world: World, maximumState: Int) throws(SettingFault) {
        self.world = world
        self.maximumState = maximumState
        let path = try settings(TablesFields.path)
        guard let names = SegmentName(path) else {
            throw SettingFault(
                location: settings.locations["path"] ?? settings.location,
                reason: "path is \"\(path)\", which is no file's path",
                suggestion: "write /data/out/orders-{date}.csv; {date} and {number} may stand once each, in the name")
        }
        self.names = names
        isWhole = try settings(TablesFields.mode) == "file"
        segmentBytes = try settings(TablesFields.segmentBytes)
        segmentAge = try settings.optional(TablesFields.segmentAge)
    }

    var folder: String { names.folder }

    /// Writes a command's rows, once for each key.
    func write(
        _ rows: [UInt8], header: [UInt8], key: String, started: Instant
    ) throws(DiskFailure) -> TablesState.Written {
        var current = try known()
        if let written = current.done.last(where: { $0.key == key }) { return written }
        // From here on a failure leaves the files to be looked at.
        state = nil
        failed = key
        let isNew = try open(&current)
        let bytes = isNew ? header + rows : rows
        current.pending = TablesState.Pending(
            key: key, count: bytes.count, digest: Fingerprint.text(of: bytes), started: started)
        try store(current)
        let place = TablesState.Written(key: key, file: current.segment, offset: current.size, started: started)
        if isWhole {
            let part = path(hidden(current.segment))
            try world.disk.append(bytes, to: part, sync: true)
            current.pending?.isWhole = true
            try store(current)
            try world.disk.move(part, to: path(current.segment))
        } else {
            try world.disk.append(bytes, to: path(current.segment), sync: true)
        }
        current.settle(size: current.size + bytes.count)
        state = current
        failed = nil
        return place
    }

    /// What became of the command of that key, whose attempt began at `started`.
    func fate(of key: String, started: Instant) throws(DiskFailure) -> Fate {
        let current = try known()
        if let lost, lost.key == key { return .lost(lost.path) }
        if let written = current.done.last(where: { $0.key == key }) { return .written(written) }
        if let forgotten = current.forgotten, started <= forgotten { return .forgotten }
        return .absent
    }

    /// Where a command of that idempotency key was written, by whatever store; nil where that is not remembered.
    func place(of idempotencyKey: String) throws(DiskFailure) -> TablesState.Written? {
        let start = TablesState.prefix(idempotencyKey)
        return try known().done.last { written in
            written.key.hasPrefix(start) && Int64(written.key.dropFirst(start.count)) != nil
        }
    }

    // MARK: - Names

    private func path(_ name: String) -> String { names.folder + "/" + name }
    private func hidden(_ name: String) -> String { "." + name + ".part" }

    /// Begins a new file where it is time to; whether it did.
    private func open(_ state: inout TablesState) throws(DiskFailure) -> Bool {
        let now = world.clock.now()
        let isFull = isWhole || state.size >= segmentBytes
        let isOld = segmentAge.map { now.since(state.opened) >= $0 } ?? false
        let isOtherDay = names.hasDate && SegmentName.day(of: now) != SegmentName.day(of: state.opened)
        let isOther = try state.segment.isEmpty ? true : isForeign(state)
        guard isOther || isFull || isOld || isOtherDay else { return state.size == 0 }
        try world.disk.makeDirectory(names.folder)
        // Never a number that was there before, whoever wrote it.
        state.number = max(state.number, try highestNumber()) + 1
        state.segment = names.name(number: state.number, at: now)
        state.opened = now
        state.size = 0
        return true
    }

    /// Whether somebody took the file away, or wrote to it: then it is left alone.
    private func isForeign(_ state: TablesState) throws(DiskFailure) -> Bool {
        try (world.disk.status(path(state.segment))?.size ?? 0) != state.size
    }

    private func highestNumber() throws(DiskFailure) -> Int {
        do {
            return try world.disk.list(names.folder).compactMap { names.number(of: $0.name) }.max() ?? 0
        } catch {
            guard error.reason == .notFound else { throw error }
            return 0
        }
    }

    private func store(_ state: TablesState) throws(DiskFailure) {
        try world.disk.replace(path(names.sidecar), with: state.json.bytes, mode: 0o644)
    }

    // MARK: - After a crash

    private func known() throws(DiskFailure) -> TablesState {
        if let state { return state }
        let read = try recover()
        state = read
        failed = nil
        return read
    }

    /// Reads where the files stand: the stored state, and from the files what the last change became.
    private func recover() throws(DiskFailure) -> TablesState {
        let sidecar = path(names.sidecar)
        guard let status = try world.disk.status(sidecar) else { return TablesState() }
        let bytes = try world.disk.read(sidecar, from: 0, upTo: min(status.size, maximumState))
        guard let json = try? JSONReader.read(bytes), var state = TablesState(json, now: world.clock.now()) else {
            throw DiskFailure(
                operation: Self.understanding, path: sidecar, reason: .other,
                detail: "it is no position file of this target")
        }
        guard let pending = state.pending else { return state }
        if isWhole || pending.isWhole {
            try finishFile(&state, pending)
        } else {
            try finishAppend(&state, pending)
        }
        return state
    }

    /// A file that lay whole under its hidden name is given its own; one that is not there any more has it already,
    /// also where somebody took it away since. One that was never whole is begun anew.
    private func finishFile(_ state: inout TablesState, _ pending: TablesState.Pending) throws(DiskFailure) {
        let part = path(hidden(state.segment))
        let isThere = try world.disk.status(part) != nil
        guard pending.isWhole else {
            if isThere { try world.disk.remove(part) }
            state.pending = nil
            // Its number was nobody's.
            state.number = max(0, state.number - 1)
            state.segment = ""
            return
        }
        if isThere {
            if try world.disk.status(path(state.segment)) != nil {
                // Somebody else has taken the name meanwhile.
                state.number = max(state.number, try highestNumber()) + 1
                state.segment = names.name(number: state.number, at: state.opened)
            }
            try world.disk.move(part, to: path(state.segment))
        }
        state.settle(size: pending.count)
    }

    private func finishAppend(_ state: inout TablesState, _ pending: TablesState.Pending) throws(DiskFailure) {
        let file = path(state.segment)
        guard let size = try world.disk.status(file)?.size, size >= state.size else {
            // A first row may not have been begun; a file that had rows was taken away, and the row with it, or not.
            if state.size > 0 { lost = (pending.key, file) }
            state.pending = nil
            state.segment = ""
            state.size = 0
            return
        }
        let written = try read(file, from: state.size, count: pending.count)
        guard failed != pending.key, written.count == pending.count, Fingerprint.text(of: written) == pending.digest
        else {
            if size > state.size { try world.disk.truncate(file, to: state.size) }
            state.pending = nil
            return
        }
        // What a killed process wrote may not be on the disk yet.
        try world.disk.append([], to: file, sync: true)
        state.settle(size: state.size + pending.count)
    }

    private func read(_ path: String, from start: Int, count: Int) throws(DiskFailure) -> [UInt8] {
        var bytes: [UInt8] = []
        while bytes.count < count {
            let piece = try world.disk.read(path, from: start + bytes.count, upTo: min(1 << 20, count - bytes.count))
            if piece.isEmpty { break }
            bytes += piece
        }
        return bytes
    }
}
