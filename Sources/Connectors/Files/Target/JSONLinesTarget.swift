package import Canonical
package import Contracts
import ExactJSON
package import World

/// Writes every event as one line into files that are only ever appended to: JSON Lines, in numbered segments.
///
/// Before an append its intent is stored beside the files; after a crash the segment is read from where that append
/// began, whole lines count, and a torn one is cut off. So each event stands in the files once, whenever the process
/// is killed.
package actor JSONLinesTarget: StreamTarget {
    package nonisolated let name: TargetName
    /// The operation that fails where the position file is broken.
    private static let understanding = "understand"

    private let world: World
    private let segmentName: SegmentName
    private let segmentBytes: Int
    private let segmentAge: Duration?
    /// Nil until it was read, and after a write that failed: then the files are looked at again.
    private var state: OutputState?
    /// The append that failed in this process, as it was stored: what it left in the file is not believed, as the
    /// system may have given up bringing it to the disk, and forgotten that it did.
    private var failed: OutputState?
    /// The gap that was last answered with the position before it.
    private var refusedGap: (lane: Lane, first: Int64)?

    /// Checks the settings and opens nothing.
    package init(name: TargetName, settings: Settings, world: World) throws(SettingFault) {
        self.name = name
        self.world = world
        let path = try settings(JSONLinesFields.path)
        guard let segmentName = SegmentName(path) else {
            throw SettingFault(
                location: settings.locations["path"] ?? settings.location,
                reason: "path is \"\(path)\", which is no file's path",
                suggestion:
                    "write /data/out/events-{date}.jsonl; {date} and {number} may stand once each, in the file's name")
        }
        self.segmentName = segmentName
        segmentBytes = try settings(JSONLinesFields.segmentBytes)
        segmentAge = try settings.optional(JSONLinesFields.segmentAge)
    }

    /// Appends what is not in the files yet. Throws ``Deferral`` where the disk refuses.
    package func forward(_ segment: JournalSegment) async throws -> StreamProgress {
        do {
            return try write(segment)
        } catch {
            state = nil
            let kind = error.operation == Self.understanding ? FilesFailures.writeState : FilesFailures.write
            let failure = Failure(kind, "\(error)")
            throw Deferral(failure, after: error.reason == .full ? .seconds(30) : nil, isTargetDown: true)
        }
    }

    private func write(_ segment: JournalSegment) throws(DiskFailure) -> StreamProgress {
        var current: OutputState
        if let state {
            current = state
        } else {
            current = try recover()
            state = current
            failed = nil
        }
        if current.epoch != segment.epoch {
            // Another store has numbers of its own.
            current.epoch = segment.epoch
            current.positions = [:]
        }
        let position = current.positions[segment.lane] ?? segment.first - 1
        if segment.first > position + 1, refusedGap.map({ $0 != (segment.lane, segment.first) }) ?? true {
            // The events between may still be had; asked for twice they are gone, and writing goes on behind them.
            refusedGap = (segment.lane, segment.first)
            state = current
            return StreamProgress(position: position)
        }
        let known = segment.first > position ? 0 : Int(clamping: position - segment.first + 1)
        let fresh = segment.documents.dropFirst(known)
        guard !fresh.isEmpty else {
            state = current
            return StreamProgress(position: position)
        }
        try open(&current)
        current.append = OutputState.Append(lane: segment.lane, first: segment.first + Int64(known), count: fresh.count)
        // From here on a failure leaves the files to be looked at.
        state = nil
        failed = current
        try store(current)
        let lines = fresh.flatMap { Self.line($0.bytes) }
        let before = try world.disk.append(lines, to: path(current.segment), sync: true)
        current.settle(lines: fresh.count, size: before + lines.count)
        state = current
        failed = nil
        return StreamProgress(position: current.positions[segment.lane] ?? position)
    }

    /// The document on one line: line ends between its members become blanks; within strings JSON has none.
    private static func line(_ document: [UInt8]) -> [UInt8] {
        var line = document.map { $0 == 0x0A || $0 == 0x0D ? 0x20 : $0 }
        line.append(0x0A)
        return line
    }

    // MARK: - Segments

    private func path(_ name: String) -> String { segmentName.folder + "/" + name }

    /// Begins a new segment where the one at hand is full, old, or of another day.
    private func open(_ state: inout OutputState) throws(DiskFailure) {
        let now = world.clock.now()
        let isFull = state.size >= segmentBytes
        let isOld = segmentAge.map { now.since(state.opened) >= $0 } ?? false
        let isOtherDay = segmentName.hasDate && SegmentName.day(of: now) != SegmentName.day(of: state.opened)
        guard state.segment.isEmpty || isFull || isOld || isOtherDay else { return }
        try world.disk.makeDirectory(segmentName.folder)
        // Never a number that was there before, whoever wrote it.
        state.number = max(state.number, try highestNumber()) + 1
        state.segment = segmentName.name(number: state.number, at: now)
        state.opened = now
        state.size = 0
    }

    private func highestNumber() throws(DiskFailure) -> Int {
        do {
            return try world.disk.list(segmentName.folder).compactMap { segmentName.number(of: $0.name) }.max() ?? 0
        } catch {
            guard error.reason == .notFound else { throw error }
            return 0
        }
    }

    private func store(_ state: OutputState) throws(DiskFailure) {
        try world.disk.replace(path(segmentName.sidecar), with: state.json.bytes, mode: 0o644)
    }

    // MARK: - After a crash

    /// Reads where the output stands: the stored state, and from the segment what the last append became.
    private func recover() throws(DiskFailure) -> OutputState {
        let sidecar = path(segmentName.sidecar)
        guard let status = try world.disk.status(sidecar) else { return OutputState() }
        let bytes = try world.disk.read(sidecar, from: 0, upTo: min(status.size, 64 << 10))
        guard let json = try? JSONReader.read(bytes), var state = OutputState(json) else {
            throw DiskFailure(
                operation: Self.understanding, path: sidecar, reason: .other,
                detail: "it is no position file of this target")
        }
        let segment = path(state.segment)
        guard let size = try world.disk.status(segment)?.size else {
            // The append did not happen, or the segment was taken away: either way the next one is new.
            state.settle(lines: 0, size: 0)
            state.segment = ""
            return state
        }
        var whole = state.size
        var lines = 0
        var offset = failed?.isSameAppend(as: state) == true ? size : state.size
        while offset < size {
            let piece = try world.disk.read(segment, from: offset, upTo: 1 << 20)
            if piece.isEmpty { break }
            for (index, byte) in piece.enumerated() where byte == 0x0A {
                lines += 1
                whole = offset + index + 1
            }
            offset += piece.count
        }
        if whole < size { try world.disk.truncate(segment, to: whole) }
        // What a killed process wrote, and the file's name, may not be on the disk yet; what is counted here must be.
        try world.disk.append([], to: segment, sync: true)
        state.settle(lines: lines, size: max(whole, min(size, state.size)))
        return state
    }
}
